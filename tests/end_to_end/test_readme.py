"""The first program of the README runs as it stands, but for the port, and its simulation gives what it shows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from end_to_end.gateways import paper_on_a_free_port

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.slow
def test_the_first_program_prints_its_fill() -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found
    with paper_on_a_free_port("2026-11-20T10:30:00-05:00") as port:
        code = found[1].replace("7497", str(port))
        program = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
        )
    assert program.returncode == 0, program.stderr
    # asyncio's debug mode tells what took long; nothing else is told.
    assert [line for line in program.stderr.splitlines() if not line.startswith("Executing ")] == []
    quote, fills = program.stdout.splitlines()
    bid, ask = map(float, quote.split())
    assert 0 < bid < ask
    assert sum(shares for shares, _ in ast.literal_eval(fills)) == 100


@pytest.mark.slow
def test_the_simulation_gives_what_is_shown() -> None:
    shown = re.search(r"```text\n\$ ibdesk (simulate [^\n]*) --to \S*\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown
    # The first day of the week, which is the same without the others.
    command = [sys.executable, "-m", "ibdesk", *shown[1].split(), "--to", "2026-11-02"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=README.parent)
    assert (run.returncode, run.stderr) == (0, "")
    lines = shown[2].splitlines()
    fills, (title, head, _, day) = run.stdout.splitlines()[:2], run.stdout.splitlines()[3:7]
    assert lines[:2] == fills
    assert lines[4].split()[:2] == title.split()[:2]
    assert lines[5].split() == head.split()
    assert lines[7].split() == day.split()
