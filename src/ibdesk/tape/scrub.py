"""Replaces accounts, names and credentials in payloads, by stand-ins of the same length.

The same account has the same stand-in on the whole tape, in both directions and encodings, and no length changes, so
that every message still reads as before. Three things tell what is to be replaced:

- the field that holds it: the code of an account, the name of a person or of a group of accounts, an address;
- that it was known before: from then on it is replaced in other texts, and in those that anybody may word as he likes
  even where it could be a common word or number;
- its look: in any text but symbols of instruments that of IBKR's codes (live U1234567, paper DU1234567, advisors
  F1234567 and DF1234567, with A behind for all accounts of the advisor, brokers I1234567); and in free words that of
  mail addresses, of names with a dot between (john.doe, gw7.example.com), and of IP addresses.

A tape may name any number of accounts, and a peer may name them only to cost time: each text is gone through once, with
no regard to how many names are known.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial

from ibdesk.errors import DecodeError
from ibdesk.tape.text_spans import Role, TextSpan, roles_in, text_spans
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec

MOST_NAMES = 100_000
"""How many names have stand-ins of their own. Later ones are replaced by X, in the fields that hold them."""

SHORTEST, LONGEST = 4, 64
"""How many characters a name must have, and may have, to be looked for in other texts than its own fields."""

LOOPBACK = frozenset({b"", b"127.0.0.1", b"localhost", b"::1"})
"""Hosts that tell nothing."""

_CODE = rb"(?:D[UFI][A-Z]?|[UFI])\d{5,9}[A-Z]?"
_CODE_ANYWHERE = re.compile(_CODE)
_CODE_ALONE = re.compile(rb"(?<![A-Za-z0-9])" + _CODE + rb"(?![A-Za-z0-9])")
_ALL_OF_ADVISOR = re.compile(rb"((?:D[UFI][A-Z]?|[UFI])\d{5,9})[A-Z]")
_LIKE_A_CODE = re.compile(rb"(?:D[UFI][A-Z]?|[UFI])\d+[A-Z]?|[0-9.:]+")
"""What only its digits tell from others: codes, numbers, IP addresses."""

_ELEMENT = re.compile(rb"(<(?:acct|account|alias|String|name)>)([^<]*)")
"""What names accounts, persons and groups in the XML of advisors."""

_WORD = re.compile(rb"[A-Za-z0-9_.@+-]+")
_LABEL = re.compile(rb"[A-Za-z][A-Za-z0-9_-]+")
_IPV4 = re.compile(rb"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = re.compile(rb"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{0,40}(?![0-9A-Za-z:])")
_IBKRS = re.compile(
    rb"[a-z]*(?:farm|hmds|secdef)[a-z]*(?:\.[a-z]+)+|(?:[\w-]+\.)*(?:interactivebrokers|ibkr|ibllc)\.[a-z.]+"
)
"""Hosts that everybody knows: data farms (usfarm.nj), and IBKR's own."""
_LONGEST_HOST = 254

_WORDS = frozenset({b"", b"All", b"*"})
"""What stands where an account does, and is none."""

_REASONS = frozenset({b"client", b"server", b"the recording ended"})
"""How a connection ends, where the tape says it."""

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(2 * len(Sender))
def _codec(sender: Sender, version: int) -> Codec:
    return Codec(sender, version)


def without_credentials(payload: bytes, sender: Sender, version: int) -> bytes:
    """Return the payload with x in the place of what a program proves its identity with."""
    codec = _codec(sender, version)
    try:
        id, body = codec.split_id(payload)
    except DecodeError:
        return payload
    description, is_protobuf = codec.describe(id)
    if description is None or Role.SECRET not in roles_in(description.cls):
        return payload
    hidden = bytearray(payload)
    for start, end, role in text_spans(description, payload, len(payload) - len(body), version, is_protobuf):
        if role is Role.SECRET:
            hidden[start:end] = b"x" * (end - start)
    return bytes(hidden)


