"""Statements from the Flex web service: both steps, what is asked again, what is refused, and what is read of them."""

import asyncio
import itertools
import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from extras.flex_server import IN_PROGRESS, STATEMENT, TOKEN, TOO_MANY, FlexServer, flex_server, refusal

from ibdesk.client.blocking import get_loop
from ibdesk.extras import flexreport
from ibdesk.extras.flexreport import FLEX_CODES, FLEXREPORT_URL, FlexError, FlexReport

QUERY = "272555"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlexServer]:
    with flex_server() as server:
        monkeypatch.setenv("IB_FLEXREPORT_URL", f"{server.url}/SendRequest?")
        monkeypatch.setattr(flexreport, "_PAUSES", (0.001, 0.002))
        monkeypatch.setattr(flexreport, "_RATE_PAUSE", 0.003)
        yield server


def downloaded(how: str, **options: object) -> FlexReport:
    report = FlexReport()
    if how == "blocking":
        report.download(TOKEN, QUERY, **options)
    else:
        asyncio.run(report.downloadAsync(TOKEN, QUERY, **options))
    return report


both = pytest.mark.parametrize("how", ["blocking", "awaited"])


@both
def test_a_statement_in_two_steps(server: FlexServer, how: str):
    report = downloaded(how)
    assert report.data == STATEMENT
    first, second = server.asked
    assert first[:2] == ("/FlexWebService/SendRequest", {"t": [TOKEN], "q": [QUERY], "v": ["3"]})
    assert second[:2] == ("/FlexWebService/GetStatement", {"t": [TOKEN], "q": ["8936364590"], "v": ["3"]})
    assert first[2]["User-Agent"].startswith("Python/3.")


def test_the_constructor_downloads_or_loads(server: FlexServer, tmp_path: Path):
    report = FlexReport(TOKEN, QUERY)
    report.save(tmp_path / "statement.xml")
    assert (tmp_path / "statement.xml").read_bytes() == STATEMENT
    assert FlexReport(path=str(tmp_path / "statement.xml")).topics() == report.topics()


@pytest.mark.parametrize("arguments", [{"token": TOKEN}, {"queryId": QUERY}])
def test_half_a_question_is_a_mistake(arguments: dict[str, str]):
    with pytest.raises(ValueError, match="both a token and a queryId"):
        FlexReport(**arguments)


def test_without_a_statement_the_error_says_what_to_do():
    report = FlexReport()
    with pytest.raises(AttributeError, match=r"call download\(\) or load\(\) first"):
        report.topics()
    with pytest.raises(AttributeError, match="no attribute 'dta'"):
        _ = report.dta  # type: ignore[attr-defined]


@both
def test_a_statement_that_is_not_ready_is_asked_for_again(server: FlexServer, how: str):
    """ib_async takes the v3 form of "in progress" for the finished statement."""
    server.requests = [refusal(1001, FLEX_CODES[1001]), TOO_MANY, server.success()]
    server.statements = [IN_PROGRESS, IN_PROGRESS, refusal(1019, ""), STATEMENT]
    waits: list[str] = []
    report = downloaded(how, progress=lambda waited, why: waits.append(why))
    assert report.data == STATEMENT
    assert waits == [f"{code}: {FLEX_CODES[code]}" for code in (1001, 1018, 1019, 1019, 1019)]
    assert len(server.asked) == 7


@pytest.mark.parametrize("code", FLEX_CODES)
def test_every_error_is_told_with_code_and_text(server: FlexServer, monkeypatch: pytest.MonkeyPatch, code: int):
    server.requests = [refusal(code, FLEX_CODES[code])]
    monkeypatch.setattr(FlexReport, "Timeout", 0)
    with pytest.raises(FlexError) as caught:
        FlexReport(TOKEN, QUERY)
    transient = code in (1001, 1004, 1005, 1006, 1007, 1008, 1009, 1018, 1019, 1021)
    assert caught.value.code == code
    gave_up = r" \(gave up after \d s\)" if transient else ""  # this computer may be slow
    assert re.fullmatch(re.escape(f"{code}: {FLEX_CODES[code]}") + gave_up, str(caught.value))
    assert len(server.asked) == 1


