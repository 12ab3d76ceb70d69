"""The texts in a payload, and which of them may name an account or a person.

Each text has a role, by the name of its field in the description of the message. If there is no description, the
payload is read by the rules of its encoding alone, and all its texts have the role FREE.
"""

from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from functools import cache
from itertools import islice
from typing import Any, NamedTuple, get_args

from ibdesk.errors import DecodeError
from ibdesk.model.contract import TagValue
from ibdesk.wire import text
from ibdesk.wire.catalogue import Description
from ibdesk.wire.layout import Embed, Field, Pairs, Record, Repeat, RepeatVariants, blank, fields_of, part_class
from ibdesk.wire.protobuf import read_tags, read_varint
from ibdesk.wire.scalars import BYTES, FIXED64, TEXT, VARINT, Scalar


class Role(Enum):
    """The kind of a text, which decides what in it has to be replaced."""

    OWNER = auto()
    """Codes of accounts, names of persons or of groups of accounts, or addresses; several are separated by commas."""
    PRODUCT = auto()
    """A symbol or number of an instrument or execution, which may look like the code of an account."""
    SECRET = auto()
    """Something with which a program proves its identity."""
    FREE = auto()
    """Free words of IBKR or of the user, which may name anybody, and all texts without a description."""
    OTHER = auto()
    """A text that is the same for everybody, or one word out of a fixed list."""


class TextSpan(NamedTuple):
    """Where a text stands in the payload."""

    start: int
    end: int
    role: Role


_OWNERS = """
account acctCode acctNumber accountName accountsList accountId accountID familyCodeStr familyCode clearingAccount
deltaNeutralClearingAccount customerAccount whiteBrandingId submitter extOperator mifid2DecisionMaker
mifid2ExecutionTrader shareholder faGroup faProfile group trustedIPs
"""
OWNERS = frozenset(_OWNERS.split())
"""Fields that hold the code of an account, the name of a person or of a group of accounts, or an address."""

_FREE = """
errorString errorText advancedOrderRejectJson advancedErrorOverride warningText rejectReason completedStatus whyHeld
message text errors orderRef ocaGroup modelCode algoId mifid2DecisionAlgo mifid2ExecutionAlgo hedgeParam scaleTable
optionalCapabilities apiName cxml
"""
FREE = frozenset(_FREE.split())
"""Fields that hold words of IBKR about one user, or words of the user."""

_PRODUCTS = "symbol localSymbol tradingClass cusip secId secIdList underSymbol longName issuerId execId articleId"
PRODUCTS = frozenset(_PRODUCTS.split())
"""Fields that hold the symbol, name or number of an instrument or execution."""

SECRETS = frozenset({"apiData", "opaqueIsvKey", "xyzChallange", "xyzResponse"})
"""Fields of the messages with which programs of IBKR's partners prove who they are."""

_ROLES = {
    **dict.fromkeys(FREE, Role.FREE),
    **dict.fromkeys(PRODUCTS, Role.PRODUCT),
    **dict.fromkeys(OWNERS, Role.OWNER),
    **dict.fromkeys(SECRETS, Role.SECRET),
}


def role_of(path: str) -> Role:
    """Return the role of the field with this dotted name."""
    roles = {_ROLES.get(name.partition("[")[0]) for name in path.split(".")}
    return next((role for role in (Role.SECRET, Role.OWNER, Role.PRODUCT, Role.FREE) if role in roles), Role.OTHER)


@cache
def roles_in(cls: type) -> frozenset[Role]:
    """Return the roles of the fields of a message class and of its parts."""
    roles: set[Role] = set()
    for name, (_, hint) in fields_of(cls).items():
        roles.add(role_of(name))
        for kind in (hint, *get_args(hint)):
            part = part_class(kind)
            if part is not None and part is not cls:
                roles |= roles_in(part)
    return frozenset(roles)


MOST = 200_000
"""The most texts that are distinguished in one payload. Only bars may have more, and they name nobody."""

_DEEPEST = 20
"""How deep messages inside messages are read."""


