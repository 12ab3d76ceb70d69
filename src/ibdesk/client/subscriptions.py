"""`Subscriptions`: the one registry of all that a client is subscribed to.

From it, subscriptions are shared by several callers, cancelled, and requested again.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

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
    """The messages that begin it again on another connection. Empty for what is wanted only once, as a snapshot is."""
    users: int = 1
    is_denied: bool = False
    """Whether the server has refused it, although it may send something in its place, such as delayed quotes."""

    @property
    def key(self) -> Key:
        """What identifies it: the reqId that its messages carry, or the class of the request if that has none."""
        return key_of(self.request)


class Subscriptions:
    """The subscriptions of one connection, in the order in which they were made."""

    def __init__(self) -> None:
        self._open: dict[Key, Subscription] = {}
        self._about: defaultdict[tuple[str, Hashable], dict[Key, Subscription]] = defaultdict(dict)
        self._targets: dict[type, dict[Key, Any]] = {}

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
        for cls, targets in self._targets.items():
            if isinstance(subscription.target, cls):
                targets[key] = subscription.target

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
            for targets in self._targets.values():
                targets.pop(key, None)
        return subscription

    def end_all(self) -> list[Subscription]:
        """Forget all subscriptions, as their connection has ended, and return them."""
        ended = list(self._open.values())
        self._open.clear()
        self._about.clear()
        for targets in self._targets.values():
            targets.clear()
        return ended
