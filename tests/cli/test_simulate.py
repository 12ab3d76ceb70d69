"""The command `ibdesk simulate`: what a program prints, how it ends, and what is told of it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.commands import answer_of

SIMULATE = [sys.executable, "-m", "ibdesk", "simulate"]
DAY = ["--from", "2026-11-02", "--to", "2026-11-02"]
MORNING = ["--from", "2026-11-02T09:30", "--to", "2026-11-02T10:00"]

BUYS = """
import sys
from datetime import datetime
from zoneinfo import ZoneInfo
from {package} import *

ib = IB()
ib.connect(port=7497, clientId=1)
trade = ib.placeOrder(Stock("AAPL", "SMART", "USD", conId=265598), MarketOrder("BUY", 100))
while not trade.isDone():
    ib.waitOnUpdate()
print(sys.argv[1:], f"{{datetime.now(ZoneInfo('US/Eastern')):%H:%M}}", trade.orderStatus.status)
{then}
"""


def done(folder: Path, text: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(text)
    command = [*SIMULATE, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, **options)


def test_a_program_runs_to_the_end_of_the_days(tmp_path: Path):
    program = BUYS.format(package="ib_async", then="ib.run()")
    arguments = ["program.py", "a", *MORNING, "--as", "ib_async", "--seed", "3", "--cash", "50000", "--", "--from", "b"]
    found = done(tmp_path, program, *arguments)
    assert (found.returncode, found.stderr) == (0, "")
    printed, empty, title, header, _, day = found.stdout.splitlines()[:6]
    assert printed == "['a', '--from', 'b'] 09:30 Filled"
    assert empty == ""
    assert title == "2026-11-02 09:30 to 2026-11-02 10:00 New York time, account DU1234567"
    assert header.split()[:3] == ["day", "orders", "fills"]
    assert day.split()[:3] == ["2026-11-02", "1", "1"]
    assert day.split()[-1][:3] in ("49,", "50,")


def test_a_day_begins_at_nine_and_an_error_tells_the_moment(tmp_path: Path):
    program = BUYS.format(package="ibdesk", then="ib.sleep(90)\nx = 1 / 0")
    found = done(tmp_path, program, *DAY, "program.py")
    assert found.returncode == 1
    assert "[] 09:30 Filled" in found.stdout
    assert "account DU1234567" in found.stdout
    first, *_, error, moment = found.stderr.splitlines()
    assert first == "Traceback (most recent call last):"
    assert re.findall(r'File ".*/(.*)", line \d+, in (.*)', found.stderr) == [("program.py", "<module>")]
    assert error == "ZeroDivisionError: division by zero"
    assert moment.startswith("It was Monday 2026-11-02 09:31:30")


def test_a_package_that_is_not_installed_has_a_stand_in(tmp_path: Path):
    program = "import sys\nsys.modules['ib_async'] = None\nfrom ib_async import *\n"
    found = done(tmp_path, program, "program.py", *DAY)
    assert found.returncode == 1
    assert found.stderr.endswith("\nib_async is not installed. ibdesk stands in for it:  --as ib_async\n")


@pytest.mark.parametrize(
    ("day", "warned"),
    [
        ("2026-10-30", "2026-10-30 09:00 to 2026-10-31 00:00"),
        ("2026-11-02", "2026-11-02 09:32 to 2026-11-03 00:00"),
        ("2026-11-03", "2026-11-03 09:00 to 2026-11-04 00:00"),
    ],
)
def test_files_of_another_time_are_warned_of(tmp_path: Path, day: str, warned: str):
    rows = ["2026-11-02 09:30:00-05:00,5,5,5,5", "2026-11-02 09:31:00-05:00,5,5,5,5"]
    (tmp_path / "aapl.csv").write_text("\n".join(["datetime,open,high,low,close", *rows, ""]))
    found = done(tmp_path, "", "program.py", "--from", day, "--to", day, "--data", "aapl.csv")
    warning = f"the files have no prices of AAPL from {warned} New York time, in the simulation\n"
    assert (found.returncode, found.stderr) == (0, warning)


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [("sys.exit(3)", 3, ""), ("sys.exit('no money')", 1, "no money\n"), ("sys.exit()", 0, ""), ("", 0, "")],
)
def test_a_program_ends_as_under_python(tmp_path: Path, end: str, code: int, said: str):
    found = done(tmp_path, f"import sys, time\ntime.sleep(60)\n{end}", "program.py", *MORNING)
    assert (found.returncode, found.stderr) == (code, said)
    assert "2026-11-02 09:30 to 2026-11-02 09:31" in found.stdout


def test_ctrl_c_ends_it_with_what_there_is(tmp_path: Path):
    (tmp_path / "program.py").write_text(
        "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('here', flush=True)\nwhile True: time.sleep(1e-6)\n"
    )
    command = [*SIMULATE, "program.py", *DAY]
    with subprocess.Popen(command, cwd=tmp_path, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert errors == "Interrupted.\n"
    assert "2026-11-02 09:00 to 2026-11-02 09:" in told


def test_a_terminal_shows_a_bar(tmp_path: Path):
    program = """
