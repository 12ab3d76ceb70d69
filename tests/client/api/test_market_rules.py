"""Price steps and the exchanges behind a quote: each request in all its ends."""

import asyncio

import pytest
from client.asking import Case, End, connected, each

from ibdesk import DecodeError, RequestTimeout
from ibdesk.model.reference import PriceIncrement, SmartComponent
from ibdesk.wire.messages import depth, reference
from ibdesk.wire.messages.connection import Error

CASES = [
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
]


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)


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
