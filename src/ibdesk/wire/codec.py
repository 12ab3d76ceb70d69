"""Encodes and decodes the payloads of one connection, at the server version that its ends agreed on.

Below server version 201 the message id is the first text field. From 201 on it is four bytes in big-endian order, and a
protobuf message has its text id plus 200. An unknown message from the peer is returned as `Unknown`, and unknown fields
are counted in `Codec.oddities`: neither is an error. A field that is missing or unreadable raises `DecodeError`.

Compiled functions do the work. When one of them raises, the reference codec does the same again, and raises the error
that names the fault. The reference codec also does the first messages of each kind, because compiling takes its time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.fields import same
from ibdesk.wire import messages as _described  # noqa: F401  (fills the catalogue)
from ibdesk.wire import protobuf, text
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender, find, of
from ibdesk.wire.compiled import fields_too_many, is_worth_it, unknown_tag
from ibdesk.wire.frames import frame
from ibdesk.wire.layout import blank, get_path

if TYPE_CHECKING:
    from ibdesk.wire import compiled_text

Decode = Callable[[bytes], Any]
Salvage = Callable[[DecodeError, bytes], Any]
DecodeAll = Callable[[Iterable[bytes], Salvage], Iterator[Any]]
Takers = Mapping[type, Callable[..., None]]

PROTOBUF_IDS = 200
"""The number that is added to the id of a message when it is encoded in protobuf."""


class Oddities(Counter[str]):
    """Counts what arrived and was not understood, by a short description of it.

    Beyond `MOST` different descriptions the rest is counted as one, so that a peer cannot make it grow for ever.
    """

    MOST = 1000
    REST = "more kinds of oddities than are kept apart"

    def __setitem__(self, oddity: str, number: int) -> None:
        if oddity not in self and len(self) >= self.MOST:
            oddity, number = self.REST, self[self.REST] + number
        super().__setitem__(oddity, number)


@dataclass(slots=True)
class Unknown:
    """A message whose id is in no description."""

    id: int
    payload: bytes


class Codec:
    """Encodes and decodes the messages of one end of a connection."""

    def __init__(self, receives: Sender, version: int) -> None:
        """Make a codec for the end that receives the messages of `receives` and sends those of its peer.

        A `version` above the newest that ibdesk knows, which a tape may have, counts as the newest.
        """
        self.receives = receives
        self.version: int = min(version, V.MAX)
        self.oddities: Counter[str] = Oddities()
        """What arrived and was not understood: a description -> how often."""
        self._text_decoders: dict[str, compiled_text.Decoder] = {}
        self._decoders: dict[bytes, Callable[[bytes, Counter[str]], Any]] = {}
        self._encoders: dict[type, Callable[[Any], bytes]] = {}
        self._made: set[int] = set()
        self._takers: Takers = {}
        self._taken: tuple[bytes, ...] = ()
        """How the payloads begin whose fields are taken directly."""
        self.decode, self.decode_all = self._text_reader() if self.version < V.PROTOBUF else self._reader()
        """`decode` returns the message of a payload. It raises `DecodeError`, after which the codec can go on.

        `decode_all` returns the messages of payloads. In place of one that cannot be read comes what `salvage` makes of
        the error and the payload. From the first on whose fields are taken directly, each is read when it is its turn,
        for what comes out before has to be handled before.

        They are closures instead of methods: with all they need at hand they read a tick in a tenth less time. For the
        same reason the second does not call the first.
        """

    def _text_reader(self) -> tuple[Decode, DecodeAll]:
        decoders, oddities = self._text_decoders, self.oddities

        def decode(payload: bytes) -> Any:
            try:
                fields = payload.decode().split("\0")
                return decoders[fields[0]](fields, oddities)
            except Exception:
                fields = []  # there may be millions, and a traceback would keep them alive
            return self._decode_slowly(payload)

        def decode_in_turn(payloads: Iterable[bytes], salvage: Salvage) -> Iterator[Any]:
            for payload in payloads:
                try:
                    fields = payload.decode().split("\0")
                    message = decoders[fields[0]](fields, oddities)
                except Exception:
                    fields = []
                    message = self._decode_or_salvage(payload, salvage)
                if message is not None:
                    yield message

        def decode_all(payloads: Iterable[bytes], salvage: Salvage) -> Iterator[Any]:
            messages: list[Any] = []
            left = iter(payloads)
            for payload in left:
                if payload.startswith(self._taken):
                    return chain(messages, decode_in_turn(chain((payload,), left), salvage))
                try:
                    fields = payload.decode().split("\0")
                    messages.append(decoders[fields[0]](fields, oddities))
                except Exception:
                    fields = []
                    messages.append(self._decode_or_salvage(payload, salvage))
            return iter(messages)

        return decode, decode_all

    def _reader(self) -> tuple[Decode, DecodeAll]:
        decoders, oddities = self._decoders, self.oddities

        def decode(payload: bytes) -> Any:
            try:
                return decoders[payload[:4]](payload, oddities)
            except Exception:
                pass
            return self._decode_slowly(payload)

        def decode_in_turn(payloads: Iterable[bytes], salvage: Salvage) -> Iterator[Any]:
            for payload in payloads:
                try:
                    message = decoders[payload[:4]](payload, oddities)
                except Exception:
                    message = self._decode_or_salvage(payload, salvage)
                if message is not None:
                    yield message

        def decode_all(payloads: Iterable[bytes], salvage: Salvage) -> Iterator[Any]:
            messages: list[Any] = []
            left = iter(payloads)
            for payload in left:
                if payload.startswith(self._taken):
                    return chain(messages, decode_in_turn(chain((payload,), left), salvage))
                try:
                    messages.append(decoders[payload[:4]](payload, oddities))
                except Exception:
                    messages.append(self._decode_or_salvage(payload, salvage))
            return iter(messages)

        return decode, decode_all

    def take_directly(self, takers: Takers) -> None:
        """Have the fields of some classes of messages passed to functions as they are read, from now on.

        Then no message is made of them, and none comes out. A function that raises an exception must have done nothing
        before: its message comes out after all. With no `takers` all messages come out again.
        """
        for cls in {*self._takers, *takers}:
            description = of(cls)
            for id in (description.id, description.id + PROTOBUF_IDS):
                self._made.discard(id)
                self._text_decoders.pop(str(id), None)
                self._decoders.pop(id.to_bytes(4, "big"), None)
        self._takers = takers
        ids = [id for cls in takers for id in (of(cls).id, of(cls).id + PROTOBUF_IDS)]
        is_binary = self.version >= V.PROTOBUF
        self._taken = tuple(id.to_bytes(4, "big") if is_binary else b"%d\0" % id for id in ids)

    def _decode_or_salvage(self, payload: bytes, salvage: Salvage) -> Any:
        try:
            return self._decode_slowly(payload)
        except DecodeError as error:
            return salvage(error, payload)

    def _decode_slowly(self, payload: bytes) -> Any:
        if self._make_decoder(self.split_id(payload)[0], len(payload)):
            return self.decode(payload)
        return self._decode_by_reference(payload)

    def _decode_by_reference(self, payload: bytes) -> Any:
        id, body = self.split_id(payload)
        description, is_protobuf = self.describe(id)
        if description is None or not _has_form(description, is_protobuf):
            self.oddities[f"message {id} is not known"] += 1
            return Unknown(id, payload)
        if is_protobuf:
            return self._decode_protobuf(description, body)
        return self._decode_text(description, body)

    def _make_decoder(self, id: int, size: int) -> bool:
        """Compile the decoder of a message of which one with `size` bytes has come, if that is worth it.

        Return False if nothing has changed: it is not, there is one already, or there is no such message.
        """
        description, is_protobuf = self.describe(id)
        if id in self._made or description is None or not _has_form(description, is_protobuf):
            return False
        if not is_worth_it(description.cls, self.version, "decode", size):
            return False
        take = self._takers.get(description.cls)
        # Imported here because most sessions need only one of the two.
        if is_protobuf:
            from ibdesk.wire import compiled_protobuf

            self._decoders[id.to_bytes(4, "big")] = compiled_protobuf.reader(description, self.version, 4, take)
        else:
            from ibdesk.wire import compiled_text

            is_binary = self.version >= V.PROTOBUF
            decode = compiled_text.reader(description, self.version, 0 if is_binary else 1, take)
            if is_binary:
                self._decoders[id.to_bytes(4, "big")] = lambda load, odd: decode(load[4:].decode().split("\0"), odd)
            else:
                self._text_decoders[str(id)] = decode
        self._made.add(id)
        return True

    def describe(self, id: int) -> tuple[Description | None, bool]:
        """Return the description of what arrives with this id, if there is one, and whether it is protobuf."""
        is_protobuf = self.version >= V.PROTOBUF and id > PROTOBUF_IDS
        return find(self.receives, id - PROTOBUF_IDS if is_protobuf else id), is_protobuf

    def split_id(self, payload: bytes) -> tuple[int, bytes]:
        """Return the id of a payload and the bytes after it. Raises `DecodeError` when there is no id."""
        if self.version >= V.PROTOBUF:
            if len(payload) < 4:
                raise DecodeError("a message", self.version, "id", 0, f"has {len(payload)} bytes, not 4")
            return int.from_bytes(payload[:4], "big"), payload[4:]
        head, terminator, body = payload.partition(b"\0")
        if not terminator or not head.isdigit() or len(head) > 9:
            raise DecodeError("a message", self.version, "id", 0, f"is {head[:40]!r}, not an int")
        return int(head), body

    def _decode_text(self, description: Description, body: bytes) -> Any:
        fields = text.Fields(text.split(body), description.name, self.version)
        message = blank(description.cls)
        text.decode(description.layout(self.version), fields, message)
        extra = len(fields.values) - fields.index
        if extra:
            self.oddities[fields_too_many(description.name, self.version, extra)] += 1
        return message

    def _decode_protobuf(self, description: Description, body: bytes) -> Any:
        reading = protobuf.Reading(description.name, self.version)
        message = protobuf.decode(description.tags(self.version), body, reading)
        for tag in reading.unknown:
            self.oddities[unknown_tag(description.name, self.version, tag)] += 1
        return message

    def encode(self, message: Any) -> bytes:
        """Return the payload of a message.

        Raises `EncodeError` for a value that cannot be encoded, and for anything that a server of this version does not
        know.
        """
        try:
            return self._encoders[type(message)](message)
        except Exception:
            pass
        try:
            payload = self._encode_by_reference(message)
        except EncodeError:
            raise
        except (AttributeError, TypeError, ValueError) as error:  # a part of it is an object of another class
            raise EncodeError(type(message).__name__, self.version, "", message, str(error)) from None
        if type(message) not in self._encoders and is_worth_it(type(message), self.version, "encode", len(payload)):
            self._make_encoder(of(type(message)))
        return payload

    def _encode_by_reference(self, message: Any) -> bytes:
        description = of(type(message))
        version, name = self.version, description.name
        if version < description.first:
            raise EncodeError(name, version, "", None, f"needs server version {description.first}")
        if description.sender is Sender.CLIENT:
            self._check_supported(description, message)
        head = self._head(description)
        if description.is_protobuf(version):
            return head + protobuf.encode(description.tags(version), message, name, version)
        return head + text.join(text.encode(description.layout(version), message, name, version))

    def _make_encoder(self, description: Description) -> None:
        head = self._head(description)
        if description.is_protobuf(self.version):
            from ibdesk.wire import compiled_protobuf

            self._encoders[description.cls] = compiled_protobuf.encoder(description, self.version, head)
        else:
            from ibdesk.wire import compiled_text

            self._encoders[description.cls] = compiled_text.encoder(description, self.version, head)

    def _head(self, description: Description) -> bytes:
        """Return the id with which a payload begins."""
        if self.version < V.PROTOBUF:
            return b"%d\0" % description.id
        id = description.id + PROTOBUF_IDS if description.is_protobuf(self.version) else description.id
        return id.to_bytes(4, "big")

    def partial_encoder(self, cls: type, *given: Any) -> Callable[..., bytes]:
        """Return a function that encodes many messages of a server that have the same first fields, in less time.

        It takes the values of the other fields, in their order, and returns a frame. It raises as `encode` does.
        """

        def slowly(*values: Any) -> bytes:
            return frame(self.encode(cls(*given, *values)))

        description = of(cls)
        assert description.sender is Sender.SERVER, "what a client sends may be too new for its server"
        if not description.is_protobuf(self.version):
            return slowly
        from ibdesk.wire import compiled_protobuf

        head = self._head(description)
        make = compiled_protobuf.partial_encoder(description, self.version, head, len(given))
        return slowly if make is None else make(slowly, *given)

    def _check_supported(self, description: Description, message: Any) -> None:
        for path, default in description.later(self.version):
            value = get_path(message, path)
            says_nothing: tuple[Any, ...] = (default, None, "", [], ())
            if not any(same(value, one) for one in says_nothing):
                raise EncodeError(description.name, self.version, ".".join(path), value, "the server is too old for it")


def _has_form(description: Description, is_protobuf: bool) -> bool:
    return (description.make_record if is_protobuf else description.make_text) is not None
