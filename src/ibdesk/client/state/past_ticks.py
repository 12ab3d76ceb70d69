"""Past ticks and histograms: from messages to the objects that programs see."""

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
    """Return the ticks of an answer, their times in `zone`."""
    # The class of the message tells what was asked for: midpoints, bid and ask, or trades.
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
    """Return how much was traded at each price."""
    return [HistogramData(known(entry.price), _count(_size(entry.size))) for entry in entries]


def _count(size: float) -> Any:
    """Return a whole size as an int, and one with a fraction, as for cryptocurrencies, unchanged."""
    return int(size) if size.is_integer() else size


def _moment(seconds: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, zone)


def _size(size: float) -> float:
    return 0.0 if size == UNSET_DOUBLE else size
