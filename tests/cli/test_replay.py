"""The command `ibdesk replay`, as a process of its own."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cli.commands import answer_of
from hostile import HOSTILE, is_harmless
from tape.tapes import answer, framed, hello, records, write

from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import NextValidId, ReqIds, StartApi

LINE = re.compile(
    r"replaying (.*) on 127\.0\.0\.1:(\d+): 1 connection, server version 178; "
    r"connect with IB\(\)\.connect\('127\.0\.0\.1', \2, clientId=\.\.\.\)\n"
)
COMMAND = [sys.executable, "-m", "ibdesk", "replay", "--port", "0", "--speed", "0"]
REPLY = framed(Sender.SERVER, 178, NextValidId(5))


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    made = records(178, (1, Sender.CLIENT, StartApi(1)), (2, Sender.SERVER, REPLY), ended_by="client")
    return write(tmp_path / "a.tape", made)


def play(port: int) -> None:
    """A client that asks for more than the tape has, and leaves."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(hello() + framed(Sender.CLIENT, 178, StartApi(1), ReqIds()))
        received = b""
        while len(received) < len(answer(178) + REPLY):
            received += client.recv(100)
        assert received == answer(178) + REPLY


def test_once(tape: Path) -> None:
    tape.write_bytes(tape.read_bytes()[:-1])
    with subprocess.Popen([*COMMAND, tape, "--once"], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        line = LINE.fullmatch(process.stdout.readline())
        assert line is not None
        play(int(line[2]))
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    damage, *told = errors.splitlines()
    assert damage.endswith("where record 7 begins: the file ends in the record")
    assert told[0] == "connection 1 of the tape: message 3: the client sends what the tape does not have:"
    assert told[1].startswith("  ReqIds, message 8 of the client")
    assert told[-1].endswith("1 of its messages were not the tape's, and 0 of the tape's did not come")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_again_and_again_until_it_is_interrupted(tape: Path, number: signal.Signals) -> None:
    with subprocess.Popen([*COMMAND, tape], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        line = LINE.fullmatch(process.stdout.readline())
        assert line is not None
        for _ in range(2):
            play(int(line[2]))
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_a_terminal_shows_how_far_it_is(tape: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen([*COMMAND, tape], stdout=-1, stderr=theirs, text=True, env=environment) as process:
        os.close(theirs)
        assert process.stdout is not None
        line = LINE.fullmatch(process.stdout.readline())
        assert line is not None
        shown = b""
        while b"waiting for a client" not in shown:
            shown += os.read(ours, 4096)
        play(int(line[2]))
        while b"2 of 2 pieces" not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    os.close(ours)
    assert process.returncode == 0


def test_what_cannot_be_played(tape: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return answer_of(*COMMAND[3:], *arguments)

    (tmp_path / "x").write_bytes(b"something else")
    done = run(tmp_path / "x")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path / 'x'} cannot be played: this is no tape that can be read: ")
    assert run(tmp_path / "nothing").returncode == 2
    assert run(tape, "--speed", "-1").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tape, "--port", port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"The replay cannot listen on 127.0.0.1:{port}: ")


def test_a_hostile_client(tape: Path) -> None:
    """What a client sends is told, and no line of it is the client's."""
    raw = HOSTILE.encode("utf-8", "backslashreplace")
    with subprocess.Popen([*COMMAND, tape, "--once"], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        line = LINE.fullmatch(process.stdout.readline())
        assert line is not None
        with socket.create_connection(("127.0.0.1", int(line[2])), timeout=20) as client:
            sent = b"".join(frame(head + raw + b"\0") for head in (b"", b"999\0", b"1\0"))
            client.sendall(hello() + sent + framed(Sender.CLIENT, 178, StartApi(1)))
            while client.recv(100):
                pass
        _, errors = process.communicate(timeout=20)
    assert errors.count("the client sends what the tape does not have") == 3
    assert is_harmless(errors)
