"""Profit and loss: who asks twice shares a subscription, and what is not known is no profit."""

import asyncio
import logging
from math import isnan
from typing import Any

import pytest
from client.asking import connected, cut, next_of, versions

from ibdesk.wire.messages import connection
from ibdesk.wire.messages import pnl as messages


@versions
async def test_an_account(version: int) -> None:
    answers: dict[type, Any] = {messages.ReqPnL: lambda m: [messages.PnL(m.reqId, 1.5, realizedPnL=-2.0)]}
    async with connected(answers, version) as (ib, server):
        arrives = asyncio.ensure_future(next_of(ib, "pnlEvent"))
        pnl = ib.reqPnL("DU1")
        assert isnan(pnl.dailyPnL)
        assert await arrives is pnl
        assert (pnl.account, pnl.modelCode, pnl.dailyPnL, pnl.realizedPnL) == ("DU1", "", 1.5, -2.0)
        assert isnan(pnl.unrealizedPnL)
        assert ib.pnl() == ib.pnl("DU1") == [pnl]
        assert ib.pnl("DU2") == ib.pnl("DU1", "M") == []
        ib.cancelPnL("DU1")
        (request,) = server.of(messages.ReqPnL)
        (cancel,) = await server.wait_for(messages.CancelPnL)
        assert (request.account, request.modelCode, cancel.reqId) == ("DU1", "", request.reqId)
        assert ib.pnl() == []


@versions
async def test_a_position(version: int) -> None:
    answers: dict[type, Any] = {
        messages.ReqPnLSingle: lambda m: [messages.PnLSingle(m.reqId, 100.0, 1.5, 2.5, realizedPnL=0.0, value=1e4)]
    }
    async with connected(answers, version) as (ib, server):
        arrives = asyncio.ensure_future(next_of(ib, "pnlSingleEvent"))
        pnl = ib.reqPnLSingle("DU1", "", 8314)
        assert await arrives is pnl
        assert (pnl.position, pnl.dailyPnL, pnl.unrealizedPnL, pnl.realizedPnL, pnl.value) == (100, 1.5, 2.5, 0, 1e4)
        assert isinstance(pnl.position, int)
        (request,) = server.of(messages.ReqPnLSingle)
        arrives = asyncio.ensure_future(next_of(ib, "pnlSingleEvent"))
        server.send(messages.PnLSingle(request.reqId, 0.5))
        await arrives
        assert pnl.position == 0.5
        assert isnan(pnl.value)
        assert ib.pnlSingle() == ib.pnlSingle("DU1", "", 8314) == [pnl]
        assert ib.pnlSingle(conId=1) == ib.pnlSingle(modelCode="M") == ib.pnlSingle("DU2") == []
        ib.cancelPnLSingle("DU1", "", 8314)
        (cancel,) = await server.wait_for(messages.CancelPnLSingle)
        assert cancel.reqId == request.reqId
        assert ib.pnlSingle() == []


async def test_who_asks_twice_shares_and_the_last_one_ends_it() -> None:
    async with connected() as (ib, server):
        assert ib.reqPnL("DU1") is ib.reqPnL("DU1")
        assert ib.reqPnL("DU1", "M") is not ib.reqPnL("DU1")
        single = ib.reqPnLSingle("DU1", "", 8314)
        assert ib.reqPnLSingle("DU1", "", 8314) is single
        for _ in range(2):
            ib.cancelPnL("DU1")
            ib.cancelPnLSingle("DU1", "", 8314)
        assert len(ib.pnl()) == 2
        ib.cancelPnL("DU1")
        await server.wait_for(messages.CancelPnL)
        assert [request.modelCode for request in server.of(messages.ReqPnL)] == ["", "M"]
        assert len(server.of(messages.ReqPnLSingle)) == len(server.of(messages.CancelPnLSingle)) == 1
        assert len(server.of(messages.CancelPnL)) == 1


async def test_a_cancel_of_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, server):
        with caplog.at_level(logging.WARNING):
            ib.cancelPnL("DU1")
            ib.cancelPnLSingle("DU1", "", 8314)
        await ib.reqExecutionsAsync()
        assert "cancelPnL: No subscription for account DU1, modelCode " in caplog.text
        assert "cancelPnLSingle: No subscription for account DU1, modelCode , conId 8314" in caplog.text
        assert not server.of(messages.CancelPnL)


async def test_a_refusal_ends_it_and_it_can_be_asked_again() -> None:
    refuse = {
        kind: lambda m: [connection.Error(m.reqId, 321, "no")] for kind in (messages.ReqPnL, messages.ReqPnLSingle)
    }
    async with connected(refuse) as (ib, server):
        for _ in range(2):
            arrives = asyncio.ensure_future(next_of(ib, "errorEvent"))
            ib.reqPnL("DU1")
            assert (await arrives)[1] == 321
            arrives = asyncio.ensure_future(next_of(ib, "errorEvent"))
            ib.reqPnLSingle("DU1", "", 8314)
            await arrives
            assert ib.pnl() == ib.pnlSingle() == []
        assert len(server.of(messages.ReqPnL)) == len(server.of(messages.ReqPnLSingle)) == 2


async def test_a_loss_of_the_connection_ends_it() -> None:
    async with connected() as (ib, server):
        ib.reqPnL("DU1")
        await server.wait_for(messages.ReqPnL)
        await cut(ib, server)
        assert ib.pnl() == []
        with pytest.raises(ConnectionError):
            ib.reqPnL("DU1")


async def test_numbers_of_what_was_cancelled_say_nothing() -> None:
    async with connected() as (ib, server):
        pnl = ib.reqPnL("DU1")
        ib.cancelPnL("DU1")
        (request,) = await server.wait_for(messages.ReqPnL)
        server.send(messages.PnL(request.reqId, 1.0), messages.PnLSingle(request.reqId, 1.0))
        await ib.reqExecutionsAsync()
        assert isnan(pnl.dailyPnL)