class Scrubber:
    """Replaces what identifies somebody, with the same stand-ins on the whole of one tape."""

    def __init__(self) -> None:
        self._names = _Names()
        self._stand_ins: dict[bytes, bytes] = {}  # by names in small letters
        self._given: set[bytes] = set()
        self._numbers: dict[bytes, int] = {}  # the last one given, by what all stand-ins of its form have in common

    def learn(self, payload: bytes, sender: Sender, version: int) -> None:
        """Remember the accounts and persons that the payload names."""
        self._learn_from(payload, self._text_spans(payload, sender, version))

    def scrub(self, payload: bytes, sender: Sender, version: int) -> bytes:
        """Return the payload with a stand-in for each account and name."""
        found = self._text_spans(payload, sender, version)
        self._learn_from(payload, found)
        scrubbed = bytearray(payload)
        for start, end, role in found:
            text = payload[start:end]
            if role is Role.OWNER:
                scrubbed[start:end] = b",".join(map(self._stand_in, text.split(b",")))
            else:
                scrubbed[start:end] = self._replaced(text, role)
        return bytes(scrubbed)

    def scrub_text(self, text: bytes) -> bytes:
        """Return a text that is no message, with stand-ins."""
        return self._replaced(text, Role.FREE)

    def scrub_peer(self, address: bytes) -> bytes:
        """Return host and port of a server, with a stand-in for the host, unless it is this machine."""
        host, colon, port = address.rpartition(b":")
        return address if host in LOOPBACK else self._stand_in(host) + colon + port

    def scrub_reason(self, reason: bytes) -> bytes:
        """Return why a connection ended, with stand-ins."""
        return reason if reason in _REASONS else self.scrub_text(reason)

    # Inside

    def _text_spans(self, payload: bytes, sender: Sender, version: int) -> list[TextSpan]:
        version = min(version, V.MAX)
        codec = _codec(sender, version)
        try:
            id, body = codec.split_id(payload)
        except DecodeError:
            return [TextSpan(0, len(payload), Role.FREE)]
        description, is_protobuf = codec.describe(id)
        # Most messages are ticks, and name nobody.
        if (
            description is not None
            and roles_in(description.cls).isdisjoint({Role.OWNER, Role.FREE})
            and not _CODE_ANYWHERE.search(payload)
            and not self._names.any_in(payload)
        ):
            return []
        return text_spans(description, payload, len(payload) - len(body), version, is_protobuf)

    def _learn_from(self, payload: bytes, found: list[TextSpan]) -> None:
        named: set[bytes] = set()
        for start, end, role in found:
            text = payload[start:end]
            if role is Role.OWNER:
                named.update(text.split(b","))
            elif role is Role.FREE and b"<" in text:
                named.update(name for _, name in _ELEMENT.findall(text))
        self._learn(named)

    def _learn(self, names: Iterable[bytes]) -> None:
        """Give each name a stand-in."""
        new = sorted({small for name in names if (small := name.lower()) not in self._stand_ins and name not in _WORDS})
        new = new[: MOST_NAMES - len(self._stand_ins)]
        for name in new:  # none of them may be another's stand-in
            self._stand_ins[name] = b""
            self._names.add(name)
        for name in new:
            self._stand_ins[name] = self._make(name.upper())

    def _replaced(self, text: bytes, role: Role) -> bytes:
        """Return a text with stand-ins for what is known already, and for what its look gives away."""
        small = text.lower()
        pieces: list[bytes] = []
        done = at = 0
        while match := self._names.candidates[role].search(text, at):
            at = match.start()
            found = self._found(text, small, at, role)
            if found is None:
                at += 1
                continue
            end, stand_in = found
            pieces += text[done:at], stand_in
            done = at = end
        return b"".join([*pieces, text[done:]])

    def _found(self, text: bytes, small: bytes, at: int, role: Role) -> tuple[int, bytes] | None:
        """Return where what is to be replaced ends, and its stand-in, if it begins here."""
        if role is Role.FREE:
            if element := _ELEMENT.match(text, at):
                return element.end(), element[1] + self._stand_in(element[2])
            end = _private_end(text, at)
            if end is not None:
                return end, self._stand_in(text[at:end])
        end = self._names.end_of(small, at, alone_too=role is Role.FREE)
        if end is None and role is not Role.PRODUCT and (code := _CODE_ALONE.match(text, at)):
            end = code.end()
        return None if end is None else (end, self._stand_in(text[at:end]))

    def _stand_in(self, name: bytes) -> bytes:
        if name in _WORDS:
            return name
        if name.lower() not in self._stand_ins:
            self._learn([name])
        return self._stand_ins.get(name.lower(), b"X" * len(name))

    def _make(self, name: bytes) -> bytes:
        whole = _ALL_OF_ADVISOR.fullmatch(name)
        if whole:
            return self._stand_in(whole[1]) + name[-1:]
        forms = [(b"X" * len(name), partial(_letters, len(name)))]
        if _LIKE_A_CODE.fullmatch(name):
            forms.insert(0, (re.sub(rb"[0-9]", b"0", name), partial(_digits_replaced, name)))
        for form, numbered in forms:
            number = self._numbers.get(form, 0) + 1
            while (made := numbered(number)) is not None and not self._is_free(made):
                number += 1
            self._numbers[form] = number
            if made is not None:
                self._given.add(made)
                return made
        return b"X" * len(name)  # too short for all that have to be told apart

    def _is_free(self, made: bytes) -> bool:
        small = made.lower()
        is_known = len(made) >= SHORTEST and small in self._stand_ins
        return made not in self._given and not is_known and not self._names.any_in(small)


