"""`ibdesk doctor`: what it finds at servers that are well, and at those with what users suffer from."""

from collections.abc import Iterable
from typing import Any

import pytest
from cli.commands import answer_of
from client.scripted import CLOSE, STARTUP, Answer, serving
from end_to_end.gateways import paper_on_a_free_port
from runtime.simulated import START

from ibdesk.cli.doctor import Finding, Verdict, examine
from ibdesk.paper import PaperGateway
from ibdesk.wire.messages import accounts, connection, order_status
from ibdesk.wire.messages.connection import Error

READ_ONLY = "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
NOT_THERE = "Connectivity between Trader Workstation and server is broken. It will be restored automatically."
TAKEN = "No market data during competing live session"


async def found_at(answers: dict[type, Answer], version: int = 225, *told: Any) -> dict[Verdict, list[str]]:
    """What is found at a scripted server, by verdict. `told` is what it tells right after the log-in."""

    def login(message: Any) -> Iterable[Any]:
        return [*STARTUP[connection.StartApi](message), *told]

    of_time: dict[type, Answer] = {
        connection.ReqCurrentTime: lambda _: [connection.CurrentTime(int(START.timestamp()))]
    }
    async with serving({connection.StartApi: login, **of_time, **answers}, version) as server:
        return by_verdict(await examine("127.0.0.1", server.port, 9999, 1.0))


def by_verdict(findings: list[Finding]) -> dict[Verdict, list[str]]:
    assert all(one.advice or one.verdict is Verdict.WELL or "check host and port" in one.text for one in findings)
    return {verdict: [one.text for one in findings if one.verdict is verdict] for verdict in Verdict}


async def test_pain_31_a_gateway_that_is_well() -> None:
    async with PaperGateway(port=0) as gateway:
        findings = by_verdict(await examine("127.0.0.1", gateway.port, 9999, 5.0))
        assert findings[Verdict.BROKEN] == findings[Verdict.DOUBTFUL] == []
        *_, last = findings[Verdict.WELL]
        assert last.startswith("the link to IBKR is up, and no farm is broken (")
        assert "paper trading, accounts DU1234567" in findings[Verdict.WELL]
        assert not gateway._links, "it leaves nothing behind"


@pytest.mark.parametrize(
    ("answers", "told", "text"),
    [
        (
            {
                order_status.ReqOpenOrders: lambda _: [Error(-1, 321, READ_ONLY)],
                order_status.ReqCompletedOrders: lambda _: [Error(-1, 321, READ_ONLY)],
            },
            [],
            "the API is read-only: orders can be neither placed nor fetched",
        ),
        (
            {accounts.ReqPositions: lambda _: []},
            [],
            "not all of the account comes: came: open orders, completed orders, account updates, "
            "account updates for DU1, executions; missing: positions (late)",
        ),
        ({}, [Error(-1, 2110, NOT_THERE)], "the server has no link to IBKR"),
        (
            {},
            [Error(-1, 2103, "Market data farm connection is broken:usfarm")],
            "the farm usfarm is broken: no market data",
        ),
        ({}, [Error(-1, 10197, TAKEN)], "another session of the same user has the market data"),
        ({connection.ReqCurrentTime: lambda _: []}, [], "the server does not tell its time"),
    ],
    ids=["read-only", "short of memory", "no link", "broken farm", "competing session", "hangs"],
)
async def test_pain_31_what_is_to_be_mended(answers: dict[type, Answer], told: list[Any], text: str) -> None:
    findings = await found_at(answers, 225, *told)
    assert findings[Verdict.BROKEN] == [text]


async def test_pain_31_what_is_to_be_looked_at() -> None:
    late: dict[type, Answer] = {
        connection.ReqCurrentTime: lambda _: [connection.CurrentTime(int(START.timestamp()) - 90)]
    }
    findings = await found_at(late, 178)
    assert findings[Verdict.BROKEN] == []
    assert findings[Verdict.DOUBTFUL] == [
        "server version 178, of which ibdesk speaks up to 225",
        "the clocks differ by 90 s",
    ]


async def test_pain_31_a_client_id_that_is_in_use_and_a_server_that_says_nothing() -> None:
    in_use = [Error(-1, 326, "Unable to connect as the client id is already in use."), CLOSE]
    assert (await found_at({connection.StartApi: lambda _: in_use}))[Verdict.BROKEN] == ["client id 9999 is in use"]
    (text,) = (await found_at({connection.StartApi: lambda _: []}))[Verdict.BROKEN]
    assert "told neither accounts nor an order id within 1 s" in text


async def test_pain_31_a_connection_that_ends_while_it_is_examined() -> None:
    (text,) = (await found_at({connection.ReqCurrentTime: lambda _: [CLOSE]}))[Verdict.BROKEN]
    assert "ended the connection" in text


async def test_pain_31_the_usual_ports_are_tried_where_nothing_listens() -> None:
    (finding,) = await examine("127.0.0.1", 7497, 9999, 1.0)
    assert (finding.verdict, finding.text) == (Verdict.BROKEN, "nothing listens at 127.0.0.1:7497")
    assert "until it listens" in finding.advice
    async with PaperGateway(port=4002):
        (finding,) = await examine("127.0.0.1", 7497, 9999, 1.0)
        assert finding.advice == "The server may be another one: 4002 (IB Gateway, paper trading) answers there."


def test_pain_31_the_command_says_it_and_how_it_ends() -> None:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as port:
        result = answer_of("doctor", port)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"ok 127.0.0.1:{port} answers, and client id 9999 is logged in" in result.stdout
    assert "look the clocks differ by " in result.stdout
    result = answer_of("doctor", "127.0.0.1:1")
    assert (result.returncode, result.stderr) == (1, "")
    assert "mend nothing listens at 127.0.0.1:1" in result.stdout
    result = answer_of("doctor", "here")
    assert result.returncode == 2
    assert "'here' is not an address" in result.stderr
