"""What of a message a server version carries: the rest is lost on the way, and comes out as the default."""

from copy import copy, deepcopy
from functools import cache
from typing import Any

from ibdesk.wire.catalogue import of
from ibdesk.wire.layout import (
    Embed,
    Field,
    Given,
    Layout,
    Many,
    Maybe,
    Pairs,
    Path,
    Record,
    Repeat,
    RepeatTogether,
    RepeatVariants,
    TagValues,
    TwoWords,
    Variants,
    blank,
    fields_of,
    get_path,
    set_path,
)
from ibdesk.wire.scalars import Scalar


def carried(message: Any, version: int) -> Any:
    """A copy of `message` with the values that reach a peer at this server version, and defaults elsewhere."""
    description = of(type(message))
    target = blank(description.cls)
    if description.is_protobuf(version):
        _copy_tags(description.tags(version), message, target)
    else:
        _copy_fields(_layout(description.cls, version), message, target)
    return target


@cache
def _layout(cls: type, version: int) -> Layout:
    return of(cls).layout(version)


def supported(message: Any, version: int) -> Any:
    """A copy of `message` in which what a server of this version refuses is back at its default."""
    message = copy(message)
    for path, default in _later(type(message), version):
        with_value(message, path, deepcopy(default))
    return message


@cache
def _later(cls: type, version: int) -> tuple[tuple[Path, Any], ...]:
    return of(cls).later(version)


def with_value(message: Any, path: Path, value: Any) -> Any:
    """Put `value` at `path` of a message whose parts belong to somebody else: each part on the way is copied."""
    target = message
    for name in path[:-1]:
        part = copy(getattr(target, name))
        setattr(target, name, part)
        target = part
    setattr(target, path[-1], value)
    return message


def _copy_fields(items: Any, source: Any, target: Any) -> None:
    for item in items:
        match item:
            case TwoWords(path, _, second):
                _copy_words(path, second, source, target)
            case Field(path, scalar):
                value = get_path(source, path)
                set_path(target, path, scalar.decode_text("") if value is None else value)
            case Given(path, items=inner):
                if item.holds(get_path(source, path)):
                    _copy_fields(inner, source, target)
            case Many(path, element, inner):
                set_path(target, path, [_copy_element(element, inner, one) for one in get_path(source, path)])
            case Maybe(path, element, inner):
                present = get_path(source, path) is not None
                set_path(target, path, blank(element) if present else None)
                if present:
                    _copy_fields(inner, source, target)
            case Variants(path, kind, cases):
                set_path(
                    target, path, [_copy_element(*cases[getattr(one, kind)], one) for one in get_path(source, path)]
                )
            case TagValues(path):
                set_path(target, path, list(get_path(source, path)))


def _copy_element(element: Any, items: Any, source: Any) -> Any:
    if isinstance(element, Scalar):
        return source
    target = blank(element)
    _copy_fields(items, source, target)
    return target


def _copy_record(record: Record, source: Any, target: Any = None) -> Any:
    target = blank(record.cls) if target is None else target
    _copy_tags(record, source, target)
    return target


def _copy_tags(record: Record, source: Any, target: Any) -> None:
    for item in record.tags.values():
        match item:
            case TwoWords(path, _, second):
                _copy_words(path, second, source, target)
            case Field(path, scalar):
                value, absent = get_path(source, path), record.absent[path]
                is_sent = scalar.is_set(value) or (absent is True and not value)
                set_path(target, path, value if is_sent else absent)
            case Embed((), inner):
                _copy_tags(inner, source, target)
            case RepeatTogether(path, inner, others):
                legs = get_path(source, path)
                for at, name in zip((path, *others), fields_of(inner.cls), strict=True):
                    elements = [*get_path(source, at), *(getattr(blank(inner.cls), name) for _ in legs)][: len(legs)]
                    set_path(target, at, elements)
            case Embed(path, inner):
                value = get_path(source, path)
                set_path(target, path, None if value is None else _copy_record(inner, value, get_path(target, path)))
            case Repeat(path, Record() as inner):
                set_path(target, path, [_copy_record(inner, one) for one in get_path(source, path)])
            case RepeatVariants(path, _, cases):
                set_path(target, path, [_copy_record(cases[one.condType], one) for one in get_path(source, path)])
            case Repeat(path) | Pairs(path):
                set_path(target, path, list(get_path(source, path)))


def _copy_words(first: Path, second: Path, source: Any, target: Any) -> None:
    for path in (first, second):
        set_path(target, path, get_path(source, path))
