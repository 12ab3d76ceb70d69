"""What stands on a tape in place of accounts, names and credentials: text of the same length; not how a tape is kept.

The same account has the same stand-in on the whole tape, in both directions and encodings, and no length changes, so
that every message still reads as before. Accounts are known by the fields that hold them, from then on wherever they
stand; and, in any text but symbols of instruments, by the look of IBKR's codes: live U1234567, paper DU1234567,
advisors F1234567 and DF1234567 (with A behind for all accounts of the advisor), brokers I1234567.
"""

import re
from collections.abc import Iterable
from functools import cache

from ibdesk.errors import DecodeError
from ibdesk.tape.places import Place, Role, places, roles_in
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec

_CODE = rb"(?:D[UFI][A-Z]?|[UFI])\d{5,9}[A-Z]?"
_CODE_ALONE = rb"(?<![A-Za-z0-9])" + _CODE + rb"(?![A-Za-z0-9])"
_ALL_OF_ADVISOR = re.compile(rb"((?:D[UFI][A-Z]?|[UFI])\d{5,9})[A-Z]")
_ELEMENT = re.compile(rb"(<(?:acct|account|alias|String)>)([^<]*)")
"""What names accounts and persons in the XML of advisors."""

_WORDS = frozenset({b"", b"All", b"*"})
"""What stands where an account does, and is none."""

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def _codec(sender: Sender, version: int) -> Codec:
    return Codec(sender, version)


def without_credentials(payload: bytes, sender: Sender, version: int) -> bytes:
    """The payload, with x for what a program proves its identity with."""
    codec = _codec(sender, version)
    try:
        id, body = codec.split_id(payload)
    except DecodeError:
        return payload
    description, is_protobuf = codec.describe(id)
    if description is None or Role.SECRET not in roles_in(description.cls):
        return payload
    hidden = bytearray(payload)
    for start, end, role in places(description, payload, len(payload) - len(body), version, is_protobuf):
        if role is Role.SECRET:
            hidden[start:end] = b"x" * (end - start)
    return bytes(hidden)


class Scrubber:
    """The stand-ins of one tape."""

    def __init__(self) -> None:
        self._stand_ins: dict[bytes, bytes] = {}
        self._given: set[bytes] = set()
        self._learn(())

    def learn(self, payload: bytes, sender: Sender, version: int) -> None:
        """Remember the accounts that the payload names."""
        self._learn_from(payload, self._places(payload, sender, version))

    def scrub(self, payload: bytes, sender: Sender, version: int) -> bytes:
        """The payload, with a stand-in for each account and name."""
        found = self._places(payload, sender, version)
        self._learn_from(payload, found)
        return self._replace(payload, found)

    def scrub_text(self, text: bytes) -> bytes:
        """A text that is no message, with stand-ins."""
        return self._replace(text, [Place(0, len(text), Role.OTHER)])

    # Inside

    def _places(self, payload: bytes, sender: Sender, version: int) -> list[Place]:
        codec = _codec(sender, version)
        try:
            id, body = codec.split_id(payload)
        except DecodeError:
            return [Place(0, len(payload), Role.OTHER)]
        description, is_protobuf = codec.describe(id)
        # Most messages are ticks, and name nobody.
        if not (description and Role.OWNER in roles_in(description.cls)) and not self._suspicious.search(payload):
            return []
        return places(description, payload, len(payload) - len(body), version, is_protobuf)

    def _learn_from(self, payload: bytes, found: list[Place]) -> None:
        named: set[bytes] = set()
        for start, end, role in found:
            text = payload[start:end]
            if role is Role.OWNER:
                named.update(text.split(b","))
            elif b"<" in text:
                named.update(name for _, name in _ELEMENT.findall(text))
        self._learn(named - _WORDS - self._stand_ins.keys())

    def _learn(self, names: Iterable[bytes]) -> None:
        """Give each a stand-in, and have those that cannot be mistaken replaced everywhere."""
        names = sorted(names)
        self._stand_ins |= dict.fromkeys(names, b"")  # none of them may be another's stand-in
        telling = [name for name in self._stand_ins if _is_telling(name)]
        codes = [re.escape(name) for name in sorted(telling, key=len, reverse=True)]
        self._known = re.compile(b"|".join(codes) or b"(?!)")
        self._any = re.compile(b"|".join([_ELEMENT.pattern, *codes, _CODE_ALONE]))
        self._suspicious = re.compile(b"|".join([_ELEMENT.pattern, *codes, _CODE]))
        for name in names:
            self._stand_ins[name] = self._make(name)

    def _replace(self, payload: bytes, found: list[Place]) -> bytes:
        scrubbed = bytearray(payload)
        for start, end, role in found:
            text = payload[start:end]
            if role is Role.OWNER:
                text = b",".join(map(self._stand_in, text.split(b",")))
            else:
                text = (self._known if role is Role.PRODUCT else self._any).sub(self._replace_match, text)
            scrubbed[start:end] = text
        return bytes(scrubbed)

    def _replace_match(self, match: re.Match[bytes]) -> bytes:
        element = _ELEMENT.fullmatch(match[0])
        return element[1] + self._stand_in(element[2]) if element else self._stand_in(match[0])

    def _stand_in(self, name: bytes) -> bytes:
        if name in _WORDS:
            return name
        if name not in self._stand_ins:
            self._learn([name])
        return self._stand_ins[name]

    def _make(self, name: bytes) -> bytes:
        whole = _ALL_OF_ADVISOR.fullmatch(name)
        if whole:
            return self._stand_in(whole[1]) + name[-1:]
        number = 0
        while True:
            number += 1
            made = _digits_replaced(name, number) or _letters(len(name), number)
            if made is None:
                return b"X" * len(name)  # too short for all that have to be told apart
            if made not in self._given and made not in self._stand_ins and not self._known.search(made):
                self._given.add(made)
                return made


def _is_telling(name: bytes) -> bool:
    """Can a name be looked for in any text? Not a plain number, which may be a price, or a word."""
    return len(name) >= 4 and re.search(rb"[A-Za-z]", name) is not None and re.search(rb"[0-9]", name) is not None


def _digits_replaced(name: bytes, number: int) -> bytes | None:
    """The name with its digits replaced by those of a number: DU1234567 is DU0000001. None when they do not suffice."""
    places = [index for index, byte in enumerate(name) if byte in b"0123456789"]
    digits = b"%0*d" % (len(places), number)
    if len(digits) > len(places):
        return None
    made = bytearray(name)
    for index, digit in zip(places, digits, strict=True):
        made[index] = digit
    return bytes(made)


def _letters(length: int, number: int) -> bytes | None:
    """X, and the number in digits and letters behind, as long as the name. None when it does not suffice."""
    digits = b""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        digits = _LETTERS[digit : digit + 1] + digits
    return digits.rjust(length, b"X") if len(digits) <= length else None
