"""One connection, both roles: the handshake and each way it can fail, then messages, bad ones included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import EncodeError, HandshakeError, ProtocolError
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.session.connection import PREFIX, Connection, Opened, Undecodable
from ibdesk.session.states import State
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Unknown
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.accounts import UpdatePortfolio
from ibdesk.wire.messages.connection import CurrentTime, ManagedAccounts, NextValidId, ReqCurrentTime, StartApi
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

TIME = "20260405 23:49:26 Central European Standard Time"


def pair(version: int = V.MAX) -> tuple[Connection, Connection]:
    """A client and a server that have shaken hands."""
    client, server = Connection(Sender.CLIENT, max_version=version), Connection(Sender.SERVER, time=TIME)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    return client, server


class TestHandshake:
    def test_the_client_speaks_first(self) -> None:
        assert Connection(Sender.CLIENT).data_to_send() == b"API\0" + frame(b"v157..225")
        assert Connection(Sender.SERVER).data_to_send() == b""

    def test_a_client_that_speaks_one_version(self) -> None:
        client = Connection(Sender.CLIENT, min_version=178, max_version=178)
        assert client.data_to_send() == b"API\0" + frame(b"v178")

    def test_connect_options(self) -> None:
        client = Connection(Sender.CLIENT, connect_options="+PACEAPI")
        stream = client.data_to_send()
        assert stream == b"API\0" + frame(b"v157..225 +PACEAPI")
        assert Connection(Sender.SERVER).receive_data(stream) == [Opened(225, "", "+PACEAPI")]

    @pytest.mark.parametrize(
        ("range_", "version"),
        [(b"v100..225", 225), (b"v157..178", 178), (b"v100..9999", 225), (b"v157", 157), (b"v225", 225)],
    )
    def test_the_highest_common_version_is_agreed(self, range_: bytes, version: int) -> None:
        server = Connection(Sender.SERVER, time=TIME)
        assert server.receive_data(PREFIX + frame(range_)) == [Opened(version, TIME)]
        assert server.data_to_send() == frame(b"%d\0%s\0" % (version, TIME.encode()))
        assert (server.own_state, server.server_version) == (State.OPEN, version)
        client = Connection(Sender.CLIENT)
        assert client.receive_data(frame(b"%d\0%s\0" % (version, TIME.encode()))) == [Opened(version, TIME)]
        assert (client.own_state, client.server_version) == (State.OPEN, version)

    @given(st.integers(1, 9))
    def test_in_pieces(self, size: int) -> None:
        client, server = Connection(Sender.CLIENT), Connection(Sender.SERVER, time=TIME)
        for receiver, stream in ((server, client.data_to_send()), (client, b"")):
            stream = stream or server.data_to_send()
            events = [
                event
                for start in range(0, len(stream), size)
                for event in receiver.receive_data(stream[start : start + size])
            ]
            assert events == [Opened(225, TIME)]

    def test_messages_may_come_with_the_handshake(self) -> None:
        server = Connection(Sender.SERVER)
        stream = PREFIX + frame(b"v178") + frame(b"71\x002\x007\x00\x00")
        assert server.receive_data(stream) == [Opened(178, ""), StartApi(7)]

    @pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"API1", b"\0", b"\x16\x03\x01\x02\x00"])
    def test_what_is_no_prefix(self, data: bytes) -> None:
        server = Connection(Sender.SERVER)
        with pytest.raises(HandshakeError, match="a client begins with b'API"):
            server.receive_data(data)
        assert server.own_state is State.CLOSED
        assert server.receive_data(PREFIX + frame(b"v100..225")) == []
        assert server.data_to_send() == b""

    @pytest.mark.parametrize(
        "range_",
        [b"", b"v", b"100..225", b"v100-225", b"v100..", b"v1234567890", b"vx..y", b"71\x002\x007\x00\x00", b"\xff"],
    )
    def test_what_is_no_range(self, range_: bytes) -> None:
        server = Connection(Sender.SERVER)
        with pytest.raises(HandshakeError, match=r"a client names its versions as v100\.\.200, not as"):
            server.receive_data(PREFIX + frame(range_))
        assert server.own_state is State.CLOSED

    @pytest.mark.parametrize("range_", [b"v100..156", b"v226..300", b"v300..100", b"v38"])
    def test_no_common_version(self, range_: bytes) -> None:
        with pytest.raises(HandshakeError, match=r"the client speaks server versions .* this end 157 to 225"):
            Connection(Sender.SERVER).receive_data(PREFIX + frame(range_))

    @pytest.mark.parametrize("answer", [b"", b"178", b"178\0", b"x\0now\0", b"178\0now", b"9" * 5000 + b"\0now\0"])
    def test_what_is_no_answer(self, answer: bytes) -> None:
        client = Connection(Sender.CLIENT)
        with pytest.raises(HandshakeError, match="a server answers with its version and its clock, not with"):
            client.receive_data(frame(answer))
        assert client.own_state is State.CLOSED

    @pytest.mark.parametrize("version", [b"156", b"226", b"-1"])
    def test_a_version_that_was_not_asked_for(self, version: bytes) -> None:
        client = Connection(Sender.CLIENT)
        with pytest.raises(HandshakeError, match=r"the server speaks version .*, this end 157 to 225"):
            client.receive_data(frame(version + b"\0now\0"))

    def test_a_clock_in_any_encoding(self) -> None:
        """Windows sends its own: here the time zone of China."""
        [opened] = Connection(Sender.CLIENT).receive_data(frame(b"178\x0020260405 \xbb\xfa\0"))
        assert opened == Opened(178, "20260405 \\xbb\\xfa")

    def test_fields_after_the_clock_are_passed_over(self) -> None:
        assert Connection(Sender.CLIENT).receive_data(frame(b"178\0now\0more\0")) == [Opened(178, "now")]


class TestMessages:
    @pytest.mark.parametrize("version", [157, 200, 201, 213, 225])
    def test_both_ways(self, version: int) -> None:
        client, server = pair(version)
        client.send(StartApi(7))
        client.send(ReqCurrentTime())
        assert server.receive_data(client.data_to_send()) == [StartApi(7), ReqCurrentTime()]
        server.send(NextValidId(1))
        assert client.receive_data(server.data_to_send()) == [NextValidId(1)]
        assert client.data_to_send() == server.data_to_send() == b""

    def test_an_unreadable_message_is_an_event_and_no_more(self) -> None:
        client, _ = pair(178)
        payload = b"49\x001\x00x\x00"
        bad, good = client.receive_data(frame(payload) + frame(b"49\x001\x007\x00"))
        assert isinstance(bad, Undecodable)
        assert (bad.payload, bad.message, bad.reqId) == (payload, CurrentTime, None)
        assert str(bad.error) == "CurrentTime v178: time (field 1) is 'x', not an int"
        assert good == CurrentTime(7)
        assert client.own_state is State.OPEN

    @pytest.mark.parametrize(
        ("version", "payload", "message", "reqId"),
        [
            (178, b"1\x006\x007\x001\x00x\x00", TickPrice, 7),
            (178, b"1\x006\x00x\x00", TickPrice, None),
            (178, b"1\x006\x00", TickPrice, None),
            (178, b"17\x007\x00\x00\x00x\x00", HistoricalData, 7),
            (178, b"5\x00x\x00", OpenOrder, None),
            (178, b"7\x008\x00x\x00", UpdatePortfolio, None),
            (178, b"no number", None, None),
            (178, b"999\0no end", None, None),
            (225, b"\0\0\0\xc9\x08\x07\x18\x01", TickPrice, 7),
            (225, b"\0\0\0\xc9\x10\x07\x18\x01", TickPrice, None),
            (225, b"\0\0\0\xc9\x08", TickPrice, None),
            (225, b"\0\0\0\xcd\x08\x07\x18\x01", OpenOrder, None),
            (225, b"\0\0", None, None),
        ],
    )
    def test_what_is_still_known_of_an_unreadable_message(
        self, version: int, payload: bytes, message: type | None, reqId: int | None
    ) -> None:
        client, _ = pair(version)
        [bad] = client.receive_data(frame(payload))
        if isinstance(bad, Unknown):
            assert message is None
        else:
            assert isinstance(bad, Undecodable)
            assert (bad.message, bad.reqId) == (message, reqId)

    def test_a_request_that_is_unreadable_is_known_by_its_id(self) -> None:
        _, server = pair(178)
        [bad] = server.receive_data(frame(b"1\x0011\x007\x00x\x00"))
        assert isinstance(bad, Undecodable)
        assert (bad.message, bad.reqId) == (ReqMktData, 7)

    def test_what_nobody_knows_is_counted(self) -> None:
        client, _ = pair(178)
        assert client.receive_data(frame(b"999\0a\0") + frame(b"49\x001\x007\x00more\x00")) == [
            Unknown(999, b"999\0a\0"),
            CurrentTime(7),
        ]
        assert client.oddities == {"message 999 is not known": 1, "CurrentTime v178 has 1 fields more than known": 1}

    def test_a_frame_too_long_ends_it(self) -> None:
        client, _ = pair()
        with pytest.raises(ProtocolError, match="a frame of 4294967295 bytes"):
            client.receive_data(b"\xff" * 4)
        assert client.own_state is State.CLOSED
        assert client.receive_data(frame(b"49\x001\x007\x00")) == []

    def test_what_stands_before_a_frame_too_long_is_told(self) -> None:
        client, _ = pair(178)
        events = client.events(frame(b"49\x001\x007\x00") + b"\xff" * 4)
        assert next(events) == CurrentTime(7)
        with pytest.raises(ProtocolError, match="a frame of 4294967295 bytes"):
            next(events)
        assert client.own_state is State.CLOSED

    def test_an_unwritable_message_sends_nothing(self) -> None:
        client, server = pair(200)
        with pytest.raises(EncodeError, match=r"order\.postOnly=True: the server is too old for it"):
            client.send(PlaceOrder(1, Contract(), Order(postOnly=True)))
        assert client.data_to_send() == b""
        client.send(ReqCurrentTime())
        assert server.receive_data(client.data_to_send()) == [ReqCurrentTime()]

    def test_a_fault_in_the_stream_of_a_client_that_has_started_closes_the_connection(self) -> None:
        client, server = pair()
        client.send(StartApi(1))
        server.receive_data(client.data_to_send())
        with pytest.raises(ProtocolError):
            server.receive_data(b"\x7f\xff\xff\xff")
        assert server.own_state is State.CLOSED

    def test_what_is_encoded_already_is_sent_only_while_the_connection_is_open(self) -> None:
        client, server = pair()
        encode = server.partial_encoder(TickPrice, 1, 1)
        server.send_encoded(encode(1.5, 100.0, 0))
        assert client.receive_data(server.data_to_send()) == [TickPrice(1, 1, 1.5, 100.0, 0)]
        server.close()
        with pytest.raises(ProtocolError, match="the connection is not open"):
            server.send_encoded(encode(1.5, 100.0, 0))


class TestState:
    def test_before_the_handshake_nothing_is_sent(self) -> None:
        for role, message in ((Sender.CLIENT, StartApi(7)), (Sender.SERVER, NextValidId(1))):
            connection = Connection(role)
            connection.data_to_send()
            with pytest.raises(
                ProtocolError, match=f"{type(message).__name__} cannot be sent: the connection is not open"
            ):
                connection.send(message)
            assert connection.data_to_send() == b""
            assert connection.oddities == {}

    def test_after_the_end_nothing_is_sent_or_received(self) -> None:
        client, server = pair()
        client.close()
        with pytest.raises(ProtocolError, match="ReqCurrentTime cannot be sent"):
            client.send(ReqCurrentTime())
        server.send(NextValidId(1))
        assert client.receive_data(server.data_to_send()) == []

    def test_the_states(self) -> None:
        states: list[Any] = []
        server = Connection(Sender.SERVER)
        for data in (b"", PREFIX[:2], PREFIX[2:], frame(b"v225")):
            server.receive_data(data)
            states.append((server.peer_state, server.own_state))
        assert states == [
            (State.PREFIX, State.WAITING),
            (State.PREFIX, State.WAITING),
            (State.VERSIONS, State.WAITING),
            (State.OPEN, State.OPEN),
        ]
        client = Connection(Sender.CLIENT)
        assert (client.own_state, client.peer_state) == (State.WAITING, State.ANSWER)

    def test_both_ends_know_how_far_the_start_has_come(self) -> None:
        client, server = pair()
        client.send(StartApi(7))
        server.receive_data(client.data_to_send())
        assert client.own_state is server.peer_state is State.STARTED
        for message, state in ((NextValidId(1), State.NUMBERED), (ManagedAccounts("DU1"), State.READY)):
            server.send(message)
            client.receive_data(server.data_to_send())
            assert client.peer_state is server.own_state is state

    def test_a_message_of_the_other_end_is_not_sent(self) -> None:
        client, server = pair()
        with pytest.raises(ProtocolError, match="NextValidId cannot be sent: no client sends it"):
            client.send(NextValidId(1))
        with pytest.raises(ProtocolError, match="StartApi cannot be sent: no server sends it"):
            server.send(StartApi(7))
        assert client.data_to_send() == server.data_to_send() == b""

    def test_what_a_reader_closes_stays_closed_though_messages_are_left(self) -> None:
        client, server = pair()
        server.send(ManagedAccounts("DU1"))
        server.send(NextValidId(1))
        events = client.events(server.data_to_send())
        assert next(events) == ManagedAccounts("DU1")
        client.close()
        assert list(events) == [NextValidId(1)]
        assert client.peer_state is client.own_state is State.CLOSED

    def test_what_cannot_be_written_changes_no_state(self) -> None:
        client, _ = pair(178)
        with pytest.raises(EncodeError):
            client.send(StartApi("seven"))  # type: ignore[arg-type]
        assert client.own_state is State.OPEN

    def test_several_are_sent_up_to_the_one_that_cannot_be_written(self) -> None:
        client, server = pair()
        messages = iter([ManagedAccounts("DU1"), CurrentTime(1), NextValidId(1), CurrentTime("noon"), CurrentTime(2)])  # type: ignore[arg-type]
        with pytest.raises(EncodeError):
            server.send_all(messages)
        sent = [ManagedAccounts("DU1"), CurrentTime(1), NextValidId(1)]
        assert client.receive_data(server.data_to_send()) == sent
        assert client.peer_state is server.own_state is State.READY
        server.send_all(messages)  # goes on after it
        assert client.receive_data(server.data_to_send()) == [CurrentTime(2)]
