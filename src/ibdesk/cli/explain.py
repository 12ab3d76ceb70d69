"""The command `ibdesk explain`, which shows the messages of a tape or of captured bytes."""

import difflib
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ibdesk.printable import printable
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.tape import Hello, Kind, Record, Tape, TapeMessage, read_tape
from ibdesk.tape.capture import likely_version, read_capture
from ibdesk.tape.format import FAMILY
from ibdesk.tape.reading import Decoder
from ibdesk.wire.catalogue import Sender, messages
from ibdesk.wire.explain import explain as explain_payload

_HEX = re.compile(r"(?:0x)?[0-9a-f]{2}(?:[\s:,-]*(?:0x)?[0-9a-f]{2})*", re.IGNORECASE)
_ARROWS = {Sender.CLIENT: "client -> server", Sender.SERVER: "server -> client"}


class End(StrEnum):
    """One end of a connection, as an option on the command line."""

    client = "client"
    server = "server"


def explain(
    what: Annotated[
        list[str],
        typer.Argument(help="A tape, a file of captured bytes, or hex digits.", show_default=False),
    ],
    version: Annotated[
        int | None,
        typer.Option(
            help="Server version of captured bytes. Tapes and a server's handshake name it.", min=1, show_default=False
        ),
    ] = None,
    sender: Annotated[
        End | None,
        typer.Option(
            "--from", help="Who sent the bytes; by default the server. In a tape: show only what this end sent."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="In a tape: show only this message, such as orderStatus. Can be repeated.")
    ] = None,
    connection: Annotated[
        int | None, typer.Option(help="In a tape: show only the connection with this number.")
    ] = None,
) -> None:
    """Show messages of the TWS protocol as tables, with the name and meaning of every field.

    \b
    ibdesk explain monday.tape --only orderStatus --only error | less
    ibdesk explain captured.bin --from client --version 178
    ibdesk explain 00:00:00:d1:08:01 --from server --version 225
    """
    # A tape and a file of bytes are told apart by their first bytes. What is no file must be hex digits.
    path = Path(what[0]) if len(what) == 1 else None
    if path is not None and path.is_file():
        with path.open("rb") as file:
            is_tape = file.read(len(FAMILY)) == FAMILY
        if is_tape:
            lines = _tape(read_tape(path), sender, _names(only), connection)
        else:
            lines = _bytes(path.read_bytes(), sender, version)
    else:
        lines = _bytes(_digits(" ".join(what)), sender, version)
    for line in lines:
        print(line)


# --- bytes --------------------------------------------------------------------------------------------------------


def _digits(text: str) -> bytes:
    if not _HEX.fullmatch(text.strip()):
        raise typer.BadParameter(
            f"{text[:60]!r} is neither a file nor bytes in hex digits: expected a tape, a file of bytes, "
            "or digits in pairs, such as 00:00:00:d1:08:01",
            param_hint="what",
        )
    return bytes.fromhex(re.sub(r"0x|[\s:,-]", "", text, flags=re.IGNORECASE))


def _bytes(data: bytes, sender: End | None, version: int | None) -> Iterator[str]:
    try:
        found = read_capture(data)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="what") from error
    told = None if found.is_client is None else Sender.CLIENT if found.is_client else Sender.SERVER
    who = told or Sender(sender.value if sender else "server")
    if found.hello is not None:
        yield f"the handshake of the {who.value}: {found.hello.decode('utf-8', 'backslashreplace')!r}\n"
    for payload in found.payloads:
        number = version or found.version or likely_version(payload)
        yield f"{explain_payload(payload, who, number)}\n"
    if found.rest:
        yield f"{found.rest} more bytes are the beginning of a frame that is cut"
    if version is None and found.version is None and found.payloads:
        yield "(no --version was given: read as the newest server version whose messages begin like this)"
    if sender is None and told is None:
        yield "(no --from was given: read as sent by the server)"


# --- tapes --------------------------------------------------------------------------------------------------------


def _names(only: list[str] | None) -> set[str]:
    """Return the messages to show, in lower case, or an empty set to show all."""
    known = {one.name.lower(): one.name for one in messages()}
    for name in only or ():
        if name.lower() not in known:
            close = [known[one] for one in difflib.get_close_matches(name.lower(), known)]
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise typer.BadParameter(f"no message is called {name!r}{hint}", param_hint="--only")
    return {name.lower() for name in only or ()}


def _tape(tape: Tape, sender: End | None, names: set[str], connection: int | None) -> Iterator[str]:
    if tape.header is not None:
        by = f" by {printable(tape.header.program)}" if tape.header.program else ""
        scrubbed = ", accounts replaced" if tape.header.scrubbed else ""
        yield f"{printable(str(tape.path))}, recorded{by} from {tape.header.start:%Y-%m-%d %H:%M:%S} UTC on{scrubbed}\n"
    decoder, seen, shown = Decoder(), 0, 0
    for record in tape.records():
        if connection not in (None, record.connection):
            continue
        # When only some messages are wanted, connections that come and go would be in the way.
        if not names and sender is None and record.kind in (Kind.CONNECTED, Kind.CLOSED):
            yield _event(record)
        for message in decoder.messages(record):
            seen += 1
            if _is_wanted(message, sender, names):
                shown += 1
                yield _told(message)
    if not shown:
        yield "no message of the tape matches" if seen else "there is no message"
    if tape.damage:
        print(tape.damage, file=sys.stderr)


def _is_wanted(message: TapeMessage, sender: End | None, names: set[str]) -> bool:
    if sender is not None and message.sender.value != sender.value:
        return False
    told = message.message
    cls = told.message if isinstance(told, Undecodable) else type(told)
    return not names or (cls is not None and cls.__name__.lower() in names)


def _event(record: Record) -> str:
    what = "connected to" if record.kind is Kind.CONNECTED else "closed by"
    if record.payload not in (b"client", b"server") and record.kind is Kind.CLOSED:
        what = "no more:"
    told = printable(record.payload.decode("utf-8", "replace"))
    return f"{_time(record.seconds)}  connection {record.connection}  {what} {told}\n"


def _told(one: TapeMessage) -> str:
    head = f"{_time(one.time)}  connection {one.connection}  {_ARROWS[one.sender]}"
    match one.message:
        case Hello(versions):
            return f"{head}\nthe handshake of the client: server versions {printable(versions)}\n"
        case Opened(version, time):
            return f"{head}\nthe handshake of the server: version {version}, its clock {printable(time)}\n"
        case Undecodable(error) if not one.version:
            return f"{head}\n{error}\n"
    return f"{head}\n{explain_payload(one.payload, one.sender, one.version)}\n"


def _time(seconds: float) -> str:
    return str(timedelta(seconds=seconds))
