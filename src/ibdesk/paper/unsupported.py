"""How the gateway refuses a request that it does not serve, or that cannot be read.

The names of requests are taken from the descriptions of messages.
"""

from typing import Any

from ibdesk.session.connection import Undecodable
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, find, ib_name, of
from ibdesk.wire.codec import PROTOBUF_IDS, Unknown
from ibdesk.wire.layout import Fixed, fields_of
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.protobuf import read_tags
from ibdesk.wire.scalars import INT, VARINT

_UNANSWERED = ("cancel", "unsubscribe", "set")


def name_of(request: Any, server_version: int) -> str:
    """Return IB's name of a request, such as `reqMktDepth`; its number if it is not known."""
    name = type(request).__name__
    if isinstance(request, Unknown):
        is_protobuf = server_version >= V.PROTOBUF and request.id > PROTOBUF_IDS
        number = request.id - PROTOBUF_IDS if is_protobuf else request.id
        known = find(Sender.CLIENT, number)  # there is one when it came in an encoding that it does not have
        name = known.name if known else f"message {number}"
    return ib_name(name)


def needs_answer(name: str) -> bool:
    """Return whether a client waits for an answer: not to what cancels or sets something."""
    return not name.startswith(_UNANSWERED)


def order_of(broken: Undecodable, server_version: int) -> int:
    """Return the order that an unreadable message is about, -1 when it is about none or that cannot be read."""
    if broken.message is None or "orderId" not in fields_of(broken.message):
        return NO_REQUEST
    has_binary_id, payload = server_version >= V.PROTOBUF, broken.payload
    try:
        if has_binary_id and int.from_bytes(payload[:4], "big") > PROTOBUF_IDS:
            tag, wire_type, raw = next(read_tags(payload[4:]))
            return INT.decode_tag(raw) if (tag, wire_type) == (1, VARINT) else NO_REQUEST
        fields = payload[4:].split(b"\0", 2) if has_binary_id else payload.split(b"\0", 3)[1:]
        has_version = isinstance(of(broken.message).layout(server_version)[0], Fixed)
        return int(fields[has_version])
    except (ValueError, IndexError, StopIteration):
        return NO_REQUEST
