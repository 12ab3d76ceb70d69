"""`Subscriptions`: the one registry of all that a client is subscribed to.

From it, subscriptions are shared by several callers, cancelled, and requested again.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from copy import copy
from dataclasses import dataclass, is_dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from ibdesk.model.contract import Contract
from ibdesk.printable import printable
from ibdesk.session.conversations import Key, key_of

T = TypeVar("T")


class Kind(StrEnum):
    """What a subscription brings. The kinds that fill a ticker have the names that ib_async gives them."""

    QUOTES = "mktData"
    SNAPSHOT = "snapshot"
    DEPTH = "mktDepth"
    LAST = "Last"
    ALL_LAST = "AllLast"
    BID_ASK = "BidAsk"
    MID_POINT = "MidPoint"
    BARS = "bars"
    PAST_BARS = "missing bars"
    LIVE_BARS = "real-time bars"
    PNL = "P&L"
    PNL_SINGLE = "P&L of a position"
    SCAN = "scan"
    POSITIONS = "positions"
    ACCOUNT = "account updates"
    ACCOUNT_MULTI = "account updates of a model"
    SUMMARY = "account summary"
    NEWS_BULLETINS = "news bulletins"
    CALENDAR = "calendar"
    DISPLAY_GROUP = "display group"


BOOKKEEPING = frozenset(
    {Kind.PNL, Kind.PNL_SINGLE, Kind.SCAN, Kind.POSITIONS, Kind.ACCOUNT, Kind.ACCOUNT_MULTI, Kind.SUMMARY}
    | {Kind.NEWS_BULLETINS, Kind.CALENDAR, Kind.DISPLAY_GROUP}
)
"""The kinds that tell how something stands. What came of it while it was interrupted is not missing afterwards."""


@dataclass(slots=True, eq=False)
class Subscription:
    """A request after which the server goes on sending until it is cancelled.

    Calls that ask for the same thing share one subscription: one of the same `kind`, with the same `subject` and equal
    `terms`. It ends when as many have cancelled it as have asked for it; `users` counts them.
    """

    kind: str
    """One of `Kind`, or any other type of tick-by-tick data that the caller has named."""
    request: Any
    """The message that began it."""
    cancel: Any
    """The message that ends it."""
    target: Any = None
    """The object that it keeps up to date: a ticker, a list of bars, a `PnL` ... It is None if there is none."""
    subject: Hashable = None
    """The ticker, account or the like that it is about."""
    terms: Any = ()
    """The other arguments of the request, which must be equal to share it. None if it cannot be shared any more."""
    restored_by: tuple[Any, ...] = ()
    """The messages that begin it again. Empty for what is wanted only once, as a snapshot is.

    The last one takes the place of `request`, and those before it are sent ahead of it.
    """
    users: int = 1
    is_denied: bool = False
    """Whether the server has refused it, although it may send something in its place, such as delayed quotes."""
    is_suspended: bool = False
    """Whether the server does not have it at the moment, and it is to be asked for again."""
    since: dt.datetime | None = None
    """While it is interrupted: since when nothing has come for it. None once data have come again."""
    asked: dt.datetime | None = None
    """When it was asked for again the last time."""
    asked_in: object = None
    """The batch of messages in which that was: what else it has brought is older. See `Quotes.batch`."""
    refusals: int = 0
    """How often in a row the server has refused it when it was asked for again."""
    arrived: dt.datetime | None = None
    """When the last data have come for it, as far as its target does not tell."""

    def __post_init__(self) -> None:
        # The user may change the contract and the lists that were given, and use them for something else.
        if self.restored_by:
            self.request = _as_it_is_now(self.request)
            self.restored_by = tuple(map(_as_it_is_now, self.restored_by))

    def __repr__(self) -> str:
        # Its objects hold all that has come for it, such as days of bars.
        contract = getattr(self.request, "contract", None)
        about = f" of {printable(contract.symbol or str(contract.conId))}" if isinstance(contract, Contract) else ""
        return f"<Subscription: {printable(self.kind)}{about}>"

    @property
    def key(self) -> Key:
        """What identifies it: the reqId that its messages carry, or the class of the request if that has none.

        One that is suspended has a key that no message carries.
        """
        return (Subscription, id(self)) if self.is_suspended else key_of(self.request)

    @property
    def streams(self) -> bool:
        """Whether it brings the market as it happens, so that what comes while it is interrupted is missing."""
        return self.kind not in BOOKKEEPING and bool(self.restored_by)

    def last_data(self) -> dt.datetime | None:
        """Return when data have come for it last, None if none have."""
        return self.arrived or getattr(self.target, "time", None)


class Subscriptions:
    """The subscriptions of one connection, in the order in which they were made."""

    def __init__(self) -> None:
        self._open: dict[Key, Subscription] = {}
        self._about: defaultdict[tuple[str, Hashable], dict[Key, Subscription]] = defaultdict(dict)
        self._subjects: Counter[Hashable] = Counter()
        self._targets: dict[type, dict[Key, Any]] = {}
        self.awaited: defaultdict[Any, dict[Key, Subscription]] = defaultdict(dict)
        """The tickers for which something was asked again, and nothing has come yet, each with what was asked."""

        self.interrupted: set[int] = set()
        """The `id` of each of them that is interrupted."""

        self.on_added: Callable[[Subscription], None] | None = None
        """What is called with each subscription that begins, or is asked for again."""

    def __iter__(self) -> Iterator[Subscription]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def get(self, key: Key) -> Subscription | None:
        """Return the subscription with this key, if there is one."""
        return self._open.get(key)

    def of(self, *kinds: str) -> list[Subscription]:
        """Return the subscriptions of these kinds, oldest first."""
        return [one for one in self._open.values() if one.kind in kinds]

    def about(self, kind: str, subject: Hashable = None) -> list[Subscription]:
        """Return the subscriptions of one kind that have this subject, oldest first."""
        return list(self._about.get((kind, subject), {}).values())

    def is_any_about(self, subject: Hashable) -> bool:
        """Return whether there is a subscription, of whatever kind, that has this subject."""
        return subject in self._subjects

    def targets(self, cls: type[T]) -> dict[Key, T]:
        """Return the targets of one class, by key. The mapping follows later changes; do not change it.

        Handlers keep the mapping, so that they find the target of a tick by a single lookup.
        """
        if cls not in self._targets:
            found = {key: one.target for key, one in self._open.items() if isinstance(one.target, cls)}
            self._targets[cls] = found
        return self._targets[cls]

    def join(self, kind: str, subject: Hashable, terms: Any = ()) -> Subscription | None:
        """Return the subscription with equal terms, and count one more user of it. None if there is none."""
        for one in self.about(kind, subject):
            if one.terms is not None and one.terms == terms:
                one.users += 1
                return one
        return None

    def add(self, subscription: Subscription) -> None:
        """Register a subscription. It takes the place of one with the same key, such as that of another account."""
        key = subscription.key
        self.end(key)
        self._open[key] = subscription
        self._about[subscription.kind, subscription.subject][key] = subscription
        self._subjects[subscription.subject] += 1
        if subscription.since is not None:
            self.interrupted.add(id(subscription))
        for cls, targets in self._targets.items():
            if isinstance(subscription.target, cls):
                targets[key] = subscription.target
        if self.on_added is not None:
            self.on_added(subscription)

    def leave(self, subscription: Subscription) -> bool:
        """Count one user less. Return whether that was the last one; then the subscription is forgotten."""
        subscription.users -= 1
        if subscription.users <= 0:
            self.end(subscription.key)
        return subscription.users <= 0

    def end(self, key: Key) -> Subscription | None:
        """Forget a subscription that has ended in any way, and return it. None if none has this key."""
        subscription = self._open.pop(key, None)
        if subscription is not None:
            about = self._about[subscription.kind, subscription.subject]
            del about[key]
            if not about:
                del self._about[subscription.kind, subscription.subject]
            self._subjects[subscription.subject] -= 1
            if not self._subjects[subscription.subject]:
                del self._subjects[subscription.subject]
            for targets in self._targets.values():
                targets.pop(key, None)
            self.has_come(subscription)
        return subscription

    def filling(self, target: Any) -> Subscription | None:
        """Return the subscription that fills an object with a `reqId`, None if there is none.

        The next connection uses the same ids again, so that an id alone may name another subscription.
        """
        found = self._open.get(target.reqId)
        if found is not None and found.target is target:
            return found
        return next((one for one in self._open.values() if one.is_suspended and one.target is target), None)

    def suspend(self, subscription: Subscription, since: dt.datetime) -> None:
        """Keep a subscription that the server does not have any more: no message is taken to be about it.

        `since` is when it was interrupted, if no data have come for it before; an earlier interruption that goes on
        counts.
        """
        if subscription.is_suspended:
            return
        self.end(subscription.key)
        subscription.is_suspended = True
        subscription.since = subscription.since or subscription.last_data() or since
        self.add(subscription)

    def resume(self, subscription: Subscription, reqId: int | None) -> None:
        """Let a suspended subscription go on under another id, just before its messages are sent again.

        Its `request`, its `cancel`, the messages in `restored_by` and the `reqId` of its target get the id, where they
        have one.
        """
        self.end(subscription.key)
        *before, last = subscription.restored_by
        request, cancel = _with_id(last, reqId), _with_id(subscription.cancel, reqId)
        subscription.request, subscription.cancel = request, cancel
        subscription.restored_by = *before, request
        subscription.is_suspended = False
        if hasattr(subscription.target, "reqId"):
            subscription.target.reqId = reqId
        self.add(subscription)
        if not subscription.streams:
            subscription.since = None
            self.interrupted.discard(id(subscription))
        elif subscription.since is not None:
            self.await_data(subscription, subscription.since)

    def await_data(self, subscription: Subscription, since: dt.datetime) -> None:
        """Take note that data are to come again which were interrupted at a moment, if not after earlier ones."""
        subscription.since = subscription.since or subscription.last_data() or since
        self.interrupted.add(id(subscription))
        if subscription.target is subscription.subject:  # a ticker
            self.awaited[subscription.target][subscription.key] = subscription

    def has_come(self, subscription: Subscription) -> None:
        """Do not await anything for a subscription any more."""
        self.interrupted.discard(id(subscription))
        is_of_ticker = subscription.target is subscription.subject
        if self.awaited and is_of_ticker and (awaited := self.awaited.get(subscription.target)):
            awaited.pop(subscription.key, None)
            if not awaited:
                del self.awaited[subscription.target]

    def end_all(self) -> list[Subscription]:
        """Forget all subscriptions, as their connection has ended, and return them."""
        ended = list(self._open.values())
        self._open.clear()
        self._about.clear()
        self._subjects.clear()
        self.awaited.clear()
        self.interrupted.clear()
        for targets in self._targets.values():
            targets.clear()
        return ended


def _as_it_is_now(message: Any) -> Any:
    """Return a copy of a message with copies of the contract, the lists and the like that the user has given."""
    known = copy(message)
    for name in message.__slots__:
        value = getattr(message, name)
        if isinstance(value, Contract):
            setattr(known, name, own := Contract.recreate(value))
            own.comboLegs = [copy(leg) for leg in value.comboLegs or ()]
        elif isinstance(value, list) or is_dataclass(value):
            setattr(known, name, copy(value))
    return known


def _with_id(message: Any, reqId: int | None) -> Any:
    return replace(message, reqId=reqId) if hasattr(message, "reqId") else message
