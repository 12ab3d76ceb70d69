"""Recorded events are quoted again, and everything else is cut from them."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibdesk.paper.instruments import Instrument, latest
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.source import SECOND, Span, micros, moment_of

from .recorded_events import BEGIN, events_of
from .source_contract import SourceContract, Subject

KNOWN = {each.conId: each for each in load().instruments}
APPLE, SPX, EURO = (KNOWN[conId] for conId in (265598, 416904, 12087792))


class TestRecordedPrices(SourceContract):
    @pytest.fixture(params=[APPLE, SPX, EURO], ids=["stock", "index", "forex"])
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        events = events_of(request.param, 3, 700)
        begin = BEGIN.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return Subject(
            RecordedPrices({request.param.conId: events}), request.param, begin, begin + timedelta(minutes=30)
        )


@settings(max_examples=40)
@given(st.integers(0, 1000), st.sampled_from([APPLE, SPX, EURO]), st.integers(0, 2_000 * SECOND))
def test_at_any_moment_the_newest_event_stands(seed: int, instrument: Instrument, later: int) -> None:
    events = events_of(instrument, seed, 300)
    moment = min(events.begin + later, events.end - 1)
    source = RecordedPrices({instrument.conId: events})
    found = source.quotes(instrument, latest(instrument.kind.hours, moment_of(moment)), moment)
    assert found.begin <= moment < found.end
    here = int(np.searchsorted(found.times, moment, side="right")) - 1
    there = int(np.searchsorted(events.times, moment, side="right")) - 1
    for name in ("bids", "bid_sizes", "asks", "ask_sizes", "lasts", "last_sizes", "last_times"):
        assert np.array_equal(getattr(found, name)[here], getattr(events, name)[there], equal_nan=True), name


def test_other_instruments_are_not_covered() -> None:
    source = RecordedPrices({APPLE.conId: events_of(APPLE, 1, 10)})
    assert source.covers(APPLE) and not source.covers(SPX)
    assert source.first(APPLE) == BEGIN


def test_a_span_without_trades_has_no_bars_of_trades() -> None:
    events = events_of(APPLE, 1, 1)
    source = RecordedPrices({APPLE.conId: events})
    session = latest(APPLE.kind.hours, BEGIN)
    span = Span(session, micros(BEGIN) + SECOND, micros(BEGIN) + 70 * SECOND)
    assert list(source.bars(APPLE, [span], 60, "TRADES")) == []
    [quoted] = source.bars(APPLE, [span], 60, "BID")
    assert set(quoted.opens) == set(events.bids) and quoted.lengths.sum() == 69 * SECOND
