"""Finds the description of every message, by name or by sender and id, and makes the classes of messages.

`@from_client(id)` and `@from_server(id)` turn a class into a slotted dataclass and enter its `Description`.

A program uses few of the messages but waits for all of them when it imports ibdesk. Slow work is therefore done at
first use: the tables of a layout or record are bound to their class when somebody asks for them, and `__init__` is
generated when it is called.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, dataclass_transform

from ibdesk.model.fields import call_repr
from ibdesk.wire.layout import (
    Between,
    Embed,
    Fixed,
    Layout,
    Record,
    Ref,
    Repeat,
    RepeatVariants,
    Variants,
    bind,
    blank,
    fields_of,
    get_path,
    paths,
    record,
    resolve,
    resolve_record,
)
from ibdesk.wire.versions import MAX, MIN

C = TypeVar("C", bound=type)


class Sender(Enum):
    """The end of a connection that sends a message."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def peer(self) -> "Sender":
        """The other end."""
        return Sender.SERVER if self is Sender.CLIENT else Sender.CLIENT


@dataclass(frozen=True, eq=False)
class Description:
    """Everything that is known about one message."""

    name: str
    sender: Sender
    id: int
    cls: type
    make_text: Callable[[], Layout] | None
    protobuf: int | None
    """The server version from which the message is encoded in protobuf, or None when it never is."""
    make_record: Callable[[], Record] | None
    first: int
    """The oldest server version that has the message."""
    answers: tuple[type, ...] = ()
    """The requests of which it may be the whole answer."""
    part_of: tuple[type, ...] = ()
    """The requests of whose answer it may be a part."""
    ends: tuple[type, ...] = ()
    """The requests whose answer may be complete with it."""
    key: str = "reqId"
    """The field of a request by which its answer is known to belong to it."""

    @cached_property
    def text(self) -> Layout | None:
        """The text layout for all versions, with its `since` and `until`, or None when the message has no text form."""
        return self.make_text() if self.make_text else None

    @cached_property
    def record(self) -> Record | None:
        """The protobuf record, or None when the message has no protobuf form."""
        return self.make_record() if self.make_record else None

    def layout(self, version: int) -> Layout:
        """Return the text layout at one server version. Raises TypeError when the message has no text form."""
        if self.text is None:
            raise TypeError(f"{self.name} has no text form")
        return resolve(self.text, version)

    def tags(self, version: int) -> Record:
        """Return the protobuf record at one server version. Raises TypeError when the message has no protobuf form."""
        if self.record is None:
            raise TypeError(f"{self.name} has no protobuf form")
        # Resolved records are cached by version. A tape may name any version; those above MAX must share one entry.
        return resolve_record(self.record, min(version, MAX))

    def is_protobuf(self, version: int) -> bool:
        """Return whether the message is encoded in protobuf at this server version."""
        return self.protobuf is not None and version >= self.protobuf

    def changes(self) -> tuple[int, ...]:
        """Return the server versions after its first at which the fields or the encoding change, in ascending order.

        That every message id is four bytes from version 201 on does not count.
        """
        found = {self.protobuf} if self.protobuf is not None and self.text is not None else set()
        if self.text is not None:
            found |= {at for at in _bounds(self.text) if self.protobuf is None or at < self.protobuf}
        if self.record is not None and self.protobuf is not None:
            found |= {at for at in _record_bounds(self.record) if at > self.protobuf}
        return tuple(sorted(at for at in found if self.first < at <= MAX))

    def later(self, version: int) -> tuple[tuple[tuple[str, ...], Any], ...]:
        """Return (place, default) of every field that a server of this version does not know yet."""
        empty = blank(self.cls)
        found = _later(self.text or (), version) - paths(resolve(self.text or (), version))
        if self.record is not None:
            found |= _later_tags(self.record, version)
        return tuple((path, get_path(empty, path)) for path in sorted(found))


def _bounds(items: Iterable[Any]) -> set[int]:
    """Return every version that a `since` or `until` names, at any depth."""
    found: set[int] = set()
    for item in items:
        if isinstance(item, Between):
            found |= {item.first, item.end}
        if isinstance(item, Variants):
            found |= {at for _, inner in item.cases.values() for at in _bounds(inner)}
        found |= _bounds(getattr(item, "items", ()))
    return found


def _record_bounds(record: Record) -> set[int]:
    found = _bounds(record.tags.values())
    for item in record.tags.values():
        match item:
            case Embed(record=inner) | Repeat(record=Record() as inner):
                found |= _record_bounds(inner)
            case RepeatVariants(cases=cases):
                found |= {at for inner in cases.values() for at in _record_bounds(inner)}
    return found


def _later(items: Iterable[Any], version: int) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for item in items:
        if isinstance(item, Between) and item.first > version:
            found |= paths(resolve(item.items, MAX))
    return found


def _later_tags(at: Record, version: int) -> set[tuple[str, ...]]:
    found = _later(at.tags.values(), version)
    for item in at.tags.values():
        if isinstance(item, Embed):
            found |= {item.path + path for path in _later_tags(item.record, version)}
    return found


_by_name: dict[tuple[Sender, str], Description] = {}
_by_id: dict[tuple[Sender, int], Description] = {}
_by_class: dict[type, Description] = {}


