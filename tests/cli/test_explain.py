"""The command `ibdesk explain`: tapes, files of bytes, hex digits, and what is none of them."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hostile import HOSTILE, is_harmless
from tape.tapes import answer, framed, hello, records, write
from typer.testing import CliRunner, Result

from ibdesk.cli.explain import explain
from ibdesk.tape import Kind, Record
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import CurrentTime, Error, NextValidId, ReqCurrentTime, StartApi

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER


def run(*arguments: object) -> Result:
    """The command with these arguments."""
    app = typer.Typer()
    app.command()(explain)
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "300", "TERM": "dumb"})


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Two connections, the second of which is cut."""
    first = records(178, (1.5, CLIENT, StartApi(1)), (2, SERVER, NextValidId(5)), ended_by="client")
    second = records(225, (61.25, SERVER, CurrentTime(7)), (62, SERVER, frame(b"\0\0")), connection=2)
    path = write(tmp_path / "a.tape", [*first, *second, *records(225, connection=3)[:1]], "ibdesk", True)
    path.write_bytes(path.read_bytes()[:-1])
    return path


def test_a_tape(tape: Path) -> None:
    done = run(tape)
    assert done.exit_code == 0
    assert done.stdout.startswith(
        f"{tape}, recorded by ibdesk from 2026-11-20 15:30:00 UTC on, accounts replaced\n"
        "\n"
        "0:00:00  connection 1  connected to 127.0.0.1:7497\n"
        "\n"
        "0:00:00  connection 1  client -> server\n"
        "the handshake of the client: server versions v157..225\n"
        "\n"
        "0:00:00  connection 1  server -> client\n"
        "the handshake of the server: version 178, its clock 20261120 10:30:00 EST\n"
        "\n"
        "0:00:01.500000  connection 1  client -> server\n"
        "StartApi, message 71 of the client at version 178, 3 fields of text\n"
        "  0  (out of use)          '2'\n"
        "  1  clientId              '1'\n"
    )
    assert "\n0:00:02  connection 1  closed by client\n" in done.stdout
    assert "\n0:01:01.250000  connection 2  server -> client\nCurrentTime, message 249 of" in done.stdout
    assert "2 bytes of the server at version 225\n  a message v225: id (field 0) has 2 bytes, not 4" in done.stdout
    assert done.stderr.startswith("the tape is readable up to byte ")
    assert "where record 14 begins: the file ends in the record" in done.stderr


def test_what_is_wanted_of_a_tape(tape: Path) -> None:
    titles = [
        line.partition(",")[0] for line in run(tape, "--only", "nextValidId").stdout.split("\n") if "message" in line
    ]
    assert titles == ["NextValidId"]
    both = run(tape, "--only", "CurrentTime", "--only", "startapi").stdout
    assert both.count(", message ") == 2
    assert run(tape, "--from", "client").stdout.count(", message ") == 1
    assert run(tape, "--from", "client").stdout.count("handshake") == 2
    assert run(tape, "--connection", "2").stdout.count("connection 2") == 5
    assert "connection 1" not in run(tape, "--connection", "2").stdout
    assert run(tape, "--only", "openOrder").stdout.endswith("\nno message of the tape matches\n")


def test_a_message_that_does_not_exist(tape: Path) -> None:
    done = run(tape, "--only", "orderStatos")
    assert done.exit_code == 2
    assert "no message is called 'orderStatos'; did you mean OrderStatus" in done.stderr
    assert "no message is called 'zzzzzz'" in run(tape, "--only", "zzzzzz").stderr


def test_a_tape_of_what_is_not_tws(tmp_path: Path) -> None:
    made = [Record(0, 1, Kind.CLIENT, b"GET / HTTP"), Record(0, 1, Kind.CLOSED, b"the recording ended")]
    shown = run(write(tmp_path / "a.tape", made)).stdout
    assert "the stream: a client begins with b'API\\x00'; this one sent b'GET / HTTP'" in shown
    assert "0:00:00  connection 1  no more: the recording ended" in shown


