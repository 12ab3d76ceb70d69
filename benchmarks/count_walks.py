"""How long are the ways through the code: how many functions are called between one end of a journey and the other?

A measure of what a reader has to follow, not of speed, and one that does not depend on the machine. Client and paper
gateway run in one thread and on one loop, with a clock that is moved by hand. Counted is every call of a Python
function of ibdesk, generated codecs and comprehensions too. Each journey is made several times; the shortest one
counts, because the first ones fill caches, and because the gateway looks at its market now and then.

    python benchmarks/count_walks.py [--turns 5] [--show placeOrder]

For each journey it prints calls, different functions, different files, and changes of file from one call to the next;
of those whose name has the text `--show` in it, all calls too.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from pairing import options

import ibdesk
from ibdesk import IB, Contract, LimitOrder, MarketOrder, Stock
from ibdesk.paper import PaperGateway
from ibdesk.wire import compiled

SOURCE = f"{Path(ibdesk.__file__).parent}/"
GENERATED = "<ibdesk "
"""Begins the names of the files of generated codecs."""

OPEN = datetime(2026, 4, 15, 15, 0, tzinfo=UTC)
"""Four hours of trade are left in New York."""

QUIET_SECONDS = 0.05
PATIENCE = 20.0

Walk = list[CodeType]
"""What was called on one way, in the order in which it was called."""

Figures = tuple[int, int, int, int]


class Clock:
    """The gateway's clock, moved by hand."""

    moment = OPEN

    def now(self) -> datetime:
        return self.moment

    def seconds_until(self, moment: datetime) -> float | None:
        """None: it stands still until it is moved."""
        return None


class Walker:
    """Writes down what is called. A walk begins where anything else calls ibdesk, and ends when that call returns."""

    def __init__(self) -> None:
        self.walks: list[Walk] = []
        self._depth = 0

    @contextmanager
    def walking(self) -> Iterator[None]:
        """Write down what is called meanwhile."""
        self.walks, self._depth = [], 0
        sys.setprofile(self._look)
        try:
            yield
        finally:
            sys.setprofile(None)

    def in_room(self, room: str) -> Walk:
        """All walks that began in one package, such as `paper`, as one."""
        begins = f"{SOURCE}{room}/"
        return [code for walk in self.walks if walk[0].co_filename.startswith(begins) for code in walk]

    def whole(self) -> Walk:
        """All walks as one."""
        return [code for walk in self.walks for code in walk]

    def _look(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if not code.co_filename.startswith((SOURCE, GENERATED)):
            return
        if event == "call":
            if not self._depth:
                self.walks.append([])
            self.walks[-1].append(code)
            self._depth += 1
        elif event == "return" and self._depth:
            self._depth -= 1


def figures(walk: Walk) -> Figures:
    """Calls, functions, files, changes of file."""
    files = [code.co_filename for code in walk]
    changes = sum(file != following for file, following in pairwise(files))
    return len(walk), len(set(walk)), len(set(files)), changes


class Journeys:
    """The journeys of one client at a gateway of its own."""

    def __init__(self, ib: IB, gateway: PaperGateway, clock: Clock, contract: Contract) -> None:
        self.ib, self.gateway, self.clock, self.contract = ib, gateway, clock, contract
        self.walker = Walker()

    async def place(self) -> Walk:
        """An order, until its bytes are with the socket."""
        order = LimitOrder("BUY", 100, 1.0)
        with self.walker.walking():
            trade = self.ib.placeOrder(self.contract, order)
        await asyncio.sleep(QUIET_SECONDS)
        self.ib.cancelOrder(trade.order)
        await _until(trade.isDone)
        return self.walker.whole()

    async def fill(self) -> None:
        """An order that is filled at once; the walks of both ends are in `walker`."""
        trade = self.ib.placeOrder(self.contract, MarketOrder("BUY", 10))
        with self.walker.walking():
            await asyncio.sleep(QUIET_SECONDS)
        await _until(lambda: trade.isDone() and all(fill.commissionReport.execId for fill in trade.fills))

    async def fill_in_gateway(self) -> Walk:
        """What the gateway does: the order is taken, filled, booked, and told."""
        await self.fill()
        return self.walker.in_room("paper")

    async def fill_in_client(self) -> Walk:
        """What the client does with the answer."""
        await self.fill()
        return self.walker.in_room("client")

    async def history(self) -> Walk:
        """Historical bars, from the call to the answer, at both ends."""
        with self.walker.walking():
            await self.ib.reqHistoricalDataAsync(self.contract, "", "2 D", "1 hour", "TRADES", useRTH=True)
        return self.walker.whole()

    async def ticks(self) -> Walk:
        """A batch of four ticks, from the socket to a handler. The market is moved on until one is just that."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            before = self.ib.client.connectionStats().numMsgRecv
            self.clock.moment += timedelta(seconds=0.25)
            with self.walker.walking():
                self.gateway.advance()
                await asyncio.sleep(QUIET_SECONDS)
            if self.ib.client.connectionStats().numMsgRecv == before + 4:
                return self.walker.in_room("client")
        raise TimeoutError("no batch of four ticks came")


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(QUIET_SECONDS)


async def shortest(journey: Callable[[], Awaitable[Walk]], turns: int) -> Walk:
    """The shortest of several turns."""
    return min([await journey() for _ in range(turns)], key=len)


@contextmanager
def _disconnecting(ib: IB) -> Iterator[IB]:
    try:
        yield ib
    finally:
        ib.disconnect()


async def walk(turns: int) -> dict[str, Walk]:
    """Make each journey."""
    found: dict[str, Walk] = {}
    for is_told in (False, True):  # of the values of its account
        clock = Clock()
        async with PaperGateway(port=0, clock=clock) as gateway:
            with _disconnecting(IB()) as ib:
                ib.client.MaxRequests = 0
                fetch = ibdesk.StartupFetchALL if is_told else ibdesk.StartupFetchNONE
                await ib.connectAsync("127.0.0.1", gateway.port, clientId=1, fetchFields=fetch)
                (contract,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
                journeys = Journeys(ib, gateway, clock, contract)
                if is_told:
                    found["client: the batch with that fill, and account values"] = await shortest(
                        journeys.fill_in_client, turns
                    )
                    continue
                found["placeOrder, to the bytes"] = await shortest(journeys.place, turns)
                found["a historical request, both ends"] = await shortest(journeys.history, turns)
                found["gateway: an order taken, filled, booked, told"] = await shortest(journeys.fill_in_gateway, turns)
                ib.reqMktData(contract).updateEvent += lambda ticker: None
                await asyncio.sleep(QUIET_SECONDS)
                found["a batch of four ticks, socket to handler"] = await shortest(journeys.ticks, turns)
    return found


def main() -> None:
    """Count, and print a table."""
    compiled.MANY = 0  # the journeys are those of a program that has run for a while
    chosen = options(5, show="")
    print(f"{'':52} {'calls':>6} {'functions':>10} {'files':>6} {'changes':>8}")
    for name, walked in asyncio.run(walk(chosen.turns)).items():
        calls, functions, files, changes = figures(walked)
        print(f"{name:52} {calls:6} {functions:10} {files:6} {changes:8}")
        if chosen.show and chosen.show in name:
            for code in walked:
                print(f"    {code.co_filename.removeprefix(SOURCE)} {code.co_qualname}")


if __name__ == "__main__":
    main()
