"""What do reconnection and the order journal cost? Goal: `placeOrder` takes at most a tenth longer, to the socket.

An `IB` without either is compared with one that has both, and with one whose journal waits for the disk (`fsync`):

- ticks: 100 stocks with a handler each, as in `bench_ticks.py`, as protobuf and as fast as the client can take them
- the call of `connect`, at a server that has nothing to tell
- `placeOrder`, which ends when the bytes are in the socket, at a server that says nothing. Between two orders the
  program copies a megabyte, so that none finds the processor's caches full of the last one, as it is in a program that
  also handles ticks
- orders through their whole life: each is placed, and then answered with the eight messages that an order causes which
  rests for a moment and is filled at once
- memory: KiB of what Python has allocated for a subscription to quotes that has had some, and for such an order

Figures of time are of CPU, of the client's process, but for `clock of placeOrder`.

    python benchmarks/bench_nothing_lost.py [--turns 15] [--orders 1000] [--ticks 100000]
"""

import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from typing import Any

from pairing import Figures, child, compare, options
from scripted_gateway import ACCOUNT, PROTOBUF, Gateway, prepared

from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import OrderState
from ibdesk.session.connection import Connection
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.market_data import TickPrice, TickSize
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

COMMON = """
import asyncio, gc, json, os, sys, time, tracemalloc
from statistics import median
from ibdesk import IB, LimitOrder, StartupFetchNONE, Stock

port, number, folder, kind = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]

async def connected(clientId=1):
    if kind == "off":
        ib = IB()
    else:
        from ibdesk import Reconnect
        from ibdesk.journal import Journal
        ib = IB(reconnect=Reconnect(), journal=Journal(f"{folder}/{os.getpid()}.db", fsync=kind == "fsync"))
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=clientId, fetchFields=StartupFetchNONE)
    return ib

def order(i):
    return LimitOrder("BUY", 100, 100 + i / 100, tif="GTC")

def run(main):
    print(json.dumps(asyncio.run(main())), flush=True)
    os._exit(0)

apple = Stock("AAPL", "SMART", "USD", conId=265598)
"""

TICKS = f"""{COMMON}
async def main():
    ib = await connected()
    begin = first = 0
    done = asyncio.get_running_loop().create_future()
    def messages():
        return ib.client.connectionStats().numMsgRecv
    def on_batch():
        nonlocal begin, first
        if not begin:
            begin, first = time.process_time(), messages()
        elif messages() - first >= number and not done.done():
            done.set_result(None)
    for i in range(100):
        ib.reqMktData(Stock("S%d" % i, "SMART", "USD", conId=1000 + i)).updateEvent += lambda ticker: ticker.ticks
    ib.reqMarketDataType(1)  # tells the server that all are subscribed
    ib.updateEvent += on_batch
    await done
    return {{"a tick, us": (time.process_time() - begin) / (messages() - first) * 1e6}}

run(main)
"""

CONNECTING = f"""{COMMON}
async def main():
    ib = await connected()  # what is imported for it is imported now
    ib.disconnect()
    spent = []
    for _ in range(30):
        begin = time.process_time_ns()
        await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
        spent.append(time.process_time_ns() - begin)
        ib.disconnect()
    return {{"connect, ms": median(spent) / 1e6}}

run(main)
"""

PLACING = f"""{COMMON}
async def main():
    ib = await connected()
    spent, passed, ballast = [], [], bytearray(1_000_000)
    whole = time.process_time()
    for one in [order(i) for i in range(number)]:
        begin, began = time.thread_time_ns(), time.perf_counter_ns()
        ib.placeOrder(apple, one)
        spent.append(time.thread_time_ns() - begin)
        passed.append(time.perf_counter_ns() - began)
        await asyncio.sleep(0)
        bytes(ballast)
    ib.disconnect()
    return {{
        "placeOrder, us": median(spent) / 1e3,
        "clock of placeOrder, us": median(passed) / 1e3,
        "placeOrder and all that follows, us": (time.process_time() - whole) / number * 1e6,
    }}

run(main)
"""

WHOLE_LIFE = f"""{COMMON}
async def main():
    ib = await connected()
    is_done = asyncio.Event()
    def on_commission(trade, fill, report):
        is_done.set()
    ib.commissionReportEvent += on_commission
    whole = time.process_time()
    for i in range(number):
        is_done.clear()
        trade = ib.placeOrder(apple, order(i))
        await is_done.wait()
        assert trade.isDone() and trade.filled() == 100
    return {{"an order's whole life, us": (time.process_time() - whole) / number * 1e6}}

run(main)
"""

