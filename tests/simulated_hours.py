"""Lets a client take 2,000 ticks a second for 72 simulated hours, with a reconnection each hour.

    python tests/simulated_hours.py [--hours 72] [--rate 2000]

Each hour it prints how many ticks came, the memory of the process, how many objects Python keeps, and by how much a
timer of each minute was late. It fails if a listener was called twice for a tick or missed one, if the timer drifted,
or if memory grew after the second hour. It takes half an hour, so no test runs it.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from ibdesk import IB, Reconnect, Stock, Ticker
from ibdesk.runtime.simulated_process import simulated_process
from ibdesk.session.connection import Connection
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages import accounts, connection, executions, market_data, order_status

VERSION = 178
PORT = 7497
LINES = 10
BLOCKS_A_SECOND = 10
CIRCLE = 1_000
"""After so many ticks of a line, their sizes, by which they are told apart, begin again with 1."""

MOST_GROWTH = 0.02
"""How much more memory than after the second hour there may be at the end, as a share of it."""

_ANSWERS: dict[type, Any] = {
    connection.StartApi: lambda _: [connection.ManagedAccounts("DU1234567"), connection.NextValidId(1)],
    connection.ReqCurrentTime: lambda _: [connection.CurrentTime(int(datetime.now(UTC).timestamp()))],
    accounts.ReqPositions: lambda _: [accounts.PositionEnd()],
    order_status.ReqOpenOrders: lambda _: [order_status.OpenOrderEnd()],
    order_status.ReqAllOpenOrders: lambda _: [order_status.OpenOrderEnd()],
    order_status.ReqCompletedOrders: lambda _: [order_status.CompletedOrdersEnd()],
    executions.ReqExecutions: lambda asked: [executions.ExecDetailsEnd(asked.reqId)],
    accounts.ReqAccountUpdates: lambda asked: [accounts.AccountDownloadEnd(asked.acctCode)],
    accounts.ReqAccountUpdatesMulti: lambda asked: [accounts.AccountUpdateMultiEnd(asked.reqId)],
}


class Server(asyncio.Protocol):
    """One connection of a server that sends ticks of each line in turn, from the moment when all are subscribed."""

    sent = 0
    current: "Server"

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.session = Connection(Sender.SERVER, max_version=VERSION, time="20261102 10:00:00 EST")
        self.lines: list[int] = []
        self.blocks: Iterator[bytes] = iter(())
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        Server.current = self

    def connection_lost(self, exc: Exception | None) -> None:
        if self.timer:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        for message in self.session.receive_data(data):
            if isinstance(message, market_data.ReqMktData):
                self.lines.append(message.reqId)
                if len(self.lines) == LINES:
                    self.begin()
            elif answer := _ANSWERS.get(type(message)):
                self.session.send_all(answer(message))
        self.transport.write(self.session.data_to_send())

    def begin(self) -> None:
        codec = Codec(Sender.CLIENT, VERSION)
        ticks = [
            frame(codec.encode(market_data.TickPrice(line, 4, 100 + size % 7, float(size), 1)))
            for size in range(1, CIRCLE + 1)
            for line in self.lines
        ]
        of_block = self.rate // BLOCKS_A_SECOND
        self.blocks = cycle([b"".join(ticks[at : at + of_block]) for at in range(0, len(ticks), of_block)])
        self.due = asyncio.get_running_loop().time()
        self.feed()

    def feed(self) -> None:
        self.transport.write(next(self.blocks))
        Server.sent += self.rate // BLOCKS_A_SECOND
        self.due += 1 / BLOCKS_A_SECOND
        self.timer = asyncio.get_running_loop().call_at(self.due, self.feed)


class Listener:
    """Counts the ticks of all tickers, and notes what came twice or was missed."""

    def __init__(self) -> None:
        self.came = self.wrong = 0
        self.last: dict[int, float] = {}

    def on_ticks(self, ticker: Ticker) -> None:
        last = self.last.get(id(ticker), 0)
        for tick in ticker.ticks:
            self.wrong += tick.size != last % CIRCLE + 1
            last = tick.size
            self.came += 1
        self.last[id(ticker)] = last


async def live(hours: int, rate: int) -> bool:
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Server(rate), "127.0.0.1", PORT)
    ib = IB(reconnect=Reconnect())
    await ib.connectAsync(port=PORT, clientId=1)
    listener = Listener()
    for number in range(LINES):
        ib.reqMktData(Stock(f"S{number}", "SMART", "USD", conId=1 + number)).updateEvent += listener.on_ticks
    memory: list[int] = []
    start, ok = loop.time(), True
    for hour in range(hours):
        late = 0.0
        for minute in range(1, 61):
            due = start + hour * 3600 + minute * 60
            await asyncio.sleep(due - loop.time())
            late = max(late, loop.time() - due)
        gc.collect()
        memory.append(resident())
        print(
            f"hour {hour + 1}: {listener.came:,} of {Server.sent:,} ticks, {listener.wrong} wrong, "
            f"{memory[-1] / 2**20:.1f} MiB, {len(gc.get_objects()):,} objects, timer late by {late:.6f} s",
            flush=True,
        )
        ok &= late < 0.001 and listener.wrong == 0
        # What was sent and not read yet is lost with the connection, and the next one begins the sizes again.
        await asyncio.sleep(0.05)
        ok &= listener.came == Server.sent
        listener.last.clear()
        Server.current.transport.abort()
        await ib.connected()
    ib.disconnect()
    return ok and memory[-1] <= memory[min(1, hours - 1)] * (1 + MOST_GROWTH)


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=int, default=72)
    parser.add_argument("--rate", type=int, default=2000)
    chosen = parser.parse_args()
    with simulated_process(datetime(2026, 11, 2, 10, tzinfo=UTC)) as new_loop:
        loop = new_loop()
        try:
            return 0 if loop.run_until_complete(live(chosen.hours, chosen.rate)) else 1
        finally:
            loop.close()


if __name__ == "__main__":
    sys.exit(main())
