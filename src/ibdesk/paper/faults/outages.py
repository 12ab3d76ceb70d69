"""Faults of IB's servers: the link to them that is lost and restored, and the data farms that go down and come back.

It tells the clients, forgets or renews what they have subscribed to, and answers what has waited.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Protocol

from ibdesk import codes
from ibdesk.wire.messages.accounts import ReqAccountSummary
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.depth import ReqMktDepth
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.market_data import ReqMktData
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars

from ..client import Client
from ..router import Router
from ..timers import Timer
from .kinds import ORDER_REQUESTS, ConnectivityLost, FarmDown, NightlyReset
from .servers import COMPETING, HISTORY_WAITS, HOME_FARMS, LIVE_LINES, PAST_LINES, Fate, Servers, is_cancel, is_live
from .spans import Span

LOST, LOST_DATA, RESTORED = 1100, 1101, 1102

BUST = 10225

REPEAT_LOST = 20.0
"""Seconds after which 1100 is told again while the link is down, as by TWS."""

MOST_WAITING = 10_000
"""Requests that wait for servers, and messages that are told afterwards. What comes beyond is lost."""

_SHORTEST, _LONGEST = 5.0, 90.0
"""Seconds for which the link is lost at a nightly reset."""


class Audience(Protocol):
    """The clients that are connected, and the time."""

    def clients(self) -> Iterable[Client]:
        """Return the clients that have started."""
        ...

    def later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something later, once."""
        ...

    def is_connected(self, client: Client) -> bool:
        """Return whether a client is still connected."""
        ...


