"""The terms of one order: which of them its owner has changed, and which the server.

The terms of an order are its price, size, type, time in force and so on. There are three views of them:

    owner's   what the program's own `Order` object holds. The program may change it at any time.
    sent      what was sent to the server last.
    shown     what the server showed last, in an openOrder message.

`outgoing` and `change` lead from the owner's view to what is sent, when an order is placed again with changes.
`take_over` leads from what the server shows back to the owner's object. To tell who has changed a term, `Terms` also
keeps what the owner's object held when it was last sent or brought up to date (`_known`):

- The owner's object differs from that: its owner has changed the term, and has not sent it yet.
- The server shows something else than that: the term has changed at the server.

The rules, in words:

1. What the server shows is true, whoever changed it: a person in TWS, or the server itself, when a stop trails the
   market. The owner's object takes it over.
2. What the owner has changed and not sent yet is left alone.
3. What was sent is left alone until the server answers it. While the server shows the value that it had before, it has
   not answered. Any other value is an answer, even if it is not the one that was sent: servers round numbers, and have
   their own spellings.
4. When the server refuses a change, the owner's object goes back to the values before it. They would otherwise be sent
   again with the next change.
5. Servers fill in terms that the owner never set. Those that mean nothing for such an order (a volatility, when the
   type is not VOL) stay out of the owner's object. What was filled in is not sent back with a change, because servers
   refuse some of it.
6. Of two terms that exclude each other, the one that the owner set is sent.
7. If an order was placed elsewhere, nobody knows what its owner set. All that the server shows first counts as set.

Sources: openOrder messages of paper gateways, 2020 to 2026; ib_insync#317, #509 and #586, ib_async#102; TWS API
documentation, "Order" class reference.
"""

import copy
from collections.abc import Callable
from decimal import Decimal
from itertools import compress
from math import isclose
from operator import is_not, itemgetter
from typing import Any

from ibdesk.model.fields import Values, field_names, plain_number
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER

_NO_TERMS = frozenset({
    "orderId", "clientId", "permId", "parentId", "parentPermId", "transmit", "whatIf", "whatIfType",
    "filledQuantity", "autoCancelDate", "submitter", "shareholder", "bondAccruedInterest", "refFuturesConId",
    "slOrderId", "slOrderType", "ptOrderId", "ptOrderType",
    "eTradeOnly", "firmQuoteOnly", "nbboPriceCap", "faProfile",
})  # fmt: skip
"""The fields of an order that are not terms: its ids, how it is sent, and what a server only reports."""

_NAMES = tuple(name for name in field_names(Order) if name not in _NO_TERMS)
_DEFAULTS: Values = {name: getattr(Order(), name) for name in _NAMES}
_values_of_terms = itemgetter(*_DEFAULTS)

_PRICED = {
    "lmtPrice": frozenset({"LMT", "LOC", "LIT", "STP LMT", "TRAIL LIMIT"}),
    "auxPrice": frozenset({"STP", "STP LMT", "MIT", "LIT"}),
    "trailStopPrice": frozenset({"TRAIL", "TRAIL LIMIT"}),
    "lmtPriceOffset": frozenset({"TRAIL LIMIT"}),
}
"""Each price, and the order types that have it. For other types servers make it up.

The owner's object takes over a price that its type has, even if its owner did not set it.
"""

_OF_VOLATILITY = (
    "volatility", "volatilityType", "continuousUpdate", "referencePriceType", "deltaNeutralOrderType",
    "deltaNeutralAuxPrice", "deltaNeutralConId", "deltaNeutralSettlingFirm", "deltaNeutralClearingAccount",
    "deltaNeutralClearingIntent", "deltaNeutralOpenClose", "deltaNeutralShortSale", "deltaNeutralShortSaleSlot",
    "deltaNeutralDesignatedLocation",
)  # fmt: skip
"""Terms that only an order of type VOL has."""

_OF_SOME_TYPES = frozenset({*_OF_VOLATILITY, "trailStopPrice"})
"""Terms that mean something for some order types only: see `_has_meaning`."""

_PLAIN = frozenset({"orderType", "tif", "outsideRth", "orderRef"})
"""Terms that mean the same for every order. The owner's object takes them over even if its owner did not set them."""

_FLAGS = dict.fromkeys(("outsideRth", "hidden", "allOrNone"))
"""Terms for which False is information too: the server has switched them off."""

