"""The server versions at which the conformance tests compare: every one at which a layout changes, and twenty at least;
and test ids."""

from functools import cache
from typing import Any

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.layout import Embed, Record

VERSIONS = sorted({V.MIN, *(value for name, value in vars(V).items() if name.isupper() and isinstance(value, int))})

LAST_SPOKEN = (176, 178, 187, 203, 225)
"""By 10.19.4, ib_async, 10.30.1, 10.37.2 and 10.46.1."""

AT_LEAST = 20
"""At so many versions a message is compared, where it has so many."""


@cache
def changes(cls: type) -> tuple[int, ...]:
    """The versions at which the description of a message changes, and the last that each client speaks."""
    found, before = [version for version in LAST_SPOKEN if version >= of(cls).first], None
    for version in VERSIONS:
        now = _form(cls, version) if version >= of(cls).first else None
        if now != before:
            found.append(version)
        before = now
    return tuple(sorted(set(found)))


@cache
def compared(cls: type) -> tuple[int, ...]:
    """The versions at which a message is held against the outside clients: its changes, and others between them."""
    spoken = [version for version in VERSIONS if version >= of(cls).first]
    wanted = min(AT_LEAST, len(spoken))
    found = set(changes(cls))
    others = [version for version in spoken if version not in found]
    missing = max(0, wanted - len(found))
    return tuple(sorted(found | {others[at * len(others) // missing] for at in range(missing)}))


def _form(cls: type, version: int) -> Any:
    description = of(cls)
    if description.is_protobuf(version):
        return _tags(description.tags(version))
    return version >= V.PROTOBUF, description.layout(version)


def _tags(record: Record) -> Any:
    return [(tag, _tags(item.record) if isinstance(item, Embed) else None) for tag, item in record.tags.items()]


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
