"""`ib.wrapper` has ib_async's names as far as programs read them; a program that uses both sees the same."""

import asyncio
import dataclasses
import gc
import logging

import pytest
from client.scripted import serving
from oracles import ib_async

import ibdesk
from ibdesk import connection, decoder
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import OrderState
from ibdesk.wire.messages import accounts, executions, market_data, news, orders, pnl

logging.getLogger("ib_async").setLevel(logging.CRITICAL)

AAPL = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")

# The part of a `Wrapper` that does something, which here nobody calls. See docs/reference/differences.md.
ENGINE = {"reset", "setEventsDone", "connectionClosed", "tcpDataArrived", "tcpDataProcessed"} | {
    *("startReq", "startTicker", "endTicker", "startSubscription", "endSubscription")
}


def test_every_public_attribute_is_there() -> None:
    theirs = ib_async()
    fields = {field.name for field in dataclasses.fields(theirs.Wrapper) if not field.name.startswith("_")}
    set_later = {name for name in vars(theirs.IB().wrapper) if not name.startswith("_")}
    ours = ibdesk.IB().wrapper
    assert fields | set_later >= {"accountValues", "defaultTimezone"}
    assert {name for name in fields | set_later if not hasattr(ours, name)} == set()
    methods = {name for name in dir(theirs.Wrapper) if not name.startswith("_")} - fields
    assert {name for name in methods if hasattr(ours, name)} == {"orderKey", "setTimeout"}
    assert methods >= ENGINE


def test_before_a_connection_it_is_as_empty() -> None:
    theirs, ours = ib_async().IB().wrapper, ibdesk.IB().wrapper
    for name in vars(theirs):
        if not name.startswith("_") and name not in ("ib", "defaults", "lastTime"):
            assert getattr(ours, name) == getattr(theirs, name), name


async def test_the_same_frames_give_the_same_collections() -> None:
    seen = []
    for lib in (ib_async(), ibdesk):
        async with serving() as server:
            ib = lib.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
            contract = lib.Stock("AAPL", "SMART", "USD", conId=265598)
            ticker = ib.reqMktData(contract)
            trade = ib.placeOrder(contract, lib.LimitOrder("BUY", 100, 257.95))
            ib.reqPnL("DU1")
            ib.reqPnLSingle("DU1", "", 265598)
            (asked,) = await server.wait_for(pnl.ReqPnL)
            (placed,) = await server.wait_for(orders.PlaceOrder)
            order = dataclasses.replace(placed.order, orderId=placed.orderId, clientId=1, permId=77)
            execution = Execution("e.1", "20260413 15:27:04 US/Eastern", "DU1", "IEX", "BOT", 100, 257.95, 77)
            execution.clientId, execution.orderId = 1, placed.orderId
            server.send(
                accounts.Position("DU1", AAPL, 5, 100.0),
                accounts.UpdateAccountValue("NetLiquidation", "7", "USD", "DU1"),
                accounts.AccountSummary(9, "DU1", "BuyingPower", "8", "USD"),
                orders.OpenOrder(AAPL, order, OrderState(status="Submitted")),
                executions.ExecDetails(-1, AAPL, execution),
                executions.CommissionAndFeesReport(CommissionReport("e.1", 1.0, "USD")),
                market_data.TickPrice(server.of(market_data.ReqMktData)[0].reqId, 1, 257.9, 100, 0),
                news.UpdateNewsBulletin(3, 1, "text", "NYSE"),
            )
            await asyncio.wait_for(ib.reqExecutionsAsync(), 10)
            wrapper = ib.wrapper
            assert wrapper.ib is ib
            assert wrapper.reqId2Ticker[wrapper.ticker2ReqId["mktData"][ticker]] is ticker
            assert list(wrapper.tickers.values()) == [ticker]
            assert wrapper.trades[wrapper.orderKey(1, trade.order.orderId, 0)] is trade
            assert wrapper.permId2Trade[77] is trade
            assert wrapper.orderKey(1, -3, 77) == 77
            assert wrapper.pnlKey2ReqId["DU1", ""] == asked.reqId
            assert wrapper.reqId2PnL[asked.reqId].account == "DU1"
            assert wrapper.reqId2PnlSingle[wrapper.pnlSingleKey2ReqId["DU1", "", 265598]].conId == 265598
            assert wrapper._reqId2Contract[wrapper.ticker2ReqId["mktData"][ticker]].symbol == "AAPL"
            assert wrapper.time == pytest.approx(wrapper.lastTime.timestamp())
            wrapper.setTimeout(0)
            seen.append(
                {
                    "accounts": wrapper.accounts,
                    "clientId": wrapper.clientId,
                    "accountValues": {key: value.value for key, value in wrapper.accountValues.items()},
                    "acctSummary": {key: value.value for key, value in wrapper.acctSummary.items()},
                    "positions": wrapper.positions["DU1"][265598].position,
                    "fills": list(wrapper.fills),
                    "bulletins": list(wrapper.msgId2NewsBulletin),
                    "subscribers": wrapper.reqId2Subscriber,
                    "calendar": (wrapper.wshMetaReqId, wrapper.wshEventReqId),
                }
            )
            ib.disconnect()
            assert wrapper.clientId == -1
    assert seen[0] == seen[1]


def test_a_wrapper_does_not_keep_its_ib_alive() -> None:
    ib = ibdesk.IB()
    wrapper = ibdesk.Wrapper(ib)
    assert wrapper.ib is ib
    del ib
    gc.collect()
    # The settings that its session looks up are those of the IB, so only one with a thread of its own goes.
    assert wrapper.ib.wrapper is not wrapper
    ib = ibdesk.IB(thread=True)
    wrapper = ib.wrapper
    del ib
    gc.collect()
    with pytest.raises(ReferenceError, match="gone"):
        _ = wrapper.ib


async def test_a_decoder_takes_a_message_as_if_it_had_arrived(caplog: pytest.LogCaptureFixture) -> None:
    ib = ibdesk.IB()
    heard = []
    ib.errorEvent += lambda *args: heard.append(args[:3])
    it = decoder.Decoder(ib.wrapper, 176)
    it.interpret(["4", "2", "-1", "2104", "Market data farm connection is OK:usfarm", ""])
    it.interpret(["4", "2"])
    it.interpret(["?"])
    assert heard == [(-1, 2104, "Market data farm connection is OK:usfarm")]
    assert len([one for one in caplog.records if one.levelno == logging.ERROR]) == 2


async def test_a_connection_carries_bytes() -> None:
    async with serving() as server:
        link = connection.Connection()
        link.sendMsg(b"nobody is there")
        link.disconnect()
        await link.connectAsync("127.0.0.1", server.port)
        answer = asyncio.ensure_future(_first(link.hasData))
        await asyncio.sleep(0)
        link.sendMsg(b"API\0\0\0\0\x09v157..178")
        assert b"178" in await asyncio.wait_for(answer, 10)
        assert (link.isConnected(), link.numMsgSent, link.numBytesSent) == (True, 1, 17)
        await link.connectAsync("127.0.0.1", server.port)
        assert link.numMsgSent == 0
        ends = asyncio.ensure_future(_first(link.disconnected))
        await asyncio.sleep(0)
        link.disconnect()
        assert await asyncio.wait_for(ends, 10) == ""
        assert not link.isConnected()


async def _first(event: ibdesk.Event[bytes] | ibdesk.Event[str]) -> bytes | str:
    return await event
