"""What a recorded connection asks of who plays it again: the server's pieces, and what the client said before each.

It also tells a live client from the recorded one; it must not know how either talks.
"""

from dataclasses import dataclass, field
from typing import Any

from ibdesk.errors import ProtocolError
from ibdesk.tape.format import Kind
from ibdesk.tape.reading import Tape
from ibdesk.tape.stream import Stream, agreed_version
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.explain import explain

LOOK_AHEAD = 100
"""So many of the tape's requests a live request is looked for among, since some may come in another order."""


@dataclass(slots=True)
class Piece:
    """Data of the server: when it was sent, in microseconds since the tape's start, after how many client frames."""

    time: int
    data: bytes
    after: int


@dataclass(slots=True)
class Script:
    """One recorded connection. The first of the client's frames is its handshake, and so is the first piece."""

    number: int
    version: int
    start: int
    pieces: list[Piece] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    ended_by: str = ""
    """`client` or `server`; else why the recording stops, or empty when the tape is cut."""


@dataclass(slots=True)
class Outline:
    """What is known of a connection before it is loaded."""

    version: int = 0
    pieces: int = 0


def outlines(tape: Tape) -> dict[int, Outline]:
    """The connections that can be played, by number. The others never got through a handshake."""
    found: dict[int, Outline] = {}
    for record in tape.records():
        outline = found.setdefault(record.connection, Outline())
        if record.kind is Kind.SERVER:
            outline.pieces += 1
        elif record.kind is Kind.VERSION:
            outline.version = agreed_version(record.payload) or 0
    return {number: outline for number, outline in sorted(found.items()) if outline.version}


def load(tape: Tape, number: int) -> Script:
    """The script of a connection of `outlines`."""
    script = Script(number, 0, 0)
    client = Stream(Sender.CLIENT)
    for record in tape.records():
        if record.connection != number:
            continue
        match record.kind:
            case Kind.CONNECTED:
                script.start = record.time
            case Kind.VERSION:
                script.version = agreed_version(record.payload) or 0
            case Kind.CLIENT:
                try:
                    script.requests += client.feed(record.payload)
                except ProtocolError:
                    break
            case Kind.SERVER:
                script.pieces.append(Piece(record.time, record.payload, len(script.requests)))
            case Kind.CLOSED:
                script.ended_by = record.payload.decode("utf-8", "replace")
    return script


class Comparison:
    """What a live client sends beside what the recorded one sent, the handshakes aside."""

    def __init__(self, script: Script) -> None:
        self._version = script.version
        self._expected = script.requests[1:]

    def differs(self, payload: bytes) -> str:
        """What is different about a live request, told with both messages; empty when the tape has the same."""
        if payload in self._expected[:LOOK_AHEAD]:
            self._expected.remove(payload)
            return ""
        told = f"the client sends what the tape does not have:\n{self._explained(payload)}"
        if self._expected:
            told += f"\nnext on the tape is:\n{self._explained(self._expected[0])}"
        return told

    @property
    def missing(self) -> int:
        """How many requests of the tape were not seen."""
        return len(self._expected)

    def next_expected(self) -> str:
        """The request of the tape that is next."""
        return self._explained(self._expected[0]) if self._expected else "(nothing)"

    def _explained(self, payload: bytes) -> str:
        return indented(explain(payload, Sender.CLIENT, self._version))


def indented(text: Any) -> str:
    """Each line two columns further right."""
    return "\n".join(f"  {line}" for line in str(text).splitlines())
