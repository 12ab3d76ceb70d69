"""Every record of ibdesk is one line that was not forged, whatever a server, a client or a file says."""

import ast
import io
import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hostile import FORGED, HOSTILE, is_harmless

from ibdesk import RequestError
from ibdesk.logs import logger

SRC = Path(__file__).resolve().parents[1] / "src"
LOGGERS = {"_log", "_logger"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
PLACEHOLDER = re.compile(r"%[srdg]")
OF_OURS = {
    "ibdesk/events/event.py": ["message"],  # of three constants
    "ibdesk/tape/replay.py": [
        "'connection %d of the tape: ' + '\\n'.join(['%s'] * len(lines))"  # lines that `explain` makes
    ],
}
"""Texts of records that are no constants."""


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls that log something."""
    source = path.read_text()
    # Every process that runs tests collects these, and parsing all modules is slow.
    if not any(name in source for name in LOGGERS):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = node.func.value
            if (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")) in LOGGERS:
                yield node


def texts() -> Iterator[tuple[str, ast.expr]]:
    """(file, text) of every record that ibdesk makes."""
    for path in sorted(SRC.rglob("*.py")):
        for call in calls(path):
            assert isinstance(call.func, ast.Attribute)
            yield path.relative_to(SRC).as_posix(), call.args[call.func.attr == "log"]


CONSTANTS = sorted({text.value for _, text in texts() if isinstance(text, ast.Constant) and type(text.value) is str})


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of ibdesk's and what a program with a handler of its own sees of it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    found = logger("ibdesk.tests")
    found.addHandler(handler)
    found.propagate = False
    yield found, stream
    found.removeHandler(handler)
    found.propagate = True


def test_the_text_of_a_record_is_a_constant() -> None:
    others: dict[str, list[str]] = {}
    for path, text in texts():
        if not isinstance(text, ast.Constant):
            others.setdefault(path, []).append(ast.unparse(text))
    assert others == OF_OURS
    assert len(CONSTANTS) > 50


def test_every_logger_makes_its_arguments_printable() -> None:
    made = [
        (path.name, ast.unparse(node.value))
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).split(".")[-1] in LOGGERS
    ]
    assert len(made) > 20
    assert [one for one in made if not one[1].startswith("logger('ibdesk.")] == []


@pytest.mark.parametrize("text", CONSTANTS)
def test_a_hostile_text_in_every_record(text: str, log: tuple[logging.Logger, io.StringIO]) -> None:
    found, stream = log
    args = [{"%d": 7, "%g": 1.5}.get(kind, HOSTILE) for kind in PLACEHOLDER.findall(re.sub(r"%\.\df", "%g", text))]
    found.error(text, *args)
    assert is_harmless(stream.getvalue())
    assert stream.getvalue().count("\n") == 1


class Stranger:
    def __str__(self) -> str:
        return HOSTILE

    __repr__ = __str__


@pytest.mark.parametrize("value", [HOSTILE, Stranger(), [Stranger()], {"a": Stranger()}, RequestError(1, 2, HOSTILE)])
@pytest.mark.parametrize("text", ["%s", "%r"])
def test_whatever_the_argument_is(value: object, text: str, log: tuple[logging.Logger, io.StringIO]) -> None:
    found, stream = log
    found.error(text, value)
    found.error(text + " %d %.2f %s", value, 7, 1.5, Decimal("0.1"))
    found.error("%(a)s", {"a": value})
    assert is_harmless(stream.getvalue())
    assert stream.getvalue().count("\n") == 3
    assert "7 1.50 0.1" in stream.getvalue()


def test_a_traceback_has_many_lines_and_none_is_forged(log: tuple[logging.Logger, io.StringIO]) -> None:
    found, stream = log
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        found.exception("A listener failed")
    shown = stream.getvalue()
    assert is_harmless(shown.replace(f"  {FORGED}", "  "))
    first, *others = shown.rstrip("\n").split("\n")
    assert first == "ibdesk.tests A listener failed"
    assert "  Traceback (most recent call last):" in others
    assert all(line.startswith("  ") for line in others)


def test_nothing_is_made_for_nobody() -> None:
    found = logger("ibdesk.tests")
    found.debug("%s", type("Never", (), {"__str__": lambda self: pytest.fail("its text was made")})())
    assert logger("ibdesk.tests") is found
    assert len(found.filters) == 1


class Broken(logging.Handler):
    """A handler of a program, which sends lines to where they can't get."""

    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("no route to host")


@pytest.mark.parametrize("is_printed", [True, False])
def test_a_handler_that_raises_is_printed(
    is_printed: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", is_printed)
    found, handler = logger("ibdesk.tests"), Broken()
    assert logger("ibdesk.tests") is found
    found.addHandler(handler)
    try:
        found.error("an order was %s", "refused")
    finally:
        found.removeHandler(handler)
    assert ("no route to host" in capsys.readouterr().err) is is_printed


def test_lines_are_where_they_were_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = logger("ibdesk.tests")
    found.error("one %s", 1)
    found.log(logging.ERROR, "two")
    assert caplog.messages == ["one 1", "two"]
    assert {(record.name, record.filename) for record in caplog.records} == {("ibdesk.tests", "test_logs.py")}
