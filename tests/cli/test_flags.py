"""The pages of help: a flag has no type, and what an option can be is told."""

import os
import subprocess
import sys

import pytest


def help_of(*command: str) -> str:
    arguments = [sys.executable, "-m", "ibdesk", *command, "--help"]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("command", [(), ("paper",), ("record",), ("replay",), ("run",)], ids=" ".join)
def test_flags_have_no_type(command: tuple[str, ...]) -> None:
    text = help_of(*command)
    assert "--help" in text
    assert "bool" not in text
    assert not any("--verbose" in line and "<int>" in line for line in text.splitlines())


def test_run_tells_the_packages_that_there_are() -> None:
    assert "ib_async|ib_insync" in help_of("run")
