"""How it is said what the gateway does with a field of an order, and how orders are judged by it.

A field that says something is served, or the order is refused, or it makes no difference: nothing is accepted and
ignored in silence. The rules themselves are `.field_table`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ibdesk import codes
from ibdesk.model.components import TagValue
from ibdesk.model.fields import Noun
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.printable import printable

from ..like import Like
from ..refusals import ORDERS, Refusal, Unsupported
from .order_fields import SERVER_DEFAULTS, said
from .products import ALL, NONE
from .working import OrderType

_LONGEST = 60
"""How much of a value a refusal shows."""


@dataclass(frozen=True)
class Refused:
    """The order is refused with `code`.

    `parts` fill in what varies in IBKR's text, where `{field}` stands for the field with its value.

    `by_ib` tells that IBKR's tables, or a message of a real gateway, have the code for this case; otherwise the choice
    of the code is our guess.
    """

    code: int
    by_ib: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, name: str, value: Any, order: Order) -> Refusal:
        """Return the refusal of a value."""
        said = {"field": f"{name}={_shown(value)}", "value": _shown(value), "account": order.account}
        if not self.parts:
            return Refusal(self.code, about=said["field"])
        parts = {part: text.format_map(said) for part, text in self.parts.items()}
        return Refusal(self.code, codes.text(self.code, **parts))


@dataclass(frozen=True)
class Told:
    """The field is ignored, and the client is told so by a warning, as by IBKR."""

    code: int


@dataclass(frozen=True)
class Harmless:
    """The field makes no difference here, for the reason `why`."""

    why: str


Otherwise = Refused | Told | Harmless


@dataclass(frozen=True)
class FieldRule:
    """What the gateway does with one field.

    Where it is served, `serves` says what it does: for `products`, and of those in `by_type` only for the order types
    that take the field (`OrderType.takes`). There it may be one of `values`, if they are given; what is not among
    them is `invalid`. Anywhere else, `otherwise` says what becomes of an order whose field says something. A field that
    is `live_only` is refused where the gateway is like that of paper accounts. `words` are those in
    `ContractDetails.orderTypes` that offer the field.
    """

    name: str
    otherwise: Otherwise
    serves: str = ""
    products: frozenset[str] = NONE
    by_type: frozenset[str] = NONE
    values: frozenset[Any] | None = None
    invalid: Refused | None = None
    live_only: bool = False
    words: tuple[str, ...] = ()

    # What nearly every order says is judged with a look at this alone.
    always_served: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        needs_a_look = self.by_type or self.values is not None or self.live_only
        object.__setattr__(self, "always_served", self.products >= ALL and not needs_a_look)

    def serves_product(self, sec_type: str, like: Like) -> bool:
        """Return whether the field is served for a product, if only for some order types."""
        return sec_type in self.products and like.takes(live_only=self.live_only)

    def verdict(self, value: Any, kind: OrderType, sec_type: str) -> Otherwise | None:
        """Return what becomes of a value that says something, of an order of the type `kind`; None if it is served."""
        if sec_type in self.products and (sec_type not in self.by_type or kind.takes_field(self.name)):
            return self.invalid if self.values is not None and value not in self.values else None
        if self.name in kind.shows:
            return Harmless("gateways fill it in for orders of this type, and a client may send it back")
        return self.otherwise


def says_nothing(name: str, value: Any) -> bool:
    """Return whether a value is the default of a field, by some client or by the server, and asks for nothing."""
    if not value or value == SERVER_DEFAULTS.get(name):
        return True
    return value in (UNSET_DOUBLE, UNSET_INTEGER)


def judge(
    rules: Mapping[str, FieldRule],
    order: Order,
    fields: Mapping[str, Any],
    kind: OrderType,
    sec_type: str,
    like: Like,
) -> list[tuple[str, int]]:
    """Return which of the `fields` of an order are ignored with a warning, each with the code of it.

    Raises `Refusal` for the first field that is refused.
    """
    ignored: list[tuple[str, int]] = []
    for path, value in _with_parts(fields):
        rule = rules[path]
        if rule.always_served or says_nothing(path, value):
            continue
        if rule.live_only and not like.takes(live_only=True):
            raise Unsupported
        outcome = rule.verdict(value, kind, sec_type)
        if outcome is None or isinstance(outcome, Harmless):
            continue
        if isinstance(outcome, Refused):
            raise outcome.refusal(path, value, order)
        ignored.append((path, outcome.code))
    return ignored


def _with_parts(fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return fields by their paths, each with the fields of what it holds behind it."""
    found: list[tuple[str, Any]] = []
    for name, value in fields.items():
        found.append((name, value))
        if isinstance(value, list):
            nouns = [each for each in value if isinstance(each, Noun)]
            found += [(f"{name}[].{part}", inner) for each in nouns for part, inner in said(each).items()]
        elif isinstance(value, Noun):
            found += [(f"{name}.{part}", inner) for part, inner in said(value).items()]
    return found


def _shown(value: Any) -> str:
    if isinstance(value, list):
        pairs = [f"{each.tag}={each.value}" if isinstance(each, TagValue) else str(each) for each in value]
        value = ", ".join(pairs)
    text = printable(str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def cause(text: str, *, by_ib: bool = False) -> Refused:
    """Return a refusal with code 321 and such a cause, in which `{field}` and `{value}` may stand."""
    return Refused(321, by_ib, {"tag": ORDERS, "cause": text})
