"""How much CPU does a tick cost, from the socket to the user's handler? Goal: a quarter of the others'.

The same bytes go over TCP to a process for each library: 100 stocks, a handler for their updates, and quotes that
change price and size. As text (server version 178) against ib_async, with a handler on each ticker's `updateEvent`; as
protobuf (225) against the official client, whose handlers are the methods `tickPrice` and `tickSize`. The figure is
microseconds of CPU of the client's process, all its threads, over the tick messages that it took.

As text the server sends as fast as the client can take it. As protobuf it sends 30,000 ticks a second (0: no limit),
which the official client can follow: that reads until its socket is empty, and copies what it has not handled yet for
each message, so behind a faster server a tick costs it ever more, a hundred microseconds and above.

    python benchmarks/bench_ticks.py [--turns 5] [--ticks 200000] [--rate 30000] [--before COMMIT]

With `--before` it is compared with the ibdesk of another commit, in both forms.
"""

import socket
import time
from functools import partial
from itertools import cycle

from pairing import BEFORE, child, compare, options, versus
from scripted_gateway import PROTOBUF, TEXT, Gateway, prepared

from ibdesk.session.connection import Connection
from ibdesk.wire.messages.market_data import TickPrice, TickSize

FRAMES_A_CHUNK = 256

CLIENT = """
import importlib, json, os, sys, time
lib, port, ticks = importlib.import_module(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
ib = lib.IB()
ib.connect("127.0.0.1", port, clientId=1, fetchFields=lib.StartupFetchNONE)
begin = first = 0
done = lib.util.getLoop().create_future()
def messages():
    return ib.client.connectionStats().numMsgRecv
def on_update(ticker):
    ticker.ticks  # what a handler would look at
def on_batch():
    global begin, first
    if not begin:
        begin, first = time.process_time(), messages()
    elif messages() - first >= ticks and not done.done():
        done.set_result(None)
for number in range(100):
    ib.reqMktData(lib.Stock("S%d" % number, "SMART", "USD", conId=1000 + number)).updateEvent += on_update
ib.reqMarketDataType(1)  # tells the server that all are subscribed
ib.updateEvent += on_batch
lib.util.run(done)
spent = time.process_time() - begin
print(json.dumps({"us of CPU a tick": spent / (messages() - first) * 1e6}), flush=True)
os._exit(0)
"""

OFFICIAL = """
import json, os, sys, time
from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.wrapper import EWrapper
port, ticks = int(sys.argv[2]), int(sys.argv[3])
class Client(EWrapper, EClient):
    taken = begin = 0
    def __init__(self):
        EClient.__init__(self, self)
    def nextValidId(self, orderId):
        for number in range(100):
            contract = Contract()
            contract.symbol, contract.secType, contract.exchange = "S%d" % number, "STK", "SMART"
            contract.currency, contract.conId = "USD", 1000 + number
            self.reqMktData(orderId + number, contract, "", False, False, [])
        self.reqMarketDataType(1)
    def tickPrice(self, reqId, tickType, price, attrib):
        self.count()
    def tickSize(self, reqId, tickType, size):
        if tickType == 8:  # the others repeat what came with a price
            self.count()
    def count(self):
        self.taken += 1
        if self.taken == 1000:
            self.begin = time.process_time()
        elif self.taken == ticks + 1000:
            spent = time.process_time() - self.begin
            print(json.dumps({"us of CPU a tick": spent / ticks * 1e6}), flush=True)
            os._exit(0)
client = Client()
client.connect("127.0.0.1", port, 1)
client.run()
"""


def blast(version: int, rate: int, link: socket.socket, server: Connection, reqIds: list[int]) -> None:
    """Send ticks in chunks, as a busy gateway does, until the client leaves: `rate` a second, 0 for no limit."""
    ticks = []
    for number in range(6400):
        reqId = reqIds[number % len(reqIds)]
        if number % 4 == 3:
            ticks.append(TickSize(reqId, 8, 1000.0 + number))
        else:
            ticks.append(TickPrice(reqId, 1 + number % 2, 100 + number % 97 / 100, 100.0 + number % 7, 1))
    chunks = [prepared(ticks[start : start + FRAMES_A_CHUNK], version) for start in range(0, 6400, FRAMES_A_CHUNK)]
    due = time.monotonic()
    for chunk in cycle(chunks):
        link.sendall(chunk)
        due += FRAMES_A_CHUNK / rate if rate else 0
        time.sleep(max(0, due - time.monotonic()))


def main() -> None:
    """Compare as text, then as protobuf."""
    chosen = options(5, ticks=200_000, rate=30_000, before="")
    for name, version, peer, program, rate, ticks in (
        ("text, server version 178", TEXT, "ib_async", CLIENT, 0, chosen.ticks),
        ("protobuf, server version 225", PROTOBUF, "official", OFFICIAL, chosen.rate, min(chosen.ticks, 60_000)),
    ):
        gateway = Gateway(version, blast=partial(blast, version, rate))
        print(f"--- {name}")
        other = versus(peer, chosen.before)
        clients = {"ibdesk": CLIENT, other: CLIENT if other == BEFORE else program}
        compare(
            {name: partial(child, name, of_it, gateway.port, ticks) for name, of_it in clients.items()}, chosen.turns
        )


if __name__ == "__main__":
    main()
