"""Messages with values in any of their fields, made from type hints and defaults; knows no message by name."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import strategies as st

from ibdesk.model.conditions import OrderCondition
from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import catalogue
from ibdesk.wire.layout import (
    Embed,
    Field,
    Given,
    Layout,
    Record,
    Repeat,
    blank,
    fields_of,
    part_class,
    resolve,
)
from ibdesk.wire.scalars import NumberText
from ibdesk.wire.versions import MAX

MOST_CHANGES = 10
"""So many fields of a noun differ from their defaults at most: an order has 150, and drawing takes time."""

# Some of these decide which fields follow.
TEXTS = st.sampled_from(
    ["", "", "AAPL", "BAG", "FUND", "IBKRATS", "PEG BENCH", "PEG BEST", "PEG MID", "a=b;", "Zürich ☂", "C:\\new", "0"]
)
INTS = st.sampled_from([0, 0, 1, 2, -1, 127, 128, 300, 20250103, 1 << 40, UNSET_INTEGER])
FLOATS = st.sampled_from([0.0, 0.0, -0.0, 1.0, 100.0, 0.01, -2.5, 1e-7, 1e22, 1 / 3, 5, float("inf"), UNSET_DOUBLE])
NUMERALS = st.sampled_from(["", "0", "100", "0.5", "1.7976931348623157E308"])
WRONG = st.sampled_from([None, "x", "", "two\0fields", "\ud800", 1.5, float("nan"), 1 << 70, object, []])
"""What somebody may put into any field by mistake."""


def _number_texts(record: Record) -> Iterator[tuple[type, str]]:
    for item in record.tags.values():
        match item:
            case Field(path, NumberText()):
                yield record.cls, path[-1]
            case Embed(record=inner) | Repeat(record=Record() as inner):
                yield from _number_texts(inner)


NUMBER_TEXTS = {place for one in catalogue.messages() if one.record for place in _number_texts(one.record)}
"""(class, field) of the texts that are numbers in protobuf."""


def _deciding(layout: Layout, cls: type) -> Iterator[tuple[type, str]]:
    for item in resolve(layout, MAX):
        if isinstance(item, Given):
            holder = cls
            for name in item.path[:-1]:
                holder = part_class(fields_of(holder)[name][1]) or holder
            yield holder, item.path[-1]
            yield from _deciding(item.items, cls)


DECIDING = {place for one in catalogue.messages() for place in _deciding(one.text or (), one.cls)}
"""(class, field) of the values on which it depends whether others follow."""


@st.composite
def messages(draw: st.DrawFn, cls: type) -> Any:
    """A message or noun of which some fields, and some of the parts inside it, differ from the defaults."""
    one = blank(cls)
    _change(draw, one)
    return one


def _change(draw: st.DrawFn, one: Any) -> None:
    hints = {name: hint for name, (_, hint) in fields_of(type(one)).items()}
    changed = draw(st.lists(st.sampled_from(list(hints)), max_size=MOST_CHANGES, unique=True)) if hints else []
    deciding = [name for name in hints if (type(one), name) in DECIDING and name not in changed]
    for name in changed + deciding:
        if (type(one), name) in NUMBER_TEXTS:
            setattr(one, name, draw(NUMERALS))
        elif not is_dataclass(getattr(one, name)):
            setattr(one, name, draw(values(hints[name])))
    for name in hints:
        if is_dataclass(part := getattr(one, name)):
            _change(draw, part)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values that a field with this annotation may hold."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(values(kind) for kind in get_args(hint))
    if get_origin(hint) is list:
        return st.lists(values(get_args(hint)[0]), max_size=3)
    if hint is TagValue:
        return st.builds(TagValue, TEXTS.filter(bool), TEXTS)
    if hint is OrderCondition:
        return st.one_of(messages(kind) for kind in OrderCondition.__subclasses__())
    if is_dataclass(hint):
        return messages(hint)
    return PLAIN[hint]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: INTS,
    float: FLOATS,
    str: TEXTS,
    bool: st.booleans(),
    type(None): st.none(),
    datetime: TEXTS,  # a message holds IB's text where the noun will hold a time
    date: TEXTS,
}


@st.composite
def flawed(draw: st.DrawFn, cls: type) -> Any:
    """A message with something wrong in one of its fields, or in one of a part."""
    one = draw(messages(cls))
    parts = [value for name in fields_of(cls) if is_dataclass(value := getattr(one, name))]
    part = [one, *parts][draw(st.integers(0, len(parts)))]
    if fields(part):
        setattr(part, draw(st.sampled_from(list(fields_of(type(part))))), draw(WRONG))
    return one


def picture(value: Any) -> Any:
    """What can be compared of a message: types and values all the way down, nan equal to itself, and 0.0 not to 0."""
    kind = type(value)
    if (names := _names(kind)) is not None:
        return kind, [(name, picture(getattr(value, name))) for name in names]
    if isinstance(value, list | tuple):
        return kind, [picture(one) for one in value]
    return kind, repr(value)


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass, None for any other class; `dataclasses` would look for them at each call."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
