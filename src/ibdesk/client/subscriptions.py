"""What this client is subscribed to: the one registry, from which subscriptions are shared, cancelled and restored."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ibdesk.session.conversations import Key, key_of

T = TypeVar("T")


class Kind(StrEnum):
    """What a subscription brings. Those that fill a ticker bear the names that ib_async gives them."""

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
    """Something that the server goes on telling until it is cancelled.

    Two calls that ask for the same share one subscription: the same `kind`, about the same `subject`, on equal `terms`.
    It ends when each of its `users` has cancelled.
    """

    kind: str
    """One of `Kind`, or another type of tick-by-tick data that the caller has named."""
    request: Any
    """The message that asked for it."""
    cancel: Any
    """The message that ends it."""
    target: Any = None
    """The object that it keeps up to date: a ticker, a list of bars, a `PnL` ... None when there is none."""
    subject: Hashable = None
    """What it is about: a ticker, an account ..."""
    terms: Any = ()
    """What it was asked for with. None: nobody can share it any more."""
    restored_by: tuple[Any, ...] = ()
    """The messages that ask for it again on another connection. None of them for what was asked for once."""
    users: int = 1
    is_denied: bool = False
    """Did the server deny it, although it may bring something else, as delayed quotes?"""

    @property
    def key(self) -> Key:
        """What its messages name it by: the `reqId`, or the class of a request that has none."""
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
        """Return the subscription that messages name by this key, if there is one."""
        return self._open.get(key)

    def of(self, *kinds: str) -> list[Subscription]:
        """Return the subscriptions of these kinds, oldest first."""
        return [one for one in self._open.values() if one.kind in kinds]

    def about(self, kind: str, subject: Hashable = None) -> list[Subscription]:
        """Return the subscriptions of a kind to one subject, oldest first."""
        return list(self._about.get((kind, subject), {}).values())

    def targets(self, cls: type[T]) -> dict[Key, T]:
        """Return the targets of a class by key. The mapping goes on changing; it is only to be read.

        Whoever handles a stream of messages keeps it: a look into it is all that a tick costs here.
        """
        if cls not in self._targets:
            found = {key: one.target for key, one in self._open.items() if isinstance(one.target, cls)}
            self._targets[cls] = found
        return self._targets[cls]

    def join(self, kind: str, subject: Hashable, terms: Any = ()) -> Subscription | None:
        """Return what is subscribed on equal terms already, with one user more from now on; None when nothing is."""
        for one in self.about(kind, subject):
            if one.terms is not None and one.terms == terms:
                one.users += 1
                return one
        return None

    def add(self, subscription: Subscription) -> None:
        """Know of a subscription from now on."""
        key = subscription.key
        self._open[key] = subscription
        self._about[subscription.kind, subscription.subject][key] = subscription
        for cls, targets in self._targets.items():
            if isinstance(subscription.target, cls):
                targets[key] = subscription.target

    def leave(self, subscription: Subscription) -> bool:
        """Take one user off. Return whether that was the last one, with which the subscription ends."""
        subscription.users -= 1
        if subscription.users <= 0:
            self.end(subscription.key)
        return subscription.users <= 0

    def end(self, key: Key) -> Subscription | None:
        """Forget a subscription, however it has ended, and return it. None when there is none with this key."""
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
        """Forget all subscriptions, as the connection that had them is gone, and return them."""
        ended = list(self._open.values())
        self._open.clear()
        self._about.clear()
        for targets in self._targets.values():
            targets.clear()
        return ended