def test_a_tape_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "a.tape").write_bytes(b"ibdesk tape 7\n{}\n")
    done = run(tmp_path / "a.tape")
    assert done.stdout == "there is no message\n"
    assert done.stderr == "this is no tape that can be read: its format is b'7'; this ibdesk reads format 1\n"


@pytest.mark.parametrize(
    "spelled", ["000000d10801", "00:00:00:D1:08:01", "0x00 0x00 0x00 0xd1 0x08 0x01", "00-00-00-d1-08-01"]
)
def test_hex_digits(spelled: str) -> None:
    table = "NextValidId, message 209 of the server at version 225, 2 bytes of protobuf\n  1  orderId  1\n"
    assert run(spelled, "--version", 225, "--from", "server").stdout == table + "\n"
    assert run("00 00 00 06", spelled, "--version", 225, "--from", "server").stdout == table + "\n"


def test_what_is_not_told_is_guessed_and_said() -> None:
    shown = run(b"9\x001\x005\0".hex()).stdout
    assert shown.startswith("NextValidId, message 9 of the server at version 200, 2 fields of text\n")
    assert "(no --version was given: read as the newest" in shown
    assert "(no --from was given: read as sent by the server)" in shown


def test_files_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "captured.bin"
    path.write_bytes(answer(178) + framed(SERVER, 178, NextValidId(5)) + b"\0\0")
    shown = run(path).stdout
    assert shown.startswith(
        "the handshake of the server: '178\\x0020261120 10:30:00 EST\\x00'\n\n"
        "NextValidId, message 9 of the server at version 178, "
    )
    assert shown.endswith("2 more bytes are the beginning of a frame that is cut\n")
    path.write_bytes(hello() + framed(CLIENT, 178, ReqCurrentTime()))
    shown = run(path, "--version", 178).stdout
    assert shown.startswith(
        "the handshake of the client: 'v157..225'\n\nReqCurrentTime, message 49 of the client at version 178, "
    )
    assert "--from" not in shown


@pytest.mark.parametrize("what", ["no_such.tape", "123", "00:0g", "."])
def test_what_is_nothing_that_can_be_explained(what: str) -> None:
    done = run(what)
    assert done.exit_code == 2
    assert f"{what!r} is neither a file nor bytes in hex digits: expected a tape, a file of bytes, or" in done.stderr


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert "there is nothing to explain: not one byte" in run(tmp_path / "empty").stderr


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tape", records(178, *[(1, SERVER, NextValidId(5))] * 5000))
    with subprocess.Popen([sys.executable, "-m", "ibdesk", "explain", path], stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("version", [178, 225])
def test_hostile_texts(tmp_path: Path, version: int) -> None:
    """What a tape holds may be anybody's: nothing of it moves the cursor or looks like a line of ours."""
    raw = HOSTILE.encode("utf-8", "backslashreplace")
    made = [
        Record(0, 1, Kind.CONNECTED, raw),
        Record(0, 1, Kind.CLIENT, hello(f"v157..225 {HOSTILE.replace(chr(0xD800), '')}")),
        Record(0, 1, Kind.SERVER, answer(version, HOSTILE.replace("\0", ""))),
        Record(0, 1, Kind.VERSION, b"%d" % version),
        Record(0, 1, Kind.SERVER, framed(SERVER, version, Error(1, 201, HOSTILE.replace("\0", "")))),
        Record(0, 1, Kind.SERVER, frame(raw)),
        Record(0, 1, Kind.CLIENT, frame(b"999\0" + raw + b"\0")),
        Record(0, 1, Kind.CLOSED, raw),
        Record(0, 2, Kind.CLIENT, raw),
        Record(0, 3, Kind.SERVER, frame(raw)),
    ]
    path = write(tmp_path / "hostile\x1b[2J.tape", made, HOSTILE.encode("utf-8", "replace").decode())
    done = run(path)
    assert done.exit_code == 0
    assert "all positions closed" in done.output
    assert is_harmless(done.output)
    for data in (framed(SERVER, version, Error(1, 201, HOSTILE.replace("\0", ""))), raw):
        (tmp_path / "bytes").write_bytes(data)
        assert is_harmless(run(tmp_path / "bytes", "--version", version).output)
