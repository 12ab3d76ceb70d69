"""The examples take every branch of every layout: what a comparison never saw, it never verified."""

from collections import defaultdict
from typing import Any

import pytest
from conformance.examples import MORE, examples
from conformance.versions import changes, id_of

from ibdesk.wire.catalogue import messages, of
from ibdesk.wire.layout import (
    Embed,
    Field,
    Given,
    Many,
    Maybe,
    Record,
    Repeat,
    RepeatTogether,
    RepeatVariants,
    Variants,
    get_path,
)

Seen = dict[str, set[Any]]


def _text(items: Any, source: Any, outer: str, seen: Seen) -> None:
    for item in items:
        path = getattr(item, "path", None)
        place = f"{outer}{'.'.join(path)}" if path else ""
        match item:
            case Field():
                seen[place].add(repr(get_path(source, path)))
            case Given(items=inner):
                seen[f"if {place}"].add(holds := item.holds(get_path(source, path)))
                if holds:
                    _text(inner, source, outer, seen)
            case Maybe(items=inner):
                present = get_path(source, path) is not None
                seen[f"maybe {place}"].add(present)
                if present:
                    _text(inner, source, outer, seen)
            case Many(items=inner):
                elements = get_path(source, path)
                seen[f"many {place}"].add(bool(elements))
                for element in elements:
                    _text(inner, element, f"{place}[].", seen)
            case Variants(kind=kind, cases=cases):
                for element in get_path(source, path):
                    number = getattr(element, kind)
                    seen[f"variants {place}"].add(number)
                    _text(cases[number][1], element, f"{place}[{number}].", seen)


def _tags(record: Record, source: Any, outer: str, seen: Seen) -> None:
    for item in record.tags.values():
        path = getattr(item, "path", None)
        place = f"{outer}{'.'.join(path)}" if path else ""
        match item:
            case Field():
                seen[place].add(repr(get_path(source, path)))
            case Embed(record=inner):
                part = get_path(source, path)
                if part is not None:
                    _tags(inner, part, f"{place}.", seen)
            case RepeatTogether():
                seen[f"repeat {place}"].add(bool(get_path(source, path)))
            case Repeat(record=Record() as inner):
                elements = get_path(source, path)
                seen[f"repeat {place}"].add(bool(elements))
                for element in elements:
                    _tags(inner, element, f"{place}[].", seen)
            case RepeatVariants(cases=cases):
                for element in get_path(source, path):
                    seen[f"variants {place}"].add(element.condType)
                    _tags(cases[element.condType], element, f"{place}[].", seen)


@pytest.mark.parametrize("cls", [one.cls for one in messages()], ids=id_of)
def test_every_branch_is_taken_and_every_field_varies(cls: type) -> None:
    one = of(cls)
    for version in changes(cls):
        seen: Seen = defaultdict(set)
        for drawn in examples(cls):
            if one.is_protobuf(version):
                _tags(one.tags(version), drawn, "", seen)
            else:
                _text(one.layout(version), drawn, "", seen)
        same = {place for place, values in seen.items() if len(values) < 2}
        assert not same - {"order.conditions[].condType"}, (version, same)


def test_more_examples_are_of_messages_that_there_are() -> None:
    assert set(MORE) <= {one.name for one in messages()}
