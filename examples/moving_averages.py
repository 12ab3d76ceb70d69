"""Buy when the fast average of 5-minute closes rises above the slow one; the bracket of each order sells again.

Live through a week of it in seconds, on a paper gateway of its own:

    ibdesk simulate examples/moving_averages.py --from 2026-11-02 --to 2026-11-06

Or run `ibdesk paper` in another terminal first, or a TWS that listens on port 7497. It runs until Ctrl-C. Another port:
moving_averages.py 4002
"""

import sys
from statistics import fmean
from zoneinfo import ZoneInfo

from ibdesk import IB, BarDataList, Fill, MarketOrder, Stock, Trade

FAST, SLOW = 6, 24  # bars
QUANTITY = 200
TARGET, STOP = 1.012, 0.994  # of the price at which it buys

NEW_YORK = ZoneInfo("America/New_York")
port = int(sys.argv[1]) if len(sys.argv) > 1 else 7497
contract = Stock("NVDA", "SMART", "USD")


def on_bars(bars: BarDataList, has_new_bar: bool) -> None:
    """Buy on a crossing. The last bar has only begun."""
    if not has_new_bar or ib.openTrades():
        return
    closes = [bar.close for bar in bars[:-1]]
    was_above, is_above = (fmean(past[-FAST:]) > fmean(past[-SLOW:]) for past in (closes[:-1], closes))
    if is_above and not was_above:
        entry = MarketOrder("BUY", QUANTITY, tif="GTC")
        target, stop = round(closes[-1] * TARGET, 2), round(closes[-1] * STOP, 2)
        for order in ib.bracket(entry, targets=[target], stop=stop):
            ib.placeOrder(contract, order)


def on_fill(trade: Trade, fill: Fill) -> None:
    when, what = fill.execution.time.astimezone(NEW_YORK), trade.order
    print(f"{when:%a %H:%M:%S}  {what.action:4} {fill.execution.shares:g} {fill.execution.price:.2f}  {what.orderType}")


with IB().connect(port=port, clientId=6) as ib:
    ib.qualifyContracts(contract)
    ib.execDetailsEvent += on_fill
    bars = ib.reqHistoricalData(contract, "", "2 D", "5 mins", "TRADES", useRTH=True, keepUpToDate=True)
    bars.updateEvent += on_bars
    ib.run()  # until Ctrl-C
