"""`Restorer`: asks again for what a client is subscribed to, after the server has lost it.

The objects that the program holds stay the same: a restored subscription fills them on, under a new id.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, KeysView
from typing import Any, NamedTuple

from ibdesk.client.bars_again import BarsAgain, Link
from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import failure
from ibdesk.client.health import COMPETING, DATA_KEPT, DATA_LOST, FARM_NOTICES, LINK_LOST
from ibdesk.client.state.bar_lists import BarsKept, RealTimeBarList
from ibdesk.client.state.books import DELETE
from ibdesk.client.state.statuses import refused
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.errors import EncodeError, RequestError
from ibdesk.logs import logger
from ibdesk.model.health import FarmKind, FarmState
from ibdesk.model.quotes import TickByTickAllLast, TickByTickBidAsk, TickByTickMidPoint
from ibdesk.wire.messages.market_data import ReqMarketDataType

_log = logger("ibdesk.session")

LIVE = 1
"""The market data type with which a connection begins."""

PAUSES = (15.0, 60.0, 300.0, 900.0, 1800.0)
"""After how many seconds a subscription is asked for again that the server has refused: once, twice ...

Each is longer than the 15 seconds within which the server refuses the same request for bars or ticks.
"""

_LONGEST_COMPETING = 2
"""The pause from `PAUSES` that is made again and again while another session has the data, for as long as it takes."""

GRACE = 20.0
"""How many seconds the lines of a farm have, after it has come back, to go on by themselves."""

LIVELY = dt.timedelta(minutes=5)
"""A line that has brought nothing for so long before its farm was lost may be silent without being dead."""

PATIENCE = 30.0
"""For how many seconds `restore` waits for the bars that are missing."""

_BARS = (Kind.BARS, Kind.LIVE_BARS)

_STAYS = frozenset({Kind.POSITIONS, Kind.ACCOUNT, Kind.ACCOUNT_MULTI, Kind.SUMMARY, Kind.NEWS_BULLETINS})
"""What is not ended when the server has lost its data (code 1101) and the user does not want it to be restored."""


class Restoration(NamedTuple):
    """What has become of the subscriptions that were interrupted."""

    restored: list[Subscription]
    """Those that the server has taken, or has not refused so far."""
    refused: list[tuple[Subscription, Exception]]
    """Those that it has refused now, each with the reason. Most are asked for again later."""
    waiting: list[Subscription]
    """Those that are not asked for yet, or not answered, because the server limits requests for bars."""


class Restorer:
    """Restores the subscriptions of one `IB`.

    When the connection is lost and will be made anew, `suspend` keeps them. Once it is made, and the account, positions
    and orders are fetched, `restore` asks for them again. `end` gives them up. On a connection that lasts it restores
    what the server tells to have lost.
    """

    def __init__(self, state: ClientState, link: Link, is_wanted: Callable[[], bool]) -> None:
        """Begin without any. `is_wanted` returns whether to restore what is lost while the connection lasts."""
        self._state = state
        self._link = link
        self._is_wanted = is_wanted
        self._subscriptions = state.subscriptions
        self._bars = BarsAgain(state, link, self._send_all, self._ask_again)
        self._refusals: dict[Subscription, Exception] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._link_lost: dt.datetime | None = None
        self._farms_lost: dict[bool, dt.datetime] = {}
        """Since when farms of historical data (True) or market data (False) are lost."""
        self._looks: dict[bool, asyncio.TimerHandle] = {}
        """The timers to look after lines of such farms which are silent although the farm has come back."""

    # --- the connection -------------------------------------------------------------------------------------------

    def suspend(self, error: Exception) -> None:
        """Keep the subscriptions, because the connection is lost and will be made anew.

        What cannot be restored ends: with `error`, wherever its `updateEvent` is awaited.
        """
        self._stop()
        now = self._state.now()
        self._state.quotes.begin(now)
        for one in self._subscriptions:
            if one.restored_by:
                self._interrupt(one, now)
            else:
                self._end(one, error)
        self._link.tell_changes()

    async def restore(self) -> Restoration:
        """Ask for everything again that was suspended, on a new connection, and return what has become of it.

        It waits until the bars that are missing have come, but not for ever. Raises ConnectionError when the connection
        is lost again; then everything is suspended as before.
        """
        self._refusals.clear()
        wanted = [one for one in self._subscriptions if one.is_suspended and not self._is_begun(one)]
        for one in wanted:
            if one.kind == Kind.POSITIONS:
                self._give_up(one, ConnectionError("The start of the connection could not ask for the positions"))
        self._send([one for one in wanted if one.kind != Kind.POSITIONS], LIVE, is_new=True)
        await self._bars.come(PATIENCE)
        if not self._link.is_ready():
            raise ConnectionError("Not connected")
        return self._result(wanted)

    def end(self, error: Exception) -> None:
        """Give up all subscriptions: the connection is lost for good, or ended by the user."""
        self._stop()
        self._link.carry_out(self._state.quotes.end_all(error))
        for one in self._subscriptions.end_all():
            self._fail(one, error)

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._bars.stop()
        self._refusals.clear()
        self._link_lost = None
        self._farms_lost.clear()
        self._looks.clear()

    def _is_begun(self, one: Subscription) -> bool:
        """Return whether the start of the connection has begun the same, which then takes the place of this one."""
        for other in self._subscriptions.about(one.kind, one.subject):
            if not other.is_suspended and one.kind in (Kind.POSITIONS, Kind.ACCOUNT, Kind.ACCOUNT_MULTI):
                other.users = max(other.users, one.users)
                self._subscriptions.end(one.key)
                return True
        return False

    def _result(self, wanted: list[Subscription]) -> Restoration:
        refusals = [(one, self._refusals[one]) for one in wanted if one in self._refusals]
        left = [one for one in wanted if one not in self._refusals and self._subscriptions.get(one.key) is one]
        waiting = [one for one in left if one.is_suspended or self._bars.is_awaited(one)]
        return Restoration([one for one in left if one not in waiting], refusals, waiting)

    # --- what the server tells of its links -----------------------------------------------------------------------

    def link_told(self, code: int, text: str) -> None:
        """Take note of what the server tells of its link to IBKR, or to a farm."""
        now = self._state.now()
        if code in LINK_LOST:
            self._link_lost = self._link_lost or now
        elif code == DATA_LOST:
            self._lose_data(self._link_lost or now, text)
            self._link_lost = None
        elif code == DATA_KEPT:
            if self._link_lost is not None:
                self._later(GRACE, self._look, self._take_up(self._link_lost, False))
            self._link_lost = None
            if self._is_wanted():
                # Those are not maintained: ib_insync and ib_async ask for them again, too.
                self._begin_again([one for one in self._live() if one.kind == Kind.SUMMARY], now)
        else:
            self._farm_told(*FARM_NOTICES[code], now)

    def _farm_told(self, kind: FarmKind, state: FarmState, now: dt.datetime) -> None:
        if kind is FarmKind.DEFINITIONS or state is FarmState.CONNECTING:
            return
        is_of_history = kind is FarmKind.HISTORICAL_DATA
        if is_of_history in self._looks:
            self._forget_timer(self._looks.pop(is_of_history))
        if state is FarmState.BROKEN:
            self._farms_lost.setdefault(is_of_history, now)
        elif is_of_history in self._farms_lost:
            silent = self._take_up(self._farms_lost.pop(is_of_history), is_of_history)
            self._looks[is_of_history] = self._later(GRACE, self._look_at_farm, is_of_history, silent)

    def _lose_data(self, since: dt.datetime, text: str) -> None:
        """Restore, or end, all subscriptions, because the server has lost them."""
        # Recovery asks for the positions anyway.
        lost = [one for one in self._live() if one.kind != Kind.POSITIONS]
        if self._is_wanted():
            self._begin_again(lost, since)
            return
        for one in lost:
            if one.kind not in _STAYS:
                self._end(one, ConnectionError(text))

    def _take_up(self, since: dt.datetime, is_of_history: bool) -> list[Subscription]:
        """See to the lines that were alive before a farm, or the link, was lost, and silent until it came back now.

        Bars are asked for again at once, so that those which are missing come before the new ones. The other lines may
        go on by themselves: their gap is told as soon as they do. Returns them.

        Which line is of which farm is not told. Those of other farms have brought something meanwhile, or are asked for
        again without harm.
        """
        silent = [
            one
            for one in self._live()
            if one.streams and (one.kind in _BARS or not is_of_history) and _fell_silent(one, since)
        ]
        if self._is_wanted():
            bars = [one for one in silent if one.kind in _BARS and (one.asked is None or one.asked < since)]
            self._begin_again(bars, since)
        lines = [one for one in silent if one.kind not in _BARS]
        for one in lines:
            self._subscriptions.await_data(one, since)
        return lines

    def _look_at_farm(self, is_of_history: bool, lines: list[Subscription]) -> None:
        del self._looks[is_of_history]
        self._look(lines)

    def _look(self, lines: list[Subscription]) -> None:
        """Ask again for the lines that have brought nothing although they had time to go on by themselves."""
        if self._is_wanted():
            looked_after = set(lines)
            silent = [one for one in self._live() if one in looked_after and one.since is not None]
            self._begin_again(silent, self._state.now())

    def _live(self) -> list[Subscription]:
        """Return the subscriptions that can be restored, and are complete and not about to be."""
        requests = self._state.requests
        return [
            one for one in self._subscriptions if one.restored_by and not one.is_suspended and one.key not in requests
        ]

    def _begin_again(self, lost: list[Subscription], since: dt.datetime) -> None:
        for one in lost:
            # The server may have it nevertheless, and each takes one of the few lines that there are.
            if hasattr(one.cancel, "reqId"):
                self._link.withdraw(one.cancel)
            one.refusals = 0
            self._interrupt(one, since)
        self._send(lost, self._state.market_data_type)

    # --- one subscription -----------------------------------------------------------------------------------------

    def ask_again(self, one: Subscription, error: RequestError) -> None:
        """Ask for a subscription again that the server has ended or refused; after a pause, if that is not the first.

        After some time it is given up.
        """
        if one.since is None and one.refusals == 0 and not self._was_asked(one):
            self._begin_again([one], self._state.now())
        else:
            self._ask_again(one, error)

    def _ask_again(self, one: Subscription, error: Exception) -> None:
        self._refusals[one] = error
        is_competing = isinstance(error, RequestError) and error.code == COMPETING
        if one.refusals >= len(PAUSES) and not is_competing:
            self._give_up(one, error)
            return
        pause = PAUSES[min(one.refusals, _LONGEST_COMPETING if is_competing else len(PAUSES) - 1)]
        one.refusals += 1
        _log.warning("%s is not restored, and asked for again in %g s: %s", one.request, pause, error)
        self._interrupt(one, self._state.now())
        self._later(pause, self._retry, one)

    def _was_asked(self, one: Subscription) -> bool:
        return one.asked is not None and self._state.now() - one.asked < dt.timedelta(seconds=PAUSES[0])

    def _retry(self, one: Subscription) -> None:
        if one.is_suspended and self._subscriptions.get(one.key) is one:
            self._send([one], self._state.market_data_type)

    def _interrupt(self, one: Subscription, since: dt.datetime) -> None:
        self._subscriptions.suspend(one, since)
        if isinstance(one.target, Ticker):
            self._state.quotes.interrupt(one)
        elif isinstance(one.target, BarsKept):
            self._bars.forget(one)
            one.target.isInterrupted = True
            if isinstance(one.target, RealTimeBarList):
                one.target.held = None  # they will be asked for with those that are missing before them

    def _send(self, wanted: list[Subscription], data_type: int, *, is_new: bool = False) -> None:
        """Ask for suspended subscriptions again: bars as the server's limits allow, everything else now."""
        self._send_all([one for one in wanted if one.kind not in _BARS], data_type, is_new=is_new)
        self._bars.ask([one for one in wanted if one.kind in _BARS])

    def _send_all(self, wanted: Iterable[Subscription], data_type: int | None = None, *, is_new: bool = False) -> None:
        """Ask for suspended subscriptions again. `data_type` is the market data type that the server has.

        It is the one that the user has chosen in the end. `is_new` says that the server has never had them, since the
        connection is new.
        """
        # All is sent without waiting in between, so that nobody can ask for quotes while the type is another one. The
        # pacing holds back what is too much, and lets orders pass.
        chosen = self._state.market_data_type
        data_type = chosen if data_type is None else data_type
        for one in wanted:
            reqId = getattr(one.restored_by[-1], "reqId", None)
            if reqId is not None and (is_new or one.kind != Kind.SUMMARY):
                reqId = self._link.new_id()  # TWS grants two ids for summaries, and gives none back
            self._subscriptions.resume(one, reqId)
            one.asked, one.asked_in = self._state.now(), self._state.quotes.batch
            if isinstance(one.target, Ticker):
                self._state.quotes.resumed(one)
            try:
                for message in one.restored_by:
                    if not isinstance(message, ReqMarketDataType):
                        self._link.send(message)
                    elif message.marketDataType != data_type:
                        self._link.send(message)
                        data_type = message.marketDataType
            except EncodeError as error:  # the server may be an older one now
                self._give_up(one, error)
        if data_type != chosen:
            self._link.send(ReqMarketDataType(chosen))

    def _give_up(self, one: Subscription, error: Exception) -> None:
        self._refusals[one] = error
        _log.error("%s is not restored: %s", one.request, error)
        self._end(one, error)
        self._link.emit("subscriptionLostEvent", one, error)

    def _end(self, one: Subscription, error: Exception) -> None:
        if isinstance(one.target, Ticker):
            self._state.quotes.end(one, refused(error.code) if isinstance(error, RequestError) else "ended")
        else:
            self._subscriptions.end(one.key)
        self._fail(one, error)

    def _fail(self, one: Subscription, error: Exception) -> None:
        if hasattr(one.target, "updateEvent"):
            self._link.carry_out([failure(one.target.updateEvent, error)])

    def _later(self, seconds: float, function: Callable[..., None], *args: Any) -> asyncio.TimerHandle:
        """Call a function later, unless the connection ends before. The tickers that it changes are emitted."""
        loop = self._link.loop
        assert loop is not None, "there is a connection"

        def call() -> None:
            self._timers.discard(timer)
            self._state.quotes.begin(self._state.now())
            function(*args)
            self._link.tell_changes()

        timer = loop.call_later(seconds, call)
        self._timers.add(timer)
        return timer

    def _forget_timer(self, timer: asyncio.TimerHandle) -> None:
        timer.cancel()
        self._timers.discard(timer)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def tickers_came(self, changed: KeysView[Ticker]) -> None:
        """Take note of the tickers that a batch has changed. Some of them are awaited."""
        awaited, batch = self._subscriptions.awaited, self._state.quotes.batch
        came = [one for ticker in changed if ticker in awaited for one in awaited[ticker].values()]
        for one in came:
            if one.asked_in is not batch and _is_filled(one, one.target):
                self.arrived(one)

    def arrived(self, one: Subscription) -> None:
        """Take note that something has come for a subscription that was asked for again."""
        self._subscriptions.has_come(one)
        since, one.since, one.refusals = one.since, None, 0
        if since is not None:
            self._link.emit("gapEvent", one, since, self._state.quotes.now)
            if isinstance(one.target, BarsKept):
                self._bars.came(one, since)
            health = self._state.health
            if health.health.is_data_lost and not self._subscriptions.interrupted:
                self._link.carry_out(health.data_restored())


def _fell_silent(one: Subscription, since: dt.datetime) -> bool:
    """Return whether a line was alive before a moment, and has brought nothing since then."""
    last = one.last_data()
    return one.since is not None or (last is not None and since - LIVELY <= last <= since)


def _is_filled(one: Subscription, ticker: Ticker) -> bool:
    """Return whether a batch that has changed a ticker has brought something for this subscription of it."""
    match one.kind:
        case Kind.QUOTES:
            return bool(ticker.ticks) or not (ticker.domTicks or ticker.tickByTicks)
        case Kind.DEPTH:
            return any(change.operation != DELETE for change in ticker.domTicks)
        case Kind.BID_ASK:
            return any(isinstance(tick, TickByTickBidAsk) for tick in ticker.tickByTicks)
        case Kind.MID_POINT:
            return any(isinstance(tick, TickByTickMidPoint) for tick in ticker.tickByTicks)
    number = 1 if one.kind == Kind.LAST else 2
    return any(isinstance(tick, TickByTickAllLast) and tick.tickType == number for tick in ticker.tickByTicks)
