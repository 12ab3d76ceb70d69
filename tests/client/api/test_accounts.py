"""Positions, values and summaries of accounts: asked for, shared, refused."""

import asyncio
from typing import Any

import pytest
from client.asking import connected, next_of, versions
from client.scripted import CLOSE

from ibdesk import RequestError
from ibdesk.client.subscriptions import Kind
from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import accounts, connection


async def test_two_who_ask_for_the_same_share_the_answer() -> None:
    async with connected() as (ib, server):
        server.answers[accounts.ReqPositions] = lambda _: []
        first, second = (asyncio.ensure_future(ib.reqPositionsAsync()) for _ in range(2))
        await server.wait_for(accounts.ReqPositions, 2)  # one of them when connecting
        first.cancel()
        server.send(accounts.Position("DU1", Contract(conId=1), 5.0, 10.0), accounts.PositionEnd())
        assert [one.position for one in await second] == [5.0]
        assert len(server.of(accounts.ReqPositions)) == 2


async def test_a_refusal_of_account_updates_ends_the_wait() -> None:
    async with connected() as (ib, server):
        text = "Error validating request.-'bV' : cause - Invalid account code 'DU2'."
        server.answers[accounts.ReqAccountUpdates] = lambda _: [connection.Error(UNSET_INTEGER, 321, text)]
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestError, match="Invalid account code"):
            await ib.reqAccountUpdatesAsync("DU2")


def summary(message: accounts.ReqAccountSummary) -> list[Any]:
    return [
        accounts.AccountSummary(message.reqId, "DU1", "NetLiquidation", "1000", "USD"),
        accounts.AccountSummary(message.reqId, "DU1", "BuyingPower", "4000", "USD"),
        accounts.AccountSummaryEnd(message.reqId),
    ]


@versions
async def test_a_summary_is_subscribed_once_and_read_then(version: int) -> None:
    async with connected({accounts.ReqAccountSummary: summary}, version) as (ib, server):
        assert [one.value for one in await ib.accountSummaryAsync()] == ["1000", "4000"]
        assert [one.tag for one in await ib.accountSummaryAsync("DU1")] == ["NetLiquidation", "BuyingPower"]
        assert await ib.accountSummaryAsync("DU2") == []
        assert len(server.of(accounts.ReqAccountSummary)) == 1


async def test_a_new_subscription_to_summaries_ends_the_one_before() -> None:
    async with connected({accounts.ReqAccountSummary: summary}) as (ib, server):
        await ib.reqAccountSummaryAsync()
        await ib.reqAccountSummaryAsync()
        first, second = await server.wait_for(accounts.ReqAccountSummary, 2)
        (cancel,) = await server.wait_for(accounts.CancelAccountSummary)
        assert (cancel.reqId, first.reqId != second.reqId) == (first.reqId, True)


async def test_single_tags_are_given_without_a_subscription() -> None:
    async with connected({accounts.ReqAccountSummary: summary}) as (ib, server):
        (found,) = await ib.reqAccountSummaryAsync("DU1", tags="BuyingPower, Cushion")
        assert (found.account, found.value) == ("DU1", "4000")
        (request,) = server.of(accounts.ReqAccountSummary)
        (cancel,) = await server.wait_for(accounts.CancelAccountSummary)
        assert (request.tags, cancel.reqId) == ("BuyingPower, Cushion", request.reqId)


async def test_a_summary_knows_no_models() -> None:
    async with connected() as (ib, _):
        with pytest.raises(ValueError, match="no values of the model 'M'"):
            await ib.reqAccountSummaryAsync("DU1", "M")


@versions
async def test_values_of_a_model(version: int) -> None:
    def answer(message: accounts.ReqAccountUpdatesMulti) -> list[Any]:
        return [
            accounts.AccountUpdateMulti(message.reqId, "DU1", message.modelCode, "NetLiquidation", "500", "USD"),
            accounts.AccountUpdateMultiEnd(message.reqId),
        ]

    async with connected({accounts.ReqAccountUpdatesMulti: answer}, version) as (ib, _):
        await ib.reqAccountUpdatesMultiAsync("DU1", "M")
        assert [(one.tag, one.value, one.modelCode) for one in ib.accountValues("DU1") if one.modelCode] == [
            ("NetLiquidation", "500", "M")
        ]
        assert ib.accountValues("DU2") == []


async def test_a_summary_that_was_refused_or_lost_is_not_subscribed() -> None:
    def refuse(message: Any) -> list[Any]:
        return [connection.Error(message.reqId, 322, "Maximum number of account summary requests exceeded")]

    async with connected({accounts.ReqAccountSummary: refuse}) as (ib, server):
        assert await ib.reqAccountSummaryAsync() == []
        assert ib.client.subscriptions.of(Kind.SUMMARY) == []
        server.answers[accounts.ReqAccountSummary] = lambda m: [*summary(m), CLOSE]
        lost = asyncio.ensure_future(next_of(ib, "disconnectedEvent"))
        await ib.reqAccountSummaryAsync()
        await lost
        assert list(ib.client.subscriptions) == []


async def test_those_who_ask_for_a_summary_at_once_leave_one_subscription() -> None:
    async with connected({accounts.ReqAccountSummary: summary}) as (ib, server):
        one, other = await asyncio.gather(ib.accountSummaryAsync(), ib.accountSummaryAsync())
        assert one == other
        assert len(server.of(accounts.ReqAccountSummary)) == len(ib.client.subscriptions.of(Kind.SUMMARY)) == 1
        await asyncio.gather(*(ib.reqAccountSummaryAsync() for _ in range(3)))
        assert len(ib.client.subscriptions.of(Kind.SUMMARY)) == 1
        assert len(await server.wait_for(accounts.CancelAccountSummary, 3)) == 3
