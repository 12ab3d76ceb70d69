"""The terms of one order: which values hold, and which of them go back to the server with a change.

The terms (price, size, type, time in force ...) are seen in three ways: as they were sent last, as the server shows
them now, and as the owner's `Order` holds them. So:

- What the server shows is true, whatever changed it: a person in TWS, or the server itself when a stop trails. The
  owner's object takes it over.
- What the owner has changed and not sent stays as it is, and so does what was sent, until the server answers it. While
  it shows what it had before, it has not; a third value is an answer too, for servers round, and spell otherwise.
- What it refused is not the order's, and must not go out again with the next change.
- What the server merely filled in, and the owner never set, stays out of the object where it says nothing of such an
  order (a volatility, of one that is not VOL), and does not go back with a change: servers refuse some of it. Of two
  terms that exclude each other the one goes back that is the owner's.
- Of an order that was placed elsewhere nobody knows what its owner set. All that is shown is taken for it.

Sources: openOrder messages of paper gateways, 2020 to 2026; ib_insync#317, #509 and #586, ib_async#102; TWS API
documentation, "Order" class reference.
"""

import copy
from collections.abc import Callable
from decimal import Decimal
from math import isclose
from typing import Any

from ibdesk.model.fields import Values, field_names, plain_number
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER

_NO_TERMS = frozenset({
    "orderId", "clientId", "permId", "parentId", "parentPermId", "action", "transmit", "whatIf", "whatIfType",
    "filledQuantity", "autoCancelDate", "submitter", "shareholder", "bondAccruedInterest", "refFuturesConId",
    "slOrderId", "slOrderType", "ptOrderId", "ptOrderType",
    "eTradeOnly", "firmQuoteOnly", "nbboPriceCap", "faProfile",
})  # fmt: skip
"""What an order is known by, how it is sent, and what is only reported of it."""

_NAMES = tuple(name for name in field_names(Order) if name not in _NO_TERMS)
_DEFAULTS: Values = {name: getattr(Order(), name) for name in _NAMES}

_PRICED = {
    "lmtPrice": frozenset({"LMT", "LOC", "LIT", "STP LMT", "TRAIL LIMIT"}),
    "auxPrice": frozenset({"STP", "STP LMT", "MIT", "LIT"}),
    "trailStopPrice": frozenset({"TRAIL", "TRAIL LIMIT"}),
    "lmtPriceOffset": frozenset({"TRAIL LIMIT"}),
}
"""The types whose price is told wherever the owner did not set it. Of other types servers make it up."""

_OF_VOLATILITY = (
    "volatility", "volatilityType", "continuousUpdate", "referencePriceType", "deltaNeutralOrderType",
    "deltaNeutralAuxPrice", "deltaNeutralConId", "deltaNeutralSettlingFirm", "deltaNeutralClearingAccount",
    "deltaNeutralClearingIntent", "deltaNeutralOpenClose", "deltaNeutralShortSale", "deltaNeutralShortSaleSlot",
    "deltaNeutralDesignatedLocation",
)  # fmt: skip
"""What only an order has whose type is VOL."""

_OF_SOME_TYPES = frozenset({*_OF_VOLATILITY, "trailStopPrice"})
"""What not every type of order can mean: see `_is_meant`."""

_PLAIN = frozenset({"orderType", "tif", "outsideRth", "orderRef"})
"""What means the same for every order, and is told wherever the owner did not set it."""

_FLAGS = dict.fromkeys(("outsideRth", "hidden", "allOrNone"))
"""What is also told when it says no."""

_FILLED_IN = {
    "tif": "DAY",
    "ocaType": 3,
    "displaySize": UNSET_INTEGER,
    "clearingIntent": "IB",
    "cashQty": 0.0,
    "dontUseAutoPriceForHedge": True,
}
"""What servers show of an order that says nothing of it."""

_SAYS_NOTHING = ("", "?", "None")

_IMMUTABLE = frozenset({float, int, bool, str})

_EXCLUSIVE = (
    ("lmtPriceOffset", "lmtPrice", "TRAIL LIMIT"),
    ("trailingPercent", "auxPrice", "TRAIL"),
    ("cashQty", "totalQuantity", ""),
)
"""Two terms of which an order, of a type that begins so, may have one. Where both are told the first counts."""

