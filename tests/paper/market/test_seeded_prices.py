"""The prices of all that no other source has keep to the contract of sources."""

from datetime import UTC, date, datetime

import pytest

from ibdesk.model.contract import Contract, Forex, Future, Index, Option, Stock
from ibdesk.paper.instruments import Instruments
from ibdesk.paper.market.combined_prices import CombinedPrices
from ibdesk.paper.market.seeded_prices import SeededPrices

from .source_contract import SourceContract, Subject

WALKS = CombinedPrices(1)
SUBJECTS: dict[str, Contract] = {
    "stock": Stock("AAPL", "SMART", "USD"),
    "index": Index("SPX", "CBOE"),
    "forex": Forex("EURUSD"),
    "future": Future("ES", "202612", "CME"),
    "option": Option("SPY", "20261218", 630, "P", "SMART"),
}


class TestSeededPrices(SourceContract):
    @pytest.fixture(params=SUBJECTS)
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        instruments = Instruments(date(2026, 11, 20), lambda each: each.pricing.anchor)
        found = instruments.resolve(SUBJECTS[request.param]).contract
        instrument = instruments.by_con_id(found.conId) if found else None
        assert instrument is not None
        source = SeededPrices(1, WALKS.levels)
        begin = datetime(2026, 11, 20, 15, 56, tzinfo=UTC)
        return Subject(source, instrument, begin, datetime(2026, 11, 20, 16, 4, tzinfo=UTC))
