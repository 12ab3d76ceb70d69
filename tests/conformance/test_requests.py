"""Every request: ibdesk sends, byte for byte, what the official client sends, at every version that it speaks."""

from typing import Any

import pytest
from conformance.domains import REQUESTS
from conformance.examples import examples
from conformance.exceptions import avoid, is_skipped
from conformance.versions import VERSIONS, client, compared, id_of
from oracles import Official, OracleRefused, oracles_for
from wire.carried import supported, with_value

from ibdesk.errors import EncodeError
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order, OrderCancel
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import of
from ibdesk.wire.frames import frame
from ibdesk.wire.layout import blank, get_path, paths
from ibdesk.wire.messages.order_status import CancelOrder
from ibdesk.wire.messages.orders import PlaceOrder

BY_EVERY_CLIENT = 12
"""How many examples are held against every client that speaks a version; the others against the newest."""


def ours(request: Any, version: int) -> bytes:
    return frame(client(version).encode(request))


def theirs(oracle: Official, request: Any, version: int) -> bytes:
    how = REQUESTS[type(request)]
    return oracle.encode(version, how.method, *how.arguments(oracle, request, version), **how.keywords(request))


def same(oracle: Official, request: Any, version: int, left: bytes, right: bytes) -> bool:
    """Equal bytes, or equal protobuf messages where only the order of a map's entries differs."""
    if left == right:
        return True
    how = REQUESTS[type(request)]
    if not of(type(request)).is_protobuf(version) or len(left) != len(right):
        return False
    schema = getattr(oracle.module(f"protobuf.{how.schema}_pb2"), how.schema)
    return bool(left[:8] == right[:8] and schema.FromString(left[8:]) == schema.FromString(right[8:]))


@pytest.mark.parametrize("cls", REQUESTS, ids=id_of)
def test_bytes_equal_the_official_ones(cls: type) -> None:
    for number, drawn in enumerate(examples(cls)):
        for version in compared(cls):
            known = supported(drawn, version)
            oracles = [oracle for oracle in oracles_for(version) if not is_skipped(cls, oracle.version, version)]
            for oracle in oracles if number < BY_EVERY_CLIENT else oracles[:1]:
                request = avoid(known, oracle.version, version)
                left, right = ours(request, version), theirs(oracle, request, version)
                assert same(oracle, request, version, left, right), (oracle.version, version, left, right)


def spoken(cls: type) -> list[int]:
    """The versions that have a message."""
    return [version for version in VERSIONS if version >= of(cls).first]


def refused_places() -> list[Any]:
    """(message class, place, version): every value that some server is too old for."""
    found = []
    for cls in REQUESTS:
        for version in spoken(cls):
            found += [(cls, path) for path, _ in of(cls).later(version)]
    return sorted(set(found), key=lambda one: (one[0].__name__, one[1]))


def some_value(default: Any) -> Any:
    return {bool: True, str: "A", list: [20250620]}.get(type(default), 1)


@pytest.mark.parametrize(("cls", "path"), refused_places(), ids=id_of)
def test_what_an_old_server_does_not_know_is_refused_by_both(cls: type, path: tuple[str, ...]) -> None:
    place = ".".join(path)
    default = get_path(blank(cls), path)
    for version in spoken(cls):
        known = path not in [later for later, _ in of(cls).later(version)]
        request = with_value(supported(blank(cls), version), path, some_value(default))
        [oracle, *_] = oracles_for(version)
        if known:
            assert ours(request, version)
            continue
        with pytest.raises(EncodeError, match=f"{place}="):
            ours(request, version)
        # In text the official client drops in silence what only its protobuf has.
        if path in paths(of(cls).layout(V.MAX)) or of(cls).is_protobuf(version):
            with pytest.raises(OracleRefused):
                theirs(oracle, request, version)


def test_a_cancel_at_every_layout_it_has_had() -> None:
    """Literal bytes, so that no fault of the oracles' driver can hide one of the description."""
    request = CancelOrder(7, OrderCancel())
    expected = {
        168: b"4\x001\x007\x00",
        169: b"4\x001\x007\x00\x00",
        187: b"4\x001\x007\x00\x00\x00\x002147483647\x00",
        190: b"4\x001\x007\x00\x00",
        192: b"4\x007\x00\x00\x002147483647\x00",
        201: b"\0\0\0\x047\x00\x00\x002147483647\x00",
        203: b"\0\0\0\xcc\x08\x07\x12\x00",
    }
    for version, payload in expected.items():
        assert client(version).encode(request) == payload


def test_an_order_always_sends_its_parts_in_protobuf() -> None:
    payload = client(V.MAX).encode(PlaceOrder(7, Contract(), Order()))
    assert b"\xca\x06\x00" in payload  # softDollarTier, tag 105, of nothing
    assert payload.endswith(b"\x22\x00")  # attachedOrders, tag 4, of nothing
