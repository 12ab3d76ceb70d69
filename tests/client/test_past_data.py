"""History other than bars, option chains, calculations, rules: each answered, refused, lost, late."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from client.asking import Case, answered, connected, each, late, lost, refused
from client.scripted import Answer

from ibdesk import IB, DecodeError, Option, RequestTimeout, Stock
from ibdesk.model import bars as nouns
from ibdesk.model.quotes import OptionComputation, TickAttribBidAsk, TickAttribLast
from ibdesk.model.reference import DepthMktDataDescription, OptionChain, PriceIncrement, SmartComponent
from ibdesk.session.conversations import lane_of
from ibdesk.session.pacing import Lane
from ibdesk.wire.messages import (
    bonds,
    contracts,
    depth,
    historical_ticks,
    history,
    history_summaries,
    options,
    reference,
)
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
CALL = Option("AAPL", "20260619", 250.0, "C", "SMART", conId=494194134)
SECONDS = 1775136599
THEN = dt.datetime(2026, 4, 2, 13, 29, 59, tzinfo=dt.UTC)

COMPUTED = OptionComputation(0, 0.2, 0.5, 3.5, None, 0.01, 0.3, -0.1, 100.0)


def computed(message: Any) -> list[Any]:
    return [options.TickOptionComputation(message.reqId, 53, 0, 0.2, 0.5, 3.5, -1.0, 0.01, 0.3, -0.1, 100.0)]


def chains(message: Any) -> list[Any]:
    chain = options.SecurityDefinitionOptionParameter(
        message.reqId, "SMART", 265598, "AAPL", "100", ["20260619"], [240.0, 250.0]
    )
    return [chain, options.SecurityDefinitionOptionParameterEnd(message.reqId)]


def past(message: Any) -> list[Any]:
    tick = historical_ticks.TickLast(SECONDS, TickAttribLast(True), 10.0, 100.0, "NYSE", "TI")
    return [
        historical_ticks.HistoricalTicksLast(message.reqId, [tick], done=False),
        historical_ticks.HistoricalTicksLast(message.reqId, [tick], done=True),
    ]


def quotes(message: Any) -> list[Any]:
    tick = historical_ticks.TickBidAsk(SECONDS, TickAttribBidAsk(True), 10.0, 11.0, 1.0, 2.0)
    return [historical_ticks.HistoricalTicksBidAsk(message.reqId, [tick], done=True)]


def schedule(message: Any) -> list[Any]:
    session = nouns.HistoricalSession("20260402-09:30:00", "20260402-16:00:00", "20260402")
    span = ("20260402-09:30:00", "20260402-16:00:00", "US/Eastern")
    return [history_summaries.HistoricalSchedule(message.reqId, *span, [session])]


def histogram(message: Any) -> list[Any]:
    entries = [history_summaries.HistogramDataEntry(10.0, 200.0)]
    return [history_summaries.HistogramData(message.reqId, entries)]


TRADE = nouns.HistoricalTickLast(THEN, TickAttribLast(True), 10.0, 100.0, "NYSE", "TI")
SCHEDULE = nouns.HistoricalSchedule(
    "20260402-09:30:00",
    "20260402-16:00:00",
    "US/Eastern",
    [nouns.HistoricalSession("20260402-09:30:00", "20260402-16:00:00", "20260402")],
)
EXCHANGE = DepthMktDataDescription("ARCA", "STK", "NYSE", "Deep2", 1)


def trades(ib: IB) -> Any:
    return ib.reqHistoricalTicksAsync(AAPL, THEN, "", 10)


CASES = [
    Case(
        lambda ib: ib.reqHeadTimeStampAsync(AAPL, "TRADES", True),
        history_summaries.ReqHeadTimeStamp,
        lambda m: [history_summaries.HeadTimestamp(m.reqId, "19801212-14:30:00")],
        dt.datetime(1980, 12, 12, 14, 30, tzinfo=dt.UTC),
        None,
        cancel=history_summaries.CancelHeadTimeStamp,
    ),
    Case(
        lambda ib: ib.reqHistogramDataAsync(AAPL, True, "3 days"),
        history_summaries.ReqHistogramData,
        histogram,
        [nouns.HistogramData(10.0, 200)],
        [],
        cancel=history_summaries.CancelHistogramData,
    ),
    Case(trades, historical_ticks.ReqHistoricalTicks, past, [TRADE, TRADE], [], versions=(178,)),
    Case(
        trades,
        historical_ticks.ReqHistoricalTicks,
        past,
        [TRADE, TRADE],
        [],
        cancel=historical_ticks.CancelHistoricalTicks,
        versions=(225,),
    ),
    Case(
        lambda ib: ib.reqHistoricalScheduleAsync(AAPL, 1),
        history.ReqHistoricalData,
        schedule,
        SCHEDULE,
        None,
        cancel=history.CancelHistoricalData,
    ),
    Case(
        lambda ib: ib.calculateImpliedVolatilityAsync(CALL, 3.5, 100.0),
        options.CalculateImpliedVolatility,
        computed,
        COMPUTED,
        None,
        cancel=options.CancelCalculateImpliedVolatility,
    ),
    Case(
        lambda ib: ib.calculateOptionPriceAsync(CALL, 0.2, 100.0),
        options.CalculateOptionPrice,
        computed,
        COMPUTED,
        None,
        cancel=options.CancelCalculateOptionPrice,
    ),
    Case(
        lambda ib: ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598),
        options.ReqSecDefOptParams,
        chains,
        [OptionChain("SMART", 265598, "AAPL", "100", ["20260619"], [240.0, 250.0])],
        [],
    ),
    Case(
        lambda ib: ib.reqSmartComponentsAsync("9c0001"),
        reference.ReqSmartComponents,
        lambda m: [reference.SmartComponents(m.reqId, [reference.SmartComponent(8, "ARCA", "P")])],
        [SmartComponent(8, "ARCA", "P")],
        [],
    ),
    Case(
        lambda ib: ib.reqMarketRuleAsync(26),
        reference.ReqMarketRule,
        lambda m: [reference.MarketRule(m.marketRuleId, [reference.PriceIncrement(0.0, 0.01)])],
        [PriceIncrement(0.0, 0.01)],
        None,
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqMktDepthExchangesAsync(),
        depth.ReqMktDepthExchanges,
        lambda _: [depth.MktDepthExchanges([EXCHANGE])],
        [EXCHANGE],
        [],
        can_be_refused=False,
    ),
]


@each(CASES)
async def test_answered(case: Case, version: int) -> None:
    await answered(case, version)


@each([case for case in CASES if case.can_be_refused])
async def test_refused(case: Case, version: int) -> None:
    await refused(case, version)


@each(CASES)
async def test_lost(case: Case, version: int) -> None:
    await lost(case, version)


@each(CASES)
async def test_late(case: Case, version: int) -> None:
    await late(case, version)


@pytest.mark.parametrize("version", [178, 225])
@pytest.mark.parametrize(
    ("name", "answer", "cancel"),
    [
        ("ReqHeadTimeStamp", lambda m: [history_summaries.HeadTimestamp(m.reqId, "345479400")], "CancelHeadTimeStamp"),
        ("CalculateOptionPrice", computed, "CancelCalculateOptionPrice"),
    ],
)
async def test_an_answer_that_leaves_the_request_open_is_followed_by_the_cancel(
    name: str, answer: Answer, cancel: str, version: int
) -> None:
    """tws_behaviour 4.4: a head timestamp counts as open until it is cancelled."""
    home: Any = options if hasattr(options, name) else history_summaries
    async with connected({getattr(home, name): answer}, version) as (ib, server):
        if home is options:
            await ib.calculateOptionPriceAsync(CALL, 0.2, 100.0)
        else:
            found = await ib.reqHeadTimeStampAsync(AAPL, "TRADES", True, 2)
            assert found == dt.datetime(1980, 12, 12, 14, 30, tzinfo=dt.UTC)
        (sent,) = await server.wait_for(getattr(home, cancel))
        assert sent.reqId == server.of(getattr(home, name))[0].reqId


async def test_a_refusal_needs_no_cancel() -> None:
    refuse = {history_summaries.ReqHeadTimeStamp: lambda m: [Error(m.reqId, 162, "no data")]}
    async with connected(refuse) as (ib, server):
        assert await ib.reqHeadTimeStampAsync(AAPL, "TRADES", True) is None
        await ib.reqExecutionsAsync()
        assert not server.of(history_summaries.CancelHeadTimeStamp)


async def test_ticks_of_each_kind_and_what_is_sent() -> None:
    mid_points = [historical_ticks.TickMidPoint(SECONDS, 10.5, 0.0)]
    async with connected({historical_ticks.ReqHistoricalTicks: quotes}) as (ib, server):
        found = await ib.reqHistoricalTicksAsync(AAPL, "", THEN, 10, "BID_ASK", True, True)
        assert found == [nouns.HistoricalTickBidAsk(THEN, TickAttribBidAsk(True), 10.0, 11.0, 1.0, 2.0)]
        server.answers[historical_ticks.ReqHistoricalTicks] = lambda m: [
            historical_ticks.HistoricalTicks(m.reqId, mid_points, done=True)
        ]
        assert await ib.reqHistoricalTicksAsync(AAPL, THEN, "", 10, "MIDPOINT") == [
            nouns.HistoricalTick(THEN, 10.5, 0.0)
        ]
        first, second = server.of(historical_ticks.ReqHistoricalTicks)
        assert (first.startDateTime, first.endDateTime) == ("", "20260402 13:29:59 UTC")
        assert (first.whatToShow, first.useRTH, first.ignoreSize, first.numberOfTicks) == ("BID_ASK", True, True, 10)
        assert (second.startDateTime, second.endDateTime) == ("20260402 13:29:59 UTC", "")


async def test_rules_are_told_apart_by_their_number() -> None:
    steps = {26: [reference.PriceIncrement(0.0, 0.01)], 110: [reference.PriceIncrement(3.0, 0.1)]}
    async with connected() as (ib, server):
        rules: list[str] = ["110", "26"]  # the numbers are a text in ContractDetails
        waits = [asyncio.ensure_future(ib.reqMarketRuleAsync(rule)) for rule in rules]  # type: ignore[arg-type]
        await server.wait_for(reference.ReqMarketRule, 2)
        server.send(*(reference.MarketRule(rule, rows) for rule, rows in steps.items()))
        assert await asyncio.gather(*waits) == [[PriceIncrement(3.0, 0.1)], [PriceIncrement(0.0, 0.01)]]


async def test_a_rule_that_does_not_exist_is_none(caplog: pytest.LogCaptureFixture) -> None:
    refuse = {reference.ReqMarketRule: lambda _: [Error(-1, 322, "Error processing request.-'bY' : cause - no rule")]}
    async with connected(refuse) as (ib, _):
        assert await ib.reqMarketRuleAsync(9999) is None
        assert "no answer to ReqMarketRule(marketRuleId=9999) within 1 s" in caplog.text
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestTimeout):
            await ib.reqMarketRuleAsync(9999)


async def test_an_answer_without_reqId_that_cannot_be_read_ends_its_request() -> None:
    async with connected({depth.ReqMktDepthExchanges: lambda _: [b"80\x00one\0"]}) as (ib, server):
        with pytest.raises(DecodeError, match="MktDepthExchanges"):
            await ib.reqMktDepthExchangesAsync()
        server.answers[reference.ReqMarketRule] = lambda _: [b"93\x0026\x001\0low\0"]
        with pytest.raises(DecodeError, match="MarketRule"):
            await ib.reqMarketRuleAsync(26)
        assert await ib.reqExecutionsAsync() == []


@pytest.mark.parametrize("version", [178, 225])
async def test_who_is_cancelled_has_the_server_stop(version: int) -> None:
    async with connected(version=version) as (ib, server):
        wait = asyncio.ensure_future(ib.reqHistogramDataAsync(AAPL, True, "3 days"))
        (request,) = await server.wait_for(history_summaries.ReqHistogramData)
        wait.cancel()
        (cancel,) = await server.wait_for(history_summaries.CancelHistogramData)
        assert cancel.reqId == request.reqId
        bars = asyncio.ensure_future(ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True))
        await server.wait_for(history.ReqHistoricalData)
        bars.cancel()
        await server.wait_for(history.CancelHistoricalData)


@pytest.mark.parametrize(
    ("call", "request_", "method", "cancel"),
    [
        (
            lambda ib: ib.reqHeadTimeStampAsync(AAPL),
            history_summaries.ReqHeadTimeStamp,
            "cancelHeadTimeStamp",
            history_summaries.CancelHeadTimeStamp,
        ),
        (
            lambda ib: ib.reqHistogramDataAsync(AAPL, True, "3 days"),
            history_summaries.ReqHistogramData,
            "cancelHistogramData",
            history_summaries.CancelHistogramData,
        ),
        (trades, historical_ticks.ReqHistoricalTicks, "cancelHistoricalTicks", historical_ticks.CancelHistoricalTicks),
        (
            lambda ib: ib.reqContractDetailsAsync(AAPL),
            contracts.ReqContractDetails,
            "cancelContractDetails",
            bonds.CancelContractData,
        ),
    ],
)
async def test_giving_up_by_id(call: Any, request_: type, method: str, cancel: type) -> None:
    async with connected({contracts.ReqContractDetails: lambda _: []}, 225) as (ib, server):
        wait = asyncio.ensure_future(call(ib))
        (request,) = await server.wait_for(request_)
        getattr(ib, method)(request.reqId)
        with pytest.raises(asyncio.CancelledError):
            await wait
        await server.wait_for(cancel)
        getattr(ib, method)(request.reqId)
        sent = await server.wait_for(cancel, 2)
        assert [one.reqId for one in sent] == [request.reqId] * 2


async def test_a_cancel_that_the_server_is_too_old_for_is_not_sent() -> None:
    async with connected() as (ib, server):
        wait = asyncio.ensure_future(trades(ib))
        (request,) = await server.wait_for(historical_ticks.ReqHistoricalTicks)
        ib.cancelHistoricalTicks(request.reqId)
        with pytest.raises(asyncio.CancelledError):
            await wait
        assert await ib.reqExecutionsAsync() == []
        assert not server.of(historical_ticks.CancelHistoricalTicks)


@pytest.mark.parametrize("version", [178, 225])
async def test_options_are_exercised(version: int) -> None:
    async with connected(version=version) as (ib, server):
        orderId = ib.exerciseOptions(CALL, 1, 2, "DU1", 0)
        (sent,) = await server.wait_for(options.ExerciseOptions)
        assert (sent.reqId, sent.contract.conId, sent.exerciseAction) == (orderId, CALL.conId, 1)
        assert (sent.exerciseQuantity, sent.account, sent.override) == (2, "DU1", False)
        assert lane_of(sent) is Lane.PLACE
        if version == 225:
            ib.exerciseOptions(CALL, 2, 1, "DU1", 1, "20260402 13:30:00 UTC", "C1", True)
            (_, lapse) = await server.wait_for(options.ExerciseOptions, 2)
            assert (lapse.manualOrderTime, lapse.customerAccount, lapse.professionalCustomer, lapse.override) == (
                "20260402 13:30:00 UTC",
                "C1",
                True,
                True,
            )
