"""What does one more cost when there are many already? Goal: no row grows by more than twice from 100 to 10,000.

Each figure is microseconds of CPU for one of `number` things that are done one after another, by a process of its own:
subscriptions, errors, listeners, completed orders, fills of one order, orders in doubt, orders that wait to be sent,
and a change of one quote while orders for as many options rest at the paper broker. The last column is the growth from
the first number to the last.

    python benchmarks/bench_growth.py [--numbers 100,1000,10000] [--only "event += function"] [--turns 3]
"""

import argparse
import socket
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from codec_samples import contract, open_order
from pairing import child
from scripted_gateway import ACCOUNT, TEXT, Gateway, prepared

from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import OrderState
from ibdesk.session.connection import Connection
from ibdesk.wire.messages.connection import CurrentTime, Error, ReqCurrentTime
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.order_status import CompletedOrdersEnd, ReqCompletedOrders
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

CLIENT = """
import asyncio, gc, json, os, sys, time
from ibdesk import IB, LimitOrder, StartupFetchNONE, Stock
from ibdesk.events import Event

port, number = int(sys.argv[2]), int(sys.argv[3])

async def connected():
    ib = IB()
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
    return ib

def stock(i, **more):
    return Stock("S%d" % i, "SMART", "USD", **more)

def spent(steps):
    begin = time.process_time_ns()
    for step in steps:
        step()
    return (time.process_time_ns() - begin) / len(steps) / 1e3

def heard(event):
    # A future that is done when an event has been emitted for all.
    left, done = number, asyncio.get_running_loop().create_future()
    def on_event(*args):
        nonlocal left
        left -= 1
        if not left:
            done.set_result(None)
    event.connect(on_event)
    return done

def run(main):
    gc.freeze()
    print(json.dumps({"us": asyncio.run(main())}), flush=True)
    os._exit(0)
"""

SUBSCRIBING = """
async def main():
    ib = await connected()
    contracts = [stock(i, conId={conId}) for i in range(number)]
    return spent([lambda one=one: ib.reqMktData(one) for one in contracts])
"""

CANCELLING = """
async def main():
    ib = await connected()
    contracts = [stock(i, conId=1000 + i) for i in range(number)]
    for one in contracts:
        ib.reqMktData(one)
    return spent([lambda one=one: ib.cancelMktData(one) for one in contracts])
"""

LOOKING_UP = """
async def main():
    ib = await connected()
    for i in range(number):
        ib.reqMktData(stock(i, conId={conId}))
    unknown = [stock(-1 - i, conId=900000 + i) for i in range(1000)]
    return spent([lambda one=one: ib.ticker(one) for one in unknown])
"""

REFUSED = """
async def main():
    ib = await connected()
    done = heard(ib.errorEvent)
    for i in range(number):
        ib.reqMktData(stock(i, conId=1000 + i))
    begin = time.process_time_ns()
    ib.reqMarketDataType(1)
    await done
    return (time.process_time_ns() - begin) / number / 1e3
"""

AWAITING = """
async def main():
    event = Event("one")
    async def wait():
        await event
    tasks = [asyncio.create_task(wait()) for _ in range(number)]
    begin = time.process_time_ns()
    await asyncio.sleep(0)
    event.emit(1)
    await asyncio.gather(*tasks)
    return (time.process_time_ns() - begin) / number / 1e3
"""

CONNECTING = """
async def main():
    event = Event("one")
    return spent([lambda one=one: event.connect(one) for one in [lambda: i for i in range(number)]])
"""

DISCONNECTING = """
async def main():
    event = Event("one")
    listeners = [lambda: i for i in range(number)]
    for one in listeners:
        event += one
    return spent([lambda one=one: event.disconnect(one) for one in listeners])
"""

COMPLETED = """
async def main():
    ib = await connected()
    begin = time.process_time_ns()
    assert len(await ib.reqCompletedOrdersAsync(False)) == number
    return (time.process_time_ns() - begin) / number / 1e3
"""

FILLED = """
async def main():
    ib = await connected()
    done = heard(ib.commissionReportEvent)
    begin = time.process_time_ns()
    trade = ib.placeOrder(stock(1, conId=265598), LimitOrder("BUY", number, 100))
    await done
    assert len(trade.fills) == number
    return (time.process_time_ns() - begin) / number / 1e3
"""

IN_DOUBT = """
async def main():
    ib = await connected()
    trades = [ib.placeOrder(stock(1, conId=265598), LimitOrder("BUY", 1, 100)) for i in range(number)]
    await ib.reqCurrentTimeAsync()
    begin = time.process_time_ns()
    ib.client.drop(ConnectionError("lost"))
    while ib.isConnected():
        await asyncio.sleep(0)
    assert all(trade.isUncertain() for trade in trades)
    await ib.connectAsync("127.0.0.1", port, clientId=1)
    return (time.process_time_ns() - begin) / number / 1e3
"""

WAITING = """
async def main():
    ib = await connected()
    ib.client.MaxRequests, ib.client.RequestsInterval = 1, 3600
    orders = [LimitOrder("BUY", 1, 100) for i in range(number)]
    for one in orders:
        ib.placeOrder(stock(1, conId=265598), one)
    return spent([lambda one=one: ib.cancelOrder(one) for one in orders])
"""

