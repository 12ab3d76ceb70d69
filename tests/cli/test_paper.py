"""The command `ibdesk paper`: its service as a process of its own, its refusals not."""

import re
import signal
import socket
import subprocess
import sys

import pytest
from cli.commands import answer_of

from ibdesk import cli
from ibdesk.session.connection import Connection, Opened
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import ManagedAccounts, StartApi

LINE = re.compile(
    r"ibdesk paper gateway on 127\.0\.0\.1:(\d+), account DU77, clock from 2026-04-15 10:00:00 US/Eastern; "
    r"connect with IB\(\)\.connect\('127\.0\.0\.1', \1, clientId=1\)\n"
)
COMMAND = [sys.executable, "-m", "ibdesk", "paper", "--start-time", "2026-04-15T10:00", "--account", "DU77"]


def run(*arguments):
    return answer_of(*COMMAND[3:], *arguments)


IN_BACKGROUND = ["sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"]
"""Starts a command as nohup and a shell's & do: with the signals of the terminal ignored."""


@pytest.mark.parametrize("launcher", [[], IN_BACKGROUND], ids=["in front", "in the background"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_serves_and_ends_on_a_signal(number, launcher):
    command = [*launcher, *COMMAND, "--port", "0", "--max-server-version", "178"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        told = LINE.fullmatch(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", int(told[1])), timeout=20) as link:
            core = Connection(Sender.CLIENT)
            link.sendall(core.data_to_send())
            (opened,) = core.receive_data(link.recv(4096))
            assert isinstance(opened, Opened)
            assert opened.serverVersion == 178
            process.send_signal(number)
            out, errors = process.communicate(timeout=20)
            assert (process.returncode, out, errors) == (0, "", "")


def test_a_port_in_use_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"The paper gateway cannot listen on 127.0.0.1:{port}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--start-time", "soon", "start_time is an ISO date and time"),
        ("--start-time", "1900-01-01", "the market knows the years 1981 to 2099"),
        ("--max-server-version", "99", "Invalid value for '--max-server-version'"),
        ("--port", "70000", "Invalid value for '--port'"),
        ("--account", "", "account is the code of one account"),
        ("--account", "DU1,DU2", "account is the code of one account"),
        ("--cash", "-5", "Invalid value for '--cash'"),
        ("--cash", "nan", "Invalid value for '--cash'"),
        ("--cash", "inf", "cash is an amount of US dollars"),
        ("--seed", "1.5", "Invalid value for '--seed'"),
        ("--host", "", "host is an address to listen on"),
    ],
)
def test_arguments_that_cannot_be_meant(option, value, told):
    done = run(option, value)
    assert (done.returncode, done.stdout) == (2, "")
    # It is told in a box of the terminal's width.
    assert told in re.sub(r"[\s\u2500-\u257f]+", " ", done.stderr)


@pytest.mark.parametrize(("module", "command"), [("typer", "on the command line"), ("numpy", "paper")])
def test_what_is_not_installed_is_told(module, command):
    code = (
        f"import sys; sys.modules['{module}'] = None; sys.argv = ['ibdesk', 'paper']; import ibdesk.cli as c; c.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"ibdesk {command} needs more than the core: install it with  pip install 'ibdesk[paper]'"
    )
    assert done.stderr.count("\n") == 1


def test_the_demo_is_found_when_it_runs(monkeypatch):
    import types

    ran = []
    demo = types.ModuleType("ibdesk.cli.demo")
    demo.run_demo = lambda: ran.append(1)
    monkeypatch.setitem(sys.modules, "ibdesk.cli.demo", demo)
    cli.start_demo()
    assert ran == [1]


def test_a_demo_without_its_libraries_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "ibdesk.cli.demo", None)
    with pytest.raises(SystemExit, match=r"^ibdesk demo needs more than the core: .*ibdesk\[paper\]"):
        cli.start_demo()


def test_files_of_prices_are_quoted_from(tmp_path):
    lines = [f"2026-03-0{day},{day},{day},{day},{day},100" for day in (2, 3, 4)]
    (tmp_path / "AAPL.csv").write_text("\n".join(["Date,Open,High,Low,Close,Volume", *lines]))
    command = [*COMMAND[:3], "paper", "--port", "0", "--data", str(tmp_path), "--only-data"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        assert "clock from 2026-03-02 09:30:00 US/Eastern" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "nowhere"], "--data: no such file or folder of prices: 'nowhere'"),
        (["--data", "{}/AAPL.csv"], "--data: {}/AAPL.csv, line 3: time 2026-03-01 goes back: 2026-03-02 is before it"),
        (
            ["--zone", "Europe/Warsaw"],
            "--zone: zone='Europe/Warsaw' belongs to data (files of prices), and none is given",
        ),
        (["--only-data"], "--only-data: only_data=True belongs to data (files of prices), and none is given"),
        (["--data", "{}", "--zone", "Mars"], "--zone: zone is one such as America/New_York, not 'Mars'"),
        (["--start-time", "noon"], "--start-time: start_time is an ISO date and time such as"),
        (["--start-time", "1970-01-01"], "--start-time: the market knows the years"),
        (["--account", "DU 1"], "--account: account is the code of one account"),
    ],
)
def test_data_that_cannot_be_meant_are_told(tmp_path, arguments, told):
    text = "Date,Open,High,Low,Close\n2026-03-02,1,1,1,1\n2026-03-01,1,1,1,1\n"
    (tmp_path / "AAPL.csv").write_text(text)
    done = run("--port", "0", *(each.format(tmp_path) for each in arguments))
    assert done.returncode == 2
    expected = f"Invalid value for {told.format(tmp_path)}"
    assert re.sub(r"\s", "", expected) in re.sub(r"[\s│]", "", done.stderr)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file or directory"),
        ("faults: [{kind: cut, at: -1}]", "s.yaml, faults[0] (cut): at=-1: it is a number of seconds"),
        ("faults: [{kind: cut, at: 2026-04-15T09:00}]", "faults[0] (cut): at=2026-04-15 09:00:00 is before the start"),
        (
            "faults: [{kind: gap, at: 5, instrument: XYZXYZ}]",
            "faults[0] (gap): instrument='XYZXYZ': the gateway has no",
        ),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_told(tmp_path, text, told):
    if text:
        (tmp_path / "s.yaml").write_text(text)
    done = run("--port", "0", "--scenario", str(tmp_path / "s.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.sub(r"\s", "", told) in re.sub(r"[\s─-╿]", "", done.stderr)


def test_a_scenario_is_played(tmp_path):
    (tmp_path / "s.yaml").write_text("faults: [{kind: cut, at: {after: ManagedAccounts}}]")
    command = [*COMMAND, "--port", "0", "--scenario", str(tmp_path / "s.yaml")]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        told = LINE.fullmatch(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", int(told[1])), timeout=20) as link:
            core = Connection(Sender.CLIENT)
            link.sendall(core.data_to_send())
            heard = core.receive_data(link.recv(4096))
            core.send(StartApi(1))
            link.sendall(core.data_to_send())
            while data := link.recv(4096):
                heard += core.receive_data(data)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert [type(message) for message in heard] == [Opened, ManagedAccounts]
    assert errors.count("\n") == 1
    assert "a fault of the scenario comes: Cut(at=After(message='ManagedAccounts', " in errors