_CLOSE = 1e-9
"""Two numbers that differ by less, relative to their size, are one to a server, which rounds what it is sent."""

_MOST_ASKED = 100
"""So many unanswered changes of one term are told apart."""


class Terms:
    """The three views of one order."""

    def __init__(self, order: Order, is_placed_here: bool) -> None:
        """`order` is its owner's, as it was sent; else the one that the server showed."""
        told = _told(order)
        self._sent = told if is_placed_here else _meant(told, order.orderType)
        self._known = dict(told)
        """What the owner's object held when it was sent, or was last brought up to date."""
        self._shown: Values = {} if is_placed_here else told
        self._first = None if is_placed_here else told
        """What the server showed at first: it had filled in the rest."""
        self._asked: dict[str, list[Any]] = {}
        """The values of each term that is being changed: the server's, then those that were sent, oldest first."""
        self._asked_last: set[str] = set()
        """The terms that were changed last, all by one message."""
        self._before: tuple[Values, Values] = self._sent, self._known
        """What was sent, and what the owner's object held, before that which is being changed."""

    # --- what this client does ------------------------------------------------------------------------------------

    def outgoing(self, order: Order, is_new: bool = False) -> Order:
        """What to send for the owner's `order`, which is not changed: without what the server filled in.

        `is_new`: it is to be another order, made of this one, so that a stop begins where its owner put it.
        """
        going = copy.copy(order)
        kind = str(order.orderType)
        if not kind.startswith("VOL"):
            going.volatility = UNSET_DOUBLE
        for name in (*_OF_VOLATILITY, "trailStopPrice", "tif"):
            if self._is_filled_in(order, name, kind):
                setattr(going, name, _DEFAULTS[name])
        if going.adjustedOrderType == "None":
            going.adjustedOrderType = ""
        if is_new and kind.startswith("TRAIL"):
            for name in ("trailStopPrice", "lmtPrice"):
                if name in self._shown and _is_same(getattr(order, name), self._shown[name]):
                    setattr(going, name, self._sent.get(name, _DEFAULTS[name]))
        for one, other, begins in _EXCLUSIVE:
            if kind.startswith(begins) and _counts(going, one) and _counts(going, other):
                dropped = one if self._is_owners(order, other) > self._is_owners(order, one) else other
                setattr(going, dropped, _DEFAULTS[dropped])
        return going

    def change(self, order: Order, going: Order) -> Callable[[], None]:
        """A change is sent next: `going`, for the owner's `order`. Returns what undoes that, if it could not be."""
        former = self._sent, self._known, self._before, dict(self._asked), self._asked_last
        sent, changed = _told(going), set()
        if not self._asked:
            self._before = self._sent, self._known
        for name in sent.keys() | self._sent.keys():
            value, last = sent.get(name, _DEFAULTS[name]), self._sent.get(name, _DEFAULTS[name])
            is_owners = _is_same(value, getattr(order, name))  # and not left out where the server filled it in
            if not _is_same(value, self._known_of(name)) and (is_owners or not _is_same(value, last)):
                before = self._asked.get(name) or [self._shown.get(name, last)]
                self._asked[name] = [*before, value][-_MOST_ASKED:]
                changed.add(name)
        self._asked_last = changed or self._asked_last
        self._sent, self._known = sent, _told(order)

        def restore() -> None:
            self._sent, self._known, self._before, self._asked, self._asked_last = former

        return restore

    # --- what the server says -------------------------------------------------------------------------------------

    def at_server(self, name: str) -> Any:
        """A term as the server has it: as it showed it last, or as it was sent. The owner's object may be ahead."""
        return self._shown.get(name, self._sent.get(name, _DEFAULTS[name]))

    def is_answered_by(self, shown: Order) -> bool:
        """Whether the server shows what it made of the change that was sent last, and not what it had before.

        A change arrives as a whole: where one term of it is seen, the server has ignored those that are as before.
        """
        values = {name: getattr(shown, name) for name in self._asked if self._is_telling(name, shown)}
        if any(self._is_after_change(name, value) for name, value in values.items() if name in self._asked_last):
            return True
        return not any(self._is_before_change(name, value) for name, value in values.items())

    def is_ambiguous(self, shown: Order) -> bool:
        """Whether what was asked for last is also what the server had before, so that what came between may follow."""
        values = {name: getattr(shown, name) for name in self._asked}
        return any(
            _is_same(value, self._asked[name][-1]) and not self._is_after_change(name, value)
            for name, value in values.items()
        )

    def is_like(self, shown: Order) -> bool:
        """Whether the server may show this order, without its ids, among those that ended."""
        names = ("orderRef", "orderType", "lmtPrice") if shown.orderType == "LMT" else ("orderRef", "orderType")
        return all(_is_same(getattr(shown, name), self.at_server(name)) for name in names)

    def take_over(self, own: Order, shown: Order, is_waiting: bool) -> None:
        """The server shows the order. `is_waiting`: it may not know yet what was asked for last."""
        if own is shown:  # it is known from this very message, and all of it is taken for its owner's
            return
        told = _told(shown)
        held, known = vars(own), self._known
        for name in {**self._shown, **told, **_FLAGS}:
            value, mine = getattr(shown, name), held[name]
            last = known.get(name, _DEFAULTS[name])
            kind = type(value)
            if name in known and kind in _IMMUTABLE and kind is type(mine) is type(last) and value == mine == last:
                continue  # the server shows what its owner knows, as it does mostly
            is_unsent = mine is not last and not _is_same(mine, last)
            is_old = is_waiting and self._is_before_change(name, value)
            if is_unsent or is_old or not self._is_term(name, value, shown, name in told):
                continue
            if not _is_same(mine, value):
                setattr(own, name, value)
            known[name] = value if kind in _IMMUTABLE else _copied(value)
        for name in self._asked:
            self._pass_by(name, getattr(shown, name))
        self._shown = told
        self._first = told if self._first is None else self._first

    def settle(self) -> None:
        """Nothing that was asked for is waited for any more."""
        self._asked.clear()
        self._asked_last.clear()

    def refuse(self, own: Order) -> None:
        """The server refused what was asked for: the owner's object takes back what he has not changed again since."""
        sent, known = self._before
        for name, values in self._asked.items():
            if _is_same(self._known_of(name), values[-1]):
                if _is_same(getattr(own, name), values[-1]):
                    setattr(own, name, _copied(known.get(name, _DEFAULTS[name])))
                _put_back(self._known, name, known)
            _put_back(self._sent, name, sent)
        self.settle()

    # --- rules ----------------------------------------------------------------------------------------------------

    def _known_of(self, name: str) -> Any:
        return self._known.get(name, _DEFAULTS[name])

    def _is_before_change(self, name: str, value: Any) -> bool:
        *older, asked = self._asked.get(name, [None])
        return any(_is_same(value, one) for one in older) and not _is_same(value, asked)

    def _is_after_change(self, name: str, value: Any) -> bool:
        *older, asked = self._asked[name]
        return _is_same(value, asked) and not any(_is_same(value, one) for one in older)

    def _is_telling(self, name: str, shown: Order) -> bool:
        """Whether what the server shows of a term that is being changed can tell if the change has arrived.

        Of some terms it shows nothing at all, and of others something even where the order has none.
        """
        kind = shown.orderType
        if name in _PRICED and kind not in _PRICED[name]:
            asked = self._asked[name][-1]
            return _says(name, asked) and not _is_same(asked, 0.0)
        return _is_meant(name, kind) and (name in _FLAGS or _says(name, getattr(shown, name)))

    def _pass_by(self, name: str, value: Any) -> None:
        """The server shows what was asked for meanwhile. If it shows the last value after that, it is the answer."""
        values = self._asked[name]
        at = next((number for number, one in enumerate(values[:-1]) if _is_same(value, one)), 0)
        if not _is_same(value, values[-1]):
            values[:at] = [one for one in values[:at] if not _is_same(one, values[-1])]

    def _is_term(self, name: str, value: Any, shown: Order, says_something: bool) -> bool:
        """Whether what the server shows is a term of the order, and not made up or left out."""
        kind = shown.orderType
        if name == "totalQuantity":
            return bool(value)
        if name in _PRICED:
            is_trail = name == "auxPrice" and kind.startswith("TRAIL")
            is_told = (
                _counts(shown, name) and not _counts(shown, "trailingPercent") if is_trail else kind in _PRICED[name]
            )
            return bool(value != UNSET_DOUBLE) and (name in self._known or is_told)
        if name in _OF_SOME_TYPES and not _is_meant(name, kind):
            return False
        if not says_something:
            return name in self._shown or name in _FLAGS
        if name in self._sent or name in _PLAIN:
            return True
        is_first = self._first is None or _is_same(value, self._first.get(name, _DEFAULTS[name]))
        return not is_first and value != _FILLED_IN.get(name)

    def _is_filled_in(self, order: Order, name: str, kind: str) -> bool:
        """Whether the owner's object has a term from the server alone, and it must not go back."""
        value = getattr(order, name)
        if name in self._sent or not _is_same(value, self._known_of(name)):
            return False
        if name == "tif":
            return bool(value == _FILLED_IN[name])
        # A trailing limit order must name its stop.
        return (name == "trailStopPrice" and kind != "TRAIL LIMIT") or not _is_meant(name, kind)

    def _is_owners(self, order: Order, name: str) -> int:
        """How much a term is the owner's: changed just now, set before, or not at all."""
        if not _is_same(getattr(order, name), self._known_of(name)):
            return 2
        return int(name in self._sent)


