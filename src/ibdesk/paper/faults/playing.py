"""What plays a scenario at a gateway: it begins and ends its faults, and decides what becomes of each message.

The links of the gateway ask it. Each fault comes at its due time, or at the message or byte that it waits for; nothing
polls.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any, Protocol

from ibdesk.logs import logger
from ibdesk.session.connection import Connection, Opened
from ibdesk.wire.messages.connection import NO_REQUEST, Error, StartApi
from ibdesk.wire.messages.executions import ExecDetails

from ..client import Client
from ..clock import NEW_YORK
from ..router import Router
from ..timers import Timer
from ..transport import Link, LinkListener
from .kinds import (
    ORDER_REPORTS,
    REPEATED,
    Bust,
    CompetingSession,
    ConnectivityLost,
    Crash,
    Cut,
    DepthReset,
    DropOrder,
    Duplicate,
    FarmDown,
    Fault,
    Gap,
    Halt,
    KillClient,
    NightlyReset,
    Refuse,
    Reorder,
    Restart,
    Swallow,
)
from .links import FaultyLink
from .outages import Outages
from .scenario import Scenario
from .spans import Occurrence, Span, Spans
from .triggers import FROM_CLIENT, TO_CLIENT, After, Before, Byte

_log = logger("ibdesk.paper")


class Doors(Protocol):
    """How a gateway lets clients in."""

    def close_doors(self) -> None:
        """Listen no more, for a while."""
        ...

    def open_doors(self) -> None:
        """Listen again."""
        ...


@dataclass(eq=False, slots=True)
class _Planned:
    """A fault of the scenario: its place there, its chance, and how many of the messages that it waits for came."""

    number: int
    fault: Fault
    random: Random
    seen: int = 0


class Faults:
    """The faults of one gateway: those that came, in `occurrences`, and those that go on.

    Each of `listeners` is called with a fault that comes, as it begins: so whoever runs a program can kill it.
    """

    def __init__(
        self, scenario: Scenario, *, start: datetime, now: Callable[[], datetime], router: Router, doors: Doors
    ) -> None:
        """Plan the faults of a scenario, from `start` on. Raises ValueError for one that comes before."""
        self.scenario = scenario
        self.occurrences: list[Occurrence] = []
        self.listeners: list[Callable[[Occurrence], object]] = []
        self.spans: Spans = Spans()
        self._now = now
        self._router = router
        self._doors = doors
        self._closed = 0
        self._links: dict[FaultyLink, None] = {}
        self._outages = Outages(router, self)
        self._on_message: dict[str, list[_Planned]] = {}
        self._on_byte: list[_Planned] = []
        self._acts: dict[type[Fault], Callable[[Span, FaultyLink | None], None]] = {
            Cut: self._cut,
            KillClient: self._cut,
            DropOrder: self._drop,
            Refuse: self._refuse,
            Restart: self._restart,
            ConnectivityLost: lambda span, link: self._outages.lose_link(span),
            FarmDown: lambda span, link: self._outages.lose_farm(span),
            NightlyReset: self._reset,
            CompetingSession: lambda span, link: self._outages.lose_data(span),
            Bust: lambda span, link: self._outages.bust(span),
            DepthReset: lambda span, link: self._outages.reset_depth(span),
            **dict.fromkeys(
                (Halt, Gap, Crash), lambda span, link: span.hit()
            ),  # what becomes of prices is known before
        }
        scenario.check(start)
        for number, fault in enumerate(scenario.faults):
            self._plan(_Planned(number, fault, Random(f"{scenario.seed} {fault!r}")), start.astimezone(UTC))

    @property
    def counts(self) -> Counter[str]:
        """How many faults of each kind came."""
        return Counter(each.kind for each in self.occurrences)

    @property
    def now(self) -> datetime:
        """The moment, in UTC."""
        return self._now().astimezone(UTC)

    # When

    def _plan(self, planned: _Planned, start: datetime) -> None:
        at = planned.fault.at
        match at:
            case Before() | After():
                self._on_message.setdefault(at.message, []).append(planned)
            case Byte():
                self._on_byte.append(planned)
            case time():
                self._plan_daily(planned, start)
            case datetime():
                self._at(at, lambda: self._come(planned, None))
            case _:
                self._at(start + timedelta(seconds=at), lambda: self._come(planned, None))

    def _plan_daily(self, planned: _Planned, after: datetime) -> None:
        """Have a fault come at its next time of day, and again on the day after."""
        assert isinstance(planned.fault.at, time)
        day = after.astimezone(NEW_YORK).date()
        while (moment := datetime.combine(day, planned.fault.at, NEW_YORK).astimezone(UTC)) < after:
            day += timedelta(days=1)

        def act() -> None:
            self._come(planned, None)
            self._plan_daily(planned, moment + timedelta(seconds=1))

        self._at(moment, act)

    def _at(self, moment: datetime, act: Callable[[], object]) -> Timer:
        def act_once() -> None:
            timer.stop()
            act()

        timer = self.new_timer(act_once)
        timer.set(moment)
        return timer

    def later(self, seconds: float, act: Callable[[], object]) -> Timer:
        """Do something later, once."""
        return self._at(self.now + timedelta(seconds=seconds), act)

    def new_timer(self, act: Callable[[], None]) -> Timer:
        """Return a timer that is not set yet. Of what is due at one moment, faults come first."""
        return self._router.new_timer(act)

    # A fault comes

    def _come(self, planned: _Planned, link: FaultyLink | None, client_id: int | None = None) -> Span:
        """Let a fault begin. `link` and `client_id` are of the message or the byte that it has waited for."""
        fault = planned.fault
        _log.warning("a fault of the scenario comes: %s", fault)
        occurrence = Occurrence(planned.number, fault, self.now)
        self.occurrences.append(occurrence)
        named = getattr(fault, "client", None)
        span = Span(fault, client_id if named is None else named, planned.random, occurrence)
        act = self._acts.get(type(fault))
        if act:
            act(span, link)
        elif not _is_of_one_message(fault):
            self._go_on_for(span)
        for listener in list(self.listeners):
            listener(occurrence)
        return span

    def _go_on_for(self, span: Span) -> None:
        """Let a fault of links go on for its time."""
        self.spans.begin(span)
        if span.fault.seconds is not None:
            self.later(span.fault.seconds, lambda: self._end(span))

    def _end(self, span: Span) -> None:
        self.spans.end(span)
        for link in list(self._links):
            link.go_on()

    def _cut(self, span: Span, link: FaultyLink | None) -> None:
        """Cut the connections that are meant."""
        named = span.fault.client is not None
        for each in [link] if link and not named else list(self._links):
            if not each.is_cut and (not named or each.client_id == span.client):
                span.hit()
                each.cut(reset=getattr(span.fault, "reset", False), linger=span.fault.linger)

    def _drop(self, span: Span, link: FaultyLink | None) -> None:
        span.hit()
        if link and span.fault.cut:
            link.cut()

    def _refuse(self, span: Span, link: FaultyLink | None) -> None:
        if span.fault.how == "refuse":
            self._close_doors(span.fault.seconds)
        else:
            self._go_on_for(span)

    def _restart(self, span: Span, link: FaultyLink | None) -> None:
        """End all sessions, and forget what they had asked for, but for what IB knows."""
        for each in list(self._links):
            span.hit()
            if each.is_gone:
                each.end_session()  # of one that lingers
            else:
                each.cut()
                each.linger = 0.0
        self._outages.forget()
        self._router.forget_untransmitted()
        self._close_doors(span.fault.seconds)

    def _close_doors(self, seconds: float) -> None:
        self._closed += 1
        if self._closed == 1:
            self._doors.close_doors()
        self.later(seconds, self._open_doors)

    def _open_doors(self) -> None:
        self._closed -= 1
        if not self._closed:
            self._doors.open_doors()

    def _reset(self, span: Span, link: FaultyLink | None) -> None:
        def lose(fault: ConnectivityLost) -> None:
            self._come(_Planned(span.occurrence.number, fault, span.random), None)

        self._outages.reset(span, lose)

    # The clients, as `Outages` sees them

    def clients(self) -> Iterable[Client]:
        """Return the clients that have started."""
        return [link.client for link in self._links if link.client and link.client.client_id is not None]

    def is_connected(self, client: Client) -> bool:
        """Return whether a client is still connected."""
        return any(link.client is client and not link.is_cut for link in self._links)

    # The links, as `Course` and `LinkListener` have it

    def new_link(self, connection: Connection, gateway: LinkListener) -> FaultyLink:
        """Return a connection with these faults."""
        link = FaultyLink(connection, _Listener(self, gateway), self)
        self._links[link] = None
        return link

    def on_new(self, link: FaultyLink) -> None:
        """Meet a new connection: perhaps nobody is to connect now."""
        for span in self.spans.of(Refuse, None, FROM_CLIENT):
            span.hit()
            if span.fault.how == "hang_up":
                link.cut()
            else:
                link.is_deaf = True

    def on_end(self, link: FaultyLink) -> bool:
        """Take note of the end of a connection. Return whether its session is forgotten now."""
        if link.linger:
            self.later(link.linger, link.end_session)
            link.linger = 0.0
            return False
        return True

    def flush(self) -> None:
        """Hand over what is to be sent on all connections, which a fault may have concerned."""
        for link in list(self._links):
            link.flush()

    def forget(self, link: FaultyLink) -> None:
        """Forget a connection whose session is forgotten."""
        self._links.pop(link, None)

    def on_bytes(self, link: FaultyLink, direction: str, before: int, data: bytes) -> Iterator[bytes]:
        """Yield bytes in the pieces between which something happens; `before` have gone through already."""
        for planned in sorted(self._on_byte, key=_byte):
            at = planned.fault.at
            assert isinstance(at, Byte)
            if at.direction != direction or at.client not in (None, link.client_id):
                continue
            size = at.byte - before
            if 0 <= size <= len(data):
                yield data[:size]
                data, before = data[size:], at.byte
                self._on_byte.remove(planned)
                self._come(planned, link, link.client_id)
        if data:
            yield data

    def on_send(self, link: FaultyLink, message: Any) -> None:
        """Send a message to the client, unless something else becomes of it."""
        if not (self.spans or self._outages.are_on) and type(message).__name__ not in self._on_message:
            link.deliver(message)
            return
        client, client_id = link.client, link.client_id
        if client:
            message = self._outages.lets_through(client, message, answers=link.is_answering)
        if message is None:
            return
        is_lost, copies, late = False, 1, 0.0
        before, after = self._reached(message, client_id)
        for planned in before:
            if isinstance(planned.fault, Cut) and planned.fault.byte:
                link.deliver_part(message, planned.fault.byte)
            link.push()
            span = self._come(planned, link, client_id)
            is_lost |= isinstance(planned.fault, Swallow)
            copies += isinstance(planned.fault, Duplicate)
            late += planned.fault.by if isinstance(planned.fault, Reorder) else 0.0
            if _is_of_one_message(planned.fault):
                span.hit()
        if before and client:
            message = self._outages.lets_through(client, message, answers=link.is_answering)
        if message is None or link.is_cut:
            return
        name, may_repeat, may_move = type(message).__name__, _may(REPEATED, message), _may(ORDER_REPORTS, message)
        is_lost |= self._swallows(name, client_id, TO_CLIENT)
        if not is_lost:
            for span in self.spans.of(Duplicate, client_id, TO_CLIENT) if may_repeat else ():
                if span.concerns(name):
                    span.hit()
                    copies += 1
            shuffles = self.spans.of(Reorder, client_id, TO_CLIENT) if may_move else []
            if late:
                self.later(late, lambda: link.deliver(*[message] * copies))
            elif shuffles:
                shuffles[0].hit()
                link.deliver_shuffled(*[message] * copies, random=shuffles[0].random)
            else:
                link.deliver(*[message] * copies)
        for planned in after:
            link.push()
            self._come(planned, link, client_id)

    def on_message(self, link: FaultyLink, client: Client, message: Any, answer: Callable[[], None]) -> None:
        """Take a message of a client; `answer` has the gateway answer it."""
        self._router.advance(self._now())  # what is due comes before the message
        if link.is_cut:
            return
        client_id = message.clientId if isinstance(message, StartApi) else client.client_id
        before, after = self._reached(message, client_id)
        is_lost = False
        for planned in before:
            span = self._come(planned, link, client_id)
            is_lost |= isinstance(planned.fault, Swallow | DropOrder)
            if isinstance(planned.fault, Swallow):
                span.hit()
        if not (is_lost or self._swallows(type(message).__name__, client_id, FROM_CLIENT)):
            self._answer(link, client, message, answer, is_heard=not any(map(_is_silent, after)))
        for planned in after:
            self._come(planned, link, client_id)

    def _answer(
        self, link: FaultyLink, client: Client, message: Any, answer: Callable[[], None], *, is_heard: bool
    ) -> None:
        """Have the gateway answer a message, if it can. The client may hear nothing of it."""
        if link.is_cut:
            return
        link.is_muted, link.is_answering = not is_heard, True
        try:
            if client.client_id is None or self._outages.takes(client, message):
                answer()
        finally:
            link.is_muted = link.is_answering = False

    def _swallows(self, name: str, client_id: int | None, direction: str) -> bool:
        """Return whether a message is lost."""
        for span in self.spans.of(Swallow, client_id, direction):
            if span.concerns(name):
                span.hit()
                return True
        return False

    def _reached(self, message: Any, client_id: int | None) -> tuple[list[_Planned], list[_Planned]]:
        """Return the faults that come before a message, and after it."""
        waiting = self._on_message.get(type(message).__name__)
        before: list[_Planned] = []
        after: list[_Planned] = []
        for planned in list(waiting or ()):
            at, fault = planned.fault.at, planned.fault
            assert isinstance(at, Before | After)
            if at.client not in (None, client_id) or not _is_meant(fault, message):
                continue
            planned.seen += 1
            if planned.seen == at.number:
                assert waiting is not None
                waiting.remove(planned)
                (before if isinstance(at, Before) else after).append(planned)
        return before, after


class _Listener:
    """What the link of a gateway with faults tells: the gateway, after its faults."""

    def __init__(self, faults: Faults, gateway: LinkListener) -> None:
        self._faults = faults
        self._gateway = gateway

    def on_open(self, link: Link, opened: Opened) -> Client:
        """Begin with a client whose handshake is done, and return it."""
        return self._gateway.on_open(link, opened)

    def on_message(self, link: Link, client: Client, message: Any) -> None:
        """Take a message that has arrived."""
        assert isinstance(link, FaultyLink)
        try:
            self._faults.on_message(link, client, message, lambda: self._gateway.on_message(link, client, message))
        finally:
            self._faults.flush()

    def on_ready(self) -> None:
        """Tell a client that reads again what was held back."""
        self._gateway.on_ready()

    def on_close(self, link: Link, client: Client | None) -> None:
        """Forget a client whose connection has ended."""
        assert isinstance(link, FaultyLink)
        self._faults.forget(link)
        self._gateway.on_close(link, client)


def _byte(planned: _Planned) -> int:
    assert isinstance(planned.fault.at, Byte)
    return planned.fault.at.byte


def _is_of_one_message(fault: Fault) -> bool:
    """Return whether a fault is about the one message before which it comes."""
    return isinstance(fault, Swallow | Duplicate | Reorder) and isinstance(fault.at, Before)


def _is_silent(planned: _Planned) -> bool:
    """Return whether nothing is answered to a message after which a fault comes."""
    return isinstance(planned.fault, Cut | DropOrder | KillClient | Restart)


def _may(kinds: tuple[type, ...], message: Any) -> bool:
    """Return whether a message is one of some kinds, and not the answer to a request."""
    answers = isinstance(message, Error | ExecDetails) and message.reqId != NO_REQUEST
    return isinstance(message, kinds) and not answers


def _is_meant(fault: Fault, message: Any) -> bool:
    """Return whether a fault that waits for a message may come at this one."""
    match fault:
        case Duplicate():
            return _may(REPEATED, message)
        case Reorder():
            return _may(ORDER_REPORTS, message)
        case _:
            return True
