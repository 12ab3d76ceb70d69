"""The vocabulary in which messages are described.

A message is a dataclass made by `@from_client(id)` or `@from_server(id)`. Its text layout is the order of the class
unless `text=` gives a table; its protobuf tags are 1, 2, 3 ... in that order unless `tags=` gives a table. Tables name
their fields through proxies, so that both type checkers and the import report a misspelt one:

    contract, order = refs(Contract, "contract"), refs(Order, "order")

    text=("orderId", contract.symbol, since(V.DURATION, order.duration), given(order.hedgeType, order.hedgeParam))
    tags={1: "orderId", 2: embed(contract, CONTRACT), 3: embed(order, ORDER)}

A plain string in a table is a field of the message itself.

The annotation and the default of a field decide how its value is spelled (`scalar_of`). `spelled` chooses another
spelling at one place, and `two_words` is for a text that holds two values. Text layouts use `Fixed`, `since`/`until`,
`given`/`one_of`/`positive`, `many`, `maybe`, `variants` and `tag_values`; tags use `embed`, `repeat`,
`repeat_together`, `repeat_variants`, `pairs` and `since`. There are no others: a codec has to understand each of them.

A tag whose values belong to several parts of a message embeds the record of a class with the same parts, at no place of
its own: `embed(refs(TheClass), ...)`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from dataclasses import Field as DataclassField
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG
from ibdesk.wire import scalars
from ibdesk.wire.scalars import Scalar

T = TypeVar("T")
Path = tuple[str, ...]
Layout = tuple[Any, ...]


# --- places -------------------------------------------------------------------------------------------------------


class Ref:
    """A place in a message. Its attributes are the fields of the object at that place."""

    __slots__ = ("_default", "_hint", "_path")

    def __init__(self, path: Path, hint: Any, default: Any = MISSING) -> None:
        self._path, self._hint, self._default = path, hint, default

    def __getattr__(self, name: str) -> "Ref":
        part = part_class(self._hint)
        if part is None or name not in fields_of(part):
            raise AttributeError(f"{'.'.join(self._path) or self._hint} has no field {name!r}")
        field, hint = fields_of(part)[name]
        return Ref((*self._path, name), hint, field.default)


def refs(part: type[T], name: str = "") -> T:
    """Return a proxy for a part of a message: the object of the class `part` in the message's field `name`.

    Without a name the proxy stands for the object itself: the message, or the element of a `many`.
    """
    return cast(T, Ref((name,) if name else (), part))


@cache
def fields_of(part: type) -> dict[str, tuple[DataclassField[Any], Any]]:
    """Return name -> (dataclass field, type hint) for a class of the model or a message."""
    hints = get_type_hints(part, include_extras=True)
    return {field.name: (field, hints[field.name]) for field in fields(part)}


def part_class(hint: Any) -> type | None:
    """Return the dataclass that a hint such as `Contract` or `Contract | None` names, or None for any other hint."""
    if get_origin(hint) in (Union, UnionType):
        hint = next((arg for arg in get_args(hint) if arg is not type(None)), None)
    return hint if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__") else None


@cache
def weight(element: type | Scalar) -> int:
    """Return how many values an element of a list counts as: itself, its fields, and the fields of its parts."""
    if isinstance(element, Scalar):
        return 1
    parts = (part_class(hint) for _, hint in fields_of(element).values())
    return 1 + len(fields_of(element)) + sum(weight(part) for part in parts if part is not None)


def scalar_of(hint: Any, default: Any) -> Scalar:
    """Return the scalar that spells a field with this annotation and default.

    A default of UNSET_INTEGER or UNSET_DOUBLE makes the field optional: empty in text, no tag in protobuf. Raises
    TypeError when no scalar fits.
    """
    if get_origin(hint) is Annotated:
        # Annotated[float, SIZE] names its scalar.
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Scalar):
                return extra
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        kinds = set(get_args(hint)) - {type(None)}
        if kinds == {bool}:
            return scalars.OPTIONAL_BOOL
        hint = float if float in kinds else int if int in kinds else kinds.pop()
    if hint is int:
        return scalars.OPTIONAL_INT if default in (UNSET_INTEGER, UNSET_LONG) else scalars.INT
    if hint is float:
        return scalars.OPTIONAL_FLOAT if default == UNSET_DOUBLE else scalars.FLOAT
    if hint is bool:
        return scalars.BOOL
    if hint is str:
        return scalars.TEXT
    raise TypeError(f"no scalar spells {hint!r}; say which with spelled(...)")


# --- words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """One value at one place."""

    path: Path
    scalar: Scalar


@dataclass(frozen=True, slots=True)
class TwoWords(Field):
    """A text of two values with a space between, such as a date and a time, at the places `path` and `second`.

    The second value may be missing. Text layouts and tags both use it.
    """

    second: Path


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text field that is always written the same and ignored when read: a message version, or a field out of use."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Between:
    """Items that exist in server versions from `first` up to, but not including, `end`."""

    first: int
    end: int
    items: Layout


@dataclass(frozen=True, slots=True)
class Given:
    """Items that exist when an earlier value satisfies `test`: 'given', 'positive', or 'one_of' the `values`."""

    path: Path
    test: str
    values: tuple[Any, ...]
    items: Layout

    def holds(self, value: Any) -> bool:
        """Return whether the items exist when the earlier value is `value`."""
        if self.test == "one_of":
            return value in self.values
        if self.test == "positive":
            return value is not None and value != "" and value > 0 and float(value) != UNSET_DOUBLE
        return bool(value)


@dataclass(frozen=True, slots=True)
class Many:
    """A list: its length, then the items of each element, or one scalar for each."""

    path: Path
    element: type | Scalar
    items: Layout


@dataclass(frozen=True, slots=True)
class Maybe:
    """A part that may be missing: 0, or 1 and its items."""

    path: Path
    element: type
    items: Layout


@dataclass(frozen=True, slots=True)
class Variants:
    """A list of several classes: its length, then for each element its kind and the items of its class."""

    path: Path
    kind: str
    cases: Mapping[int, tuple[type, Layout]]


@dataclass(frozen=True, slots=True)
class TagValues:
    """A list of TagValue: its length, then tag and value of each."""

    path: Path


def _place(ref: Any) -> Path:
    """Return the path of a ref. A string is the name of a field of the message itself."""
    path: Path = (ref,) if isinstance(ref, str) else ref._path
    return path


def spelled(scalar: Scalar, ref: Any) -> Any:
    """Describe the field `ref`, spelled by this scalar instead of the one that `scalar_of` would choose."""
    return Field(_place(ref), scalar)


def size(ref: Any) -> Any:
    """Describe a quantity: a decimal in text, a decimal string in protobuf."""
    return spelled(scalars.SIZE, ref)


def two_words(first: Any, second: Any) -> Any:
    """Describe a text that holds two values, such as a date and a time."""
    return TwoWords(_place(first), scalars.TEXT, _place(second))


def shown(ref: Any) -> Any:
    """Describe an optional number that is written out when unset, as the official client does."""
    whole = scalar_of(ref._hint, ref._default).wire_type == scalars.VARINT
    return spelled(scalars.SHOWN_INT if whole else scalars.SHOWN_FLOAT, ref)


def since(version: int, *items: Any) -> Any:
    """Describe items that exist from this server version on."""
    return Between(version, 1 << 30, items)


def until(version: int, *items: Any) -> Any:
    """Describe items that exist below this server version."""
    return Between(0, version, items)


def given(ref: Any, *items: Any) -> Any:
    """Describe items that exist when an earlier value is neither empty nor zero."""
    return Given(_place(ref), "given", (), items)


def one_of(ref: Any, values: Iterable[Any], *items: Any) -> Any:
    """Describe items that exist when an earlier value is one of `values`."""
    return Given(_place(ref), "one_of", tuple(values), items)


def positive(ref: Any, *items: Any) -> Any:
    """Describe items that exist when an earlier number is set and above zero."""
    return Given(_place(ref), "positive", (), items)


def many(ref: Any, element: type | Scalar, *items: Any) -> Any:
    """Describe a list with its length before it."""
    return Many(_place(ref), element, items)


def maybe(ref: Any, *items: Any) -> Any:
    """Describe a part with a flag before it. Its items are named by their whole path, like all others."""
    part = part_class(ref._hint)
    if part is None:
        raise TypeError(f"{'.'.join(ref._path)} is not a part")
    return Maybe(ref._path, part, items)


def variants(ref: Any, kind: str, cases: Mapping[int, tuple[type, Layout]]) -> Any:
    """Describe a list of several classes, which are told apart by the number in their attribute `kind`."""
    return Variants(_place(ref), kind, cases)


def tag_values(ref: Any) -> Any:
    """Describe a list of TagValue: its length, then tag and value of each."""
    return TagValues(_place(ref))


# --- protobuf -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Embed:
    """A message inside a message. With `when_empty` it is sent even when it holds nothing.

    With an empty path it has no object of its own: its tags are places of the object that it is in.
    """

    path: Path
    record: "Record"
    when_empty: bool

    @property
    def part(self) -> Path:
        """The place of the part that it fills in, for people to read."""
        return self.path or next(iter(self.record.tags.values())).path[:-1]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A tag that occurs once for each element. The elements of a list of numbers are packed behind one tag."""

    path: Path
    record: "Record | Scalar"


