"""The arguments and options that several commands have: the help of each says the same of them."""

import re

import pytest
from cli.commands import answer_of


def described(command: str, name: str) -> str:
    """What the help of a command says of an option, without the frame, whose width depends on the other options."""
    text = answer_of(command, "--help").stdout
    [line] = [line for line in text.splitlines() if re.match(rf"│[ *]+{re.escape(name)} ", line)]
    return " ".join(line.strip("│ ").split())


@pytest.mark.parametrize(
    ("commands", "names"),
    [
        (("paper", "simulate"), ["--seed", "--cash", "--data", "--zone", "--data-cache", "--only-data", "--scenario"]),
        (("run", "simulate"), ["program", "arguments...", "-m"]),
    ],
)
def test_commands_describe_what_they_share_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch, commands: tuple[str, str], names: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in names:
        one, other = (described(command, name) for command in commands)
        assert one == other
        assert len(one.split()) > 4
