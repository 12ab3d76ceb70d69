"""In the middle of a session with all kinds of subscriptions, `client.subscriptions` alone knows of each."""

import datetime as dt
from collections import Counter

from ibdesk import IB, Forex, ScannerSubscription, Stock
from ibdesk.client.subscriptions import Kind
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock

HALF_PAST_TEN = dt.datetime(2026, 11, 20, 10, 30, tzinfo=NEW_YORK)
WHEN_CONNECTED = {Kind.POSITIONS: 1, Kind.ACCOUNT: 1, Kind.ACCOUNT_MULTI: 1}


async def test_the_registry_knows_all_that_is_subscribed() -> None:
    clock = HandClock(HALF_PAST_TEN)
    async with PaperGateway(port=0, seed=3, clock=clock) as gateway:
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
        known = ib.client.subscriptions
        assert Counter(one.kind for one in known) == WHEN_CONNECTED
        aapl, eurusd = Stock("AAPL", "SMART", "USD"), Forex("EURUSD")
        await ib.qualifyContractsAsync(aapl, eurusd)
        (account,) = ib.managedAccounts()

        quotes = [ib.reqMktData(aapl), ib.reqMktData(eurusd, "233"), ib.reqMktData(aapl)]
        depth = ib.reqMktDepth(Stock("AAPL", "ISLAND", "USD", conId=aapl.conId))
        ticks = ib.reqTickByTickData(eurusd, "BidAsk")
        bars = ib.reqRealTimeBars(aapl, 5, "TRADES", False)
        kept = await ib.reqHistoricalDataAsync(aapl, "", "1 D", "1 hour", "TRADES", True, keepUpToDate=True)
        await ib.reqHistoricalDataAsync(aapl, "", "1 D", "1 hour", "TRADES", True)
        scan = ib.reqScannerSubscription(
            ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN")
        )
        pnl, single = ib.reqPnL(account), ib.reqPnLSingle(account, "", aapl.conId)
        await ib.accountSummaryAsync()
        ib.reqNewsBulletins(True)
        await ib.reqTickersAsync(aapl)

        targets = {
            Kind.QUOTES: [quotes[0], quotes[1]],
            Kind.DEPTH: [depth],
            Kind.BID_ASK: [ticks],
            Kind.LIVE_BARS: [bars],
            Kind.BARS: [kept],
            Kind.SCAN: [scan],
            Kind.PNL: [pnl],
            Kind.PNL_SINGLE: [single],
            Kind.SUMMARY: [None],
            Kind.NEWS_BULLETINS: [None],
        }
        assert {kind: [one.target for one in known.of(kind)] for kind in targets} == targets
        assert len(known) == sum(WHEN_CONNECTED.values()) + sum(map(len, targets.values()))
        assert [one.users for one in known.of(Kind.QUOTES)] == [2, 1]
        assert all(one.request in one.restored_by or one.kind in (Kind.BID_ASK, Kind.NEWS_BULLETINS) for one in known)

        ib.cancelMktData(aapl)
        ib.cancelMktDepth(Stock("AAPL", "ISLAND", "USD", conId=aapl.conId))
        ib.cancelTickByTickData(eurusd, "BidAsk")
        ib.cancelRealTimeBars(bars)
        ib.cancelHistoricalData(kept)
        ib.cancelScannerSubscription(scan)
        ib.cancelPnL(account)
        ib.cancelPnLSingle(account, "", aapl.conId)
        ib.cancelNewsBulletins()
        left = {Kind.QUOTES: 2, Kind.SUMMARY: 1, **WHEN_CONNECTED}
        assert Counter(one.kind for one in known) == left
        assert [one.users for one in known.of(Kind.QUOTES)] == [1, 1]
        ib.disconnect()
        assert len(known) == 0
