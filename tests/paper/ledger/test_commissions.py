"""Commissions as seen on paper accounts and in IBKR's price lists."""

from decimal import Decimal

import pytest

from ibdesk.model.contract import Contract
from ibdesk.paper.ledger.commissions import OrderBill, regulatory_fees, schedule_of


def contract(kind: str, symbol: str = "X", currency: str = "USD") -> Contract:
    return Contract(secType=kind, symbol=symbol, currency=currency)


@pytest.mark.parametrize(
    ("what", "quantity", "value", "commission"),
    [
        (contract("STK"), "5", "1286.00", "1.00"),
        (contract("STK"), "1000", "100000", "5.00"),
        (contract("STK"), "1000", "200", "2.00"),
        (contract("STK"), "10", "50", "0.50"),
        (contract("STK", currency="CAD"), "500", "10000", "5.00"),
        (contract("STK", currency="EUR"), "10", "1000", "3.00"),
        (contract("OPT"), "1", "210", "1.00"),
        (contract("OPT"), "10", "2100", "6.50"),
        (contract("FUT", "ES"), "2", "500000", "4.50"),
        (contract("FUT", "MES"), "1", "25000", "0.62"),
        (contract("FUT", "MBT"), "1", "10000", "2.01"),
        (contract("FUT", "FDAX", "EUR"), "3", "1", "1.95"),
        (contract("CASH", "EUR"), "20000", "22400", "2.00"),
        (contract("CASH", "EUR"), "1000000", "1160000", "23.20"),
    ],
)
def test_commission_of_an_order(what, quantity, value, commission):
    assert schedule_of(what).total(Decimal(quantity), Decimal(value)) == Decimal(commission)


def test_the_minimum_is_taken_once_for_all_fills_of_an_order():
    bill = OrderBill(schedule_of(contract("STK")))
    charges = [bill.charge(Decimal(quantity), Decimal(quantity) * 100) for quantity in (10, 100, 200)]
    assert charges == [Decimal("1.00"), Decimal(0), Decimal("0.55")]
    assert bill.charged == Decimal("1.55")


def test_regulatory_fees_as_measured():
    assert 1 + regulatory_fees(contract("STK"), Decimal(1), Decimal("766.72")) == Decimal("1.000003")
    assert round(1 + regulatory_fees(contract("STK"), Decimal(-1), Decimal("743.34")), 6) == Decimal("1.015511")
    assert regulatory_fees(contract("STK", currency="EUR"), Decimal(-1), Decimal(100)) == 0
    assert regulatory_fees(contract("FUT"), Decimal(-1), Decimal(100)) == 0
