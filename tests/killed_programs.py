"""Kills programs that trade with a journal, begins them anew, and looks whether an order was lost or came twice.

    python tests/killed_programs.py [--kills 200] [--seed 1] [--lives 20]

A program is a process of its own that connects to a paper gateway in this one. It places, changes and cancels orders,
and places some with keys, until it is killed with SIGKILL: at a random moment, or at a point of its way that was drawn.
Then another one begins with the same journal. After so many `lives` the last program settles everything, and an auditor
holds what it knows, and what is in its journal, against what the gateway has booked. CI does some of it:
`tests/end_to_end/test_killed_programs.py`.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from ibdesk import IB, LimitOrder, MarketOrder, Order, Stock, Trade
from ibdesk.client import journaling, recovery, replaying, transport
from ibdesk.client.state.orders import Orders
from ibdesk.journal import Journal, writing
from ibdesk.wire.messages.order_status import CancelOrder
from ibdesk.wire.messages.orders import PlaceOrder

APPLE = Stock("AAPL", "SMART", "USD", conId=265598)
CLIENT = 1
KEYS = 12
SOME_MOMENT = "at a random moment"
LONGEST_LIFE = 15.0
PATIENCE = 60.0
"""Seconds that a slow machine may take to connect, or to settle everything."""


@dataclass(frozen=True)
class Death:
    """When a program is killed: the `count`-th time that it comes to a `point`, or so many seconds after something."""

    point: str
    count: int = 0
    seconds: float = LONGEST_LIFE
    is_connected: bool = False
    """Whether the seconds count from when it is connected; else from its start."""


# --- the points at which a program kills itself ---------------------------------------------------------------------


def _dies_before(owner: Any, name: str, die: Callable[[], None]) -> None:
    method = getattr(owner, name)

    def called(*args: Any, **kwargs: Any) -> Any:
        die()
        return method(*args, **kwargs)

    setattr(owner, name, called)


def _dies_after(
    owner: Any, name: str, die: Callable[[], None], concerns: Callable[..., bool] = lambda *_: True
) -> None:
    method = getattr(owner, name)

    def called(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        if concerns(*args):
            die()
        return result

    setattr(owner, name, called)


def _is_order(_: object, message: object, *__: object) -> bool:
    return isinstance(message, PlaceOrder | CancelOrder)


def _in_transactions(die: Callable[[], None]) -> None:
    begin = writing.ClientJournal.__init__

    def begun(self: writing.ClientJournal, *args: Any) -> None:
        begin(self, *args)
        self._connection.set_trace_callback(lambda statement: die() if statement == "COMMIT" else None)

    writing.ClientJournal.__init__ = begun  # type: ignore[method-assign]


POINTS: dict[str, tuple[int, Callable[[Callable[[], None]], None]]] = {
    "before an order is written": (15, lambda die: _dies_before(journaling.Journaling, "before_sending", die)),
    "after it is written, before it is sent": (
        15,
        lambda die: _dies_after(journaling.Journaling, "before_sending", die),
    ),
    "after it is sent, before any answer": (15, lambda die: _dies_after(transport.Transport, "send", die, _is_order)),
    "before it is moved into the database": (15, lambda die: _dies_before(journaling.Journaling, "_write_sent", die)),
    "in the middle of a transaction": (40, _in_transactions),
    "before an answer is written": (40, lambda die: _dies_before(writing.ClientJournal, "told", die)),
    "after it is written, before anybody is told": (40, lambda die: _dies_after(journaling.Journaling, "write", die)),
    "while orders are brought back": (6, lambda die: _dies_before(replaying, "_apply", die)),
    "while the server is asked about orders in doubt": (
        1,
        lambda die: _dies_before(recovery.Recovery, "_ask_all", die),
    ),
}
"""Point -> how often a program may come to it before it is killed there, and what has it come to it."""


def _prepare(death: Death) -> None:
    if death.point in POINTS:
        left = death.count

        def die() -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

        POINTS[death.point][1](die)


# --- the programs ---------------------------------------------------------------------------------------------------


def trade_until_killed(port: int, path: str, seed: int, death: Death, connected: Connection) -> None:
    """A program that trades at random, and does not end by itself."""
    _prepare(death)
    asyncio.run(_trade(port, path, random.Random(seed), f"{seed}", connected))


async def _trade(port: int, path: str, chance: random.Random, name: str, connected: Connection) -> None:
    ib = IB(journal=path)
    await ib.connectAsync("127.0.0.1", port, clientId=CLIENT, timeout=PATIENCE)
    connected.send_bytes(b"connected")
    for count in range(1_000_000):
        await _act(ib, chance, f"{name}/{count}")
        await asyncio.sleep(chance.choice([0, 0, 0.001, 0.02]))


async def _act(ib: IB, chance: random.Random, reference: str) -> None:
    living = [trade for trade in ib.openTrades() if trade.order.orderType == "LMT" and not trade.cancelling]
    what = chance.random()
    if what < 0.25:
        await _with_key(ib, chance.randrange(KEYS))
    elif what < 0.45 and living:
        trade = chance.choice(living)
        trade.order.lmtPrice = round(trade.order.lmtPrice + chance.choice([-0.5, 0.5, 40.0]), 2)
        ib.placeOrder(trade.contract, trade.order)
    elif what < 0.65 and living:
        ib.cancelOrder(chance.choice(living).order)
    elif len(living) < 12:
        ib.placeOrder(APPLE, _some_order(chance, reference))


def _some_order(chance: random.Random, reference: str) -> Order:
    action, size = chance.choice(["BUY", "SELL"]), chance.randint(1, 20)
    if chance.random() < 0.4:
        return MarketOrder(action, size, orderRef=reference, tif="DAY")
    return LimitOrder(action, size, 100.0 if action == "BUY" else 500.0, orderRef=reference, tif="GTC")


async def _with_key(ib: IB, number: int) -> Trade:
    order = (
        LimitOrder("BUY", 10 + number, 90.0, tif="GTC") if number % 2 else MarketOrder("SELL", 5 + number, tif="DAY")
    )
    if number % 3 == 0:
        order.orderRef = "mine"
    return await ib.placeOnceAsync(f"key {number}", APPLE, order)


def settle(port: int, path: str, answer: Connection) -> None:
    """The last program: it has everything settled, cancels what is open, and tells what it knows."""
    asyncio.run(_settle(port, path, answer))


async def _settle(port: int, path: str, answer: Connection) -> None:
    ib = IB(journal=path)
    await ib.connectAsync("127.0.0.1", port, clientId=CLIENT, timeout=PATIENCE)
    for number in range(KEYS):
        await _with_key(ib, number)
        await _with_key(ib, number)
    async with asyncio.timeout(PATIENCE):
        for trade in ib.openTrades():
            if not trade.cancelling and trade.order.orderType == "LMT":
                ib.cancelOrder(trade.order)
        while ib.openTrades():
            await ib.updateEvent
        while not all(fill.commissionReport.execId for fill in ib.fills()):
            await ib.updateEvent
    answer.send_bytes(json.dumps([_told(trade) for trade in ib.trades()]).encode())
    ib.disconnect()


def _told(trade: Trade) -> dict[str, Any]:
    order, status = trade.order, trade.orderStatus
    return {
        "permId": order.permId,
        "orderId": order.orderId,
        "reference": order.orderRef,
        "status": status.status,
        "filled": trade.filled(),
        "price": order.lmtPrice if order.orderType == "LMT" else 0.0,
        "uncertain": trade.uncertainty,
        "executions": {
            fill.execution.execId: [fill.execution.shares, fill.execution.price, fill.commissionReport.commission]
            for fill in trade.fills
        },
    }


# --- what the gateway has booked -----------------------------------------------------------------------------------


@dataclass
class Booked:
    """An order at the gateway."""

    orderId: int
    reference: str
    price: float = 0.0
    status: str = ""
    executions: dict[str, list[float]] = field(default_factory=dict)


class Books:
    """Everything that has happened at a broker, by permId."""

    def __init__(self, broker: Any) -> None:
        self.orders: dict[int, Booked] = {}
        broker.observer = self

    def on_facts(self, facts: Any) -> None:
        for fact in facts:
            match type(fact).__name__:
                case "OrderEchoed" if fact.key.permId:
                    order = fact.order
                    booked = self.orders.setdefault(fact.key.permId, Booked(order.orderId, order.orderRef))
                    booked.price = order.lmtPrice if order.orderType == "LMT" else 0.0
                case "StatusChanged":
                    self.orders[fact.key.permId].status = fact.status
                case "Executed":
                    one = fact.execution
                    commission = fact.commission.commission
                    self.orders[one.permId].executions[one.execId] = [one.shares, one.price, commission]

    def on_day_end(self) -> None:
        pass


# --- the auditor ----------------------------------------------------------------------------------------------------


def audit(books: Books, told: list[dict[str, Any]], path: str) -> list[str]:
    """What is wrong, in words."""
    wrong = []
    known = {one["permId"]: one for one in told if one["permId"]}
    journaled = {trade.order.permId: _told(trade) for trade in trades_of(path) if trade.order.permId}
    for name, counts in (
        ("orderId", Counter(one.orderId for one in books.orders.values())),
        ("orderRef", Counter(one.reference for one in books.orders.values())),
    ):
        wrong += [f"{count} orders with {name} {value!r}" for value, count in counts.items() if count > 1]
    placed = {one.reference.removeprefix("mine#") for one in books.orders.values()} | cancelled_in_time(path)
    wrong += [f"no order with key {number}" for number in range(KEYS) if f"key {number}" not in placed]
    wrong += [f"uncertain at the end: {one}" for one in told if one["uncertain"]]
    for permId, booked in books.orders.items():
        for where, orders in (("by the last program", known), ("in the journal", journaled)):
            one = orders.get(permId)
            if one is None:
                wrong.append(f"forgotten {where}: {booked}")
                continue
            executions = {execId: list(values) for execId, values in booked.executions.items()}
            if (one["status"], one["orderId"], one["reference"]) != (booked.status, booked.orderId, booked.reference):
                wrong.append(f"otherwise {where}: {one} instead of {booked}")
            if one["executions"] != executions:
                wrong.append(f"other executions {where}: {one} instead of {booked}")
            if one["price"] != booked.price:
                wrong.append(f"another price {where}: {one} instead of {booked}")
    wrong += [f"made up: {one}" for permId, one in (known | journaled).items() if permId not in books.orders]
    return wrong


def cancelled_in_time(path: str) -> set[str]:
    """The keys of orders that never arrived, and were cancelled by their programs: these are not to be sent again."""
    journal, decoder, found = Journal(path), replaying.Decoder(), set()
    for entry in journal.entries():
        messages = [decoder.message(event) for event in journal.events(entry)]
        if entry.key and not entry.permId and any(isinstance(one, CancelOrder) for one in messages):
            found.add(entry.key)
    return found


def trades_of(path: str) -> list[Trade]:
    """The trades of a journal, by the journal alone."""
    journal, orders, decoder = Journal(path), Orders(), replaying.Decoder()
    found = (replaying.replay(orders, decoder, one, journal.events(one), UTC) for one in journal.entries())
    return [trade for trade in found if trade is not None]


# --- lives and deaths -----------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What came of it."""

    deaths: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    """How often a program did not come to its point, and was killed for its time."""
    orders: int = 0
    executions: int = 0
    never_arrived: int = 0
    wrong: list[str] = field(default_factory=list)
    last: Any = None
    """The books of the last gateway, and what the last program told."""


