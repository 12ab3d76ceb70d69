"""Each row of the table of exceptions: without it, ibdesk and the client that it names do differ."""

from dataclasses import replace
from typing import Any

import pytest
from conformance.domains import ANSWERS, REQUESTS
from conformance.exceptions import EXCEPTIONS, Avoided, Read, Row, Said, Skipped, unexplained
from conformance.test_answers import Written, compare
from conformance.test_requests import ours, same
from oracles import OracleError, official
from wire.carried import with_value

from ibdesk.model.contract import TagValue
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import of
from ibdesk.wire.layout import blank, fields_of

ROWS = [*EXCEPTIONS, *(replace(row, message=one, also=()) for row in EXCEPTIONS for one in getattr(row, "also", ()))]
CLIENTS = [(row, client) for row in ROWS for client in row.clients]


def shown(value: Any) -> str:
    return f"{value.message.__name__}.{value.place}={value.sample!r}" if isinstance(value, Row) else value


def example(row: Row) -> Any:
    """The plainest message that the row is about."""
    message = blank(row.message)
    if hasattr(message, "execution"):
        message.execution.time = "20250620 13:30:00 UTC"
    if not row.place or row.path[-1] not in fields_of(type(_owner(message, row))):
        return message
    value = [TagValue(*pair) for pair in row.sample] if isinstance(row.sample, list) else row.sample
    return with_value(message, row.path, value)


def _owner(message: Any, row: Row) -> Any:
    for name in row.path[:-1]:
        message = getattr(message, name)
    return message


def _version(row: Row, client: str) -> int:
    """The first version of the row that the message and the client have."""
    last = V.PENDING_PRICE_REVISION if client == "ib_async" else official(client).max_server_version
    in_protobuf = isinstance(row, Read) and row.first >= V.PROTOBUF
    first = max(row.first, of(row.message).protobuf or V.MIN) if in_protobuf else row.first
    assert first <= last, "the client never speaks such a version"
    return first


def _request_differs(row: Row, client: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr("conformance.exceptions._rows", lambda kind, client, version: ())
    oracle, version, request = official(client), _version(row, client), example(row)
    how = REQUESTS[row.message]
    try:
        theirs = oracle.encode(version, how.method, *how.arguments(oracle, request, version), **how.keywords(request))
    except OracleError:
        return True
    return not same(oracle, request, version, ours(request, version), theirs)


def _answer_differs(row: Row, client: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    version = _version(row, client)
    with monkeypatch.context() as without:
        without.setattr("conformance.exceptions._rows", lambda kind, client, version: ())
        try:
            lines = compare(client, Written(example(row), version))
        except OracleError:
            return True
    if isinstance(row, Read):
        explained = [line for line in lines if not unexplained([line], row.message, client, version)]
        return any(f"{row.path[-1]}: " in line for line in explained)
    return bool(lines)


@pytest.mark.parametrize(("row", "client"), CLIENTS, ids=shown)
def test_the_row_is_needed(row: Row, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    differs = _request_differs if row.message in REQUESTS else _answer_differs
    assert differs(row, client, monkeypatch)


def test_rows_are_of_the_kind_that_fits_their_message() -> None:
    for row in EXCEPTIONS:
        assert row.reason
        assert row.message in REQUESTS or row.message in ANSWERS
        assert not isinstance(row, Said) or row.message in REQUESTS
        assert not isinstance(row, Read) or row.message in ANSWERS
        assert isinstance(row, Said | Read | Avoided | Skipped)