def test_an_error_without_words_and_one_that_is_unknown(server: FlexServer):
    server.statements = [refusal(1012, "")]
    with pytest.raises(FlexError, match=r"^1012: Token has expired\.$"):
        FlexReport(TOKEN, QUERY)
    server.statements = [refusal(1999, "Something else.")]
    with pytest.raises(FlexError, match=r"^1999: Something else\.$"):
        FlexReport(TOKEN, QUERY)
    server.statements = [b"<FlexStatementResponse/>"]
    with pytest.raises(FlexError, match=r"^The service refuses and does not say why$"):
        FlexReport(TOKEN, QUERY)


def test_a_statement_that_never_gets_ready_ends_the_wait(server: FlexServer, monkeypatch: pytest.MonkeyPatch):
    server.statements = [IN_PROGRESS]
    monkeypatch.setattr(flexreport, "_PAUSES", (0.001, FlexReport.Timeout))  # no time is left for the second pause
    with pytest.raises(FlexError, match=r"^1019: .* \(gave up after \d+ s\)$"):
        FlexReport(TOKEN, QUERY)
    assert len(server.asked) == 3


def test_the_pauses_keep_to_ten_questions_a_minute():
    """1018: "Limited to one request per second, 10 requests per minute (per token)"."""
    times = [0.0]
    for number in range(11):
        times.append(times[-1] + flexreport._PAUSES[min(number, len(flexreport._PAUSES) - 1)])
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))
    # The first question of a download comes before these, and 60 seconds hold no more than ten in all.
    assert len([time for time in times if time < 60 - 1]) <= 10


@both
def test_a_network_that_fails_once_is_asked_again(server: FlexServer, how: str):
    server.requests = [None, 503, server.success()]
    server.statements = [429, STATEMENT]
    assert downloaded(how).data == STATEMENT
    assert len(server.asked) == 5


@both
def test_a_network_that_goes_on_failing_is_told(server: FlexServer, how: str):
    server.requests = [502]
    with pytest.raises(FlexError, match=r"^The Flex web service cannot be asked: HTTP 502 Bad Gateway$"):
        downloaded(how)
    assert len(server.asked) == 3
    server.requests = [None]
    with pytest.raises(FlexError, match=r"cannot be asked: .*disconnected"):
        downloaded(how)
    server.requests = [404]
    with pytest.raises(FlexError, match="HTTP 404 Not Found"):
        downloaded(how)
    assert len(server.asked) == 7


def test_a_server_that_stays_silent_ends_the_wait(server: FlexServer, monkeypatch: pytest.MonkeyPatch):
    silence = threading.Event()
    monkeypatch.setattr(FlexReport, "RequestTimeout", 0.05)
    monkeypatch.setattr(server, "finish_request", lambda *_: silence.wait(20))
    with pytest.raises(FlexError, match="cannot be asked: timed out"):
        FlexReport(TOKEN, QUERY)
    silence.set()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"date,symbol\n1,2\n", "The statement is no XML, which the format of its Flex query must be"),
        (b"", "The statement is no XML"),
        (b"<html><body>Maintenance</body></html>", "^This is no statement but <html>$"),
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><FlexQueryResponse>&b;</FlexQueryResponse>',
            "EntitiesForbidden",
        ),
    ],
)
def test_what_is_no_statement(server: FlexServer, answer: bytes, said: str):
    server.statements = [answer]
    with pytest.raises(FlexError, match=said):
        FlexReport(TOKEN, QUERY)


def test_the_first_step_must_lead_to_the_second(server: FlexServer):
    server.requests = [b"<FlexStatementResponse><Status>Success</Status></FlexStatementResponse>"]
    with pytest.raises(FlexError, match="no reference code, or no address"):
        FlexReport(TOKEN, QUERY)
    server.requests = [server.success("/Other/Get?x=1", tag="url")]
    FlexReport(TOKEN, QUERY)
    assert server.asked[-1][:2] == (
        "/FlexWebService/Other/Get",
        {"x": ["1"], "t": [TOKEN], "q": ["8936364590"], "v": ["3"]},
    )


def test_the_token_is_not_sent_in_the_clear():
    course = flexreport._statement(TOKEN, QUERY, FLEXREPORT_URL, 60, None)
    assert next(course) == f"{FLEXREPORT_URL}t={TOKEN}&q={QUERY}&v=3"
    body = b"<FlexStatementResponse><Status>Success</Status><ReferenceCode>1</ReferenceCode><Url>http://x/y</Url></FlexStatementResponse>"
    with pytest.raises(FlexError, match=r"^The token is not sent unencrypted to http://x/y$"):
        course.send(flexreport._Answer(200, body, "HTTP 200 OK"))


