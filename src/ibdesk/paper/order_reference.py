"""The page of the documentation about orders, made from the tables by which the gateway judges them.

`docs/generate.py` writes it.
"""

from collections.abc import Iterable, Iterator

from ibdesk import codes

from .exchange.algos import ALGOS, NOT_COMBINED
from .exchange.algos import UNTRADED as UNTRADED_ALGOS
from .exchange.field_rules import FieldRule, Harmless, Otherwise, Refused, Told
from .exchange.field_table import PARTS
from .exchange.offers import offered
from .exchange.order_types import ORDER_TYPES, UNTRADED
from .exchange.products import PRODUCTS
from .exchange.times_in_force import TIMES_IN_FORCE
from .instruments.exchanges import UNSERVED
from .like import Like

_HEAD = """\
# Orders at the paper gateway

What the paper gateway does with every order type, every time in force and every field of an order, by product. Nothing
is accepted and ignored: a field that says something is served, or the order is refused, or it makes no difference, and
then this page says why. It is made by `docs/generate.py` from the tables by which the gateway judges orders.

- In the tables, "yes" is served, "live" is served where the gateway is like one of a live account, a number is the code
  of the refusal, "by type" depends on the order type, and "no" and "harmless" are explained in the last column.
- A field counts as not set if it holds the default of an official client or of ib_async, or the value that servers
  show for a field that is not set. What a client was shown by an openOrder it may always send back when it changes that
  order.
- A number that is not finite, a whole number of more than 32 bits and a text with a NUL are refused with 321, and the
  text names the field.
- Gateways of paper accounts refuse some orders with 387 that those of live accounts take. The gateway is like one of a
  paper account, unless it is told otherwise: `ibdesk paper --like live`, `PaperGateway(like="live")`,
  `simulation(..., like="live")`. What depends on that is marked "live".
- Codes are IBKR's, and so are the texts; behind them stands which field has which value. "Our guess" marks a code that
  no source gives for the case: it is the nearest in IBKR's table.
- Prices are above zero (321, our guess), and multiples of the step that the contract's market rule has there (110).
  Distances are multiples of its smallest step.
- A limit that is too far through the market when the order goes there cancels it with 202 and IBKR's text: 10 % beyond
  the best price of the other side for stocks, 20 % for options, 10 % for futures and forex (our guess), and two spreads
  at least.
- Orders of one account on both sides of a US option are refused with 201 and IBKR's text; orders that wait for their
  parent are not open yet. A condition on an instrument that is not known is refused with 147 (the code is our guess).
- An order whose price follows an instrument that is not known is refused with 200, and one that follows a benchmark in
  another currency with 321 (the codes are our guess). When the other instrument leaves the range of the order, that is
  cancelled with 202.
- Contracts that have no market of their own, such as indices and continuous futures, are refused with 412.
"""


def page() -> str:
    """Return `docs/reference/orders.md`."""
    return "\n".join(
        (
            _HEAD,
            *_section("Order types", ("type", "in `orderTypes`", *PRODUCTS, "takes"), _types()),
            f"Refused with 387, though IBKR knows them: {', '.join(sorted(UNTRADED))}.\n",
            *_section("Times in force", ("tif", "good", *PRODUCTS), _times_in_force()),
            *(line for part, rules in PARTS.items() for line in _fields(part, rules)),
            *_section("What contract details list", ("product", "`orderTypes`"), _lists()),
            "`validExchanges` are those of IBKR's details but for these, to which no order can be sent here:\n",
            *(f"- {exchange}: {why}" for exchange, why in UNSERVED.items()),
            "",
        )
    )


_ALGOS = """\
# IB's algos at the paper gateway

An order with an `algoStrategy` goes to the market in parts, over time. What has been released is filled by the rules of
the order's type, and never more than that; a part that finds no price within the limit is made up for later. This page
is made by `docs/generate.py` from the table by which the gateway judges algos.

- `openOrder` shows `algoStrategy` and `algoParams` as they were sent, and `filled` grows with each part.
- Releases begin at `startTime`, or now, or at the opening, whichever is last. They end at `endTime` or at the close,
  and the last one comes one interval before. There is one a minute, or fewer where the size has fewer parts. How
  IBKR cuts an order is not published: this is our guess.
- A time without a date is one of the day of the session, one without a zone has that of the gateway. A dash between
  date and time means UTC if no zone follows.
- What is not filled at `endTime` is cancelled (our guess), unless `allowPastEndTime` is 1.
- A change may have another size, limit, `startTime` or `endTime`. An order that has begun keeps its beginning, and what
  the new terms would have released by now is released at once. Another algo, or none, is refused with 440.
- A name that is unknown, such as those of third parties, is refused with 439, a parameter that is unknown with 443, a
  value that is wrong with 441, and an order that cannot have the algo with 442. The text names field and value.
- For which products, order types and times in force an algo is taken, in the table below, is our guess.
- An order with an algo has none of these (442, our guess): {alone}.
"""


