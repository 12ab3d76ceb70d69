"""Where the texts of a payload are, and which of them name an account or a person; not what becomes of them.

The descriptions of the messages tell it. What nobody has described is taken apart by the rules of its encoding.
"""

from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from functools import cache
from typing import Any, NamedTuple, get_args

from ibdesk.errors import DecodeError
from ibdesk.wire import text
from ibdesk.wire.catalogue import Description
from ibdesk.wire.layout import Embed, Field, Record, Repeat, RepeatVariants, blank, fields_of, part_class
from ibdesk.wire.protobuf import read_tags, read_varint
from ibdesk.wire.scalars import BYTES, FIXED64, VARINT, Scalar


class Role(Enum):
    """What a text is."""

    OWNER = auto()
    """The code of an account, or the name of a person; codes may be separated by commas."""
    PRODUCT = auto()
    """A symbol or number of an instrument, which may look like the code of an account."""
    SECRET = auto()
    """What a program proves its identity with."""
    OTHER = auto()


class Place(NamedTuple):
    """A text's bytes in the payload."""

    start: int
    end: int
    role: Role


_OWNERS = """
account acctCode acctNumber accountName accountsList accountId accountID familyCodeStr familyCode clearingAccount
deltaNeutralClearingAccount customerAccount whiteBrandingId submitter extOperator mifid2DecisionMaker
mifid2ExecutionTrader
"""
OWNERS = frozenset(_OWNERS.split())
"""Fields that hold the code of an account or the name of a person."""

_PRODUCTS = "symbol localSymbol tradingClass cusip secId secIdList underSymbol longName issuerId execId articleId"
PRODUCTS = frozenset(_PRODUCTS.split())
"""Fields that hold what an instrument or execution is called."""

SECRETS = frozenset({"apiData", "opaqueIsvKey", "xyzChallange", "xyzResponse"})
"""Fields of the messages with which programs of IBKR's partners prove who they are."""

_ROLES = {
    **dict.fromkeys(PRODUCTS, Role.PRODUCT),
    **dict.fromkeys(OWNERS, Role.OWNER),
    **dict.fromkeys(SECRETS, Role.SECRET),
}


def role_of(path: str) -> Role:
    """The role of the field with this dotted name."""
    roles = {_ROLES.get(name.partition("[")[0]) for name in path.split(".")}
    return next((role for role in (Role.SECRET, Role.OWNER, Role.PRODUCT) if role in roles), Role.OTHER)


@cache
def roles_in(cls: type) -> frozenset[Role]:
    """The roles of the fields of a message class, and of its parts."""
    roles: set[Role] = set()
    for name, (_, hint) in fields_of(cls).items():
        roles.add(role_of(name))
        for kind in (hint, *get_args(hint)):
            part = part_class(kind)
            if part is not None and part is not cls:
                roles |= roles_in(part)
    return frozenset(roles)


def places(description: Description | None, payload: bytes, start: int, version: int, is_protobuf: bool) -> list[Place]:
    """The texts of a payload whose body begins at `start`."""
    if is_protobuf:
        record = description.tags(version) if description is not None and description.record is not None else None
        try:
            return list(_inside(payload, start, len(payload), record))
        except ValueError:
            return [Place(start, len(payload), Role.OTHER)]
    return _fields(description, payload, start, version)


# --- text ---------------------------------------------------------------------------------------------------------


class _Named(text.Fields):
    """Fields that remember what each was called."""

    __slots__ = ("names",)

    def __init__(self, values: list[str], message: str, version: int) -> None:
        super().__init__(values, message, version)
        self.names: dict[int, str] = {}

    def take(self, scalar: Scalar, path: str) -> Any:
        self.names[self.index] = path
        return super().take(scalar, path)


def _fields(description: Description | None, payload: bytes, start: int, version: int) -> list[Place]:
    body = payload[start:]
    names: dict[int, str] = {}
    if description is not None and description.text is not None:
        fields = _Named(body.decode("utf-8", "backslashreplace").split("\0")[:-1], description.name, version)
        with suppress(DecodeError):  # what follows a fault has no names
            text.decode(description.layout(version), fields, blank(description.cls))
        names = fields.names
    found = []
    for index, value in enumerate(body.split(b"\0")):
        found.append(Place(start, start + len(value), role_of(names.get(index, ""))))
        start += len(value) + 1
    return found


# --- protobuf -----------------------------------------------------------------------------------------------------


def _inside(data: bytes, start: int, end: int, record: Record | None, role: Role = Role.OTHER) -> Iterator[Place]:
    """The texts of a protobuf message. Raises ValueError where it is none."""
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
            yield from _value(data, position, position + length, item, role)
            position += length
        else:
            position += 8 if wire_type == FIXED64 else 4
    if position != end:
        raise ValueError("the message is cut short")


def _value(data: bytes, start: int, end: int, item: Any, outer: Role) -> Iterator[Place]:
    role = role_of(".".join(getattr(item, "path", ())))
    role = outer if role is Role.OTHER else role
    inner: Record | None = None
    match item:
        case Field(scalar=Scalar() as scalar) | Repeat(record=Scalar() as scalar):
            if scalar.wire_type == BYTES:  # not packed numbers
                yield Place(start, end, role)
            return
        case Embed(record=Record() as known) | Repeat(record=Record() as known):
            inner = known
        case RepeatVariants(kind=kind, cases=cases):
            inner = cases.get(_kind(data[start:end], kind))
        case None if _is_text(data[start:end]):
            yield Place(start, end, role)
            return
    try:
        yield from list(_inside(data, start, end, inner, role))
    except ValueError:
        yield Place(start, end, role)


def _kind(raw: bytes, kind: int) -> Any:
    try:
        return next((value for tag, _, value in read_tags(raw) if tag == kind), 0)
    except ValueError:
        return None


def _is_text(raw: bytes) -> bool:
    """Is a value of which nothing is known text, rather than a message? Those have bytes that do not print."""
    return not any(byte < 32 and byte not in b"\t\n\r" for byte in raw) or not _is_message(raw)


def _is_message(raw: bytes) -> bool:
    try:
        return all(tag < 1000 for tag, _, _ in read_tags(raw))
    except ValueError:
        return False
