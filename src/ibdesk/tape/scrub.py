"""The scrubber, which replaces accounts, names and credentials in payloads by stand-ins of the same length.

The same account has the same stand-in on the whole tape, in both directions and encodings. No length changes, so that
every message can still be read. There are three ways to find what has to be replaced:

- By its field: some fields hold the code of an account, the name of a person or of a group of accounts, or an address.
- By its value: a name that was in such a field is also replaced in all other texts from then on. If it could be a
  common word or number, that is done in free texts only.
- By its form. IBKR's codes are replaced in any text except symbols of instruments: live U1234567, paper DU1234567,
  advisors F1234567 and DF1234567 (with an A at the end for all accounts of the advisor), brokers I1234567. In free
  texts mail addresses, names with dots (john.doe, gw7.example.com) and IP addresses are replaced too.

A tape may name any number of accounts, and a peer may name many only to cost time. So each text is searched in one
pass, which takes the same time however many names are known.
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
"""How many names get a stand-in of their own. Later ones are replaced by X, and only in the fields that hold them."""

SHORTEST, LONGEST = 4, 64
"""The least and the most characters of a name that is looked for in other texts than its own fields."""

LOOPBACK = frozenset({b"", b"127.0.0.1", b"localhost", b"::1"})
"""Hosts that identify nobody."""

_CODE = rb"(?:D[UFI][A-Z]?|[UFI])\d{5,9}[A-Z]?"
_CODE_ANYWHERE = re.compile(_CODE)
_CODE_ALONE = re.compile(rb"(?<![A-Za-z0-9])" + _CODE + rb"(?![A-Za-z0-9])")
_ALL_OF_ADVISOR = re.compile(rb"((?:D[UFI][A-Z]?|[UFI])\d{5,9})[A-Z]")
_LIKE_A_CODE = re.compile(rb"(?:D[UFI][A-Z]?|[UFI])\d+[A-Z]?|[0-9.:]+")
"""Names that differ from others in their digits only: codes, numbers, IP addresses."""

_ELEMENT = re.compile(rb"(<(?:acct|account|alias|String|name)>)([^<]*)")
"""The elements that name accounts, persons and groups in the XML of advisors."""

_WORD = re.compile(rb"[A-Za-z0-9_.@+-]+")
_LABEL = re.compile(rb"[A-Za-z][A-Za-z0-9_-]+")
_IPV4 = re.compile(rb"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = re.compile(rb"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{0,40}(?![0-9A-Za-z:])")
_IBKRS = re.compile(
    rb"[a-z]*(?:farm|hmds|secdef)[a-z]*(?:\.[a-z]+)+|(?:[\w-]+\.)*(?:interactivebrokers|ibkr|ibllc)\.[a-z.]+"
)
"""Hosts that everybody knows: IBKR's data farms (usfarm.nj) and its other hosts."""
_LONGEST_HOST = 254

_WORDS = frozenset({b"", b"All", b"*"})
"""Values of account fields that are no accounts."""

_REASONS = frozenset({b"client", b"server", b"the recording ended"})
"""The reasons for the end of a connection that ibdesk writes itself."""

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(2 * len(Sender))
def _codec(sender: Sender, version: int) -> Codec:
    return Codec(sender, version)