class _Names:
    """Names, in small letters, and where one begins in a text: asked in the same time however many there are."""

    def __init__(self) -> None:
        self._names: set[bytes] = set()
        self._lengths: dict[bytes, list[int]] = {}  # of those with the same beginning, the longest first
        self._first: set[int] = set()
        self._compile()

    def add(self, name: bytes) -> None:
        """Look for one more name, if its length allows that."""
        if not SHORTEST <= len(name) <= LONGEST or name in self._names:
            return
        self._names.add(name)
        lengths = self._lengths.setdefault(name[:SHORTEST], [])
        if len(name) not in lengths:
            lengths.append(len(name))
            lengths.sort(reverse=True)
        if name[0] not in self._first:
            self._first.add(name[0])
            self._compile()

    def _compile(self) -> None:
        """Make the patterns of what a name may begin with. They change once for each new first character, at most."""
        first = bytes(sorted(self._first))
        known = re.escape(first + first.upper())
        self._may_begin = re.compile(b"[" + known + b"]" if first else b"(?!)")
        any_text = re.compile(b"[" + known + b"DUFI]")
        free = re.compile(b"[" + known + rb"DUFI<]|(?<![A-Za-z0-9_.@+-])[A-Za-z0-9_+]")
        self.candidates: dict[Role, re.Pattern[bytes]] = dict.fromkeys(Role, any_text)
        self.candidates |= {Role.FREE: free, Role.PRODUCT: self._may_begin}

    def end_of(self, small: bytes, at: int, *, alone_too: bool) -> int | None:
        """Return where the name that begins here ends. `alone_too`: words and numbers count where they stand alone."""
        for length in self._lengths.get(small[at : at + SHORTEST], ()):
            name = small[at : at + length]
            if name in self._names and (_is_telling(name) or (alone_too and _stands_alone(small, at, at + length))):
                return at + length
        return None

    def any_in(self, text: bytes) -> bool:
        """Tell whether the text has a name that cannot be a common word or number."""
        small = text.lower()
        starts: Iterator[re.Match[bytes]] = self._may_begin.finditer(small)
        return any(self.end_of(small, match.start(), alone_too=False) for match in starts)


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    return not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


def _private_end(text: bytes, at: int) -> int | None:
    """Return where a word ends that looks like the address or name of a person or host, if one begins here."""
    if _WORD.match(text[at - 1 : at]):  # not where it begins
        return None
    match = _WORD.match(text, at)
    if match is None:
        return None
    address = _IPV6.match(text, at)
    if address and (b"::" in address[0] or address[0].count(b":") > 4):
        return address.end()
    word = match[0].rstrip(b".+-@_")
    if len(word) > _LONGEST_HOST:
        return None
    name, at_sign, host = word.partition(b"@")
    labels = word.split(b".")
    is_dotted = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not word.isupper()
    is_private = (
        (name and at_sign and host)
        or (_IPV4.fullmatch(word) and word not in (b"127.0.0.1", b"0.0.0.0"))
        or (is_dotted and not _IBKRS.fullmatch(word.lower()))
    )
    return at + len(word) if is_private else None


def _is_telling(name: bytes) -> bool:
    """Tell whether a name can be looked for in any text. A plain number may be a price, and a word just a word."""
    return (
        len(name) >= SHORTEST and re.search(rb"[A-Za-z]", name) is not None and re.search(rb"[0-9]", name) is not None
    )


def _digits_replaced(name: bytes, number: int) -> bytes | None:
    """Return the name with a number in its digits: DU1234567 is DU0000001. None if it has too few digits."""
    places = [index for index, byte in enumerate(name) if byte in b"0123456789"]
    digits = b"%0*d" % (len(places), number)
    if len(digits) > len(places):
        return None
    made = bytearray(name)
    for index, digit in zip(places, digits, strict=True):
        made[index] = digit
    return bytes(made)


def _letters(length: int, number: int) -> bytes | None:
    """Return a number in digits and letters, filled up with X to this length. None if it is too long."""
    digits = b""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        digits = _LETTERS[digit : digit + 1] + digits
    return digits.rjust(length, b"X") if len(digits) <= length else None