MEMORY = f"""{COMMON}
def used():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]

async def main():
    ib = await connected()
    reports = []
    ib.commissionReportEvent += lambda trade, fill, report: reports.append(None)
    for i in range(10):  # fills caches
        ib.placeOrder(apple, order(i))
    while len(reports) < 10:
        await asyncio.sleep(0.01)
    contracts = [Stock("S%d" % i, "SMART", "USD", conId=1000 + i) for i in range(number)]
    orders = [order(i) for i in range(number)]
    tracemalloc.start()
    before = used()
    for contract in contracts:
        ib.reqMktData(contract)
    ib.reqMarketDataType(1)
    while not all(ticker.bid == ticker.bid and ticker.askSize == ticker.askSize for ticker in ib.tickers()):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    with_quotes = used()
    reports.clear()
    for one in orders:
        ib.placeOrder(apple, one)
    while len(reports) < number:
        await asyncio.sleep(0.01)
    await ib.reqCurrentTimeAsync()  # a batch of its own, so that the lists of the last one are empty again
    await asyncio.sleep(0.2)
    with_orders = used() - len(reports) * 8
    return {{
        "a subscription, KiB": (with_quotes - before) / 1024 / number,
        "a filled order, KiB": (with_orders - with_quotes) / 1024 / number,
    }}

run(main)
"""


def endless(link: socket.socket, server: Connection, reqIds: list[int]) -> None:
    """Send ticks until the client leaves."""
    ticks = [
        TickSize(reqIds[i % 100], 8, 1000.0 + i)
        if i % 4 == 3
        else TickPrice(reqIds[i % 100], 1 + i % 2, 100 + i % 97 / 100, 100.0 + i % 7, 1)
        for i in range(6400)
    ]
    chunks = [prepared(ticks[start : start + 256], PROTOBUF) for start in range(0, 6400, 256)]
    for chunk in cycle(chunks):
        link.sendall(chunk)


def first_picture(link: socket.socket, server: Connection, reqIds: list[int]) -> None:
    """Send bid and ask of every ticker, then nothing more."""
    for reqId in reqIds:
        price = round(100 + reqId % 97 / 7, 2)
        link.sendall(prepared([TickPrice(reqId, kind, price + kind, 100.0, 1) for kind in (1, 2)], PROTOBUF))


def whole_life(request: PlaceOrder) -> Iterator[Any]:
    """Return what the server tells of an order: it rests for a moment, is filled at once, and has its commission."""
    orderId, permId, order = request.orderId, 800_000_000 + request.orderId, request.order
    order.orderId, order.clientId, order.permId, order.account = orderId, 1, permId, ACCOUNT
    shares, price = order.totalQuantity, order.lmtPrice
    for status in ("PreSubmitted", "Submitted"):
        yield OpenOrder(request.contract, order, OrderState(status=status))
        yield OrderStatus(orderId, status, 0.0, shares, 0.0, permId, 0, 0.0, 1)
    execution = Execution(
        execId=f"0000e0d5.{orderId:08x}.01.01", time="20260415 10:00:00 US/Eastern", acctNumber=ACCOUNT,
        exchange="NASDAQ", side="BOT", shares=shares, price=price, permId=permId, clientId=1, orderId=orderId,
        cumQty=shares, avgPrice=price,
    )  # fmt: skip
    yield ExecDetails(-1, request.contract, execution)
    yield OpenOrder(request.contract, order, OrderState(status="Filled"))
    yield OrderStatus(orderId, "Filled", shares, 0.0, price, permId, 0, price, 1)
    yield CommissionAndFeesReport(CommissionReport(execId=execution.execId, commission=1.0, currency="USD"))


def figures(gateways: dict[str, Gateway], ticks: int, orders: int, folder: str, kind: str) -> Figures:
    """Run a program for each question."""
    found: dict[str, float] = {}
    for program, gateway, number in (
        (TICKS, "ticks", ticks),
        (CONNECTING, "silent", 0),
        (PLACING, "silent", orders),
        (WHOLE_LIFE, "orders", orders),
        (MEMORY, "orders", orders),
    ):
        found |= child("ibdesk", program, gateways[gateway].port, number, folder, kind)
    return found


def main() -> None:
    """Compare."""
    chosen = options(15, orders=1000, ticks=100_000)
    time_of_day = {ReqCurrentTime: lambda request: [CurrentTime(1)]}
    gateways = {
        "silent": Gateway(PROTOBUF, time_of_day),
        "ticks": Gateway(PROTOBUF, time_of_day, endless),
        "orders": Gateway(PROTOBUF, {**time_of_day, PlaceOrder: whole_life}, first_picture),
    }
    with tempfile.TemporaryDirectory() as folder:
        compare(
            {
                kind: partial(figures, gateways, chosen.ticks, chosen.orders, folder, kind)
                for kind in ("off", "on", "fsync")
            },
            chosen.turns,
        )


if __name__ == "__main__":
    main()
