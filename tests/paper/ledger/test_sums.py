"""The sums of all positions, which nobody makes by walking through them but these tests."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import Forex, Future, Option, Stock
from ibdesk.model.executions import Execution
from ibdesk.paper.ledger import Ledger
from ibdesk.paper.ledger.amounts import NOTHING
from ibdesk.paper.ledger.sums import PositionSums

CONTRACTS = [
    Stock("AAPL", "SMART", "USD", conId=265598),
    Stock("MSFT", "SMART", "USD", conId=272093),
    Stock("SAP", "SMART", "EUR", conId=14204),
    Future("ES", "202612", "CME", "ESZ6", "50", "USD", conId=495512563),
    Option("AAPL", "20261218", 200.0, "C", "SMART", "100", "USD", conId=494194134),
    Forex("EURUSD", conId=12087792),
]
cents = st.integers(100, 50_000).map(lambda n: n / 100)
trades = st.tuples(st.sampled_from(CONTRACTS), st.integers(-500, 500).filter(bool), cents, st.integers(1, 3))


def walked(ledger: Ledger) -> PositionSums:
    """The sums of copies that were never counted."""
    sums = PositionSums()
    for holding in ledger.holdings.values():
        sums.count(replace(holding, counted=NOTHING))
    return sums


@given(st.lists(trades, min_size=1, max_size=40), st.sets(st.integers(0, 39), max_size=3))
def test_sums_are_what_a_walk_through_all_positions_finds(steps, midnights):
    ledger = Ledger("DU1")
    for number, (contract, quantity, price, order) in enumerate(steps):
        before = ledger.totals()
        ledger.preview(contract, "BUY", 10, price)
        assert ledger.totals() == before
        side = "BOT" if quantity > 0 else "SLD"
        ledger.book(Execution(execId=str(number), side=side, shares=abs(quantity), price=price, permId=order), contract)
        if number % 3:
            ledger.mark(contract, price + number / 7)
        if number in midnights:
            ledger.start_day()
        found = {group: amounts for group, amounts in ledger.position_sums if any(amounts)}
        assert found == {group: amounts for group, amounts in walked(ledger) if any(amounts)}
