"""The products that are traded."""

from paper.exchange.conftest import make_trader

from ibdesk.model.contract import Contract, Index
from ibdesk.model.contract_details import ContractDetails
from ibdesk.paper.exchange.products import ALL, PRODUCTS
from ibdesk.paper.instruments.listings import load


def test_they_are_those_of_the_list_of_instruments_but_for_indices():
    listed = {one.kind.secType for part in (load().instruments, load().futures, load().options) for one in part}
    assert listed == {*PRODUCTS, "IND"}
    assert frozenset(PRODUCTS) == ALL


def test_nothing_else_can_be_traded():
    for contract in (Index("SPX", "CBOE", "USD", conId=416904), Contract(secType="CONTFUT", conId=1, exchange="CME")):
        trader = make_trader(ContractDetails(contract=contract))
        trader.place("BUY", 1)
        assert trader.errors() == [(412, "The contract is not available for trading.")]
