"""The pages of help: a flag has no type, and what an option can be is told."""

import pytest
from cli.commands import answer_of


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")


def help_of(*command: str) -> str:
    answer = answer_of(*command, "--help")
    assert answer.returncode == 0
    return answer.stdout


@pytest.mark.parametrize("command", [(), ("paper",), ("record",), ("replay",), ("run",)], ids=" ".join)
def test_flags_have_no_type(command: tuple[str, ...]) -> None:
    text = help_of(*command)
    assert "--help" in text
    assert "bool" not in text
    assert not any("--verbose" in line and "<int>" in line for line in text.splitlines())


def test_run_tells_the_packages_that_there_are() -> None:
    assert "ib_async|ib_insync" in help_of("run")