from ibdesk import *
ib = IB().connect(port=7497, clientId=1)
ib.placeOrder(Stock("AAPL", "SMART", "USD", conId=265598), MarketOrder("BUY", 5000))
for _ in range(4):
    ib.sleep(3600)
    print('an hour')
"""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "80"}
    found = done(tmp_path, program, "program.py", "--from", "2026-11-02", "--to", "2026-11-04", env=environment)
    assert found.returncode == 0
    assert "day 1 of 3  P&L" in found.stderr
    assert "Mon 2026-11-02 09:00" in found.stderr
    frames = re.findall(r"day 1 of 3  P&L \S+", re.sub(r"\x1b\[[\d;]*m", "", found.stderr))
    assert len({len(frame) for frame in frames}) > 1
    lengths = {len(re.findall("[━╸╺]", frame)) for frame in found.stderr.split("Mon 2026")[1:] if "day 1 of" in frame}
    assert len(lengths) == 1
    assert found.stdout.startswith("an hour\nan hour\nan hour\nan hour\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.py", *DAY], "there is no file 'none.py'"),
        (
            ["program.py", "--from", "monday", "--to", "2026-11-02"],
            "Invalid value for --from: start has to be a day such as",
        ),
        (
            ["program.py", "--from", "2026-11-02", "--to", "2026-11-01"],
            "Invalid value for --to: end has to be after the start",
        ),
        (["program.py", *DAY, "--as", "ibapi"], "not for 'ibapi'"),
        (["program.py", *DAY, "--cash", "1e15"], "Invalid value for --cash: cash is an amount"),
        (["program.py", *DAY, "--speed", "0"], "Invalid value for --speed: speed is"),
        (["program.py", *DAY, "--only-data"], "Invalid value for --only-data: only_data=True belongs to data"),
        (
            ["program.py", *DAY, "--data", "none.csv"],
            "Invalid value for --data: no such file or folder of prices: 'none.csv'",
        ),
        (["program.py", *DAY, "--data", "aapl.csv"], "Invalid value for --data: aapl.csv, line 2: zone unknown"),
        (
            ["program.py", *DAY, "--scenario", "none.yaml"],
            "Invalid value for --scenario: none.yaml: it cannot be read: No such file or directory",
        ),
        (
            ["program.py", *DAY, "--scenario", "night.yaml"],
            "Invalid value for --scenario: night.yaml, faults[0] (cut): at='soon'",
        ),
        (
            ["program.py", *DAY, "--scenario", "early.yaml"],
            "Invalid value for --scenario: faults[0] (cut): at=2026-11-01 12:00:00 is before the start",
        ),
        (
            ["program.py", *DAY, "--scenario", "nobody.yaml"],
            "Invalid value for --scenario: faults[0] (gap): instrument='XYZXYZ': the gateway has no prices",
        ),
        (["program.py", *DAY, "--symbol"], "No such option"),
        (["program.py", "--to", "2026-11-02"], "Missing option"),
    ],
)
def test_arguments_that_make_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str):
    (tmp_path / "program.py").write_text("")
    (tmp_path / "aapl.csv").write_text("datetime,open,high,low,close\n2026-11-02 09:30:00,5,5,5,5\n")
    (tmp_path / "night.yaml").write_text("faults: [{kind: cut, at: soon}]")
    (tmp_path / "early.yaml").write_text("faults: [{kind: cut, at: 2026-11-01T12:00}]")
    (tmp_path / "nobody.yaml").write_text("faults: [{kind: gap, at: 5, instrument: XYZXYZ}]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    found = answer_of("simulate", *arguments)
    assert found.returncode == 2
    assert said in found.stderr


def test_without_its_library(tmp_path: Path):
    (tmp_path / "program.py").write_text("")
    command = "import sys; sys.modules['time_machine'] = None; from ibdesk.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", command, "simulate", "program.py", *DAY],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert found.returncode == 1
    assert found.stderr == (
        "ibdesk simulate needs more than the core: install it with  pip install 'ibdesk[simulation]'  "
        "(A simulation needs time_machine: pip install 'ibdesk[simulation]')\n"
    )
