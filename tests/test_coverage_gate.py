"""The gate for the coverage of the tests: once on what coverage.py measured, then on made-up reports."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import coverage_gate
import pytest
from coverage_gate import shortfalls

PROGRAM = """\
def larger(a, b):
    if a < b:
        a = b
    return a


def waits(n):
    while n:
        n -= 1

    return "done"


larger(1, 2)
"""


@pytest.fixture(autouse=True)
def _gates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage_gate, "GATES", {"wire": 100})
    monkeypatch.setattr(coverage_gate, "NOT_YET", {"tape": 60})


def report(**covered: int) -> dict[str, Any]:
    """As if `covered[room]` of 100 statements were run in each room; all in `tape`, unless it is named."""
    return {
        "meta": {"branch_coverage": True},
        "files": {
            f"src/ibdesk/{room}/part.py": {
                "summary": {"num_statements": 100, "covered_lines": lines, "num_branches": 0, "covered_branches": 0},
                "executed_lines": list(range(1, lines + 1)),
                "missing_lines": list(range(lines + 1, 101)),
                "missing_branches": [],
            }
            for room, lines in ({"wire": 100, "tape": 100} | covered).items()
        },
    }


@pytest.mark.parametrize(
    ("option", "told"),
    [
        # 6 of 9 statements, and 1 of 4 branches.
        ("--branch", ["53.84 % of its statements and branches", "8-11, 2->4"]),
        ("", ["66.66 % of its statements", "8-11"]),
    ],
)
def test_what_no_test_runs_is_named(tmp_path: Path, option: str, told: list[str]) -> None:
    module = tmp_path / "src" / "ibdesk" / "wire" / "part.py"
    module.parent.mkdir(parents=True)
    module.write_text(PROGRAM)
    # Not measured for the run of this very test.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    for arguments in (f"run {option} --include=src/* src/ibdesk/wire/part.py", "json --quiet -o report.json"):
        command = [sys.executable, "-m", "coverage", *arguments.split()]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    measured = json.loads((tmp_path / "report.json").read_text())
    assert shortfalls(measured | {"files": report()["files"] | measured["files"]}) == [
        f"wire: {told[0]}, and 100 % are needed",
        f"  src/ibdesk/wire/part.py: {told[1]}",
    ]


def test_each_room_has_its_gate() -> None:
    assert shortfalls(report(wire=100, client=95, tape=60)) == []
    assert shortfalls(report(wire=99, client=94, tape=59)) == [
        "client: 94.00 % of its statements and branches, and 95 % are needed",
        "  src/ibdesk/client/part.py: 95-100",
        "tape: 59.00 % of its statements and branches, and 60 % are needed",
        "  src/ibdesk/tape/part.py: 60-100",
        "wire: 99.00 % of its statements and branches, and 100 % are needed",
        "  src/ibdesk/wire/part.py: 100",
    ]


def test_what_was_not_measured_does_not_pass() -> None:
    without_wire = report()
    del without_wire["files"]["src/ibdesk/wire/part.py"]
    assert shortfalls(without_wire) == ["wire: none of its files was measured"]


def test_nearly_all_is_not_shown_as_all() -> None:
    assert coverage_gate.shown(99.999) == "99.99"


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("src/ibdesk/wire/messages/orders.py", "wire"),
        ("src\\ibdesk\\wire\\text.py", "wire"),
        ("/home/somebody/ibdesk/src/ibdesk/codes.py", "ibdesk"),
    ],
)
def test_a_room_is_a_folder_of_the_package(path: str, room: str) -> None:
    assert coverage_gate.room_of(path) == room