def algos_page() -> str:
    """Return `docs/reference/algos.md`."""
    algos = [
        (one.name, one.means, *(", ".join(sorted(filter(None, s))) for s in (one.products, one.order_types, one.tifs)))
        for one in ALGOS.values()
    ]
    lines = [_ALGOS.format(alone=", ".join(f"`{name}`" for name in NOT_COMBINED))]
    lines += _section("Algos", ("algo", "what it does", "products", "order types", "times in force"), algos)
    lines.append(f"Refused with 442, though IBKR knows them: {', '.join(sorted(UNTRADED_ALGOS))}.\n")
    for one in ALGOS.values():
        rows = ((f"`{tag}`", each.form, each.means) for tag, each in one.parameters.items())
        lines += _section(f"Parameters of {one.name}", ("parameter", "form", "what it does"), rows)
    return "\n".join(lines)


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _types() -> Iterator[tuple[str, ...]]:
    names = [rule.name for rules in PARTS.values() for rule in rules if rule.by_type]
    for kind in ORDER_TYPES.values():
        where = (_mark(product in kind.products, live=kind.live_only) for product in PRODUCTS)
        yield kind.name, kind.code, *where, ", ".join(name for name in names if kind.takes_field(name))


def _times_in_force() -> Iterator[tuple[str, ...]]:
    for name, tif in TIMES_IN_FORCE.items():
        yield name, tif.meaning, *(_mark(product in tif.products, live=tif.live_only) for product in PRODUCTS)


def _mark(is_served: bool, *, live: bool = False) -> str:
    return ("live" if live else "yes") if is_served else "387"


def _fields(part: str, rules: Iterable[FieldRule]) -> Iterator[str]:
    columns = ("field", *PRODUCTS, "what it does where it is served", "otherwise")
    return _section(f"Fields: {part[0].lower()}{part[1:]}", columns, map(_field, rules))


def _field(rule: FieldRule) -> tuple[str, ...]:
    where = []
    for product in PRODUCTS:
        if product not in rule.products:
            where.append("harmless" if isinstance(rule.otherwise, Harmless) else "no")
        elif product in rule.by_type:
            where.append("by type")
        else:
            where.append("live" if rule.live_only else "yes")
    does = rule.serves
    if rule.by_type:
        takers = [kind.name for kind in ORDER_TYPES.values() if kind.takes_field(rule.name)]
        does = f"{does}: {', '.join(takers) or 'no type that is traded here'}"
    if rule.invalid:
        does = f"{does}; any other value: {_told(rule.invalid)}"
    return f"`{rule.name}`", *where, does, _otherwise(rule)


def _otherwise(rule: FieldRule) -> str:
    if frozenset(PRODUCTS) == rule.products and not rule.by_type:
        return ""
    told = _told(rule.otherwise)
    return f"387 like paper, else {told}" if rule.live_only else told


def _told(outcome: Otherwise) -> str:
    if isinstance(outcome, Harmless):
        return f"harmless: {outcome.why}"
    text = codes.text(outcome.code)
    if isinstance(outcome, Told):
        return f"ignored, with the warning {outcome.code}: {text}"
    assert isinstance(outcome, Refused)
    if outcome.parts:
        shown = {
            part: each.replace("{field}", "field=value").replace("{value}", "value")
            for part, each in outcome.parts.items()
        }
        text = text.format_map({part: each.replace("{account}", "account") for part, each in shown.items()})
    return f"{outcome.code}: {text}{'' if outcome.by_ib else ' (our guess)'}"


def _lists() -> Iterator[tuple[str, ...]]:
    for product in PRODUCTS:
        paper, live = (offered(product, like) for like in Like)
        more = ", ".join(word for word in live.split(",") if word not in paper.split(","))
        yield product, paper + (f"; live also {more}" if more else "")