def _enter(one: Description) -> None:
    if (one.sender, one.name) in _by_name or (one.sender, one.id) in _by_id:
        raise TypeError(f"{one.sender.value} message {one.name} ({one.id}) is described twice")
    _by_name[one.sender, one.name] = _by_id[one.sender, one.id] = _by_class[one.cls] = one


def of(message: type) -> Description:
    """Return the description of a message class."""
    return _by_class[message]


def find(sender: Sender, key: int | str) -> Description | None:
    """Return the description of the message with this id or name, or None if there is none."""
    return _by_name.get((sender, key)) if isinstance(key, str) else _by_id.get((sender, key))


def ib_name(name: str) -> str:
    """Return IB's name of a message: `reqMktData` for `ReqMktData`."""
    return name[0].lower() + name[1:]


def messages() -> tuple[Description, ...]:
    """Return the description of every message: the client's first, then the server's, by id."""
    return tuple(sorted(_by_id.values(), key=lambda one: (one.sender.value, one.id)))


def _message_class(plain: type) -> type:
    """Make a slotted dataclass whose `__init__` is generated at its first call, with the other methods from below."""
    namespace = {name: value for name, value in vars(plain).items() if name not in ("__dict__", "__weakref__")}
    cls: Any = dataclass(slots=True, init=False, repr=False, eq=False)(plain)

    def write_init(self: Any, *args: Any, **kwargs: Any) -> None:
        written: Any = dataclass(repr=False, eq=False)(type(plain.__name__, (), namespace))
        cls.__init__ = written.__init__
        cls.__init__(self, *args, **kwargs)

    cls.__init__, cls.__repr__, cls.__eq__, cls.__hash__ = write_init, _repr, _eq, None
    return cls  # type: ignore[no-any-return]


def _values(message: Any) -> tuple[Any, ...]:
    return tuple(getattr(message, field.name) for field in fields(message))


def _repr(self: Any) -> str:
    return call_repr(self, {field.name: getattr(self, field.name) for field in fields(self)})


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _message(
    sender: Sender,
    id: int,
    version: int | Between | None,
    text: Layout | None,
    protobuf: int | None,
    tags: Mapping[int, Any] | None,
    absent: Mapping[Any, Any] | None,
    first: int,
    **conversation: Any,
) -> Callable[[C], C]:
    # The three inner functions run when a layout or record is asked for, not at the import: see the module's docstring.
    def make(plain: C) -> C:
        cls = _message_class(plain)

        def flat() -> Layout:
            return tuple(Ref((name,), hint, field.default) for name, (field, hint) in fields_of(cls).items())

        def make_text() -> Layout:
            head = () if version is None else (version if isinstance(version, Between) else Fixed(version),)
            return (*head, *(flat() if text is None else (bind(item, cls) for item in text)))

        def make_record() -> Record:
            numbered = dict(enumerate(flat(), 1)) if tags is None else tags
            return record(cls, {tag: bind(item, cls) for tag, item in numbered.items()}, absent)

        has_text = protobuf is None or first < protobuf
        _enter(
            Description(
                cls.__name__,
                sender,
                id,
                cls,
                make_text if has_text else None,
                protobuf,
                None if protobuf is None else make_record,
                first,
                **conversation,
            )
        )
        return cls  # type: ignore[return-value]

    return make


@dataclass_transform()
def from_client(
    id: int,
    *,
    version: Any = None,
    text: Layout | None = None,
    protobuf: int | None = None,
    tags: Mapping[int, Any] | None = None,
    absent: Mapping[Any, Any] | None = None,
    first: int = MIN,
    key: str = "reqId",
) -> Callable[[C], C]:
    """Describe a message that the client sends.

    - `version`: the version of the message, its first text field. An int, or `until(V.X, Fixed(n))` when later servers
      have no such field.
    - `text`: the text layout after the version. By default it is the fields in the order of the class.
    - `protobuf`: the server version from which the message is encoded in protobuf.
    - `tags`: the protobuf tags. By default they are 1, 2, 3 ... in the order of the class.
    - `absent`: what missing tags mean, where that is not the default of the field.
    - `first`: the oldest server version that has the message. A message that began as protobuf has no text form.
    - `key`: the field that the answer repeats, where that is not the `reqId`.
    """
    return _message(Sender.CLIENT, id, version, text, protobuf, tags, absent, first, key=key)


@dataclass_transform()
def from_server(
    id: int,
    *,
    version: Any = None,
    text: Layout | None = None,
    protobuf: int | None = None,
    tags: Mapping[int, Any] | None = None,
    absent: Mapping[Any, Any] | None = None,
    first: int = MIN,
    answers: type | tuple[type, ...] = (),
    part_of: type | tuple[type, ...] = (),
    ends: type | tuple[type, ...] = (),
) -> Callable[[C], C]:
    """Describe a message that the server sends. The other arguments are those of `from_client`.

    - `answers`: the request, or the requests, of which this message is the whole answer.
    - `part_of`: those of whose answer it is a part; more parts, or an end, may follow.
    - `ends`: those whose answer is complete with it.

    A message that comes unasked, or again and again, has none of the three.
    """
    conversation = {"answers": _several(answers), "part_of": _several(part_of), "ends": _several(ends)}
    return _message(Sender.SERVER, id, version, text, protobuf, tags, absent, first, **conversation)


def _several(given: type | tuple[type, ...]) -> tuple[type, ...]:
    return given if isinstance(given, tuple) else (given,)
