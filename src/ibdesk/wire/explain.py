"""Shows a message or payload to a person, as a table with a line for each field.

::

    TickPrice, message 1 of the server at version 178, 5 fields of text
      0  (out of use)  '6'
      1  reqId         '1001'
      2  tickType      '1'       BID
      3  price         '172.35'
      4  size          '300'

The codec's own layouts lead through the payload, so a table shows exactly what the codec reads. When a payload cannot
be read to its end, the table ends with the error.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.wire import protobuf, text
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender, find, of
from ibdesk.wire.codec import PROTOBUF_IDS, Codec
from ibdesk.wire.layout import (
    Field,
    Pairs,
    Record,
    Repeat,
    RepeatVariants,
    blank,
)
from ibdesk.wire.meanings import meaning
from ibdesk.wire.scalars import BYTES, Scalar

Row = tuple[str, str, str, str]
"""Place, field, value, meaning."""

_LONGEST_VALUE = 60


def explain(payload: bytes, sender: Sender, version: int) -> str:
    """Return the payload that `sender` sent at this server version as a table.

    It never raises, whatever the payload holds.
    """
    try:
        id, body = Codec(sender, version).split_id(payload)
    except DecodeError as error:
        return f"{len(payload)} bytes of the {sender.value} at version {version}\n  {error}"
    is_protobuf = version >= V.PROTOBUF and id > PROTOBUF_IDS
    description = find(sender, id - PROTOBUF_IDS if is_protobuf else id)
    name = description.name if description else "not known"
    title = f"{name}, message {id} of the {sender.value} at version {version}, "
    if is_protobuf:
        return title + f"{len(body)} bytes of protobuf" + _explain_protobuf(description, body, version)
    return title + _explain_text(description, body, version)


def explain_message(message: Any, version: int) -> str:
    """Return the table of a message as it goes to a peer at this server version, or the error if it cannot be sent."""
    sender = of(type(message)).sender
    try:
        payload = Codec(sender.peer, version).encode(message)
    except EncodeError as error:
        return f"{message}\n  {error}"
    return explain(payload, sender, version)


def _table(rows: list[Row], fault: Exception | None) -> str:
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        f"  {place:>{widths[0]}}  {name:{widths[1]}}  {value:{widths[2]}}  {known}".rstrip()
        for place, name, value, known in rows
    ]
    if fault is not None:
        lines.append(f"  {fault}")
    return "".join(f"\n{line}" for line in lines)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}..."


# --- text ---------------------------------------------------------------------------------------------------------


class _Recorded(text.Fields):
    """Fields that remember a row of the table for each one that is taken."""

    __slots__ = ("rows",)

    def __init__(self, values: list[str], description: Description, version: int) -> None:
        super().__init__(values, description.name, version)
        self.rows: list[Row] = []

    def take(self, scalar: Scalar, path: str) -> Any:
        index = self.index
        value = super().take(scalar, path)
        self.rows.append((str(index), path, _shown(self.values[index]), meaning(path, value, self.message)))
        return value

    def skip(self) -> None:
        index = self.index
        super().skip()
        self.rows.append((str(index), "(out of use)", _shown(self.values[index]), ""))


def _explain_text(description: Description | None, body: bytes, version: int) -> str:
    try:
        values = text.split(body)
    except DecodeError as error:
        return f"{len(body)} bytes of text\n  {error}"
    rows: list[Row] = []
    fault = None
    if description is not None and description.text is not None:
        fields = _Recorded(values, description, version)
        try:
            text.decode(description.layout(version), fields, blank(description.cls))
        except DecodeError as error:
            fault = error
        rows = fields.rows
    if fault is None:
        rows += [(str(at), "(not known)", _shown(value), "") for at, value in enumerate(values) if at >= len(rows)]
    return f"{len(values)} fields of text" + _table(rows, fault)


# --- protobuf -----------------------------------------------------------------------------------------------------


def _explain_protobuf(description: Description | None, body: bytes, version: int) -> str:
    rows: list[Row] = []
    fault: Exception | None = None
    record = None
    try:
        if description is not None and description.record is not None:
            record = description.tags(version)
            protobuf.decode(record, body, protobuf.Reading(description.name, version))
    except DecodeError as error:
        fault = error
    try:
        for row in _tags(record, body):
            rows.append(row)
    except ValueError as error:
        fault = fault or error
    return _table(rows, fault)


def _tags(record: Record | None, data: bytes, outer_place: str = "", outer_name: str = "") -> Iterator[Row]:
    """Yield a row for each tag, and for the tags inside it. Raises ValueError where the payload is damaged."""
    numbers: Counter[str] = Counter()
    for tag, wire_type, raw in protobuf.read_tags(data):
        item = None if record is None else record.tags.get(tag)
        place, name = f"{outer_place}{tag}", outer_name + ".".join(getattr(item, "path", ()))
        if isinstance(item, Repeat | RepeatVariants | Pairs):  # one tag for each element, so elements are numbered here
            numbers[name] += 1
            name = f"{name}[{numbers[name] - 1}]"
        scalar = item.scalar if isinstance(item, Field) else item.record if isinstance(item, Repeat) else None
        if isinstance(scalar, Scalar):
            value = _read(scalar, wire_type, raw)
            yield place, name, _shown(value), meaning(name, value, record.cls.__name__ if record else "")
        elif item is None:
            yield place, "(not known)", _shown(raw), ""
        elif wire_type != BYTES:
            raise ValueError(f"{name or place} has wire type {wire_type}, not {BYTES}")
        elif isinstance(item, Pairs):
            texts = [text for _, kind, text in protobuf.read_tags(raw) if kind == BYTES]
            pair = [text.decode("utf-8", "backslashreplace") for text in texts]
            yield place, name, _shown("=".join(pair)), ""
        else:
            shown = name or ".".join(getattr(item, "part", ()))
            yield place, shown, f"{len(raw)} bytes", ""
            yield from _tags(_record(item, raw), raw, f"{place}.", f"{name}." if name else "")


def _read(scalar: Scalar, wire_type: int, raw: Any) -> Any:
    if wire_type == scalar.wire_type:
        return scalar.decode_tag(raw)
    if wire_type != BYTES:
        raise ValueError(f"wire type {wire_type}, not {scalar.wire_type}")
    return [scalar.decode_tag(number) for number in protobuf.read_packed(raw, scalar.wire_type)]


def _record(item: Any, raw: bytes) -> Record | None:
    """Return the description of the message inside a tag; None if the message is of a kind that nobody knows."""
    if isinstance(item, RepeatVariants):
        return item.cases.get(next((value for tag, _, value in protobuf.read_tags(raw) if tag == item.kind), 0))
    inner: Record = item.record
    return inner
