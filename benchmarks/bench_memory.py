"""How much memory do 2,000 tickers take? Goal: half of ib_async's.

Each is subscribed to and has had its bid, ask, last, sizes, volume, and the open, high, low and close of the day. The
figure is KiB a ticker of what Python has allocated (`tracemalloc`) since before the first subscription, once nothing
is left to collect; contracts are made before that. `resident` is by how much the process grew, without `tracemalloc`.

    python benchmarks/bench_memory.py [--turns 3] [--tickers 2000]
"""

import socket
from functools import partial

from pairing import child, compare, options
from scripted_gateway import TEXT, Gateway, prepared

from ibdesk.session.connection import Connection
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime
from ibdesk.wire.messages.market_data import TickPrice, TickSize

CLIENT = """
import gc, importlib, json, os, sys, tracemalloc
lib, port, number = importlib.import_module(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
is_traced = sys.argv[4] == "traced"
ib = lib.IB()
ib.client.MaxRequests = 0
ib.connect("127.0.0.1", port, clientId=1, fetchFields=lib.StartupFetchNONE)
contracts = [lib.Stock("S%d" % i, "SMART", "USD", conId=1000 + i) for i in range(number)]
def used():
    gc.collect()
    if is_traced:
        return tracemalloc.get_traced_memory()[0]
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
if is_traced:
    tracemalloc.start()
before = used()
for contract in contracts:
    ib.reqMktData(contract)
ib.reqMarketDataType(1)
while not all(ticker.close == ticker.close for ticker in ib.tickers()):
    ib.sleep(0.01)
ib.sleep(0.1)
ib.reqCurrentTime()  # a batch of its own, so that the lists of the last ticks are empty again
assert len(ib.tickers()) == number
size = (used() - before) / 1024 / number
print(json.dumps({"KiB a ticker, " + ("allocated" if is_traced else "resident"): size}), flush=True)
os._exit(0)
"""


def blast(link: socket.socket, server: Connection, reqIds: list[int]) -> None:
    """A first picture of every ticker, then nothing more."""
    for reqId in reqIds:
        price = 100 + reqId % 97 / 7
        quote = [TickPrice(reqId, kind, round(price + kind / 9, 2), 100.0 + reqId % 7, 1) for kind in (1, 2, 4)]
        sizes = [TickSize(reqId, kind, 300.0 + reqId % 11) for kind in (0, 3, 5)] + [TickSize(reqId, 8, 9e5 + reqId)]
        day = [TickPrice(reqId, kind, round(price + kind / 7, 2), 0.0, 0) for kind in (14, 6, 7, 9)]
        link.sendall(prepared([*quote, *sizes, *day], TEXT))


def main() -> None:
    """Compare."""
    chosen = options(3, tickers=2000)
    gateway = Gateway(TEXT, {ReqCurrentTime: lambda request: [CurrentTime(1)]}, blast)
    for how in ("traced", "resident"):
        arguments = gateway.port, chosen.tickers, how
        compare({name: partial(child, name, CLIENT, *arguments) for name in ("ibdesk", "ib_async")}, chosen.turns)


if __name__ == "__main__":
    main()