@dataclass(frozen=True, slots=True)
class RepeatTogether(Repeat):
    """A tag that occurs once for each element of several lists side by side.

    Each field of the record's class holds an element of one list. The first list, at `path`, tells how many there are;
    `others` are the places of the other lists, in the order of the fields. Where another list is shorter, its elements
    are made anew.
    """

    record: "Record"
    others: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class RepeatVariants:
    """A tag that occurs once for each element of a list of several classes.

    The number in the element's own tag `kind` tells its class.
    """

    path: Path
    kind: int
    cases: Mapping[int, "Record"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map<string, string>, held as a list of TagValue."""

    path: Path


@dataclass(frozen=True, eq=False)
class Record:
    """A protobuf message: the class that holds its values, and its tags.

    `exceptions` tells what a missing tag stands for where that is not the default of its field. `absent` tells it for
    every scalar, exceptions included, once the record is resolved.
    """

    cls: type
    tags: Mapping[int, Any]
    exceptions: Mapping[Path, Any]
    absent: Mapping[Path, Any]


def record(cls: type, tags: Mapping[int, Any], absent: Mapping[Any, Any] | None = None) -> Record:
    """Describe the protobuf form of a class.

    `absent` tells what missing tags stand for where that is not the default of the field.
    """
    missing = {ref._path: value for ref, value in (absent or {}).items()} if absent else {}
    return Record(cls, {tag: as_item(item) for tag, item in sorted(tags.items())}, missing, missing)


def untold(*places: Any) -> dict[Any, Any]:
    """Return an `absent` by which these amounts are unset when their tags are missing: zero would be an amount."""
    return {Ref(_place(place), float): UNSET_DOUBLE for place in places}


def embed(ref: Any, record: Record, *, when_empty: bool = False) -> Any:
    """Describe a part of the message as a message inside it."""
    return Embed(_place(ref), record, when_empty)


def repeat(ref: Any, record: Record | Scalar) -> Any:
    """Describe a list of objects or scalars, with a tag for each."""
    return Repeat(_place(ref), record)


def repeat_together(lists: Iterable[Any], record: Record) -> Any:
    """Describe several lists side by side, with a tag for an element of each."""
    first, *others = map(_place, lists)
    return RepeatTogether(first, record, tuple(others))


def below(ref: Any, tags: Mapping[int, Any]) -> dict[int, Any]:
    """Return the tags of the object at `ref` as tags of the object that holds it."""
    items = {tag: as_item(item) for tag, item in tags.items()}
    return {tag: replace(item, path=_place(ref) + item.path) for tag, item in items.items()}


def repeat_variants(ref: Any, kind: int, cases: Mapping[int, Record]) -> Any:
    """Describe a list of several classes, which are told apart by the number in tag `kind` of each element."""
    return RepeatVariants(_place(ref), kind, cases)


def pairs(ref: Any) -> Any:
    """Describe a list of TagValue as a map."""
    return Pairs(_place(ref))


def as_item(item: Any) -> Any:
    """Return the field that a ref stands for, and anything else unchanged."""
    if isinstance(item, Ref):
        return Field(item._path, scalar_of(item._hint, item._default))
    return item


def bind(item: Any, cls: type) -> Any:
    """Turn the names of a message's own fields into fields.

    They are strings in its tables, because these are made before its class.
    """
    match item:
        case str():
            return as_item(getattr(Ref((), cls), item))
        case Between(first, end, items):
            return Between(first, end, tuple(bind(one, cls) for one in items))
        case Given(path, test, values, items):
            return Given(path, test, values, tuple(bind(one, cls) for one in items))
        case Maybe(path, element, items):
            return Maybe(path, element, tuple(bind(one, cls) for one in items))
    return as_item(item)


# --- a layout at one version --------------------------------------------------------------------------------------


def resolve(layout: Layout, version: int) -> Layout:
    """Return the layout as it is at one server version: without `since` and `until`, with fields in place of refs."""
    out: list[Any] = []
    for item in map(as_item, layout):
        match item:
            case Between(first, end, items):
                if first <= version < end:
                    out.extend(resolve(items, version))
            case Given(path, test, values, items):
                out.append(Given(path, test, values, resolve(items, version)))
            case Many(path, element, items):
                out.append(Many(path, element, resolve(items, version)))
            case Maybe(path, element, items):
                out.append(Maybe(path, element, resolve(items, version)))
            case Variants(path, kind, cases):
                out.append(Variants(path, kind, {k: (c, resolve(items, version)) for k, (c, items) in cases.items()}))
            case _:
                out.append(item)
    return tuple(out)


@cache
def resolve_record(record: Record, version: int) -> Record:
    """Return the record as it is at one server version, with what the absence of each scalar stands for."""
    tags: dict[int, Any] = {}
    empty = blank(record.cls)
    absent: dict[Path, Any] = {}
    for tag, item in record.tags.items():
        if isinstance(item, Between):  # among tags it holds a single item
            if not item.first <= version < item.end:
                continue
            item = as_item(item.items[0])
        match item:
            case Field(path):
                absent[path] = get_path(empty, path)
            case Embed(path, inner, when_empty):
                item = Embed(path, resolve_record(inner, version), when_empty)
            case Repeat(record=Record() as inner):
                item = replace(item, record=resolve_record(inner, version))
            case RepeatVariants(path, kind, cases):
                item = RepeatVariants(path, kind, {k: resolve_record(case, version) for k, case in cases.items()})
        tags[tag] = item
    return Record(record.cls, tags, record.exceptions, {**absent, **record.exceptions})


def paths(layout: Layout) -> set[Path]:
    """Return every place that a resolved layout names, except those inside the elements of lists."""
    found: set[Path] = set()
    for item in layout:
        if isinstance(item, Given):
            found |= paths(item.items)
        elif path := getattr(item, "path", ()):
            found.add(path)
    return found


# --- values at places ---------------------------------------------------------------------------------------------


def get_path(source: Any, path: Path) -> Any:
    """Return the value at a place."""
    for name in path:
        source = getattr(source, name)
    return source


def set_path(target: Any, path: Path, value: Any) -> None:
    """Set the value at a place."""
    for name in path[:-1]:
        target = getattr(target, name)
    setattr(target, path[-1], value)


_ZEROS: dict[Any, Callable[[], Any]] = {int: int, float: float, str: str, bool: bool}


@cache
def _makers(cls: type) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """Return (name, maker) for the fields that have no default of their own."""
    makers: list[tuple[str, Callable[[], Any]]] = []
    for name, (field, hint) in fields_of(cls).items():
        if field.default is MISSING and field.default_factory is MISSING:
            plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
            makers.append((name, _ZEROS.get(plain) or get_origin(plain) or plain))
    return tuple(makers)


def blank(cls: type) -> Any:
    """Return a new object in which nothing has been decoded yet: every field has its default, or is empty or zero."""
    return cls(**{name: make() for name, make in _makers(cls)})
