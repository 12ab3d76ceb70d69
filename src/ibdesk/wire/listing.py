"""Tables of the protocol for people: all messages with their versions and verification, and the fields of one message.

The command `ibdesk messages` and the pages of the documentation show them. What verified a message is data,
`verified.json`, which the conformance tests write and keep true.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from inspect import cleandoc
from typing import Any, NamedTuple

from ibdesk.wire import messages as _described  # noqa: F401  (fills the catalogue)
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender, messages
from ibdesk.wire.layout import (
    Between,
    Embed,
    Field,
    Fixed,
    Given,
    Layout,
    Many,
    Maybe,
    Pairs,
    Path,
    Record,
    Repeat,
    RepeatTogether,
    TwoWords,
    Variants,
    as_item,
)
from ibdesk.wire.scalars import Scalar

NOBODY = "nobody"
"""What a table says of a message that no outside client reads or writes as ibdesk does."""

LEGEND = (
    "Verified by: versions of IBKR's own Python client, and ib_async 2.1.0. What they send, ibdesk sends byte for "
    "byte, and what ibdesk's gateway sends, they read as it was meant."
)


class Verification(NamedTuple):
    """Which outside clients agree with the description of a message, newest first, and where they do not."""

    text: tuple[str, ...]
    protobuf: tuple[str, ...]
    exceptions: tuple[str, ...]
    """The places where they do not agree, with the clients and the reason."""
    reason: str
    """Why no outside client can verify the message, where none can."""


Line = tuple[int, str, str]
"""A line in the page of a message: its depth, its text, and the kind of value."""


class Row(NamedTuple):
    """One message of the list. Versions are `first-last`, or empty where the message has no such form."""

    sender: str
    id: int
    name: str
    text: str
    text_verified_by: str
    protobuf: str
    protobuf_verified_by: str
    changes: str
    """The server versions at which its fields change within a form."""


@cache
def _verified() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(resources.files("ibdesk.wire").joinpath("verified.json").read_text())
    return table


def verification(description: Description) -> Verification:
    """Return what verified a message, according to the conformance tests."""
    one = _verified().get(f"{description.sender.value} {description.name}", {})
    return Verification(
        tuple(one.get("text", ())),
        tuple(one.get("protobuf", ())),
        tuple(one.get("exceptions", ())),
        one.get("reason", ""),
    )


def rows() -> list[Row]:
    """Return a row for every message: the client's first, then the server's, by id."""
    return [_row(one) for one in messages()]


def _row(one: Description) -> Row:
    known = verification(one)
    text = protobuf = ""
    if one.text is not None:
        text = f"{one.first}-{V.MAX if one.protobuf is None else one.protobuf - 1}"
    if one.protobuf is not None:
        protobuf = f"{max(one.first, one.protobuf)}-{V.MAX}"
    return Row(
        one.sender.value,
        one.id,
        one.name,
        text,
        text and (" ".join(known.text) or known.reason or NOBODY),
        protobuf,
        protobuf and (" ".join(known.protobuf) or known.reason or NOBODY),
        " ".join(str(at) for at in one.changes() if at != one.protobuf),
    )


def summary(listed: list[Row]) -> str:
    """Say how many messages there are, in which forms, and which of them nobody verified."""
    sent = {sender: sum(row.sender == sender.value for row in listed) for sender in Sender}
    unverified = [row.name for row in listed if not (row.text_verified_by or row.protobuf_verified_by)]
    unverified += [row.name for row in listed if NOBODY in (row.text_verified_by, row.protobuf_verified_by)]
    return (
        f"{len(listed)} messages: {sent[Sender.CLIENT]} of clients, {sent[Sender.SERVER]} of servers; "
        f"{sum(bool(row.text) for row in listed)} have a text form, {sum(bool(row.protobuf) for row in listed)} a "
        f"protobuf form; not verified: {', '.join(sorted(set(unverified))) or 'none'}."
    )


def table(listed: list[Row]) -> str:
    """Return the list as text, one line for each message."""
    heads = Row("from", 0, "message", "text", "verified by", "protobuf", "verified by", "")
    cells = [("id" if row is heads else str(row.id), row) for row in (heads, *listed)]
    by_text = max(len(row.text_verified_by) for _, row in cells)
    name = max(len(row.name) for _, row in cells)
    return "".join(
        f"{row.sender:6} {id:>3} {row.name:{name}} {row.text:7} {row.text_verified_by:{by_text}} "
        f"{row.protobuf:8} {row.protobuf_verified_by}".rstrip()
        + "\n"
        for id, row in cells
    )


# --- one message --------------------------------------------------------------------------------------------------


def page(one: Description) -> str:
    """Return all that is known of one message: what it is, its fields in both forms, and where clients disagree."""
    row, known = _row(one), verification(one)
    lines = [f"{one.name}, message {one.id} of the {one.sender.value}", *_indented(cleandoc(one.cls.__doc__ or ""))]
    if one.text is not None:
        lines += ["", f"As text, server versions {row.text}; verified by {row.text_verified_by}"]
        lines += _laid_out(list(_text_lines(one.text)))
    if one.record is not None:
        lines += ["", f"As protobuf, server versions {row.protobuf}; verified by {row.protobuf_verified_by}"]
        lines += _laid_out(list(_record_lines(one.record, "")))
    if known.exceptions:
        lines += ["", "Where an outside client differs", *(f"  {line}" for line in known.exceptions)]
    return "\n".join(lines) + "\n"


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.splitlines()]


def _name(path: Path) -> str:
    return ".".join(path)


def _kind(scalar: Scalar) -> str:
    return scalar.name.removeprefix("a ").removeprefix("an ")


def _laid_out(lines: list[Line]) -> list[str]:
    if not lines:
        return ["  (no fields)"]
    indented = [(f"  {'  ' * depth}{left}", right) for depth, left, right in lines]
    width = max((len(left) for left, right in indented if right), default=0)
    return [f"{left:{width}}  {right}" if right else left for left, right in indented]


def _deeper(lines: Iterable[Line], by: int = 1) -> Iterator[Line]:
    return ((depth + by, left, right) for depth, left, right in lines)


def _text_lines(items: Layout) -> Iterator[Line]:
    # TwoWords comes before Field, which it inherits from.
    for item in map(as_item, items):
        match item:
            case TwoWords(path, _, second):
                yield 0, f"{_name(path)}, {_name(second)}", "two texts in one"
            case Field(path, scalar):
                yield 0, _name(path), _kind(scalar)
            case Fixed(value):
                yield 0, f"(always {value!r})", ""
            case Between(_, _, inner):
                yield 0, f"{_span(item)}:", ""
                yield from _deeper(_text_lines(inner))
            case Given(path, _, _, inner):
                yield 0, f"where {_condition(item, _name(path))}:", ""
                yield from _deeper(_text_lines(inner))
            case Many(path, element, inner):
                yield 0, f"the number of {_name(path)}, and for each", "int"
                inside = [(0, "it", _kind(element))] if isinstance(element, Scalar) else list(_text_lines(inner))
                yield from _deeper(inside)
            case Maybe(path, _, inner):
                yield 0, f"whether there is {_name(path)}, and if so", "bool"
                yield from _deeper(_text_lines(inner))
            case Variants(path, kind, cases):
                yield 0, f"the number of {_name(path)}, and for each its {kind}", "int"
                for number, (cls, inner) in cases.items():
                    yield 1, f"{number}, {cls.__name__}:", ""
                    yield from _deeper(_text_lines(inner), 2)
            case _:  # TagValues
                yield 0, f"the number of {_name(item.path)}, and for each", "int"
                yield from _deeper([(0, "tag", "text"), (0, "value", "text")])


def _span(item: Between) -> str:
    if item.end > V.MAX:
        return f"since {item.first}"
    return f"until {item.end - 1}" if item.first <= V.MIN else f"from {item.first} to {item.end - 1}"


def _condition(item: Given, name: str) -> str:
    if item.test == "one_of":
        return f"{name} is {' or '.join(map(repr, item.values))}"
    return f"{name} is {'above zero' if item.test == 'positive' else 'there'}"


def _record_lines(record: Record, outer: str) -> Iterator[Line]:
    for tag, item in record.tags.items():
        since = ""
        if isinstance(item, Between):
            since, item = f", {_span(item)}", as_item(item.items[0])
        yield from _tag_lines(f"{outer}{tag}", item, since)


def _tag_lines(tag: str, item: Any, since: str) -> Iterator[Line]:
    name = f"{tag} {_name(getattr(item, 'path', ()))}"
    # Subclasses come before their bases, and lists of scalars before lists of messages.
    match item:
        case TwoWords(second=second):
            yield 0, f"{name}, {_name(second)}", f"two texts in one{since}"
        case Field(_, scalar):
            yield 0, name, f"{_kind(scalar)}{since}"
        case Repeat(_, Scalar() as scalar):
            yield 0, name, f"each a {_kind(scalar)}{since}"
        case Pairs():
            yield 0, name, f"tags and values{since}"
        case Embed(_, inner):
            yield 0, f"{tag} {_name(item.part)}", f"a message{since}"
            yield from _deeper(_record_lines(inner, f"{tag}."))
        case RepeatTogether(_, inner, others):
            yield 0, f"{name}, {', '.join(map(_name, others))}", f"a message each{since}"
            yield from _deeper(_record_lines(inner, f"{tag}."))
        case Repeat(_, Record() as inner):
            yield 0, name, f"a message each{since}"
            yield from _deeper(_record_lines(inner, f"{tag}."))
        case _:  # RepeatVariants
            yield 0, name, f"a message each, by its tag {item.kind}{since}"
            for number, inner in item.cases.items():
                yield 1, f"{number}, {inner.cls.__name__}:", ""
                yield from _deeper(_record_lines(inner, f"{tag}."), 2)
