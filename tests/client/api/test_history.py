"""Bars of the past: late ones are cancelled."""

from client.asking import connected

from ibdesk import Stock
from ibdesk.wire.messages import history

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def test_bars_that_do_not_come_in_time_are_cancelled() -> None:
    async with connected({history.ReqHistoricalData: lambda _: []}) as (ib, server):
        bars = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, timeout=0.1)
        assert list(bars) == []
        (cancel,) = await server.wait_for(history.CancelHistoricalData)
        assert cancel.reqId == bars.reqId
        late = history.HistoricalData(bars.reqId, [])
        server.send(late)
        await ib.reqExecutionsAsync()
        assert ib.dispatcher.requests.late["HistoricalData"] == 1