def deaths(count: int, seed: int) -> list[Death]:
    """Draw deaths: every second one at a random moment, the others at each point in turn."""
    chance, points = random.Random(seed), list(POINTS)
    drawn = []
    for number in range(count):
        if number % 2:
            point = points[number // 2 % len(points)]
            drawn.append(Death(point, chance.randint(1, POINTS[point][0])))
        else:
            is_connected = chance.random() < 0.7
            drawn.append(Death(SOME_MOMENT, seconds=chance.uniform(0.0, 0.6), is_connected=is_connected))
    return drawn


async def kill_programs(path: str, drawn: list[Death], seed: int, report: Report) -> None:
    """Let a program live and die so often with one journal, and audit what came of it."""
    from ibdesk.paper import PaperGateway

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [__name__ if __name__ != "__main__" else "killed_programs", "ibdesk.client.journaling"]
    )
    async with PaperGateway(port=0, start_time="2026-04-15T10:00", seed=seed) as gateway:
        books = Books(gateway.broker)
        for number, death in enumerate(drawn):
            connected, theirs = context.Pipe(duplex=False)
            arguments = gateway.port, path, seed * 1000 + number, death, theirs
            await _live(context.Process(target=trade_until_killed, args=arguments), death, connected, report)
        answer, theirs = context.Pipe(duplex=False)
        program = context.Process(target=settle, args=(gateway.port, path, theirs))
        program.start()
        theirs.close()  # so that the end of the program is an end of what it tells
        # It is read before its end is waited for: a program that has more to tell than a pipe holds waits for a reader.
        answered = await asyncio.to_thread(answer.poll, 5 * PATIENCE)
        told = json.loads(_all_of(answer) or "null") if answered else None
        await asyncio.to_thread(program.join, PATIENCE)
        if told is None or program.exitcode != 0:
            report.wrong.append(f"the last program ended with exit code {program.exitcode}")
            return
        report.last = books, told
        report.wrong += audit(books, told, path)
        report.orders += len(books.orders)
        report.executions += sum(len(one.executions) for one in books.orders.values())
        report.never_arrived += sum(1 for trade in trades_of(path) if not trade.order.permId)