RESTING = """
import datetime as dt, math
from zoneinfo import ZoneInfo
from ibdesk.model.contract import Option
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order
from ibdesk.paper.exchange import Exchange
from ibdesk.paper.ledger import Ledger

class Quote:
    bid, ask, last, bidSize, askSize, lastSize, volume, close = 1.0, 1.1, 1.05, 10.0, 10.0, 1.0, 0.0, 1.0

async def main():
    now = dt.datetime(2026, 4, 15, 11, 0, tzinfo=ZoneInfo("America/New_York"))
    exchange = Exchange({"DU1": Ledger("DU1", cash=1e12)}, first_perm_id=1, exec_group=1)
    for i in range(number):
        option = Option("AAPL", "20260619", 100 + i, "C", "SMART", "100", "USD", conId=1 + i)
        details = ContractDetails(contract=option, minTick=0.01, validExchanges="SMART", minSize=1.0, sizeIncrement=1.0)
        exchange.on_quote(1 + i, Quote(), now)
        order = Order(orderId=1 + i, action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=0.9, account="DU1")
        exchange.place(1, option, details, order, now)
    assert len(exchange.open_orders()) == 2 * number
    return spent([lambda i=i: exchange.on_quote(1 + i % number, Quote(), now) for i in range(2000)])
"""


def refuse_all(link: socket.socket, server: Connection, reqIds: list[int]) -> None:
    """End every subscription with an error."""
    link.sendall(prepared((Error(reqId, 200, "No security definition has been found") for reqId in reqIds), TEXT))


def completed(number: int) -> Iterator[Any]:
    """Orders that have ended."""
    for i in range(number):
        order = open_order(i).order
        order.account, order.permId = ACCOUNT, 10_000 + i
        state = OrderState(status="Filled", completedTime="20260415 10:00:00 US/Eastern", completedStatus="Filled")
        yield CompletedOrder(contract(i), order, state)
    yield CompletedOrdersEnd()


def filled(request: PlaceOrder) -> Iterator[Any]:
    """Return what the server tells of an order that is filled share by share."""
    order, number = request.order, int(request.order.totalQuantity)
    order.orderId, order.clientId, order.permId, order.account = request.orderId, 1, 800_000_000, ACCOUNT
    yield OpenOrder(request.contract, order, OrderState(status="Submitted"))
    for i in range(number if number > 1 else 0):
        execution = Execution(
            execId=f"0000e0d5.{i:08x}.01.01", time="20260415 10:00:00 US/Eastern", acctNumber=ACCOUNT,
            exchange="NASDAQ", side="BOT", shares=1, price=100.0, permId=order.permId, clientId=1,
            orderId=order.orderId, cumQty=i + 1, avgPrice=100.0,
        )  # fmt: skip
        yield ExecDetails(-1, request.contract, execution)
        yield CommissionAndFeesReport(CommissionReport(execId=execution.execId, commission=1.0, currency="USD"))


def _give(data: bytes, request: ReqCompletedOrders) -> bytes:
    return data


def rows(numbers: list[int]) -> dict[str, tuple[str, Callable[[int], Gateway | None]]]:
    """Return the program of each row, and the server that it needs for a number."""
    silent = Gateway(TEXT, {ReqCurrentTime: lambda request: [CurrentTime(1)]})
    refusing = Gateway(TEXT, blast=refuse_all)
    filling = Gateway(TEXT, {PlaceOrder: filled})
    ended = {number: prepared(completed(number), TEXT) for number in numbers}
    completing = {number: Gateway(TEXT, {ReqCompletedOrders: partial(_give, ended[number])}) for number in numbers}
    return {
        "reqMktData, not qualified": (SUBSCRIBING.format(conId=0), lambda number: silent),
        "reqMktData, qualified": (SUBSCRIBING.format(conId="1000 + i"), lambda number: silent),
        "cancelMktData": (CANCELLING, lambda number: silent),
        "ib.ticker(unknown), not qualified": (LOOKING_UP.format(conId=0), lambda number: silent),
        "ib.ticker(unknown), qualified": (LOOKING_UP.format(conId="1000 + i"), lambda number: silent),
        "an error for each subscription": (REFUSED, lambda number: refusing),
        "tasks that await one event": (AWAITING, lambda number: None),
        "event += function": (CONNECTING, lambda number: None),
        "event -= function": (DISCONNECTING, lambda number: None),
        "completed orders received": (COMPLETED, completing.__getitem__),
        "fills of one order, with commissions": (FILLED, lambda number: filling),
        "orders in doubt after a lost connection": (IN_DOUBT, lambda number: silent),
        "cancelling orders that wait to be sent": (WAITING, lambda number: silent),
        "gateway: a quote, orders for as many options": (RESTING, lambda number: None),
    }


def main() -> None:
    """Measure every row with every number."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--numbers", default="100,1000,10000")
    parser.add_argument("--only", default="")
    parser.add_argument("--turns", type=int, default=3)
    chosen = parser.parse_args()
    numbers = [int(number) for number in chosen.numbers.split(",")]
    print(f"{'':46}{''.join(f'{number:>12,}' for number in numbers)}  growth")
    for name, (program, gateway) in rows(numbers).items():
        if chosen.only not in name:
            continue
        runs = []
        for number in numbers:
            served = gateway(number)
            run = partial(child, "ibdesk", f"{CLIENT}{program}\nrun(main)\n", served.port if served else 0, number)
            runs.append(median(run()["us"] for _ in range(chosen.turns)))
        print(f"{name:46}{''.join(f'{us:12.1f}' for us in runs)}  {runs[-1] / runs[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
