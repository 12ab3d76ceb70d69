"""FlexReport: the surface of ib_async's, and its answer to a statement that is not ready."""

from pathlib import Path

import pytest
from dropin.signatures import methods, parameters
from extras.flex_server import IN_PROGRESS, STATEMENT, TOKEN, flex_server
from oracles import ib_async

import ibdesk
from ibdesk.extras import flexreport

theirs = ib_async().flexreport


def test_the_constructor_takes_the_same():
    assert parameters(ibdesk.FlexReport) == parameters(theirs.FlexReport)


def test_the_methods_take_the_same_and_more_at_the_end():
    ours = methods(ibdesk.FlexReport)
    for name, expected in methods(theirs.FlexReport).items():
        assert ours[name][: len(expected)] == expected, name


def test_the_names_of_the_module():
    assert theirs.FLEXREPORT_URL == flexreport.FLEXREPORT_URL
    assert issubclass(ibdesk.FlexError, Exception)


def test_the_same_file_gives_the_same(tmp_path: Path):
    path = str(tmp_path / "statement.xml")
    Path(path).write_bytes(STATEMENT)
    ours, their = ibdesk.FlexReport(path=path), theirs.FlexReport(path=path)
    assert ours.topics() == their.topics()
    assert [vars(one) for one in ours.extract("Trade", False)] == [vars(one) for one in their.extract("Trade", False)]
    for our, his in zip(ours.extract("Trade"), their.extract("Trade"), strict=True):
        differ = {name for name in vars(our) if repr(getattr(our, name)) != repr(getattr(his, name))}
        # Identifiers, and what does not come back the same: 037833100, NAN, 700, 00123.
        assert differ <= {"symbol", "cusip", "notes"}


def test_a_statement_in_progress_is_a_statement_to_ib_async(monkeypatch: pytest.MonkeyPatch):
    """Pain 73."""
    monkeypatch.setattr(theirs.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(flexreport, "_PAUSES", (0.001,))
    with flex_server() as server:
        monkeypatch.setenv("IB_FLEXREPORT_URL", f"{server.url}/SendRequest?")
        server.statements = [IN_PROGRESS, STATEMENT]
        assert theirs.FlexReport(TOKEN, "1").data == IN_PROGRESS
        server.statements = [IN_PROGRESS, STATEMENT]
        assert ibdesk.FlexReport(TOKEN, "1").data == STATEMENT