def clear_unmeant(order: Order) -> None:
    """Take out of an order that a server shows what it cannot mean: `?` where it hides a text of another client's
    order, and the volatility that it fills in and would refuse.
    """
    values = vars(order)
    if "?" in values.values():
        values.update({name: getattr(Order, name) for name, value in values.items() if value == "?"})
    if not order.orderType.startswith("VOL"):
        order.volatility = UNSET_DOUBLE


def _is_meant(name: str, kind: str) -> bool:
    """Whether an order of a type can mean a term at all. Servers fill in others too."""
    if name == "trailStopPrice":
        return kind.startswith("TRAIL")
    return name not in _OF_VOLATILITY or kind.startswith("VOL")


def _meant(told: Values, kind: str) -> Values:
    return {name: value for name, value in told.items() if _is_meant(name, kind)}


def _told(order: Order) -> Values:
    """The terms that an order tells, in copies."""
    values, told = vars(order), {}
    for name, default in _DEFAULTS.items():
        value = values[name]
        if value is default:  # as most are
            continue
        kind = type(value)
        # What follows is `_says` and `_copied`, but for what is rare.
        if kind in _IMMUTABLE:
            if value != default and (kind is not str or value not in _SAYS_NOTHING):
                told[name] = value
        elif (kind is not list or value) and not (kind is type(default) and value == default) and _says(name, value):
            told[name] = _copied(value)
    return told


