"""The command `ibdesk record`: its service as a process of its own, its refusals not."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cli.commands import answer_of
from tape.tapes import answer, framed, hello

from ibdesk.cli.ending import reachable
from ibdesk.session.connection import Opened
from ibdesk.tape import Hello, Kind, read_tape
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import ManagedAccounts

LINE = re.compile(
    r"recording to (.*), accounts replaced: connect to 127\.0\.0\.1:(\d+) in place of 127\.0\.0\.1:(\d+); "
    r"Ctrl\+C ends it\n"
)
COMMAND = [sys.executable, "-m", "ibdesk", "record"]


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return answer_of("record", *arguments)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_records_until_it_is_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "a.tape"
    told = answer(178) + framed(Sender.SERVER, 178, ManagedAccounts("DU1234567"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = [*COMMAND, path, "--listen", "0", "--to", str(port), "--scrub"]
        with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
            assert process.stdout is not None
            line = LINE.fullmatch(process.stdout.readline())
            assert line is not None
            assert (line[1], line[3]) == (str(path), str(port))
            with socket.create_connection(("127.0.0.1", int(line[2])), timeout=20) as client:
                link, _ = server.accept()
                with link:
                    client.sendall(hello())
                    assert link.recv(100) == hello()
                    link.sendall(told)
                    received = b""
                    while len(received) < len(told):
                        received += client.recv(100)
                    process.send_signal(number)
                    out, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == f"{path}: 1 connection, {path.stat().st_size:,} bytes; see  ibdesk explain {path}\n"
    assert [line[9:] for line in errors.splitlines()] == [
        "connection 1 is open",
        "connection 1 is closed: the recording ended",
    ]
    tape = read_tape(path)
    assert [one.message for one in tape.messages()] == [
        Hello("v157..225"),
        Opened(178, "20261120 10:30:00 EST"),
        ManagedAccounts("DU0000001"),
    ]
    assert list(tape.records())[-1].kind is Kind.CLOSED
    assert b"DU1234567" not in path.read_bytes()


def test_a_disk_that_is_full_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    told = answer(178) + framed(Sender.SERVER, 178, *[ManagedAccounts("DU1234567")] * 1000)
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [*map(str, COMMAND), str(path), "--listen", "0", "--to", str(server.getsockname()[1])]
        # No file may be longer than 4 blocks of 512 bytes: the next write fails, as it does on a full disk.
        limited = ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *command]
        with subprocess.Popen(limited, stdout=-1, stderr=-1, text=True) as process:
            assert process.stdout is not None
            port = process.stdout.readline().partition("connect to 127.0.0.1:")[2].partition(" ")[0]
            with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as client:
                link, _ = server.accept()
                with link:
                    client.sendall(hello())
                    assert link.recv(100) == hello()
                    link.sendall(told)
                    received = 0
                    while received < len(told):
                        received += len(client.recv(1 << 16))
                    assert process.stderr is not None
                    lines = [process.stderr.readline() for _ in range(2)]
                    client.sendall(b"still there")
                    assert link.recv(100) == b"still there"
                    process.send_signal(signal.SIGINT)
                    _, errors = process.communicate(timeout=20)
    assert lines[1][9:] == f"{path}: [Errno 27] File too large; the recording ends here, the connection goes on\n"
    assert "File too large" not in errors
    assert process.returncode == 1
    tape = read_tape(path)
    assert [one.kind for one in tape.records()][:2] == [Kind.CONNECTED, Kind.CLIENT]


def test_what_cannot_be_begun(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    path.write_bytes(b"mine")
    done = run(path)
    assert (done.returncode, done.stderr) == (1, f"{path} exists already, and is not overwritten: name another file\n")
    assert path.read_bytes() == b"mine"
    done = run(tmp_path / "nowhere" / "a.tape")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be written: No such file or directory" in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path / "b.tape", "--listen", port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"The recorder cannot listen on 127.0.0.1:{port}: ")
    assert not (tmp_path / "b.tape").exists()


@pytest.mark.parametrize("arguments", [["--listen", "x"], ["--to", "localhost"], ["--to", "h:99999"]])
def test_addresses_that_are_none(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path / "a.tape", *arguments)
    assert done.returncode == 2
    assert "is not an address: expected a port" in done.stderr
    assert not (tmp_path / "a.tape").exists()


@pytest.mark.parametrize(
    ("text", "address"),
    [("7498", ("127.0.0.1", 7498)), ("tws.lan:7496", ("tws.lan", 7496)), ("[::1]:4001", ("::1", 4001))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert reachable(text) == address
