"""`BarsAgain`: asks for bars again that the server has lost, within its limits, and for those that are missing."""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol

from ibdesk.client.client_state import ClientState
from ibdesk.client.history_limits import HistoryLimits
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.state.history import duration_since
from ibdesk.client.state.real_time_bars import fill_back
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.errors import EncodeError, RequestError, RequestTimeout
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.times import formatIBDatetime
from ibdesk.wire.messages.history import CancelHistoricalData, ReqHistoricalData

_log = logger("ibdesk.session")

ANSWER = 60.0
"""How many seconds the server may take to answer a request for bars."""

HELD = 30.0
"""For how many seconds new bars of five seconds are held back at most, until those that are missing before come."""

MOST_OPEN = 50
"""How many requests for bars may be open at once. Source: TWS API documentation, "Historical Data Limitations"."""

_SHORTEST = 30
"""How many seconds of bars are asked for at least."""


class Link(Protocol):
    """What `BarsAgain`, `Restorer` and `LineWatch` need of the connection. `Dispatcher` has it."""

    loop: asyncio.AbstractEventLoop | None

    @property
    def history_limits(self) -> HistoryLimits:
        """What the server's limits for historical data still allow."""
        ...

    def is_ready(self) -> bool:
        """Return whether the connection is up and running."""
        ...

    def new_id(self) -> int:
        """Return a new id for a request."""
        ...

    def send(self, message: Any) -> None:
        """Send a message as soon as the pacing allows."""
        ...

    def withdraw(self, cancel: Any) -> None:
        """Send a message that cancels something, if it can be sent."""
        ...

    async def ask(
        self,
        message: Any,
        contract: Contract | None = None,
        results: Any = None,
        *,
        always_raise: bool,
        cancel: Any = None,
        subscription: Subscription | None = None,
    ) -> Any:
        """Send a request and wait for the whole answer."""
        ...

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Carry out the effects of a change of the state."""
        ...

    def tell_changes(self) -> None:
        """Emit the tickers that have changed."""
        ...

    def emit(self, name: str, *args: Any) -> None:
        """Emit an event of the `IB`."""
        ...


class BarsAgain:
    """Asks again for subscriptions to bars: lists that are kept up to date, and bars of five seconds.

    The answer to a request for a list that is kept up to date holds the bars that are missing in it. Those of five
    seconds are asked for in history as soon as the first new one has come, which is held back meanwhile.
    """

    def __init__(
        self,
        state: ClientState,
        link: Link,
        send: Callable[[Iterable[Subscription]], None],
        refuse: Callable[[Subscription, Exception], None],
    ) -> None:
        """Begin without any. `send` asks for suspended subscriptions, `refuse` takes note that one is not answered."""
        self._state = state
        self._link = link
        self._send = send
        self._refuse = refuse
        self._queue: deque[Subscription] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._awaited: dict[Subscription, asyncio.TimerHandle] = {}
        self._progress = asyncio.Event()

    def ask(self, wanted: list[Subscription]) -> None:
        """Ask for suspended subscriptions to bars again, one after the other as the limits allow."""
        self._queue.extend(wanted)
        if self._queue and self._asking is None:
            self._asking = self._begin(self._ask())

    async def come(self, seconds: float) -> None:
        """Wait until all that was asked for has come or is refused, but not longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while self._queue or self._awaited or self._tasks:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            _log.warning("%d subscriptions to bars are still to be restored", len(self._queue) + len(self._awaited))

    def is_awaited(self, one: Subscription) -> bool:
        """Return whether the bars of a subscription are still to come."""
        return one in self._awaited

    def came(self, one: Subscription, since: dt.datetime) -> None:
        """Take note that bars have come for a subscription that was asked for again. Since then none have come."""
        self.forget(one)
        if isinstance(one.target, RealTimeBarList):
            self._begin(self._fill(one, one.target, since))

    def forget(self, one: Subscription) -> None:
        """Do not await an answer for a subscription any more, because it is interrupted again."""
        if timer := self._awaited.pop(one, None):
            timer.cancel()
            self._progress.set()

    def stop(self) -> None:
        """Ask for nothing more, because the connection is lost or has ended."""
        self._queue.clear()
        for timer in self._awaited.values():
            timer.cancel()
        self._awaited.clear()
        for task in self._tasks:
            task.cancel()
        self._progress.set()

    def _begin(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._asking:
            self._asking = None
        self._progress.set()

    # --- asking for what goes on ----------------------------------------------------------------------------------

    async def _ask(self) -> None:
        while self._queue:
            one = self._queue.popleft()
            while len(self._awaited) >= MOST_OPEN:
                self._progress.clear()
                await self._progress.wait()
            await self._room(one.request)
            if not one.is_suspended or self._state.subscriptions.get(one.key) is not one:
                continue  # the user has cancelled it
            if isinstance(one.target, BarDataList) and one.target:
                self._lengthen(one, one.target)
            try:
                self._send([one])
            except ConnectionError:
                return
            self._awaits(one)

    def _lengthen(self, one: Subscription, bars: BarDataList) -> None:
        """Have a subscription ask for all that is missing in its list, if that is more than the list began with."""
        duration = duration_since(bars[-1].date, self._state.now(), bars.durationStr)
        *before, last = one.restored_by
        one.restored_by = *before, replace(last, durationStr=duration)

    def _awaits(self, one: Subscription) -> None:
        # Bars of five seconds come only while the market is open; that a list is kept up to date is always answered.
        if one.kind == Kind.BARS and not one.is_suspended:
            loop = asyncio.get_running_loop()
            self._awaited[one] = loop.call_later(ANSWER, self._unanswered, one)

    def _unanswered(self, one: Subscription) -> None:
        del self._awaited[one]
        self._progress.set()
        if self._state.subscriptions.get(one.key) is one:
            self._link.withdraw(one.cancel)
            self._refuse(one, RequestTimeout(repr(one.request), ANSWER))

    async def _room(self, request: Any) -> None:
        """Wait until the server's limits allow a request, which has to be sent at once then."""
        while (seconds := self._link.history_limits.wait(self._state.clocks.seconds(), request)) > 0:
            await asyncio.sleep(seconds)

    # --- what is missing before it --------------------------------------------------------------------------------

    async def _fill(self, one: Subscription, bars: RealTimeBarList, since: dt.datetime) -> None:
        """Add the bars that are missing, and let the new ones go on."""
        past: list[Any] = []
        held = bars.held
        # Without a bar, the first one that is missing is the one that was not complete when they were interrupted.
        last = bars[-1].time if bars else since - dt.timedelta(seconds=bars.barSize)
        try:
            async with asyncio.timeout(HELD):
                past = await self._missing(one, bars, last)
        except (RequestError, EncodeError, TimeoutError) as error:
            _log.warning("%s: what was missed is not in history: %s", one.request, str(error) or "no answer")
        if self._state.subscriptions.get(one.key) is one and bars.held is held:
            self._link.carry_out(fill_back(past, bars, last, self._state.defaults.timezone))

    async def _missing(self, one: Subscription, bars: RealTimeBarList, last: dt.datetime) -> list[Any]:
        """Return the bars of history between the `last` bar of a list and the first one that is held back."""
        assert bars.held, "there is a first one"
        first = bars.held[0].time
        if (first - last).total_seconds() <= bars.barSize:
            return []
        duration = duration_since(last, first, f"{_SHORTEST} S")
        live, reqId = one.request, self._link.new_id()
        end = formatIBDatetime(first)
        request = ReqHistoricalData(reqId, live.contract, end, duration, "5 secs", live.whatToShow, live.useRTH, 2)
        found, cancel = BarDataList(), CancelHistoricalData(reqId)
        found.reqId, found.contract = reqId, live.contract
        subscription = Subscription(Kind.PAST_BARS, request, cancel, found)
        await self._room(request)
        try:
            await self._link.ask(request, results=found, always_raise=True, cancel=cancel, subscription=subscription)
        finally:
            self._state.subscriptions.end(reqId)
        return found