def _all_of(answer: Connection) -> bytes:
    """What a program told before it ended; nothing, if it ended without a word."""
    try:
        return answer.recv_bytes()
    except EOFError:
        return b""


async def _live(program: BaseProcess, death: Death, connected: Connection, report: Report) -> None:
    program.start()
    if death.is_connected:
        await asyncio.to_thread(connected.poll, LONGEST_LIFE)
    await asyncio.to_thread(program.join, death.seconds)
    if program.is_alive():
        program.kill()
        await asyncio.to_thread(program.join)
        if death.point != SOME_MOMENT:
            report.missed[death.point] += 1
    if program.exitcode != -signal.SIGKILL:
        report.wrong.append(f"a program ended by itself, with exit code {program.exitcode}")
    report.deaths[death.point] += 1


def main() -> int:
    """Kill, audit, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--lives", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    drawn, report = deaths(chosen.kills, chosen.seed), Report()
    with tempfile.TemporaryDirectory() as folder:
        for number, begin in enumerate(range(0, len(drawn), chosen.lives)):
            path = str(Path(folder) / f"{number}.db")
            lives = drawn[begin : begin + chosen.lives]
            asyncio.run(kill_programs(path, lives, chosen.seed + number, report))
            print(f"journal {number + 1}: {len(lives)} kills, {len(report.wrong)} faults", flush=True)
    for point, count in report.deaths.items():
        print(f"{count:5} killed {point}{f', {report.missed[point]} of them late' if report.missed[point] else ''}")
    print(
        f"{report.orders} orders at the gateways, {report.executions} executions, "
        f"{report.never_arrived} orders that never arrived, {len(report.wrong)} faults"
    )
    print(*report.wrong[:20], sep="\n")
    return len(report.wrong)


if __name__ == "__main__":
    sys.exit(bool(main()))
