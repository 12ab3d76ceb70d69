"""How valid bytes are damaged for fuzzing: at random, in text fields, in protobuf tags; knows no message by name.

A damage is a function of (random, payload) that gives other bytes, the same ones for the same seed. Those of fields and
tags keep what is around them whole, so that what they do is not found out by a length or an id already.
"""

import struct
from collections.abc import Callable, Iterator
from random import Random

from conformance.examples import examples
from wire.carried import supported

from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.codec import PROTOBUF_IDS, Codec
from ibdesk.wire.protobuf import read_varint
from ibdesk.wire.scalars import BYTES, FIXED64, VARINT, encode_bytes, encode_varint

Damage = Callable[[Random, bytes], bytes]

NASTY = (
    b"",
    b"0",
    b"-1",
    b"nan",
    b"1e999",
    b"1e308",
    b"-Infinity",
    b"2147483647",
    b"2147483648",
    b"-9223372036854775809",
    b"1.7976931348623157E308",
    b"9" * 5000,
    b"99999999",
    b"5.0",
    b"+7",
    b"true",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\U00110000",
    b"\\q",
    b"0x10",
    "\N{ARABIC-INDIC DIGIT THREE}".encode(),
    "\N{VULGAR FRACTION ONE HALF}".encode(),
    b" 7 ",
    b"1_0",
    b"a=b;;=c;=",
    b"A" * 3000,
    b"20250620 08:30:00 US/Central",
    b"-",
)
"""Text fields at which a careless decoder stumbles."""

NUMBERS = (0, 1, 2, 127, 128, 300, 1 << 31, (1 << 31) - 1, (1 << 32) - 1, 1 << 62, 1 << 63, (1 << 64) - 1)
DOUBLES = (0.0, -0.0, 1.5, float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308, 1e16, -1.0)
TAGS = (0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 999, 2047, 2048, 19000, 70000, (1 << 29) - 1, 1 << 29)
CUT_SHORT = (b"", b"\x80", b"\x80" * 10 + b"\x01", b"\xff" * 11, b"\xff" * 9 + b"\x01", b"\xff" * 9 + b"\x7f")
"""Varints without an end, or too long, and the longest two."""


def samples(sender: Sender, version: int) -> list[bytes]:
    """Valid payloads of every message of one end, three each."""
    codec = Codec(sender.peer, version)
    found: list[bytes] = []
    for one in messages():
        if one.sender is sender and one.first <= version:
            for drawn in examples(one.cls, 3):
                message = supported(drawn, version) if of(one.cls).sender is Sender.CLIENT else drawn
                found.append(codec.encode(message))
    return found


