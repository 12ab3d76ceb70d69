"""Requests that never end, end empty, or are not there in ib_async, on the same frames, and what ibdesk does.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from client.scripted import CLOSE, Answer
from dropin.both_sides import Side, refusing, side, sides
from extras.flex_server import IN_PROGRESS, STATEMENT, TOKEN, flex_server
from oracles import ib_async

import ibdesk
from ibdesk.extras import flexreport
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire.messages import (
    accounts,
    advisors,
    bonds,
    config,
    connection,
    contracts,
    display_groups,
    historical_ticks,
    history,
    history_summaries,
    reference,
)

NO_DATA = "Historical Market Data Service error message:HMDS query returned no data"
BARS = ("", "1 D", "1 min", "TRADES", True)


def errors(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    """What a package has logged as an error."""
    found = [one for one in caplog.records if one.name.startswith(name) and one.levelno >= logging.ERROR]
    return [one.getMessage() for one in found]


async def ends(waiting: "asyncio.Future[Any]") -> None:
    async with asyncio.timeout(10):
        await asyncio.wait({waiting})


async def test_27_late_answers_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "ib_async")
    late = contracts.ContractData(4711, ContractDetails(contract=ibdesk.Stock("AAPL", "SMART", "USD")))
    async with sides() as pair:
        caplog.clear()
        for one in pair:
            await one.tell(late, contracts.ContractDataEnd(4711))
        assert len(errors(caplog, "ib_async")) == 1
        assert errors(caplog, "ibdesk") == []
        assert pair[1].ib.dispatcher.requests.late == {"ContractData": 1}


async def test_28_who_awaits_a_ticker_hears_that_the_connection_is_lost() -> None:
    async with sides() as pair:
        waits = []
        for one in pair:
            ticker = one.ib.reqMktData(one.stock())
            waiting = asyncio.ensure_future(_first(ticker.updateEvent))
            lost = asyncio.ensure_future(_first(one.ib.disconnectedEvent))
            await asyncio.sleep(0)
            one.server.send(CLOSE)
            await ends(lost)
            waits.append(waiting)
        await ends(waits[1])
        assert not waits[0].done()
        with pytest.raises(ConnectionError):
            waits[1].result()
        waits[0].cancel()


async def test_28_who_stops_waiting_has_the_server_stop() -> None:
    """It answers no more after 50 head timestamps that nobody has ended."""
    async with sides() as pair:
        for one in pair:
            asking = asyncio.ensure_future(one.ib.reqHeadTimeStampAsync(one.stock(), "TRADES", True, 1))
            await one.server.wait_for(history_summaries.ReqHeadTimeStamp)
            asking.cancel()
            await ends(asking)
            await one.tell()
        cancels = [one.server.of(history_summaries.CancelHeadTimeStamp) for one in pair]
        assert [len(found) for found in cancels] == [0, 1]


async def test_33_an_empty_answer_says_why(caplog: pytest.LogCaptureFixture) -> None:
    async with sides({history.ReqHistoricalData: refusing(162, NO_DATA)}) as pair:
        caplog.clear()
        for one in pair:
            assert list(await one.ib.reqHistoricalDataAsync(one.stock(), *BARS)) == []
        assert not [line for line in errors(caplog, "ib_async") if "reqHistoricalData" in line]
        (line,) = errors(caplog, "ibdesk")
        assert line.startswith("Error 162, reqId ") and NO_DATA in line
        assert line.endswith("; reqHistoricalData returns empty")
        for one in pair:
            one.ib.RaiseRequestErrors = True
            with pytest.raises(one.lib.RequestError):
                await one.ib.reqHistoricalDataAsync(one.stock(), *BARS)


async def test_33_a_strict_client_gets_no_empty_answer() -> None:
    async with sides({history.ReqHistoricalData: refusing(162, NO_DATA)}) as (theirs, ours):
        assert list(await theirs.ib.reqHistoricalDataAsync(theirs.stock(), *BARS)) == []
        ours.ib.strict = ibdesk.IB(strict=True).strict
        with pytest.raises(ibdesk.RequestError, match="162"):
            await ours.ib.reqHistoricalDataAsync(ours.stock(), *BARS)
        ours.server.answers[history.ReqHistoricalData] = lambda _: []
        with pytest.raises(ibdesk.RequestTimeout, match="ReqHistoricalData"):
            await ours.ib.reqHistoricalDataAsync(ours.stock(), *BARS, timeout=0.05)
        assert list(await theirs.ib.reqHistoricalDataAsync(theirs.stock(), *BARS, timeout=0.05)) == []


async def test_34_a_request_that_is_not_answered_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibdesk.client.api.contracts.HISTORY", 0.05)
    async with sides() as pair:
        theirs, ours = [asyncio.ensure_future(one.ib.reqContractDetailsAsync(one.stock())) for one in pair]
        await ends(ours)
        with pytest.raises(ibdesk.RequestTimeout, match="ReqContractDetails"):
            ours.result()
        await pair[0].tell()
        assert not theirs.done(), "and there is no deadline for it"
        theirs.cancel()


@pytest.mark.parametrize("code", [200, 321, 322])
async def test_35_a_refusal_ends_the_request_that_it_names(code: int) -> None:
    """A combination, of which there are no details, has blocked a bot for three hours."""
    async with sides({contracts.ReqContractDetails: refusing(code, "no")}) as pair:
        waits = []
        for one in pair:
            bag = one.lib.Bag(symbol="AAPL", exchange="SMART", currency="USD")
            waits.append(asyncio.ensure_future(one.ib.reqContractDetailsAsync(bag)))
            await one.server.wait_for(contracts.ReqContractDetails)
            await one.tell()
        assert [waiting.done() for waiting in waits] == [code != 321, True]
        assert waits[1].result() == []
        waits[0].cancel()


MISSING: list[tuple[Callable[[Side], Any], type]] = [
    (lambda one: one.ib.reqPositionsMultiAsync("DU1"), accounts.ReqPositionsMulti),
    (lambda one: one.ib.reqFamilyCodesAsync(), reference.ReqFamilyCodes),
    (lambda one: one.ib.reqSoftDollarTiersAsync(), reference.ReqSoftDollarTiers),
    (lambda one: one.ib.reqCurrentTimeInMillisAsync(), connection.ReqCurrentTimeInMillis),
    (lambda one: one.ib.reqConfigAsync(), config.ReqConfig),
    (lambda one: one.ib.updateConfigAsync(ibdesk.Config()), config.UpdateConfig),
    (lambda one: one.ib.queryDisplayGroupsAsync(), display_groups.QueryDisplayGroups),
    (lambda one: one.ib.subscribeToGroupEvents(1), display_groups.SubscribeToGroupEvents),
    (
        lambda one: one.ib.updateDisplayGroup(one.ib.subscribeToGroupEvents(1), "8314@SMART"),
        display_groups.UpdateDisplayGroup,
    ),
    (
        lambda one: one.ib.unsubscribeFromGroupEvents(one.ib.subscribeToGroupEvents(1)),
        display_groups.UnsubscribeFromGroupEvents,
    ),
    (lambda one: one.ib.setServerLogLevel(5), connection.SetServerLogLevel),
    (lambda one: one.ib.cancelHeadTimeStamp(7), history_summaries.CancelHeadTimeStamp),
    (lambda one: one.ib.cancelHistogramData(7), history_summaries.CancelHistogramData),
    (lambda one: one.ib.cancelHistoricalTicks(7), historical_ticks.CancelHistoricalTicks),
    (lambda one: one.ib.cancelContractDetails(7), bonds.CancelContractData),
]


@pytest.mark.parametrize(("call", "request_"), MISSING, ids=[request.__name__ for _, request in MISSING])
async def test_68_the_request_is_there(call: Callable[[Side], Any], request_: type) -> None:
    async with side(ibdesk, version=225) as ours:
        asked = call(ours)
        waiting = asyncio.ensure_future(asked) if asyncio.iscoroutine(asked) else None
        assert len(await ours.server.wait_for(request_)) == 1
        if waiting is not None:
            waiting.cancel()
            await ends(waiting)


async def test_68_ib_async_has_none_of_them() -> None:
    async with side(ib_async()) as theirs:
        for call, request in MISSING:
            with pytest.raises(AttributeError):
                call(theirs)
            assert not theirs.server.of(request)


async def test_72_the_branding_of_a_login() -> None:
    answer: Answer = lambda m: [advisors.UserInfo(m.reqId, "WL7")]  # noqa: E731
    async with sides({advisors.ReqUserInfo: answer}) as (theirs, ours):
        assert await theirs.ib.reqUserInfoAsync() == []
        assert await ours.ib.reqUserInfoAsync() == "WL7"


def test_73_a_statement_that_is_not_ready_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    flex = ib_async().flexreport
    monkeypatch.setattr(flex.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(flexreport, "_PAUSES", (0.001,))
    with flex_server() as server:
        monkeypatch.setenv("IB_FLEXREPORT_URL", f"{server.url}/SendRequest?")
        server.statements = [IN_PROGRESS, STATEMENT]
        assert flex.FlexReport(TOKEN, "1").data == IN_PROGRESS
        server.statements = [IN_PROGRESS, STATEMENT]
        assert ibdesk.FlexReport(TOKEN, "1").data == STATEMENT


async def _first(event: Any) -> Any:
    return await event
