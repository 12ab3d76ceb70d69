"""How long after the server wrote a tick is its handler called, at 5,000 ticks a second? Goal: half of ib_async's.

The server is another process. It writes single ticks of a hundred stocks (server version 178), at an even pace, and
notes when; the handlers of the tickers note when they see each. Both read the clock of the machine. The figures are
microseconds, of the median tick and of the slowest one in a hundred. `asyncio` is a protocol that cuts frames and does
no more: what nothing on this event loop can be faster than.

    python benchmarks/bench_latency.py [--turns 5] [--rate 5000] [--seconds 3]
"""

import socket
import time
from functools import partial

from pairing import Figures, child, compare, options
from scripted_gateway import TEXT, Gateway, prepared

from ibdesk.session.connection import Connection
from ibdesk.wire.messages.market_data import TickPrice

TICKERS = 100

CLIENT = """
import importlib, json, os, sys, time
lib, port, ticks, tickers = importlib.import_module(sys.argv[1]), *map(int, sys.argv[2:5])
clock = time.monotonic
ib = lib.IB()
ib.client.MaxRequests = 0
ib.connect("127.0.0.1", port, clientId=1, fetchFields=lib.StartupFetchNONE)
done = lib.util.getLoop().create_future()
seen = []
def on_update(ticker):
    now = clock()
    for tick in ticker.ticks:
        seen.append((ticker.contract.conId, now))
    if len(seen) == ticks:
        done.set_result(None)
for number in range(tickers):
    ib.reqMktData(lib.Stock("S%d" % number, "SMART", "USD", conId=number + 1)).updateEvent += on_update
ib.reqMarketDataType(1)
lib.util.run(done)
print(json.dumps({"seen": seen}), flush=True)
os._exit(0)
"""


BARE = """
import asyncio, json, os, sys, time
import ibdesk
port, ticks, tickers = map(int, sys.argv[2:5])
clock = time.monotonic
ib = ibdesk.IB()
ib.client.MaxRequests = 0
ib.connect("127.0.0.1", port, clientId=1, fetchFields=ibdesk.StartupFetchNONE)
for number in range(tickers):
    ib.reqMktData(ibdesk.Stock("S%d" % number, "SMART", "USD", conId=number + 1))
done = ibdesk.util.getLoop().create_future()
class Bare(asyncio.Protocol):
    rest, seen = b"", []
    def data_received(self, data):
        now, data = clock(), self.rest + data
        while len(data) >= 4 and len(data) >= 4 + int.from_bytes(data[:4], "big"):
            data = data[4 + int.from_bytes(data[:4], "big"):]
            self.seen.append((len(self.seen) % tickers + 1, now))
        self.rest = data
        if len(self.seen) == ticks:
            done.set_result(None)
socket = ib.client._transport._transport
ib.reqMarketDataType(1)
socket.set_protocol(Bare())
ibdesk.util.run(done)
print(json.dumps({"seen": Bare.seen}), flush=True)
os._exit(0)
"""


class Pace:
    """Sends the ticks, and knows when it did."""

    def __init__(self, rate: int, seconds: int) -> None:
        self.ticks = rate * seconds // TICKERS * TICKERS
        self._step = 1 / rate
        self._sent: list[float] = []

    def blast(self, link: socket.socket, server: Connection, reqIds: list[int]) -> None:
        """Write tick after tick, the n-th to ticker n modulo their number."""
        frames = [
            prepared(
                [TickPrice(reqIds[i % TICKERS], 1 + i // TICKERS % 2, 100 + i % 9973 / 100, 100.0 + i % 7, 1)], TEXT
            )
            for i in range(self.ticks)
        ]
        self._sent = []
        due = time.monotonic() + 0.2
        for data in frames:
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)
            self._sent.append(time.monotonic())
            link.sendall(data)
            due += self._step

    def run(self, library: str, program: str, port: int) -> Figures:
        """One client: how late it saw its ticks."""
        nth = [0] * TICKERS
        late = []
        # Ticks of one ticker are seen in the order in which they were sent.
        for number, at in child(library, program, port, self.ticks, TICKERS)["seen"]:  # type: ignore[attr-defined]
            late.append(at - self._sent[nth[number - 1] * TICKERS + number - 1])
            nth[number - 1] += 1
        late.sort()
        return {"us, median": late[len(late) // 2] * 1e6, "us, 99 of 100": late[len(late) * 99 // 100] * 1e6}


def main() -> None:
    """Compare."""
    chosen = options(5, rate=5000, seconds=3)
    pace = Pace(chosen.rate, chosen.seconds)
    gateway = Gateway(TEXT, blast=pace.blast)
    compare(
        {
            "ibdesk": partial(pace.run, "ibdesk", CLIENT, gateway.port),
            "ib_async": partial(pace.run, "ib_async", CLIENT, gateway.port),
            "asyncio": partial(pace.run, "ibdesk", BARE, gateway.port),
        },
        chosen.turns,
    )


if __name__ == "__main__":
    main()
