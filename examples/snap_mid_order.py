"""Place a SNAP MID order that waits for a point in time, look at it, cancel it.

A SNAP MID order takes its limit from the middle between bid and ask, once: often better than a market order, and there
for futures too. The condition holds it back, so that nothing is bought while you read.

Run `ibdesk paper` in another terminal first, or a TWS that listens on port 7497. Another port: snap_mid_order.py 4002
"""

import datetime as dt
import sys

from ibdesk import IB, Future, Order, TimeCondition

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7497

with IB().connect(port=port, clientId=3) as ib:
    now = ib.reqCurrentTime()
    listed = [details.contract for details in ib.reqContractDetails(Future("ES", exchange="CME", currency="USD"))]
    contract = min(listed, key=lambda future: future.lastTradeDateOrContractMonth)
    print("Front month:", contract.localSymbol)

    later = (now + dt.timedelta(days=10)).strftime("%Y%m%d-%H:%M:%S")  # with a hyphen it is UTC
    order = Order(
        action="BUY",
        totalQuantity=1,
        orderType="SNAP MID",
        auxPrice=0.25,  # this much below the middle
        tif="GTC",
        conditions=[TimeCondition(isMore=True, time=later)],
    )
    trade = ib.placeOrder(contract, order)
    while trade.orderStatus.status == "PendingSubmit":
        ib.waitOnUpdate()
    print(trade.orderStatus.status, trade.order.conditions)

    ib.cancelOrder(order)
    while not trade.isDone():
        ib.waitOnUpdate()
    for entry in trade.log:
        print(entry.time, entry.status, entry.message)
