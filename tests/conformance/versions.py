"""The server versions at which the conformance tests compare: every one at which a layout changes; and test ids."""

from functools import cache
from typing import Any

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec

VERSIONS = sorted({V.MIN, *(value for name, value in vars(V).items() if name.isupper() and isinstance(value, int))})


@cache
def client(version: int) -> Codec:
    """The codec of a client at this server version: it encodes requests and decodes answers."""
    return Codec(Sender.SERVER, version)


@cache
def server(version: int) -> Codec:
    """The codec of a server at this server version: it encodes answers and decodes requests."""
    return Codec(Sender.CLIENT, version)


def id_of(value: Any) -> str:
    """How pytest shows a parameter."""
    if isinstance(value, type):
        return value.__name__
    return ".".join(value) if isinstance(value, tuple) else str(value)