class Outages:
    """What is wrong with the servers, and what waits for them."""

    def __init__(self, router: Router, audience: Audience) -> None:
        self.servers: Servers = Servers(router.instruments, router.instrument_of)
        self._router = router
        self._audience = audience
        self._waiting: list[tuple[Client, Any]] = []
        self._owed: list[tuple[Client, Any]] = []
        self._told_broken: dict[str, None] = {}
        self._over: list[ConnectivityLost] = []
        self._again: Timer | None = None

    # What becomes of messages

    @property
    def are_on(self) -> bool:
        """Whether something is wrong now."""
        return bool(self.servers.lost or self.servers.down or self.servers.competing)

    def lets_through(self, client: Client, message: Any, *, answers: bool) -> Any:
        """Return what a client gets in place of a message: the message itself as a rule, None if nothing."""
        if isinstance(message, Error):
            message = self.servers.notice(message)
            if message is None:
                return None
        fate = self.servers.fate_of_message(client, message, answers=answers)
        if fate is Fate.WAITS and len(self._owed) < MOST_WAITING:
            self._owed.append((client, message))
        return message if fate is Fate.PASSES else None

    def takes(self, client: Client, request: Any) -> bool:
        """Return whether a request is answered now. Otherwise it waits."""
        if self._waiting and self._gives_up(client, request):
            return False
        if self.servers.competing and (refused := self.servers.refusal(request)):
            client.tell_error(request.reqId, *refused, self._router.now)
            return False
        if self.servers.fate_of_request(request) is Fate.PASSES:
            return True
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((client, request))
            if isinstance(request, ReqHistoricalData):
                client.tell_error(request.reqId, 165, codes.text(165, detail=HISTORY_WAITS), self._router.now)
        return False

    def _gives_up(self, client: Client, cancel: Any) -> bool:
        """Let a request wait no more that a client cancels. Return whether it did."""
        if not is_cancel(type(cancel)):
            return False
        name = type(cancel).__name__
        names = name.removeprefix("Cancel"), name.replace("Cancel", "Req", 1)
        for each in self._waiting:
            asker, request = each
            if asker is client and type(request).__name__ in names and request.reqId == cancel.reqId:
                self._waiting.remove(each)
                return True
        return False

    def _answer_waiting(self) -> None:
        """Answer what need not wait any longer. Orders are taken, also those of clients that are gone."""
        waiting, self._waiting = self._waiting, []
        for client, request in waiting:
            if self.servers.fate_of_request(request) is Fate.WAITS:
                self._waiting.append((client, request))
            elif isinstance(request, ORDER_REQUESTS) or self._audience.is_connected(client):
                self._router.answer(client, request)

    def forget(self) -> None:
        """Forget what waits, as a gateway does that is restarted."""
        self._waiting.clear()
        self._owed.clear()

    # The link to IB

    def lose_link(self, span: Span) -> None:
        """Begin a time without servers."""
        up = [farm for farm in HOME_FARMS if self.servers.is_up(farm)]
        self._tell_broken(up)
        self.servers.lost += 1
        self._tell_lost()
        self._audience.later(span.fault.seconds, lambda: self._restore_link(span.fault))

    def _tell_lost(self) -> None:
        self._tell([(LOST, codes.text(LOST))])
        if self._again:
            self._again.stop()
        self._again = self._audience.later(REPEAT_LOST, self._tell_lost)

    def _restore_link(self, fault: ConnectivityLost) -> None:
        self.servers.lost -= 1
        self._over.append(fault)
        if self.servers.lost:
            return
        over, self._over = self._over, []
        owed, self._owed = self._owed, []
        if self._again:
            self._again.stop()
        code = min(each.restored for each in over)
        self._tell_connected()
        if code == LOST_DATA:
            self._router.forget_subscriptions()
            self._waiting = [each for each in self._waiting if isinstance(each[1], ORDER_REQUESTS)]
        self._tell([(code, self.servers.restored(code))])
        if code == RESTORED:
            # A client of IB's has to ask for its account summary again, and nothing else.
            self._router.end_subscriptions({ReqAccountSummary})
            self._router.renew()
        if any(each.tells_orders for each in over):
            for client, message in owed:
                client.send(message)
        self._answer_waiting()

    def reset(self, span: Span, lose: Callable[[ConnectivityLost], None]) -> None:
        """Lose the link several times, each at a moment that is drawn from its part of the time."""
        fault: NightlyReset = span.fault
        random: Random = span.random
        part = fault.seconds / fault.times
        for number in range(fault.times):
            seconds = random.uniform(_SHORTEST, min(_LONGEST, part - 1))
            begin = number * part + random.uniform(0, part - seconds)
            lost = ConnectivityLost(span.occurrence.fault.at, round(seconds, 3), restored=fault.restored)
            self._audience.later(begin, lambda lost=lost: lose(lost))  # type: ignore[misc]
            span.hit()

    # Farms

    def lose_farm(self, span: Span) -> None:
        """Begin a time without a farm."""
        fault: FarmDown = span.fault
        if self.servers.is_up(fault.farm):
            self._tell_broken([fault.farm])
        self.servers.down[fault.farm] = self.servers.down.get(fault.farm, 0) + 1
        self._audience.later(fault.seconds, lambda: self._restore_farm(fault))

    def _restore_farm(self, fault: FarmDown) -> None:
        farm, lines = fault.farm, LIVE_LINES if is_live(fault.farm) else PAST_LINES
        concerns = self.servers.concerned(farm)
        if fault.forgets:
            self._router.end_subscriptions(lines, concerns)
        self.servers.down[farm] -= 1
        if self.servers.down[farm]:
            return
        del self.servers.down[farm]
        if not self.servers.lost:
            self._tell_connected()
            if is_live(farm):
                self._router.renew(lines, concerns)
            self._answer_waiting()

    # Sessions and subscriptions

    def lose_data(self, span: Span) -> None:
        """Begin a time in which another session of the user has the data."""
        for client, reqId in self._router.subscribed(ReqMktData):
            span.hit()
            client.tell_error(reqId, COMPETING, codes.text(COMPETING), self._router.now)
        self.servers.competing += 1
        self._audience.later(span.fault.seconds, self._regain_data)

    def _regain_data(self) -> None:
        self.servers.competing -= 1
        if not self.servers.competing:
            self._router.renew(LIVE_LINES)

    def bust(self, span: Span) -> None:
        """End all subscriptions to bars of five seconds."""
        for client, reqId in self._router.subscribed(ReqRealTimeBars):
            span.hit()
            client.tell_error(reqId, BUST, codes.text(BUST), self._router.now)
        self._router.end_subscriptions({ReqRealTimeBars})

    def reset_depth(self, span: Span) -> None:
        """Have all books emptied, and tell them anew."""
        for _ in self._router.subscribed(ReqMktDepth):
            span.hit()
        self._router.renew({ReqMktDepth})

    # What clients are told

    def _tell(self, notices: Iterable[tuple[int, str]]) -> None:
        told = list(notices)
        for client in self._audience.clients():
            for code, text in told:
                client.tell_notice(code, text, self._router.now)

    def _tell_broken(self, farms: list[str]) -> None:
        self._told_broken.update(dict.fromkeys(farms))
        self._tell(self.servers.broken(farms))

    def _tell_connected(self) -> None:
        """Tell that the farms are connected which were told to be broken, if they are."""
        farms = [farm for farm in self._told_broken if self.servers.is_up(farm)]
        for farm in farms:
            del self._told_broken[farm]
        self._tell(self.servers.connected(farms))