_FILLED_IN = {
    "tif": "DAY",
    "ocaType": 3,
    "displaySize": UNSET_INTEGER,
    "clearingIntent": "IB",
    "cashQty": 0.0,
    "dontUseAutoPriceForHedge": True,
}
"""The values that servers fill in when an order leaves these terms open."""

_SAYS_NOTHING = ("", "?", "None")
"""Texts that stand for no value. Servers show `?` in place of a text of another client's order."""

_IMMUTABLE = frozenset({float, int, bool, str})

_EXCLUSIVE = (
    ("lmtPriceOffset", "lmtPrice", "TRAIL LIMIT"),
    ("trailingPercent", "auxPrice", "TRAIL"),
    ("cashQty", "totalQuantity", ""),
)
"""Pairs of terms that exclude each other, for the order types that begin with the third text.

The one that is more the owner's (see `_is_owners`) is sent; if both are alike, the first.
"""

_CLOSE = 1e-9
"""The relative difference up to which two numbers count as equal, because servers round what they are sent."""

_MOST_ASKED = 100
"""How many unanswered changes of one term are remembered, at most."""


class Terms:
    """The three views of the terms of one order, and what passes between them."""

    def __init__(self, order: Order, is_placed_here: bool) -> None:
        """Begin with the owner's `order` as it is sent or, if it was not placed here, as the server showed it."""
        given = _terms_of(order)
        self._sent = given if is_placed_here else _meaningful(given, order.orderType)
        self._known = dict(given)
        """What the owner's object held when it was last sent or brought up to date."""
        self._shown: Values = {} if is_placed_here else given
        self._first = None if is_placed_here else given
        """What the server showed first. What its owner did not set in there, the server had filled in."""
        self._asked: dict[str, list[Any]] = {}
        """For each term with an unanswered change: the server's value, then the values that were sent, oldest first."""
        self._asked_last: set[str] = set()
        """The terms that the last message changed."""
        self._before: tuple[Values, Values] = self._sent, self._known
        """`_sent` and `_known` as they were before the unanswered changes."""

    # --- what this client does ------------------------------------------------------------------------------------

    def outgoing(self, order: Order, is_new: bool = False) -> Order:
        """Return a copy of the owner's `order` to send: without what the server filled in.

        With `is_new`, the object is placed once more, as another order. Then a trailing stop begins where its owner put
        it, and not where it has trailed to.
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
        # What the server shows of a trailing order has moved with the market; a new order begins with what was sent.
        if is_new and kind.startswith("TRAIL"):
            for name in ("trailStopPrice", "lmtPrice"):
                if name in self._shown and _is_same(getattr(order, name), self._shown[name]):
                    setattr(going, name, self._sent.get(name, _DEFAULTS[name]))
        for one, other, begins in _EXCLUSIVE:
            if kind.startswith(begins) and _is_set_and_not_zero(going, one) and _is_set_and_not_zero(going, other):
                dropped = one if self._is_owners(order, other) > self._is_owners(order, one) else other
                setattr(going, dropped, _DEFAULTS[dropped])
        return going

    def change(self, order: Order, going: Order) -> Callable[[], None]:
        """Record that a change is sent next: `going`, which `outgoing` made of the owner's `order`.

        Returns a function that undoes this, for a change that could not be sent.
        """
        former = self._sent, self._known, self._before, dict(self._asked), self._asked_last
        sent, changed = _terms_of(going), set()
        if not self._asked:
            self._before = self._sent, self._known
        for name in sent.keys() | self._sent.keys():
            value, last = sent.get(name, _DEFAULTS[name]), self._sent.get(name, _DEFAULTS[name])
            is_owners = _is_same(value, getattr(order, name))  # else `outgoing` left it out
            if not _is_same(value, self._known_of(name)) and (is_owners or not _is_same(value, last)):
                before = self._asked.get(name) or [self._shown.get(name, last)]
                self._asked[name] = [*before, value][-_MOST_ASKED:]
                changed.add(name)
        self._asked_last = changed or self._asked_last
        self._sent, self._known = sent, _terms_of(order)

        def restore() -> None:
            self._sent, self._known, self._before, self._asked, self._asked_last = former

        return restore

    # --- what the server says -------------------------------------------------------------------------------------

    def at_server(self, name: str) -> Any:
        """Return a term as the server has it: as it was shown last or, if it was not shown yet, as it was sent."""
        return self._shown.get(name, self._sent.get(name, _DEFAULTS[name]))

    def shown(self) -> Values | None:
        """Return copies of the terms that the server showed last, None if it has shown none."""
        return None if self._first is None else {name: _copied(value) for name, value in self._shown.items()}

    def is_answered_by(self, shown: Order) -> bool:
        """Return whether the server shows the order after the change that was sent last, and not before it.

        The terms of a change arrive together. So if one of them has arrived, and others are as before, the server has
        ignored those others.
        """
        values = {name: getattr(shown, name) for name in self._asked if self._can_show_change(name, shown)}
        if any(self._is_after_change(name, value) for name, value in values.items() if name in self._asked_last):
            return True
        return not any(self._is_before_change(name, value) for name, value in values.items())

    def is_ambiguous(self, shown: Order) -> bool:
        """Return whether the last value that was sent for a term is also one that the server had before.

        The server then seems to show the last change, and may yet show those that were sent in between.
        """
        values = {name: getattr(shown, name) for name in self._asked}
        return any(
            _is_same(value, self._asked[name][-1]) and not self._is_after_change(name, value)
            for name, value in values.items()
        )

    def is_like(self, shown: Order) -> bool:
        """Return whether a completed order, which the server shows without ids, may be this one."""
        names = ("orderRef", "orderType", "lmtPrice") if shown.orderType == "LMT" else ("orderRef", "orderType")
        return all(_is_same(getattr(shown, name), self.at_server(name)) for name in names)

    def take_over(self, own: Order, shown: Order, is_waiting: bool) -> None:
        """Bring the owner's object up to date with the order that the server shows.

        `is_waiting` means that the server may not have seen the last change yet.
        """
        if own is shown:  # the order became known by this very message, and all of it counts as set by its owner
            return
        given = _terms_of(shown)
        owners, known = vars(own), self._known
        for name in {**self._shown, **given, **_FLAGS}:
            value, mine = getattr(shown, name), owners[name]
            last = known.get(name, _DEFAULTS[name])
            kind = type(value)
            if name in known and kind in _IMMUTABLE and kind is type(mine) is type(last) and value == mine == last:
                continue  # nothing has changed, which is the usual case
            is_unsent = mine is not last and not _is_same(mine, last)
            is_old = is_waiting and self._is_before_change(name, value)
            if is_unsent or is_old or not self._is_term(name, value, shown, name in given):
                continue
            if not _is_same(mine, value):
                setattr(own, name, value)
            known[name] = value if kind in _IMMUTABLE else _copied(value)
        for name in self._asked:
            self._note_shown(name, getattr(shown, name))
        self._shown = given
        self._first = given if self._first is None else self._first

    def settle(self) -> None:
        """Stop waiting for an answer to any change."""
        self._asked.clear()
        self._asked_last.clear()

    def refuse(self, own: Order) -> None:
        """Take back the changes that the server refused.

        The owner's object goes back to the values before them, except for those that its owner has changed again since.
        """
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

    def _can_show_change(self, name: str, shown: Order) -> bool:
        """Return whether the value that the server shows for a changed term tells if the change has arrived.

        It does not for terms that servers leave out, nor for terms that they show even if the order has none.
        """
        kind = shown.orderType
        if name in _PRICED and kind not in _PRICED[name]:
            asked = self._asked[name][-1]
            return _is_set(name, asked) and not _is_same(asked, 0.0)
        return _has_meaning(name, kind) and (name in _FLAGS or _is_set(name, getattr(shown, name)))

    def _note_shown(self, name: str, value: Any) -> None:
        """Note that the server shows one of the values that were sent before the last.

        When it shows the last value after that, this is the answer to the last change.
        """
        values = self._asked[name]
        at = next((number for number, one in enumerate(values[:-1]) if _is_same(value, one)), 0)
        if not _is_same(value, values[-1]):
            values[:at] = [one for one in values[:at] if not _is_same(one, values[-1])]

    def _is_term(self, name: str, value: Any, shown: Order, is_set: bool) -> bool:
        """Return whether the order really has the value that the server shows, which may be made up or missing."""
        kind = shown.orderType
        # Terms with rules of their own come first. Any other term that the owner did not set is believed only if it has
        # changed since it was first shown, because the server fills in at first what the owner left open.
        if name == "totalQuantity":
            return bool(value)
        if name in _PRICED:
            is_trail = name == "auxPrice" and kind.startswith("TRAIL")
            has_price = (
                _is_set_and_not_zero(shown, name) and not _is_set_and_not_zero(shown, "trailingPercent")
                if is_trail
                else kind in _PRICED[name]
            )
            return bool(value != UNSET_DOUBLE) and (name in self._known or has_price)
        if name in _OF_SOME_TYPES and not _has_meaning(name, kind):
            return False
        if not is_set:
            return name in self._shown or name in _FLAGS
        if name in self._sent or name in _PLAIN:
            return True
        is_first = self._first is None or _is_same(value, self._first.get(name, _DEFAULTS[name]))
        return not is_first and value != _FILLED_IN.get(name)

    def _is_filled_in(self, order: Order, name: str, kind: str) -> bool:
        """Return whether a term came from the server alone, and must not be sent back."""
        value = getattr(order, name)
        if name in self._sent or not _is_same(value, self._known_of(name)):
            return False
        if name == "tif":
            return bool(value == _FILLED_IN[name])
        # A trailing limit order has to be sent with its stop price.
        return (name == "trailStopPrice" and kind != "TRAIL LIMIT") or not _has_meaning(name, kind)

    def _is_owners(self, order: Order, name: str) -> int:
        """Return how much a term is the owner's: 2 if it was changed since it was sent, 1 if set before, else 0."""
        if not _is_same(getattr(order, name), self._known_of(name)):
            return 2
        return int(name in self._sent)


