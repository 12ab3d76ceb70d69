"""Answers with market depth, and then with the changes that lead from one book to the next.

The book of all exchanges together (SmartDepth) changes in place: rows come and go at its end only. In the book of one
exchange a price keeps its row, and moves only as rows above it come and go.

While the market is open, some size in the book may change on each step of the market.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ibdesk import codes
from ibdesk.wire.messages.depth import (
    CancelMktDepth,
    MarketDepthData,
    MktDepthExchanges,
    ReqMktDepth,
    ReqMktDepthExchanges,
    UpdateMktDepth,
    UpdateMktDepthL2,
)

from ..client import Client
from ..generic_ticks import TAG
from ..instruments import Instrument, Refusal, following, has_ended, is_open
from ..instruments.exchanges import DEPTH, books, names_makers, tops
from ..market.depth import Book, Row, book, together
from ..timers import EPOCH, Timer, last_beat
from .group import Concerns, SubscriptionHandlers, answers

MOST = 3
"""How many instruments may be looked into at a time."""

STEP = timedelta(milliseconds=250)
"""The time between two changes of a book, at least."""

RESET = 317
"""The code that tells a client to empty its book."""

INSERT, UPDATE, DELETE = 0, 1, 2
_ASK, _BID = 0, 1
_MAKERS = ("NSDQ", "GSCO", "MSCO", "CDRG", "UBSS")


@dataclass(eq=False)
class View:
    """One subscription. `exchange` is empty for the book of all; `shown` is what its client has been told.

    The book of all is told exchange by exchange where `is_smart`, and else price by price, for programs that ask
    SMART for depth without saying so.
    """

    client: Client
    reqId: int
    instrument: Instrument
    exchange: str
    rows: int
    is_smart: bool
    timer: Timer
    shown: Book = field(default_factory=lambda: Book([], []))

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class DepthHandlers(SubscriptionHandlers[View]):
    """Every subscription to market depth."""

    @answers(ReqMktDepthExchanges)
    def _tell_exchanges(self, client: Client, request: ReqMktDepthExchanges) -> None:
        client.send(MktDepthExchanges(list(DEPTH)))

    @answers(ReqMktDepth)
    def _subscribe(self, client: Client, request: ReqMktDepth) -> None:
        key = client, request.reqId
        if key in self._open:
            raise Refusal(322, f"Error processing request.-'{TAG}' : cause - Duplicate ticker id")
        contract, instrument = self._broker.market.resolve(request.contract, TAG)
        exchange = "" if contract.exchange == "SMART" else contract.exchange
        deep = books(instrument)
        if not deep or (exchange and exchange not in deep):
            raise Refusal(10092)
        seen = {view.instrument.conId for view in self._open.values()} | {instrument.conId}
        if len(seen) > MOST:
            raise Refusal(309, codes.text(309, max=MOST))
        timer, rows = self._new_timer(lambda: self._tell_newest(view)), max(request.numRows, 0)
        view = View(client, request.reqId, instrument, exchange, rows, request.isSmartDepth, timer)
        self._keep(key, view, instrument)
        if view.is_smart and not exchange:
            text = f"Exchanges - Depth: {_listed(deep)}Top: {_listed(tops(instrument))}"
            client.tell_error(request.reqId, 2152, text, self._broker.now)
        self._update(view)

    def renew(self, concerns: Concerns) -> None:
        """Have all clients empty their books, and fill them again."""
        for view in self._open.values():
            if concerns(view.instrument):
                view.client.tell_error(view.reqId, RESET, codes.text(RESET), self._broker.now)
                view.shown = Book([], [])
                self._update(view)

    @answers(CancelMktDepth)
    def _cancel(self, client: Client, request: CancelMktDepth) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(310, codes.text(310, reqId=request.reqId))

    def _tell_newest(self, view: View) -> None:
        """Tell a subscriber what has changed; if the gateway is late, only what is newest."""
        until = view.timer.until
        if self._broker.moment < until and self._next_change(view) <= until:
            view.timer.set(until)
        elif not view.client.hold_back(view.timer):
            self._update(view)

    def _next_change(self, view: View) -> datetime:
        hours, moment = view.instrument.kind.hours, self._broker.moment
        if is_open(hours, moment):
            return last_beat(EPOCH, STEP, moment) + STEP
        return following(hours, moment).start

    def _update(self, view: View) -> None:
        now = self._look(view)
        tell = in_place if view.is_smart else row_by_row
        for side, before, after in ((_BID, view.shown.bids, now.bids), (_ASK, view.shown.asks, now.asks)):
            for position, operation, row in tell(before, after):
                view.client.send(_message(view, MarketDepthData(position, operation, side, *_told(row, operation))))
        view.shown = now
        if not has_ended(view.instrument, self._broker.moment):
            view.timer.set(self._next_change(view))

    def _look(self, view: View) -> Book:
        instrument, market, now = view.instrument, self._broker.market, self._broker.moment
        quote = market.quote(instrument.conId, now)
        whole = book(instrument, quote, now, books(instrument), tops(instrument))
        return Book(*(_seen(view, side)[: view.rows] for side in whole))


def _seen(view: View, rows: list[Row]) -> list[Row]:
    """Return what a subscription shows of the rows of all exchanges."""
    if view.exchange:
        rows = [row for row in rows if row.maker == view.exchange]
    if view.is_smart:
        return rows
    if names_makers(view.exchange, view.instrument.secType):
        tick = view.instrument.kind.tick
        return [row._replace(maker=_MAKERS[round(row.price / tick) % len(_MAKERS)]) for row in rows]
    return together(rows)


def _message(view: View, change: MarketDepthData) -> Any:
    if not change.marketMaker:
        return UpdateMktDepth(view.reqId, change)
    change.isSmartDepth = view.is_smart
    return UpdateMktDepthL2(view.reqId, change)


def _told(row: Row, operation: int) -> tuple[float, float, str]:
    return row.price, 0.0 if operation == DELETE else row.size, row.maker


def _listed(exchanges: tuple[str, ...]) -> str:
    return "".join(f"{each}; " for each in exchanges)


Change = tuple[int, int, Row]
"""A position, an operation and the row that it is about."""


def in_place(before: list[Row], after: list[Row]) -> Iterator[Change]:
    """Yield the changes of a book in which rows come and go at the end only."""
    for position, row in enumerate(after):
        if position >= len(before):
            yield position, INSERT, row
        elif before[position] != row:
            yield position, UPDATE, row
    for position in reversed(range(len(after), len(before))):
        yield position, DELETE, before[position]


def row_by_row(before: list[Row], after: list[Row]) -> Iterator[Change]:
    """Yield the changes of a book in which a price keeps its row.

    What goes goes first, so that the book of the client is never too long.
    """
    stays = {row[:2] for row in after}
    for position in reversed(range(len(before))):
        if before[position][:2] not in stays:
            yield position, DELETE, before[position]
    left = [row for row in before if row[:2] in stays]
    for position, row in enumerate(after):
        if position < len(left) and left[position][:2] == row[:2]:
            if left[position] != row:
                yield position, UPDATE, row
        else:
            left.insert(position, row)
            yield position, INSERT, row
