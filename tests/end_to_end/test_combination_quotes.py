"""Quotes of combinations, as programs of ibdesk and of ib_async get them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from oracles import ib_async

import ibdesk
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock

HALF_PAST_TEN = dt.datetime(2026, 11, 20, 10, 30, tzinfo=NEW_YORK)
SIDES = [pytest.param(ibdesk, id="ibdesk"), pytest.param(ib_async(), id="ib_async")]


@pytest.mark.parametrize("lib", SIDES)
async def test_a_pair_is_quoted_at_what_its_legs_are(lib: Any) -> None:
    clock = HandClock(HALF_PAST_TEN)
    async with PaperGateway(port=0, seed=3, clock=clock, max_version=178) as gateway:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
        stocks = [lib.Stock(symbol, "SMART", "USD") for symbol in ("QQQ", "SPY")]
        qqq, spy = await ib.qualifyContractsAsync(*stocks)
        legs = [
            lib.ComboLeg(conId=qqq.conId, ratio=3, action="BUY", exchange="SMART"),
            lib.ComboLeg(conId=spy.conId, ratio=4, action="SELL", exchange="SMART"),
        ]
        pair = lib.Bag(symbol="QQQ,SPY", exchange="SMART", currency="USD", comboLegs=legs)
        of_pair, of_qqq, of_spy = (ib.reqMktData(each) for each in (pair, qqq, spy))
        for _ in range(3):
            clock.advance(60)
            gateway.advance()
            await ib.reqExecutionsAsync()  # its answer comes after all that the gateway has sent
            paid = 3 * Decimal(str(of_qqq.ask)) - 4 * Decimal(str(of_spy.bid))
            assert of_pair.ask == float(paid)
            assert of_pair.askSize == min(of_qqq.askSize // 3, of_spy.bidSize // 4)
            assert of_pair.bid <= of_pair.ask < 0
        ib.disconnect()
