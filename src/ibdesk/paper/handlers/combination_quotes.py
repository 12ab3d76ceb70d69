"""Answers with quotes of combinations, which follow from the quotes of their legs."""

from dataclasses import dataclass
from datetime import datetime

from ibdesk.model.contract import Contract
from ibdesk.wire.messages.market_data import MarketDataType, ReqMktData, TickReqParams, TickSnapshotEnd

from ..client import Client
from ..generic_ticks import TAG
from ..instruments import COMBINATION, Invalid, Leg, combination_legs, ends_first
from ..market import Quote, combined_quote
from ..refusals import NoPrices
from ..ticks import TOP_AND_DEPTH, delayed, messages_of, ticks
from ..timers import EPOCH, Timer, next_beat
from .group import Concerns, SubscriptionHandlers
from .kinds_of_data import BEAT, delay_of, is_delayed, seen


@dataclass(eq=False)
class CombinationLine:
    """One subscription to a combination. `kind` and `shown` are what its client was told last."""

    client: Client
    reqId: int
    legs: tuple[Leg, ...]
    timer: Timer
    streams: bool = True
    kind: int = 0
    shown: Quote | None = None

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class CombinationQuotes(SubscriptionHandlers[CombinationLine]):
    """The subscriptions to quotes of combinations: a part of those to all quotes."""

    def subscribe(self, client: Client, request: ReqMktData) -> None:
        """Answer a request for the quotes of a combination. Raises `Refusal` for one that cannot be answered."""
        legs = self._legs(request.contract)
        if request.genericTickList.strip():
            raise Invalid(TAG, f"Incorrect generic tick list of {request.genericTickList}.  Legal ones for (BAG) are: ")
        once = request.snapshot or request.regulatorySnapshot
        line = CombinationLine(client, request.reqId, legs, self._new_timer(lambda: self._tell(line)), streams=not once)
        self._update(line)
        if once:
            client.send(TickSnapshotEnd(request.reqId))
            return
        self._keep((client, request.reqId), line, ends_first(legs))
        line.timer.set(self._next_change(line))

    def choose_type(self, client: Client) -> None:
        """Tell a client what it sees of its combinations, now that it wants another kind of data."""
        for line in self._open.values():
            if line.client is client:
                line.timer.set_to_now()

    def cancel(self, client: Client, reqId: int) -> bool:
        """End a subscription. Return whether there was one."""
        return self._close((client, reqId))

    def is_open(self, client: Client, reqId: int) -> bool:
        """Return whether there is such a subscription."""
        return (client, reqId) in self._open

    def renew(self, concerns: Concerns) -> None:
        """Tell all clients the quotes anew."""
        for line in self._open.values():
            if any(concerns(leg.instrument) for leg in line.legs):
                line.kind = 0
                self._update(line)

    def _legs(self, contract: Contract) -> tuple[Leg, ...]:
        market = self._broker.market
        legs = combination_legs(contract, market.instruments.alive, TAG)
        for leg in legs:
            market.served(leg.instrument.conId, NoPrices.QUOTES)
        return legs

    def _tell(self, line: CombinationLine) -> None:
        if line.client.hold_back(line.timer):
            return
        self._update(line)
        line.timer.set(self._next_change(line))

    def _next_change(self, line: CombinationLine) -> datetime:
        """Return when there is something to tell next: four times a second at most, as at TWS."""
        delay = delay_of(line.client.market_data_type)
        moment = self._broker.moment - delay
        change = min(self._broker.market.next_change(leg.instrument.conId, moment) for leg in line.legs)
        return next_beat(EPOCH, BEAT, change) + delay

    def _update(self, line: CombinationLine) -> None:
        kind, quote = self._look(line.legs, line.client.market_data_type)
        if kind != line.kind:
            line.client.send(MarketDataType(line.reqId, kind))
            if not line.kind:
                finest = min(leg.instrument.kind.tick for leg in line.legs)
                line.client.send(TickReqParams(line.reqId, finest, "", TOP_AND_DEPTH))
            line.kind, line.shown = kind, None
        (told,) = ticks(messages_of(line.reqId), line.shown, [quote], COMBINATION, streams=line.streams)
        line.client.send_all(map(delayed, told) if is_delayed(kind) else told)
        line.shown = quote

    def _look(self, legs: tuple[Leg, ...], wanted: int) -> tuple[int, Quote]:
        """Return the kind of data that a client sees who wants `wanted`, and the quote: frozen if that of a leg is."""
        seen_of_legs = [seen(leg.instrument, wanted, self._broker.moment) for leg in legs]
        quotes = [
            self._broker.market.quote(leg.instrument.conId, moment)
            for leg, (_, moment) in zip(legs, seen_of_legs, strict=True)
        ]
        return max(kind for kind, _ in seen_of_legs), combined_quote(legs, quotes)
