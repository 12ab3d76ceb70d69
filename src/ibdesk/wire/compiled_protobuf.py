"""The protobuf codec as generated source: `protobuf.decode` and `protobuf.encode`, unrolled for one record.

`compiled_protobuf_reader` and `compiled_protobuf_writer` write one function for each record. `protobuf` defines what
they must do, and `compiled` says what happens when they raise.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from ibdesk.wire import compiled_protobuf_reader, compiled_protobuf_writer
from ibdesk.wire.catalogue import Description
from ibdesk.wire.compiled import Source, count_unknown, refuse_later
from ibdesk.wire.compiled_protobuf_reader import Reading
from ibdesk.wire.compiled_protobuf_writer import Writing, takes_fields

Decoder = Callable[[bytes, Counter[str]], Any]
"""A function from a payload and the counter of oddities to the message. It counts unknown tags, and may raise anything.
"""

Taker = Callable[[Callable[..., None]], Decoder]
"""A function from one that takes the fields of a message to a decoder that gives them to it, and returns None."""

Encoder = Callable[[Any], bytes]
"""A function from a message to its payload, which may raise anything."""

PartialEncoder = Callable[..., Callable[..., bytes]]
"""A function from a function and the first fields of messages to one from their other fields to the frame.

The function that is given does the same, for unusual values.
"""


@cache
def decoder(description: Description, version: int, start: int) -> Decoder:
    """Return the function that decodes a payload whose tags begin at `start`."""
    source = Source(f"{description.name} v{version}, protobuf to message")
    source.names |= compiled_protobuf_reader.WORLD
    source.names["count_unknown"] = count_unknown
    record = description.tags(version)
    ending = f"if unknown: count_unknown(unknown, oddities, {description.name!r}, {version})"
    Reading(source, record).decoder(record, start, ending)
    return source.function("decode")


@cache
def taker(description: Description, version: int, start: int) -> Taker | None:
    """Return what makes a decoder that passes the fields on without a message; None for what is no row of fields."""
    record = description.tags(version)
    if not compiled_protobuf_reader.is_row(record):
        return None
    source = Source(f"{description.name} v{version}, protobuf to a call")
    source.names |= compiled_protobuf_reader.WORLD
    source.names["count_unknown"] = count_unknown
    ending = f"if unknown: count_unknown(unknown, oddities, {description.name!r}, {version})"
    Reading(source, record).taker(record, start, ending)
    return source.function("make")


def reader(description: Description, version: int, start: int, take: Callable[..., None] | None) -> Decoder:
    """Return the function that decodes a message or, if there is a `take`, passes its fields to that."""
    if take is not None and (make := taker(description, version, start)) is not None:
        return make(take)
    return decoder(description, version, start)


@cache
def encoder(description: Description, version: int, head: bytes) -> Encoder:
    """Return the function that encodes a message. `head` is what the payload has before its tags."""
    source = Source(f"{description.name} v{version}, message to protobuf")
    source.names |= compiled_protobuf_writer.WORLD
    Writing(source).encoder(description.tags(version), head, lambda: refuse_later(source, description, version))
    return source.function("encode")


@cache
def partial_encoder(description: Description, version: int, head: bytes, given: int) -> PartialEncoder | None:
    """Return the function that takes the first `given` fields of messages, None for messages that are not short."""
    record = description.tags(version)
    if not takes_fields(record):
        return None
    source = Source(f"{description.name} v{version}, fields to protobuf")
    source.names |= compiled_protobuf_writer.WORLD
    Writing(source).partial_encoder(record, head, given)
    return source.function("partial")
