"""When two contracts are the same, and what the kinds of contract fill in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import (
    Bag,
    ComboLeg,
    ContFuture,
    Contract,
    DeltaNeutralContract,
    Forex,
    Future,
    Option,
    Stock,
    Warrant,
)

LEGS = [ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 1, "SELL", "SMART")]


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    few = st.sampled_from
    return Contract(
        secType=draw(few(["", "STK", "CONTFUT", "FUT", "BAG"])),
        conId=draw(st.integers(0, 2)),
        symbol=draw(few(["", "A"])),
        comboLegs=draw(st.lists(few(LEGS), max_size=2)),
        deltaNeutralContract=draw(few([None, DeltaNeutralContract(1), DeltaNeutralContract(2)])),
    )


@given(contracts(), contracts(), contracts())
def test_equality_agrees_with_the_key_and_the_hash(one: Contract, two: Contract, three: Contract):
    assert one == one
    assert (one == two) is (two == one) is (one.key() == two.key())
    assert not (one == two == three) or one == three
    if one == two:
        assert hash(one.key()) == hash(two.key())
    if one == two and one.isHashable() and two.isHashable():
        assert hash(one) == hash(two)


@given(contracts())
def test_recreated_is_equal(contract: Contract):
    again = Contract.recreate(contract)
    assert again == contract
    assert again is not contract
    assert again.dict() == contract.dict()
    assert Contract.create(**contract.dict()).dict() == contract.dict()


def test_a_conid_is_all_that_counts():
    assert Contract(conId=7) == Stock("AAPL", conId=7) == Option(conId=7)
    assert {Contract(conId=7): "found"}[Stock("AAPL", conId=7)] == "found"
    assert hash(Stock("AAPL", conId=7)) == 7


def test_an_unqualified_contract_has_a_key_and_no_hash():
    stock = Stock("AAPL", "SMART", "USD")
    assert not stock.isHashable()
    assert {stock.key(): 1}[Stock("AAPL", "SMART", "USD").key()] == 1
    with pytest.raises(ValueError, match=r"^Stock\(symbol='AAPL', exchange='SMART', currency='USD'\) has no conId"):
        hash(stock)


def test_a_contract_is_nothing_else():
    assert Stock() != "AAPL"
    assert Stock() != Option()


def test_a_bag_is_its_legs_in_any_order():
    one, other = Bag(symbol="X", comboLegs=LEGS), Bag(symbol="X", conId=28812380, comboLegs=LEGS[::-1])
    assert one == other
    assert hash(one) == hash(other)
    assert not one.isHashable()
    assert one != Bag(symbol="X", comboLegs=[ComboLeg(1, 2, "BUY", "SMART"), LEGS[1]])
    assert one != Bag(symbol="X", exchange="CME", comboLegs=LEGS)


def test_a_continuous_future_is_not_its_front_month():
    assert ContFuture("ES", conId=5) != Future("ES", conId=5)
    assert ContFuture("ES", conId=5) == Contract("CONTFUT", 5)


@pytest.mark.parametrize(
    ("contract", "text"),
    [
        (Stock("AAPL", "SMART", "USD"), "Stock(symbol='AAPL', exchange='SMART', currency='USD')"),
        (
            Forex("EURUSD", conId=12087792, localSymbol="EUR.USD", tradingClass="EUR.USD"),
            "Forex('EURUSD', conId=12087792, exchange='IDEALPRO', localSymbol='EUR.USD', tradingClass='EUR.USD')",
        ),
        (Forex("EURUSD", exchange=""), "Forex('EURUSD')"),
        (Forex(symbol="EUR"), "Forex(symbol='EUR', exchange='IDEALPRO')"),
        (Contract("STK", 1), "Contract(secType='STK', conId=1)"),
        (Warrant(secType="IOPT", conId=1), "Warrant(secType='IOPT', conId=1)"),
        (Stock(lastTradeDate="20260101"), "Stock(lastTradeDate='20260101')"),
    ],
)
def test_repr(contract: Contract, text: str):
    assert repr(contract) == str(contract) == text


def test_a_kind_of_ones_own():
    class Listed(Stock):
        pass

    assert repr(Listed("AAPL")) == f"{Listed.__qualname__}(symbol='AAPL')"


def test_pair():
    assert Forex("EURUSD").pair() == "EURUSD"
    assert Forex("EURUSD", symbol="GBP").pair() == "GBPUSD"
    with pytest.raises(ValueError, match="'EUR'"):
        Forex("EUR")


@pytest.mark.parametrize(
    ("secType", "kind"),
    [("STK", Stock), ("OPT", Option), ("CASH", Forex), ("IOPT", Warrant), ("EC", Contract), ("", Contract)],
)
def test_create(secType: str, kind: type):
    contract = Contract.create(secType=secType, conId=1)
    assert type(contract) is kind
    assert contract.secType == secType


def test_create_without_a_type():
    assert type(Contract.create(conId=1)) is Contract
