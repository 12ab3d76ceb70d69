"""What does the order journal cost? Goal: `placeOrder` takes at most a tenth longer, to the bytes in the socket.

A program places 1,000 limit orders at a server that says nothing: without a journal, with one, and with one that waits
for the disk (`fsync`). Between them it copies a megabyte, so that no order finds the processor's caches full of the
last one, as it is in a program that also handles ticks. The figures are microseconds of an order: the
median of CPU and of the clock in `placeOrder`, which ends when the bytes are in the socket; and the mean of CPU of the
whole program, with what the journal does afterwards.

    python benchmarks/bench_journal.py [--turns 15] [--orders 1000]
"""

import tempfile
from functools import partial

from pairing import child, compare, options
from scripted_gateway import PROTOBUF, Gateway

CLIENT = """
import asyncio, json, os, sys, time
from statistics import median
from ibdesk import IB, LimitOrder, StartupFetchNONE, Stock
from ibdesk.journal import Journal

port, number, folder, kind = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
path = f"{folder}/{os.getpid()}.db"
journal = None if kind == "without" else Journal(path, fsync=kind == "fsync")
contract = Stock("AAPL", "SMART", "USD", conId=265598)

async def main():
    ib = IB(journal=journal)
    await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
    ib.client.MaxRequests = 0
    orders = [LimitOrder("BUY", 100, 100 + i / 100, tif="GTC") for i in range(number)]
    spent, passed, ballast = [], [], bytearray(1_000_000)
    whole = time.process_time()
    for order in orders:
        begin, began = time.thread_time_ns(), time.perf_counter_ns()
        ib.placeOrder(contract, order)
        spent.append(time.thread_time_ns() - begin)
        passed.append(time.perf_counter_ns() - began)
        await asyncio.sleep(0)
        bytes(ballast)
    whole = time.process_time() - whole
    ib.disconnect()
    return {
        "CPU of placeOrder": median(spent) / 1e3,
        "clock of placeOrder": median(passed) / 1e3,
        "slowest of 1,000 by the clock": max(passed) / 1e3,
        "CPU of all": whole / number * 1e6,
    }

print(json.dumps(asyncio.run(main())), flush=True)
"""


def main() -> None:
    """Compare."""
    chosen = options(15, orders=1000)
    gateway = Gateway(PROTOBUF)
    with tempfile.TemporaryDirectory() as folder:
        arguments = CLIENT, gateway.port, chosen.orders, folder
        compare(
            {kind: partial(child, "ibdesk", *arguments, kind) for kind in ("without", "journal", "fsync")}, chosen.turns
        )


if __name__ == "__main__":
    main()