@both
def test_the_token_is_never_logged(server: FlexServer, caplog: pytest.LogCaptureFixture, how: str):
    server.requests = [None, server.success()]
    server.statements = [IN_PROGRESS, STATEMENT]
    with caplog.at_level(logging.DEBUG):
        downloaded(how)
    assert TOKEN not in caplog.text
    assert "t=***" in caplog.text  # httpx did say what it fetched
    assert "Waiting 0.001 s: 1019: Statement generation in progress" in caplog.text


def test_the_event_loop_goes_on_during_a_blocking_download(server: FlexServer):
    server.statements = [IN_PROGRESS] * 5 + [STATEMENT]
    ticks: list[float] = []
    loop = get_loop()

    def tick() -> None:
        ticks.append(loop.time())
        handle[0] = loop.call_later(0.001, tick)

    handle = [loop.call_later(0, tick)]
    FlexReport(TOKEN, QUERY)
    handle[0].cancel()
    assert len(ticks) > 1


async def test_a_blocking_download_inside_a_running_loop(server: FlexServer):
    server.statements = [IN_PROGRESS, STATEMENT]
    assert FlexReport(TOKEN, QUERY).data == STATEMENT


def test_where_statements_are_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("IB_FLEXREPORT_URL", raising=False)
    assert FlexReport().get_url() == FLEXREPORT_URL
    monkeypatch.setenv("IB_FLEXREPORT_URL", "https://example.com/x?")
    assert FlexReport().get_url() == "https://example.com/x?"
    for wrong in ("nowhere", "http://[::1"):
        monkeypatch.setenv("IB_FLEXREPORT_URL", wrong)
        with pytest.raises(FlexError, match="check the environment variable IB_FLEXREPORT_URL"):
            FlexReport().get_url()


@pytest.fixture
def report(tmp_path: Path) -> FlexReport:
    (tmp_path / "statement.xml").write_bytes(STATEMENT)
    return FlexReport(path=tmp_path / "statement.xml")


def test_topics(report: FlexReport):
    assert report.topics() == {"FlexQueryResponse", "FlexStatements", "FlexStatement", "Trade"}


def test_numbers_become_numbers_and_names_stay_text(report: FlexReport):
    """ib_async makes nan of the symbol NAN, 37833100 of an identifier, and 700 of a symbol of Hong Kong."""
    first, second = report.extract("Trade")
    assert type(first).__name__ == "Trade"
    assert (first.symbol, first.cusip, first.accountId) == ("NAN", "037833100", "U1234567")
    assert (second.symbol, second.cusip) == ("700", "594918104")
    assert (first.conid, first.tradeID, first.quantity, second.tradePrice) == (265598, 4711, -100, 1)
    assert (first.tradePrice, first.ibCommission, second.quantity, second.strike) == (257.95, -1e-4, 0.5, 0.5)
    assert (first.notes, first.dateTime, second.notes) == ("", "20261001;093000", "00123")
    assert repr(second).startswith("Trade(accountId='U1234567', currency='USD', symbol='700'")


def test_numbers_as_text(report: FlexReport):
    assert report.extract("Trade", parseNumbers=False)[0].quantity == "-100"


def test_a_topic_that_is_not_there(report: FlexReport):
    assert report.extract("Dividend") == []


def test_a_frame_of_a_topic(report: FlexReport):
    pytest.importorskip("pandas")
    frame = report.df("Trade")
    assert frame is not None
    assert list(frame.quantity) == [-100, 0.5]
    assert list(frame.symbol) == ["NAN", "700"]
    assert frame.openCloseIndicator.isna().tolist() == [True, False]


def test_files_that_are_none(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        FlexReport(path=tmp_path / "none.xml")
    (tmp_path / "statement.csv").write_text("a,b\n")
    with pytest.raises(FlexError, match="no XML"):
        FlexReport(path=tmp_path / "statement.csv")


@pytest.mark.parametrize("module", ["httpx", "defusedxml.ElementTree"])
def test_without_its_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, server: FlexServer, module: str
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"needs {module}: pip install 'ibdesk\[flex\]'"):
        FlexReport(TOKEN, QUERY)
