"""Decides how ticks of the past and histograms on the wire become what users hold; it must not know who asked."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from ibdesk.client.state.known import known
from ibdesk.model.bars import HistogramData, HistoricalTick, HistoricalTickBidAsk, HistoricalTickLast
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.historical_ticks import HistoricalTicks, HistoricalTicksBidAsk, HistoricalTicksLast
from ibdesk.wire.messages.history_summaries import HistogramDataEntry

PastTick = HistoricalTick | HistoricalTickBidAsk | HistoricalTickLast


def past_ticks(
    message: HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast, zone: tzinfo = UTC
) -> list[PastTick]:
    """The ticks of an answer, their times in `zone`."""
    if isinstance(message, HistoricalTicks):
        return [HistoricalTick(_moment(tick.time, zone), known(tick.price), _size(tick.size)) for tick in message.ticks]
    if isinstance(message, HistoricalTicksBidAsk):
        return [
            HistoricalTickBidAsk(
                _moment(tick.time, zone),
                tick.tickAttribBidAsk,
                known(tick.priceBid),
                known(tick.priceAsk),
                _size(tick.sizeBid),
                _size(tick.sizeAsk),
            )
            for tick in message.ticks
        ]
    return [
        HistoricalTickLast(
            _moment(tick.time, zone),
            tick.tickAttribLast,
            known(tick.price),
            _size(tick.size),
            tick.exchange,
            tick.specialConditions,
        )
        for tick in message.ticks
    ]


def histogram(entries: Iterable[HistogramDataEntry]) -> list[HistogramData]:
    """How much was traded at each price."""
    return [HistogramData(known(entry.price), _count(_size(entry.size))) for entry in entries]


def _count(size: float) -> Any:
    """A whole number where it is one; there are fractions of cryptocurrencies."""
    return int(size) if size.is_integer() else size


def _moment(seconds: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, zone)


def _size(size: float) -> float:
    return 0.0 if size == UNSET_DOUBLE else size