def text_spans(
    description: Description | None, payload: bytes, start: int, version: int, is_protobuf: bool
) -> list[TextSpan]:
    """Return the texts of a payload whose body begins at `start`.

    A payload that cannot be read, or that has too many texts, counts as one free text.
    """
    if is_protobuf:
        record = description.tags(version) if description is not None and description.record is not None else None
        with suppress(ValueError):
            found = list(islice(_inside(payload, start, len(payload), record), MOST + 1))
            if len(found) <= MOST:
                return found
    elif payload.count(b"\0", start) <= MOST:
        return _fields(description, payload, start, version)
    return [TextSpan(start, len(payload), Role.FREE)]


# --- text ---------------------------------------------------------------------------------------------------------


class _Named(text.Fields):
    """The fields of a text message, which remember the name under which the decoder has read each of them."""

    __slots__ = ("names",)

    def __init__(self, values: list[str], message: str, version: int) -> None:
        super().__init__(values, message, version)
        self.names: dict[int, str] = {}

    def take(self, scalar: Scalar, path: str) -> Any:
        self.names[self.index] = path
        return super().take(scalar, path)


def _fields(description: Description | None, payload: bytes, start: int, version: int) -> list[TextSpan]:
    body = payload[start:]
    names: dict[int, str] = {}
    described = 0
    if description is not None and description.text is not None:
        fields = _Named(body.decode("utf-8", "backslashreplace").split("\0")[:-1], description.name, version)
        with suppress(DecodeError):  # fields after the one that cannot be read have no names
            text.decode(description.layout(version), fields, blank(description.cls))
        names, described = fields.names, fields.index
    found = []
    for index, value in enumerate(body.split(b"\0")):
        role = role_of(names[index]) if index in names else Role.OTHER if index < described else Role.FREE
        found.append(TextSpan(start, start + len(value), role))
        start += len(value) + 1
    return found


# --- protobuf -----------------------------------------------------------------------------------------------------


def _inside(
    data: bytes, start: int, end: int, record: Record | None, role: Role = Role.OTHER, depth: int = 0
) -> Iterator[TextSpan]:
    """Return the texts of a protobuf message. Raises ValueError if it is not one."""
    # This walks along the tags itself, since the positions of the texts are needed, which a decoder does not tell.
    if depth > _DEEPEST:
        raise ValueError("it goes too deep")
    position = start
    while position < end:
        key, position = read_varint(data, position)
        tag, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            _, position = read_varint(data, position)
        elif wire_type == BYTES:
            length, position = read_varint(data, position)
            if position + length > end:
                raise ValueError(f"tag {tag} announces {length} bytes, {end - position} are left")
            item = None if record is None else record.tags.get(tag)
            yield from _value(data, position, position + length, item, role, depth + 1)
            position += length
        else:
            position += 8 if wire_type == FIXED64 else 4
    if position != end:
        raise ValueError("the message is cut short")


def _value(data: bytes, start: int, end: int, item: Any, outer: Role, depth: int) -> Iterator[TextSpan]:
    role = role_of(".".join(getattr(item, "path", ())))
    role = outer if role is Role.OTHER else role
    inner: Record | None = None
    match item:
        case Field(scalar=Scalar() as scalar) | Repeat(record=Scalar() as scalar):
            if scalar.wire_type == BYTES:  # not packed numbers
                yield TextSpan(start, end, role)
            return
        case Embed(record=Record() as known) | Repeat(record=Record() as known):
            inner = known
        case RepeatVariants(kind=kind, cases=cases):
            inner = cases.get(_kind(data[start:end], kind))
        case Pairs():
            inner = _PAIR
        case None:
            role = Role.FREE if role is Role.OTHER else role
            if _is_text(data[start:end]):
                yield TextSpan(start, end, role)
                return
    try:
        yield from list(_inside(data, start, end, inner, role, depth))
    except ValueError:
        yield TextSpan(start, end, role)


_PAIR = Record(TagValue, {1: Field(("tag",), TEXT), 2: Field(("value",), TEXT)}, {}, {})


def _kind(raw: bytes, kind: int) -> Any:
    try:
        return next((value for tag, _, value in read_tags(raw) if tag == kind), 0)
    except ValueError:
        return None


def _is_text(raw: bytes) -> bool:
    """Return whether a value without a description is a text, and not a message, which has unprintable bytes."""
    return not any(byte < 32 and byte not in b"\t\n\r" for byte in raw) or not _is_message(raw)


def _is_message(raw: bytes) -> bool:
    try:
        return all(tag < 1000 for tag, _, _ in read_tags(raw))
    except ValueError:
        return False
