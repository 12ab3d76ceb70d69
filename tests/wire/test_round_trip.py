"""What one end writes, the other reads: for every message, at every version, up to what the version carries."""

from typing import Any

import pytest
from conformance.examples import examples
from conformance.versions import LAST_SPOKEN, changes, client, id_of, server
from oracles import plain
from wire.carried import carried, supported

from ibdesk.session.connection import Connection
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.frames import frame

every_message = pytest.mark.parametrize("cls", [one.cls for one in messages()], ids=id_of)
BOTH_ENCODINGS = [one.cls for one in messages() if one.text is not None and one.protobuf is not None]


def codecs(cls: type, version: int) -> tuple[Any, Any]:
    """Who writes the message, and who reads it."""
    ends = client(version), server(version)
    return ends if of(cls).sender is Sender.CLIENT else ends[::-1]


@every_message
def test_every_message_at_every_version(cls: type) -> None:
    for drawn in examples(cls):
        for version in changes(cls):
            writer, reader = codecs(cls, version)
            message = supported(drawn, version)
            before = plain(message)
            payload = writer.encode(message)
            assert plain(message) == before, "encoding writes into its argument"
            read = reader.decode(payload)
            assert type(read) is cls
            told = plain(read)
            assert told == plain(carried(message, version)), version
            assert plain(reader.decode(writer.encode(read))) == told
            assert not reader.oddities


@pytest.mark.parametrize("cls", BOTH_ENCODINGS, ids=id_of)
def test_text_and_protobuf_say_the_same(cls: type) -> None:
    """What the last version in text carries and the first in protobuf does too has equal values there."""
    first = of(cls).protobuf
    assert first is not None
    for drawn in examples(cls):
        spoken = carried(carried(drawn, first - 1), first)
        values = []
        for version in (first - 1, first):
            writer, reader = codecs(cls, version)
            values.append(reader.decode(writer.encode(spoken)))
        assert plain(values[0]) == plain(values[1])


# How a stream is cut into messages depends on the form of their ids, which changes once. At every other version the
# same happens with other messages, and those are tried above.
@pytest.mark.parametrize("version", sorted({V.MIN, *LAST_SPOKEN, V.PROTOBUF - 1, V.PROTOBUF, V.MAX}))
@pytest.mark.parametrize("sender", Sender)
def test_byte_by_byte(sender: Sender, version: int) -> None:
    """A connection gives the same events whether its bytes come one at a time or at once."""
    ends = Connection(Sender.CLIENT, max_version=version), Connection(Sender.SERVER)
    ends[1].receive_data(ends[0].data_to_send())
    ends[0].receive_data(ends[1].data_to_send())
    receiver = ends[1] if sender is Sender.CLIENT else ends[0]
    sent: list[Any] = []
    for one in messages():
        if one.sender is sender and one.first <= version:
            sent += [supported(drawn, version) for drawn in examples(one.cls, 2)]
    stream = b"".join(frame(codecs(type(message), version)[0].encode(message)) for message in sent)
    at_once = receiver.receive_data(stream)
    one_by_one = [event for byte in stream for event in receiver.receive_data(bytes([byte]))]
    assert plain(one_by_one) == plain(at_once)
    assert [type(event) for event in at_once] == [type(message) for message in sent]