def without_credentials(payload: bytes, sender: Sender, version: int) -> bytes:
    """Return the payload with x in place of everything with which a program proves its identity."""
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
    """What replaces whatever identifies somebody, with the same stand-ins on the whole of one tape."""

    def __init__(self) -> None:
        self._names = _Names()
        self._stand_ins: dict[bytes, bytes] = {}  # by the name in lower case
        self._given: set[bytes] = set()
        self._numbers: dict[bytes, int] = {}  # the last number that was used, by the form that its stand-ins share

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
        """Return a text that is not a message, with stand-ins."""
        return self._replaced(text, Role.FREE)

    def scrub_peer(self, address: bytes) -> bytes:
        """Return host and port of a server, with a stand-in for the host unless it is this computer."""
        host, colon, port = address.rpartition(b":")
        return address if host in LOOPBACK else self._stand_in(host) + colon + port

    def scrub_reason(self, reason: bytes) -> bytes:
        """Return why a connection ended, with stand-ins."""
        return reason if reason in _REASONS else self.scrub_text(reason)

    # --- inside ---------------------------------------------------------------------------------------------------

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
        for name in new:  # entered first, so that no name becomes the stand-in of another
            self._stand_ins[name] = b""
            self._names.add(name)
        for name in new:
            self._stand_ins[name] = self._make(name.upper())

    def _replaced(self, text: bytes, role: Role) -> bytes:
        """Return a text with stand-ins for known names, and for whatever has a form that identifies somebody."""
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
        """Return the end and the stand-in of what begins here and has to be replaced, None if nothing does."""
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
        return b"X" * len(name)  # there are no more stand-ins of this length

    def _is_free(self, made: bytes) -> bool:
        small = made.lower()
        is_known = len(made) >= SHORTEST and small in self._stand_ins
        return made not in self._given and not is_known and not self._names.any_in(small)


class _Names:
    """Known names in lower case, and the search for them, which takes the same time however many there are."""

    def __init__(self) -> None:
        self._names: set[bytes] = set()
        self._lengths: dict[bytes, list[int]] = {}  # of names with the same beginning, the longest first
        self._first: set[int] = set()
        self._compile()

    def add(self, name: bytes) -> None:
        """Add a name to those that are searched for, if its length allows that."""
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
        """Compile the patterns for where a name may begin. This is done once for each first character of a name."""
        first = bytes(sorted(self._first))
        known = re.escape(first + first.upper())
        self._may_begin = re.compile(b"[" + known + b"]" if first else b"(?!)")
        any_text = re.compile(b"[" + known + b"DUFI]")
        free = re.compile(b"[" + known + rb"DUFI<]|(?<![A-Za-z0-9_.@+-])[A-Za-z0-9_+]")
        self.candidates: dict[Role, re.Pattern[bytes]] = dict.fromkeys(Role, any_text)
        self.candidates |= {Role.FREE: free, Role.PRODUCT: self._may_begin}

    def end_of(self, small: bytes, at: int, *, alone_too: bool) -> int | None:
        """Return where the name ends that begins here, None if none does.

        With `alone_too`, names that could be common words or numbers are found too, if they stand alone.
        """
        for length in self._lengths.get(small[at : at + SHORTEST], ()):
            name = small[at : at + length]
            if name in self._names and (_is_distinctive(name) or (alone_too and _stands_alone(small, at, at + length))):
                return at + length
        return None

    def any_in(self, text: bytes) -> bool:
        """Return whether the text has a name that cannot be a common word or number."""
        small = text.lower()
        starts: Iterator[re.Match[bytes]] = self._may_begin.finditer(small)
        return any(self.end_of(small, match.start(), alone_too=False) for match in starts)


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    return not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


def _private_end(text: bytes, at: int) -> int | None:
    """Return where a word ends that looks like the address or name of a person or host, None if none begins here."""
    if _WORD.match(text[at - 1 : at]):  # inside a word
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


def _is_distinctive(name: bytes) -> bool:
    """Return whether a name can be searched for in any text: it has letters and digits.

    A number alone may be a price, and letters alone may be a common word.
    """
    return (
        len(name) >= SHORTEST and re.search(rb"[A-Za-z]", name) is not None and re.search(rb"[0-9]", name) is not None
    )


def _digits_replaced(name: bytes, number: int) -> bytes | None:
    """Return the name with a number in place of its digits, as DU0000001 for DU1234567; None if it has too few."""
    places = [index for index, byte in enumerate(name) if byte in b"0123456789"]
    digits = b"%0*d" % (len(places), number)
    if len(digits) > len(places):
        return None
    made = bytearray(name)
    for index, digit in zip(places, digits, strict=True):
        made[index] = digit
    return bytes(made)


def _letters(length: int, number: int) -> bytes | None:
    """Return a number in digits and letters, with X before it up to this length; None if it is too long."""
    digits = b""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        digits = _LETTERS[digit : digit + 1] + digits
    return digits.rjust(length, b"X") if len(digits) <= length else None
