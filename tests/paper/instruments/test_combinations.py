"""Which combinations there are, and how much their legs count."""

from dataclasses import replace
from datetime import date

import pytest

from ibdesk.model.contract import Bag, ComboLeg, Contract, Forex, Future, Index, Option, Stock
from ibdesk.paper.instruments import Instruments, combination_legs, ends_first
from ibdesk.paper.refusals import Refusal

SPY, QQQ = Stock("SPY", "SMART", "USD"), Stock("QQQ", "SMART", "USD")
CALL, PUT = (Option("SPY", "20260515", 600, right, "SMART", currency="USD") for right in "CP")
EARLY = Option("SPY", "20260417", 600, "C", "SMART", currency="USD")
JUNE, SEPTEMBER = Future("ES", "202606", "CME"), Future("ES", "202609", "CME")
LEGS_NEEDED = (321, "Error validating request.-'bQ' : cause - Security type 'BAG' requires combo leg details.")


@pytest.fixture(scope="module")
def instruments():
    return Instruments(date(2026, 4, 15), lambda instrument: 600.0)


def bag(instruments, *legs, symbol="", exchange="SMART", currency="USD"):
    made = []
    for contract, ratio, action in legs:
        found = instruments.resolve(contract).contract
        made.append(ComboLeg(found.conId, ratio, action, contract.exchange))
    return Bag(symbol=symbol, exchange=exchange, currency=currency, comboLegs=made)


def refusal(instruments, contract):
    with pytest.raises(Refusal) as caught:
        combination_legs(contract, instruments.alive, "bQ")
    return caught.value.code, caught.value.text.removeprefix("Error validating request.-'bQ' : cause - ")


@pytest.mark.parametrize(
    ("legs", "ratios", "weights"),
    [
        ([(SPY, 1, "BUY"), (QQQ, 1, "SELL")], [1, -1], [1, -1]),
        ([(CALL, 1, "SELL"), (PUT, 2, "BUY")], [-1, 2], [-1, 2]),
        ([(JUNE, 1, "SELL"), (SEPTEMBER, 1, "BUY")], [-1, 1], [-1, 1]),
        ([(SPY, 100, "BUY"), (CALL, 1, "SELL")], [100, -1], [1, -1]),
        ([(SPY, 50, "BUY"), (CALL, 1, "SELL")], [50, -1], [1, -2]),
    ],
)
def test_legs_have_signed_ratios_and_count_by_what_a_unit_is_worth(instruments, legs, ratios, weights):
    exchange = "CME" if legs[0][0].secType == "FUT" else "SMART"
    found = combination_legs(bag(instruments, *legs, exchange=exchange), instruments.alive, "bQ")
    assert [leg.ratio for leg in found] == ratios
    assert [leg.weight for leg in found] == weights


PAIR = ((SPY, 1, "BUY"), (QQQ, 1, "SELL"))


@pytest.mark.parametrize("symbol", ["", "QQQ,SPY", "SPY", "QQQ"])
def test_a_combination_has_the_symbols_of_its_legs_in_their_order(instruments, symbol):
    assert len(combination_legs(bag(instruments, *PAIR, symbol=symbol), instruments.alive, "bQ")) == 2


def test_another_symbol_is_refused(instruments):
    assert refusal(instruments, bag(instruments, *PAIR, symbol="SPY,QQQ")) == (
        478,
        "Parameters in request conflicts with contract parameters received by contract id:"
        "Requested symbol SPY,QQQ, in legs QQQ,SPY",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"comboLegs": []}, (321, "Security type 'BAG' requires combo leg details.")),
        ({"exchange": ""}, (321, "Please enter exchange")),
        ({"exchange": "ARCA"}, (315, "Stock combo legs are restricted to SMART order routing.")),
        ({"currency": "EUR"}, (10000, "Cross currency combo error.")),
    ],
)
def test_what_is_wrong_with_a_combination_is_told(instruments, changes, expected):
    assert refusal(instruments, replace(bag(instruments, *PAIR), **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ratio": 0}, (321, "Invalid leg ratio.")),
        ({"ratio": -1}, (321, "Invalid leg ratio.")),
        ({"action": "HOLD"}, (321, "The combo details for leg '1' are invalid.")),
        ({"exchange": "CME"}, (321, "The combo details for leg '1' are invalid.")),
        ({"conId": 4_000_000_000}, (200, "No security definition has been found for the request")),
        (
            {"action": "SSHORT"},
            (
                321,
                "The combo details for leg '1' are invalid. - Not an institutional account, or an away clearing order",
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_leg_is_told(instruments, changes, expected):
    contract = bag(instruments, *PAIR)
    contract.comboLegs[1] = replace(contract.comboLegs[1], **changes)
    assert refusal(instruments, contract) == expected


def test_ratios_are_in_lowest_terms(instruments):
    assert refusal(instruments, bag(instruments, (SPY, 2, "BUY"), (QQQ, 2, "SELL"))) == (321, "Invalid leg ratio.")


@pytest.mark.parametrize("contract", [Index("SPX", "CBOE", "USD"), Forex("EURUSD")])
def test_legs_are_stocks_options_and_futures(instruments, contract):
    made = bag(instruments, (SPY, 1, "BUY"), (contract, 1, "SELL"))
    assert refusal(instruments, made) == (321, "The combo details for leg '1' are invalid.")


@pytest.mark.parametrize("strikes", [(600,), (*range(590, 597),), (600, 600)])
def test_a_combination_has_from_two_to_six_different_legs(instruments, strikes):
    calls = [Option("SPY", "20260515", strike, "C", "SMART", currency="USD") for strike in strikes]
    made = bag(instruments, *((call, 1, "BUY") for call in calls))
    assert refusal(instruments, made) == (321, "The combo details are invalid.")


def test_the_leg_that_ends_first_is_found(instruments):
    legs = combination_legs(bag(instruments, (CALL, 1, "SELL"), (EARLY, 1, "BUY")), instruments.alive, "bQ")
    assert ends_first(legs) == legs[1].instrument
    stocks = combination_legs(bag(instruments, *PAIR), instruments.alive, "bQ")
    assert ends_first(stocks) == stocks[0].instrument


def test_details_of_combinations_are_refused(instruments):
    with pytest.raises(Refusal, match="'BAG' isn't supported for contract data request"):
        instruments.search(Contract(secType="BAG", symbol="SPY", exchange="SMART", currency="USD"))