def few_enough(count: int, piece: bytes) -> int:
    """So often, but not so that damage on damage grows without end."""
    return min(count, 10_000 // (len(piece) + 1) + 1)


# --- any bytes ----------------------------------------------------------------------------------------------------


def cut(random: Random, payload: bytes) -> bytes:
    return payload[: random.randrange(len(payload) + 1)]


def prolong(random: Random, payload: bytes) -> bytes:
    return payload + random.randbytes(random.randrange(40)) + b"\0" * random.randrange(3)


def flip_bits(random: Random, payload: bytes) -> bytes:
    damaged = bytearray(payload or b"\0")
    for _ in range(random.randrange(1, 6)):
        position = random.randrange(len(damaged))
        damaged[position] ^= 1 << random.randrange(8)
    return bytes(damaged)


def lose_or_double_a_piece(random: Random, payload: bytes) -> bytes:
    start = random.randrange(len(payload) + 1)
    end = start + random.randrange(12)
    return payload[:start] + payload[start:end] * random.choice((0, 2)) + payload[end:]


def keep_the_id_only(random: Random, payload: bytes) -> bytes:
    return payload[:4] + random.randbytes(random.randrange(60))


def make_up(random: Random, payload: bytes) -> bytes:
    return random.randbytes(random.randrange(60))


OF_BYTES: tuple[Damage, ...] = (cut, prolong, flip_bits, lose_or_double_a_piece, keep_the_id_only, make_up)


# --- text ---------------------------------------------------------------------------------------------------------


def _in_fields(change: Callable[[Random, list[bytes]], None]) -> Damage:
    """A damage that leaves the id where it is, if it is binary, and the last terminator."""

    def damage(random: Random, payload: bytes) -> bytes:
        start = 4 if payload[:1] == b"\0" else 0
        *fields, rest = payload[start:].split(b"\0")
        change(random, fields)
        return payload[:start] + b"\0".join([*fields, rest])

    return damage


def _place(random: Random, fields: list[bytes]) -> int:
    return random.randrange(len(fields) or 1)


def _replace(random: Random, fields: list[bytes]) -> None:
    at = _place(random, fields)
    fields[at : at + 1] = [random.choice(NASTY)]


def _lose(random: Random, fields: list[bytes]) -> None:
    at = _place(random, fields)
    del fields[at : at + random.choice((1, 1, 2, 5))]


def _repeat(random: Random, fields: list[bytes]) -> None:
    at = _place(random, fields)
    run = fields[at : at + random.choice((1, 1, 2, 3, 8, 16))]
    fields[at:at] = run * few_enough(random.choice((1, 1, 2, 30)), b"".join(run))


def _swap(random: Random, fields: list[bytes]) -> None:
    if fields:
        left, right = _place(random, fields), _place(random, fields)
        fields[left], fields[right] = fields[right], fields[left]


def _change_a_number(random: Random, fields: list[bytes]) -> None:
    """Above all of a length, and of the number that tells what comes next."""
    numbers = [at for at, field in enumerate(fields) if field.isdigit()]
    if numbers:
        at = random.choice(numbers)
        fields[at] = b"%d" % (int(fields[at][:9]) + random.choice((-1, 1, 2, 7, 1000)))


def _empty(random: Random, fields: list[bytes]) -> None:
    at = _place(random, fields)
    end = random.choice((at + 1, at + 4, len(fields)))
    fields[at:end] = [b""] * len(fields[at:end])


OF_TEXT: tuple[Damage, ...] = tuple(
    _in_fields(change) for change in (_replace, _replace, _lose, _repeat, _swap, _change_a_number, _empty)
)


# --- protobuf -----------------------------------------------------------------------------------------------------

Tag = tuple[int, bytes]
"""The key of a field, and what follows it, a length included."""


def split_tags(data: bytes) -> list[Tag] | None:
    """The fields of a protobuf message; None when it is none."""
    tags: list[Tag] = []
    position = 0
    while position < len(data):
        try:
            key, start = read_varint(data, position)
            number, end = read_varint(data, start) if key & 7 in (VARINT, BYTES) else (0, start)
        except ValueError:
            return None
        position = end + {VARINT: 0, BYTES: number, FIXED64: 8, 5: 4}.get(key & 7, len(data))
        if position > len(data) or not key >> 3:
            return None
        tags.append((key, data[start:position]))
    return tags


def join_tags(tags: list[Tag]) -> bytes:
    """The message of these fields."""
    return b"".join(encode_varint(key) + value for key, value in tags)


def _in_tags(change: Callable[[Random, list[Tag]], None]) -> Damage:
    """A damage of the tags behind the id: of the message, or of a message inside it, whose length is put right."""

    def damage(random: Random, payload: bytes) -> bytes:
        return payload[:4] + inside(random, payload[4:])

    def inside(random: Random, data: bytes) -> bytes:
        tags = split_tags(data)
        if tags is None:
            return flip_bits(random, data)
        parts = [at for at, (key, value) in enumerate(tags) if key & 7 == BYTES and len(value) > 2]
        if parts and random.random() < 0.5:
            at = random.choice(parts)
            key, value = tags[at]
            inner = value[read_varint(value, 0)[1] :]
            if split_tags(inner) is not None:
                tags[at] = key, encode_bytes(inside(random, inner))
                return join_tags(tags)
        change(random, tags)
        return join_tags(tags)

    return damage


def _lose_a_tag(random: Random, tags: list[Tag]) -> None:
    if tags:
        del tags[random.randrange(len(tags))]


def _repeat_a_tag(random: Random, tags: list[Tag]) -> None:
    if tags:
        one = random.choice(tags)
        at = random.randrange(len(tags) + 1)
        tags[at:at] = [one] * few_enough(random.choice((1, 1, 3, 50)), one[1])


def _move_a_tag(random: Random, tags: list[Tag]) -> None:
    if tags:
        one = tags.pop(random.randrange(len(tags)))
        tags.insert(random.randrange(len(tags) + 1), one)


def _renumber_a_tag(random: Random, tags: list[Tag]) -> None:
    if tags:
        at = random.randrange(len(tags))
        key, value = tags[at]
        tags[at] = random.choice(TAGS) << 3 | key & 7, value


def _change_a_wire_type(random: Random, tags: list[Tag]) -> None:
    """With a value of the new type, and now and then with the old."""
    if tags:
        at = random.randrange(len(tags))
        key, value = tags[at]
        wire_type = random.randrange(8)
        new = value if random.random() < 0.2 else _value(random, wire_type)
        tags[at] = key & ~7 | wire_type, new


def _change_a_value(random: Random, tags: list[Tag]) -> None:
    if tags:
        at = random.randrange(len(tags))
        key, _ = tags[at]
        tags[at] = key, _value(random, key & 7)


def _value(random: Random, wire_type: int) -> bytes:
    if wire_type == FIXED64:
        return struct.pack("<d", random.choice(DOUBLES))
    if wire_type == BYTES:
        text = random.choice(NASTY)
        return random.choice((encode_bytes(text), encode_bytes(text), _number(random), _number(random) + text))
    return _number(random) if wire_type == VARINT else random.randbytes(4)


def _number(random: Random) -> bytes:
    """A number: as it should be, spelled with more bytes than it needs, or without an end."""
    right = encode_varint(random.choice(NUMBERS))
    longer = right[:-1] + bytes((right[-1] | 0x80,)) + b"\x80" * random.randrange(3) + b"\0"
    return random.choice((right, right, longer, random.choice(CUT_SHORT)))


def _nest(random: Random, tags: list[Tag]) -> None:
    """The message inside itself."""
    if tags:
        whole = join_tags(tags[:20])[:2000]
        for _ in range(random.choice((1, 2, 40))):
            whole = encode_varint(random.choice(tags)[0] & ~7 | BYTES) + encode_bytes(whole)
        tags.extend(split_tags(whole) or ())


def _spell_a_key_longer(random: Random, payload: bytes) -> bytes:
    tags = split_tags(payload[4:])
    if not tags:
        return payload
    at = random.randrange(len(tags))
    key = encode_varint(tags[at][0])
    longer = key[:-1] + bytes((key[-1] | 0x80,)) + b"\x80" * random.randrange(9) + b"\0"
    return payload[:4] + join_tags(tags[:at]) + longer + tags[at][1] + join_tags(tags[at + 1 :])


OF_PROTOBUF: tuple[Damage, ...] = (
    *map(
        _in_tags,
        (
            _lose_a_tag,
            _repeat_a_tag,
            _move_a_tag,
            _renumber_a_tag,
            _change_a_wire_type,
            _change_a_value,
            _change_a_value,
            _nest,
        ),
    ),
    _spell_a_key_longer,
)


# --- all of it ----------------------------------------------------------------------------------------------------


def is_protobuf(payload: bytes) -> bool:
    """Is it protobuf, if it is a payload at all? An id of text begins with a digit, or is 200 at most."""
    return payload[:1] == b"\0" and int.from_bytes(payload[:4], "big") > PROTOBUF_IDS


def damage(random: Random, payload: bytes) -> bytes:
    """The payload with one damage: more often one of its own encoding than of just any bytes."""
    own = OF_PROTOBUF if is_protobuf(payload) else OF_TEXT
    return random.choice(own if random.random() < 0.7 else OF_BYTES)(random, payload)


def damaged(random: Random, valid: list[bytes], number: int) -> Iterator[bytes]:
    """That many payloads, each a valid one with a few damages, or with the id of another."""
    for _ in range(number):
        payload = random.choice(valid)
        if random.random() < 0.03:
            payload = random.choice(valid)[:4] + payload[4:]
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            payload = damage(random, payload)
        yield payload


def swollen(random: Random, payload: bytes, size: int) -> bytes:
    """The payload with a tag of it, or a run of its fields, as often as makes that many bytes."""
    if is_protobuf(payload):
        tags = split_tags(payload[4:]) or [(10, b"\0")]
        key, value = random.choice(tags)
        one = encode_varint(key) + random.choice((value, b"\0" * (8 if key & 7 == FIXED64 else 1)))
        return payload + one * (size // len(one))
    start = 4 if payload[:1] == b"\0" else 0
    fields = payload[start:].split(b"\0")
    at = random.randrange(len(fields))
    run = random.choice((b"\0", b"\0".join([*fields[at : at + 16], b""])))
    count = size // len(run)
    fields[at : at + 1] = [b"%d" % (count // random.choice((1, 2, 8, 16))), run * count]
    return payload[:start] + b"\0".join([*fields, b""])
