"""The kinds of faults.

A fault is a frozen dataclass: what happens, to whom, for how long, and `at` which moment. What cannot be meant raises
ValueError, which names the field and shows the value. `docs/reference/faults.md` tells what a client sees of each.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, datetime, time
from typing import Any, ClassVar, Final

from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickSize, TickString
from ibdesk.wire.messages.order_status import CancelOrder, OrderStatus, ReqGlobalCancel
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

from .checks import (
    Check,
    classes,
    client_id,
    count,
    duration,
    flag,
    instrument,
    maybe_duration,
    maybe_message,
    one_of,
    percent,
    position,
    senders,
    share,
    some_client,
)
from .triggers import FROM_CLIENT, TO_CLIENT, After, At, Before, Byte

ORDER_REQUESTS: Final = (PlaceOrder, CancelOrder, ReqGlobalCancel)
"""What a client sends about orders, and what `DropOrder` drops."""

ORDER_REPORTS: Final = (OpenOrder, OrderStatus, ExecDetails, CommissionAndFeesReport)
"""What becomes of orders. IB sends these in any order, where they are not the answer to a request."""

REPEATED: Final = (*ORDER_REPORTS, TickPrice, TickSize, TickString, TickGeneric, Error)
"""What IB sends twice now and then; of errors, those that belong to no request."""

DIRECTIONS = ("both", TO_CLIENT, FROM_CLIENT)

FARMS: Final = {
    "usfarm": (2103, 2104),
    "eufarm": (2103, 2104),
    "hfarm": (2103, 2104),
    "ushmds": (2105, 2106),
    "euhmds": (2105, 2106),
    "secdefnj": (2157, 2158),
}
"""The data farms: those of live data, of historical data, and of contracts, each with its codes for broken and OK."""


def _has(check: Check, default: Any = MISSING) -> Any:
    """Return a field whose values are checked."""
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong once, or on each day where `at` is a time of day."""

    at: At

    triggers: ClassVar[tuple[type, ...]] = (Before, After)
    """The triggers that `at` may be."""
    at_moments: ClassVar[tuple[type, ...]] = (float, datetime, time)
    """The other forms that `at` may have."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self._checked_at())
        for each in settings_of(type(self)):
            object.__setattr__(self, each.name, each.metadata["check"](each.name, getattr(self, each.name)))
        self.check()

    @property
    def kind(self) -> str:
        """The name of the kind, as scenarios have it."""
        return kind_of(type(self))

    def check(self) -> None:
        """Raise ValueError if the fields do not go with each other."""

    def _checked_at(self) -> At:
        at = self.at
        if isinstance(at, datetime):
            if at.tzinfo is None:
                raise ValueError(f"at={at!r}: a moment has a time zone")
            at = at.astimezone(UTC)
        elif isinstance(at, time) and at.tzinfo is not None:
            raise ValueError(f"at={at!r}: a time of day is that of New York, and names no zone")
        elif not isinstance(at, time | Before | After | Byte):
            at = duration("at", at)
        if not isinstance(at, (*self.at_moments, *self.triggers)):
            forms = ", ".join(_FORMS[each] for each in (*self.at_moments, *self.triggers))
            raise ValueError(f"at={at!r}: a fault of this kind comes at {forms}")
        return at


_FORMS = {
    float: "a number of seconds after the start",
    datetime: "a moment",
    time: "a time of day",
    Before: "before a message",
    After: "after a message",
    Byte: "a byte",
}


def settings_of(kind: type[Fault]) -> list[Field[Any]]:
    """Return the fields of a kind of faults, without `at`."""
    return [each for each in fields(kind) if each.name != "at"]


@dataclass(frozen=True, slots=True)
class Cut(Fault):
    """A connection is cut. What was sent before arrives.

    After a message of the client, nothing that the gateway answers to it is sent. `byte` cuts a message of the gateway
    in pieces: so many of its bytes still arrive. For `linger` seconds the gateway goes on counting the session, and
    refuses its client id (326). With `reset` the end is abrupt, as when a router drops the connection.
    """

    client: int | None = _has(client_id, None)
    byte: int = _has(position, 0)
    linger: float = _has(duration, 0.0)
    reset: bool = _has(flag, False)

    triggers: ClassVar[tuple[type, ...]] = (Before, After, Byte)

    def check(self) -> None:
        """Refuse bytes of what is no message of the gateway."""
        at = self.at
        if self.byte and not (isinstance(at, Before) and senders()[classes()[at.message]] is Sender.SERVER):
            raise ValueError(f"byte={self.byte}: bytes of a message of the gateway pass, which `at` names with before")


@dataclass(frozen=True, slots=True)
class Stall(Fault):
    """Nothing is carried for a while; then all that has waited comes in order. Without `seconds` it is for ever."""

    seconds: float | None = _has(maybe_duration, None)
    client: int | None = _has(client_id, None)
    direction: str = _has(one_of(*DIRECTIONS), "both")

    triggers: ClassVar[tuple[type, ...]] = (Before, After, Byte)


@dataclass(frozen=True, slots=True)
class Delay(Fault):
    """For `seconds` seconds everything arrives `by` seconds later, and by up to `jitter` more, in order."""

    by: float = _has(duration, 1.0)
    seconds: float = _has(duration, 60.0)
    jitter: float = _has(duration, 0.0)
    client: int | None = _has(client_id, None)
    direction: str = _has(one_of(*DIRECTIONS), "both")


@dataclass(frozen=True, slots=True)
class Split(Fault):
    """For `seconds` seconds bytes arrive in pieces of `size` bytes, `pause` seconds after each other."""

    size: int = _has(count, 1)
    seconds: float = _has(duration, 60.0)
    pause: float = _has(duration, 0.0001)
    client: int | None = _has(client_id, None)
    direction: str = _has(one_of(*DIRECTIONS), "both")


@dataclass(frozen=True, slots=True)
class Swallow(Fault):
    """Messages are lost: the one that `at` names with before, or for `seconds` seconds those of the class `message`.

    Without `message` these are all. `share` is the part that is lost.
    """

    seconds: float = _has(duration, 0.0)
    message: str | None = _has(maybe_message, None)
    share: float = _has(share, 1.0)
    client: int | None = _has(client_id, None)
    direction: str = _has(one_of(*DIRECTIONS), "both")

    def check(self) -> None:
        """Refuse a span for a single message, and none for many."""
        _one_or_span(self)


@dataclass(frozen=True, slots=True)
class Duplicate(Fault):
    """Messages are sent twice that IB sends twice now and then: one, or a `share` for `seconds` seconds."""

    seconds: float = _has(duration, 0.0)
    message: str | None = _has(maybe_message, None)
    share: float = _has(share, 1.0)
    client: int | None = _has(client_id, None)

    def check(self) -> None:
        """Refuse what IB does not send twice."""
        _one_or_span(self)
        _only(self, REPEATED)


@dataclass(frozen=True, slots=True)
class Reorder(Fault):
    """What becomes of orders is told in another order.

    The message that `at` names with before comes `by` seconds late. Or else, for `seconds` seconds, those that are sent
    together are shuffled; what is told of one order by one class of messages stays in its order.
    """

    seconds: float = _has(duration, 0.0)
    by: float = _has(duration, 1.0)
    client: int | None = _has(client_id, None)

    def check(self) -> None:
        """Refuse what IB keeps in order."""
        _one_or_span(self)
        _only(self, ORDER_REPORTS)


@dataclass(frozen=True, slots=True)
class DropOrder(Fault):
    """An order, a change or a cancellation is lost before the gateway has processed it, or after that.

    After it, the order is at the broker, and nothing that is answered at once is sent. `cut` cuts the connection, too.
    """

    cut: bool = _has(flag, False)

    at_moments: ClassVar[tuple[type, ...]] = ()

    def check(self) -> None:
        """Refuse other messages."""
        _only(self, ORDER_REQUESTS)


@dataclass(frozen=True, slots=True)
class Refuse(Fault):
    """For `seconds` seconds nobody can connect.

    Nobody listens; or a connection is ended at once (`hang_up`), as by a proxy without a gateway; or it is not answered
    (`silence`), as by a gateway that is not ready. Those that stand are not touched.
    """

    seconds: float = _has(duration, 60.0)
    how: str = _has(one_of("refuse", "hang_up", "silence"), "refuse")


@dataclass(frozen=True, slots=True)
class Restart(Fault):
    """The gateway is killed, and is back after `seconds` seconds.

    All connections end. What clients had asked for is forgotten, with orders that were not transmitted or waited for
    IB. Orders at IB work on.
    """

    seconds: float = _has(duration, 60.0)


@dataclass(frozen=True, slots=True)
class KillClient(Fault):
    """The program with this client id is killed.

    Its connection ends; `linger` is as for a cut. What restarts the program listens to `Faults.listeners`.
    """

    client: int = _has(some_client)
    linger: float = _has(duration, 0.0)


@dataclass(frozen=True, slots=True)
class ConnectivityLost(Fault):
    """The gateway loses its servers for `seconds` seconds: 1100, then 1102 or 1101 as `restored` says.

    Meanwhile no data come. Orders wait, and go to IB afterwards. After 1101 all that was subscribed is forgotten. With
    `tells_orders` clients are told afterwards what has become of their orders; without it they have to ask.
    """

    seconds: float = _has(duration, 30.0)
    restored: int = _has(one_of(1101, 1102), 1102)
    tells_orders: bool = _has(flag, False)


@dataclass(frozen=True, slots=True)
class FarmDown(Fault):
    """A data farm is down for `seconds` seconds: no data of its instruments come, and requests to it wait.

    With `forgets` its subscriptions are gone afterwards.
    """

    farm: str = _has(one_of(*FARMS), "usfarm")
    seconds: float = _has(duration, 30.0)
    forgets: bool = _has(flag, False)


@dataclass(frozen=True, slots=True)
class NightlyReset(Fault):
    """IB's servers are reset: `times` times within `seconds` seconds the connection to them is lost.

    When, and for how long, is drawn. `restored` is as for `ConnectivityLost`.
    """

    seconds: float = _has(duration, 3600.0)
    times: int = _has(count, 3)
    restored: int = _has(one_of(1101, 1102), 1102)

    def check(self) -> None:
        """Refuse what does not fit in."""
        if self.times * 10 > self.seconds:
            raise ValueError(f"times={self.times}: each of them needs 10 seconds, and there are {self.seconds:g}")


@dataclass(frozen=True, slots=True)
class CompetingSession(Fault):
    """For `seconds` seconds the user is logged in elsewhere, and data go there.

    Subscriptions to live data and requests for them are told 10197, requests for historical data 162. Subscriptions
    that were there before go on afterwards.
    """

    seconds: float = _has(duration, 60.0)


@dataclass(frozen=True, slots=True)
class Bust(Fault):
    """All subscriptions to bars of five seconds end with 10225, as after a trade was busted."""


@dataclass(frozen=True, slots=True)
class DepthReset(Fault):
    """All books of market depth are to be emptied (317), and are told anew."""


@dataclass(frozen=True, slots=True)
class InstrumentFault(Fault):
    """What happens to the prices of an `instrument`, a symbol or a conId. Bars, ticks, depth and fills agree on it.

    It comes at a moment, or so many seconds after the start, since the market knows its future.
    """

    instrument: int | str = _has(instrument)

    triggers: ClassVar[tuple[type, ...]] = ()
    at_moments: ClassVar[tuple[type, ...]] = (float, datetime)


@dataclass(frozen=True, slots=True)
class Halt(InstrumentFault):
    """Trading in an instrument is halted for `seconds` seconds: nobody quotes or trades it, and orders wait.

    `halted` is what tick 49 tells: 1 for a general halt, 2 for one because of volatility.
    """

    seconds: float = _has(duration, 300.0)
    halted: int = _has(one_of(1, 2), 1)


@dataclass(frozen=True, slots=True)
class Gap(InstrumentFault):
    """The price of an instrument jumps by `percent` at once, and goes on from there."""

    percent: float = _has(percent, -5.0)


@dataclass(frozen=True, slots=True)
class Crash(InstrumentFault):
    """The price of an instrument moves by `percent` within `seconds` seconds.

    It goes on from there; or, with `recovers`, is back after so many seconds more.
    """

    percent: float = _has(percent, -10.0)
    seconds: float = _has(duration, 300.0)
    recovers: float = _has(duration, 0.0)


def _one_or_span(fault: Any) -> None:
    """Check that a fault is about the one message of its trigger, or about a span of time."""
    if isinstance(fault.at, After):
        raise ValueError(
            f"at={fault.at!r}: a fault of this kind comes before a message, which it is about, or at a time"
        )
    if isinstance(fault.at, Before) == bool(fault.seconds):
        wanted = "0 for the one message of `at`" if fault.seconds else "more than 0, or `at` names one message"
        raise ValueError(f"seconds={fault.seconds:g}: it is {wanted}")
    if isinstance(fault.at, Before) and getattr(fault, "message", None) is not None:
        raise ValueError(f"message={fault.message!r}: it is for a span of time, and `at` names one message")


def _only(fault: Any, allowed: tuple[type, ...]) -> None:
    at = fault.at
    names = {"at": at.message} if isinstance(at, Before | After) else {"message": getattr(fault, "message", None)}
    for name, told in names.items():
        if told is not None and classes()[told] not in allowed:
            raise ValueError(f"{name}={told!r}: it is one of {', '.join(each.__name__ for each in allowed)}")


def kind_of(fault: type[Fault]) -> str:
    """Return the name of a kind: `DropOrder` is `drop_order`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", fault.__name__).lower()


KINDS: Final[Mapping[str, type[Fault]]] = {
    kind_of(each): each
    for each in (
        Cut,
        Stall,
        Delay,
        Split,
        Swallow,
        Duplicate,
        Reorder,
        DropOrder,
        Refuse,
        Restart,
        KillClient,
        ConnectivityLost,
        FarmDown,
        NightlyReset,
        CompetingSession,
        Bust,
        DepthReset,
        Halt,
        Gap,
        Crash,
    )
}
"""The kinds of faults by their names."""