def clear_unmeant(order: Order) -> None:
    """Remove what a server shows of an order that means nothing.

    That is `?`, with which it hides a text of another client's order, and the volatility that it fills in, and would
    refuse if it were sent back.
    """
    values = vars(order)
    if "?" in values.values():
        values.update({name: getattr(Order, name) for name, value in values.items() if value == "?"})
    if not order.orderType.startswith("VOL"):
        order.volatility = UNSET_DOUBLE


def _has_meaning(name: str, kind: str) -> bool:
    """Return whether a term means anything for an order type. Servers fill in others too."""
    if name == "trailStopPrice":
        return kind.startswith("TRAIL")
    return name not in _OF_VOLATILITY or kind.startswith("VOL")


def _meaningful(given: Values, kind: str) -> Values:
    meaningful = dict(given)
    for name in _OF_SOME_TYPES & given.keys():
        if not _has_meaning(name, kind):
            del meaningful[name]
    return meaningful


def _terms_of(order: Order) -> Values:
    """Return copies of the terms that are set in an order."""
    values, given = vars(order), {}
    # Most values are the very objects of the defaults; those are passed over without a step in Python.
    for name in compress(_DEFAULTS, map(is_not, _values_of_terms(values), _DEFAULTS.values())):
        value, default = values[name], _DEFAULTS[name]
        kind = type(value)
        # This is `_is_set` and `_copied`, written out for the common types, because it runs for every openOrder.
        if kind in _IMMUTABLE:
            if value != default and (kind is not str or value not in _SAYS_NOTHING):
                given[name] = value
        elif (kind is not list or value) and not (kind is type(default) and value == default) and _is_set(name, value):
            given[name] = _copied(value)
    return given


def _put_back(values: Values, name: str, old: Values) -> None:
    if name in old:
        values[name] = old[name]
    else:
        values.pop(name, None)


def _copied(value: Any) -> Any:
    return value if type(value) in _IMMUTABLE else copy.deepcopy(value)


def _is_set(name: str, value: Any) -> bool:
    default = _DEFAULTS[name]
    if type(value) in _IMMUTABLE:
        return bool(value != default) and (type(value) is not str or value not in _SAYS_NOTHING)
    if type(value) is list:
        return bool(value)
    return value is not None and not _is_same(value, default)


def _is_set_and_not_zero(order: Order, name: str) -> bool:
    value = getattr(order, name)
    return _is_set(name, value) and not _is_same(value, 0.0)


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same on the wire.

    A program may have set a value of any type: a price as a text, a number of numpy, or one that raises when it is
    compared. So types are compared one after the other, and what cannot be compared differs.
    """
    if one is other:
        return True
    # The usual case comes first: two plain values of one type.
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
