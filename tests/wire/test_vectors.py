"""Each literal vector, in both directions, and with what may come after it."""

import pytest
from oracles import plain
from wire.vectors import CAPTURES, VECTORS
from wire.vectors.vector import Vector

from ibdesk.wire.codec import PROTOBUF_IDS, Codec
from ibdesk.wire.versions import PROTOBUF

every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector.name} {vector.version}")
every_capture = pytest.mark.parametrize("vector", CAPTURES, ids=lambda vector: vector.name)
twice = range(2)  # the second time it is a compiled codec that works


@every_vector
def test_decode(vector: Vector) -> None:
    codec = Codec(vector.sender, vector.version)
    for _ in twice:
        assert plain(codec.decode(vector.payload)) == plain(vector.message)
    assert not codec.oddities


@every_vector
def test_encode(vector: Vector) -> None:
    codec = Codec(vector.sender.peer, vector.version)
    for _ in twice:
        assert codec.encode(vector.message) == vector.payload


@every_vector
def test_what_comes_after_it_is_counted_and_not_fatal(vector: Vector) -> None:
    codec = Codec(vector.sender, vector.version)
    name = type(vector.message).__name__
    is_protobuf = vector.version >= PROTOBUF and int.from_bytes(vector.payload[:4], "big") > PROTOBUF_IDS
    later = b"\xfa\x01\x03new" if is_protobuf else b"new\0field\0"
    what = "the unknown tag 31" if is_protobuf else "2 fields more than known"
    for _ in twice:
        assert plain(codec.decode(vector.payload + later)) == plain(vector.message)
    assert codec.oddities == {f"{name} v{vector.version} has {what}": 2}


@every_capture
def test_captures(vector: Vector) -> None:
    codec, peer = Codec(vector.sender, vector.version), Codec(vector.sender.peer, vector.version)
    for _ in twice:
        message = codec.decode(vector.payload)
        assert plain(message) == plain(vector.message)
        assert plain(codec.decode(peer.encode(message))) == plain(vector.message)
    assert not codec.oddities