def _put_back(values: Values, name: str, old: Values) -> None:
    if name in old:
        values[name] = old[name]
    else:
        values.pop(name, None)


def _copied(value: Any) -> Any:
    return value if type(value) in _IMMUTABLE else copy.deepcopy(value)


def _says(name: str, value: Any) -> bool:
    default = _DEFAULTS[name]
    if type(value) in _IMMUTABLE:
        return bool(value != default) and (type(value) is not str or value not in _SAYS_NOTHING)
    if type(value) is list:
        return bool(value)
    return value is not None and not _is_same(value, default)


def _counts(order: Order, name: str) -> bool:
    value = getattr(order, name)
    return _says(name, value) and not _is_same(value, 0.0)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are one on the wire. A user's may be of any type, and some raise when they are compared."""
    if one is other:
        return True
    try:
        if type(one) is type(other) and one == other:
            return True
        one, other = plain_number(one), plain_number(other)
        if isinstance(one, str) != isinstance(other, str):
            text, number = (one, other) if isinstance(one, str) else (other, one)
            is_number = isinstance(number, int | float | Decimal) and not isinstance(number, bool)
            if is_number and text not in _SAYS_NOTHING:
                one, other = float(text), number
        if isinstance(one, str) or isinstance(other, str):
            return str(one) == str(other) or (one in _SAYS_NOTHING and other in _SAYS_NOTHING)
        if isinstance(one, list | tuple) and isinstance(other, list | tuple):
            return list(one) == list(other)
        if isinstance(one, list | tuple) or isinstance(other, list | tuple):
            return False
        if isinstance(one, int) and isinstance(other, int):
            return one == other
        return bool(one == other) or isclose(float(one), float(other), rel_tol=_CLOSE)
    except (TypeError, ValueError, ArithmeticError):
        return False
