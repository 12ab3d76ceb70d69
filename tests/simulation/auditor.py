"""The auditor of a day of trading: it compares what a program's client believes with the broker's books."""

import asyncio
from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ibdesk import IB, Trade
from ibdesk.errors import RequestError
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.faults import Delay, Halt, Stall
from ibdesk.paper.market.source import micros, moment_of
from ibdesk.simulation import World

from .day_prices import DayPrices
from .trading_day import APPLE, MICROSOFT, NVIDIA, STREAMS, WITNESS, Program, Trader, is_dropped

SETTLED = timedelta(minutes=10)
"""After the last fault all that is due has come in that time, and every subscription is restored."""

ALIVE = timedelta(minutes=1)
"""In that time every subscription brings something."""

LONGEST_DOUBT = 180.0
"""An order is in doubt for no more seconds while everything is connected."""

LONGEST_SILENCE = 60.0
"""The client believes for no more seconds that an order is on its way while everything is connected."""

_LOOK = 10.0
_TOLD = timedelta(seconds=10)
"""So long after a bar has begun the client has it."""

_SECOND = timedelta(seconds=1)
_LENGTH = timedelta(seconds=5)


class Loss(StrEnum):
    """What can be lost, in the words of a trader."""

    UNKNOWN_ORDER = "orders at the broker that the program does not know"
    DOUBLED_ORDER = "orders that are twice at the broker"
    STATUS = "orders whose status is wrong in the end"
    DOUBT = "orders in doubt for too long"
    LOST_FILL = "fills lost"
    DOUBLED_FILL = "fills doubled or wrong"
    UNTOLD_FILL = "fills that no event tells"
    TOLD_TWICE = "fills and commissions that events tell twice"
    COMMISSION = "commissions missing or wrong"
    POSITION = "positions or portfolio wrong"
    MISSING_BAR = "bars missing without a word"
    DOUBLED_BAR = "bars doubled, wrong or out of order"
    MISSED_QUOTE = "changes of the quote missed without a word"
    SILENT = "subscriptions dead in the end"
    WAITING = "calls that wait for ever"
    RAISED = "exceptions in the program that are no lost connection"
    LOGGED = "exceptions within the library, which it only logs"


@dataclass(frozen=True)
class Finding:
    """What the auditor finds wrong, and of how many things it is so."""

    loss: Loss
    text: str
    count: int = 1

    def __str__(self) -> str:
        return self.text


class Doubts:
    """Looks all day how long orders are in doubt, or on their way, while the client knows of no trouble."""

    def __init__(self, trader: Trader) -> None:
        self.longest = 0.0
        self.disconnected: set[int] = set()
        """When nobody was connected, as far as was looked, in looks since 1970."""
        self.findings: list[Finding] = []
        self._trader = trader
        self._since: dict[tuple[int, str], datetime] = {}
        self._task = asyncio.create_task(self._watch())

    def close(self) -> None:
        """Look no more."""
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if not self._trader.programs or not self._trader.program.is_connected():
                self._since = {}
                self.disconnected.add(_look_at(datetime.now(NEW_YORK)))
            else:
                self._look(self._trader.program)

    def _look(self, program: Program) -> None:
        now, before = datetime.now(NEW_YORK), self._since
        self._since = {}
        if not program.is_linked():
            return
        for trade in program.ib.trades():
            doubt = program.doubt(trade)
            if is_dropped(doubt):
                continue  # that is an answer, upon which the program cancels the order
            if doubt:
                self._note(before, trade, "in doubt", now, LONGEST_DOUBT)
            elif trade.orderStatus.status == "PendingSubmit" and trade.order.transmit:
                self._note(before, trade, "on its way", now, LONGEST_SILENCE)

    def _note(self, before: dict[Any, datetime], trade: Trade, how: str, now: datetime, most: float) -> None:
        key = (id(trade), how)
        since = self._since[key] = before.get(key, now)
        seconds = (now - since).total_seconds()
        if how == "in doubt":
            self.longest = max(self.longest, seconds)
        if most < seconds <= most + _LOOK:
            text = f"order {trade.order.orderRef} is {how} since {since:%H:%M:%S}: {self._trader.program.doubt(trade)}"
            self.findings.append(Finding(Loss.DOUBT, text))


class Auditor:
    """Compares what a program's client believes with the broker's books, which no client sees."""

    def __init__(self, world: World, trader: Trader, prices: DayPrices) -> None:
        self.world = world
        self.trader = trader
        self.prices = prices
        self.doubts = Doubts(trader)
        self.findings: list[Finding] = []

    def close(self) -> None:
        """Look no more."""
        self.doubts.close()

    async def audit(self) -> list[Finding]:
        """Return what is wrong, when all that is due had the time to come."""
        faults = self.world.gateway.faults
        assert faults is not None
        while True:
            await self._settle()
            self.findings = []
            count = len(faults.occurrences)
            try:
                await self._look()
            except (ConnectionError, RequestError, TimeoutError) as error:
                self._note(Loss.RAISED, True, f"the audit ended with {error!r}")
            # A fault may have waited for a message of the audit. Then nothing is sure before another one.
            if len(faults.occurrences) == count:
                return self.findings + self.doubts.findings

    def missing_live_bars(self) -> int:
        """Return how many five-second bars the program that lives does not have, told or not."""
        times = [bar.time for bar in self.trader.program.live_bars]
        halts = self._spans(Halt)
        return sum(
            int((after - before) / _LENGTH) - 1
            for before, after in pairwise(sorted(times))
            if after - before > _LENGTH and not _within(before + _LENGTH, after, halts)
        )

    def unheard_fills(self) -> int:
        """Return how many fills there were while the program was not connected."""
        times = (fill.execution.time for fill in self.world.result().fills)
        return sum(_look_at(time) in self.doubts.disconnected for time in times)

    async def _settle(self) -> None:
        """Wait until the last fault is long over."""
        faults = self.world.gateway.faults
        assert faults is not None
        while True:
            ends = [
                each.moment + timedelta(seconds=getattr(each.fault, "seconds", 0) or 0) for each in faults.occurrences
            ]
            left = max(ends, default=self.world.now - SETTLED) + SETTLED - self.world.now
            if left <= timedelta():
                return
            await self.world.advance(left)

    async def _look(self) -> None:
        program = self.trader.program
        await program.connected()
        await program.reconcile()
        before = program.updates.copy()
        program.end = self.world.now
        await self.world.advance(ALIVE)
        if self.world.now.hour < 16:
            for name in self._lively():
                self._note(Loss.SILENT, program.updates[name] == before[name], f"no more {name}")
        if complaint := program.complaint():
            self._note(Loss.SILENT, True, complaint)
        differences = await program.reconcile()
        self._note(Loss.STATUS, differences, f"differences at the end: {differences}")
        self._orders()
        self._fills()
        self._positions()
        self._waits()
        await self._bars()
        for each in self.trader.programs:
            if each.is_subscribed:  # and not killed before
                self._live_bars(each)
                self._quotes(each)

    def _lively(self) -> tuple[str, ...]:
        """Return what brings something each minute: profit and loss do while something is held."""
        holds_something = any(one.position for one in self.world.gateway.broker.ledger.positions())
        return STREAMS if holds_something else STREAMS[:-1]

    def _note(self, loss: Loss, wrong: int | Sized, text: str) -> None:
        """Keep a finding if something is wrong: True, a number of things, or a collection of them."""
        count = int(wrong) if isinstance(wrong, int) else len(wrong)
        if count:
            self.findings.append(Finding(loss, text, count))

    def _orders(self) -> None:
        exchange, ib = self.world.gateway.broker.exchange, self.trader.program.ib
        echoes = [fact for fact in exchange.open_orders() if hasattr(fact, "state")]
        booked = {fact.key.permId: (fact.order.orderRef, fact.state.status) for fact in echoes}
        for done in exchange.completed_orders:
            booked[done.key.permId] = (done.order.orderRef, done.state.status)
        refs = Counter(ref for ref, _ in booked.values())
        for ref, count in refs.items():
            self._note(Loss.DOUBLED_ORDER, count > 1, f"order {ref} is {count} times at the broker")
        by_perm_id = {_perm_id(trade): trade for trade in ib.trades() if _perm_id(trade)}
        for perm_id, (ref, status) in booked.items():
            trade = by_perm_id.get(perm_id)
            if trade is None:
                self._note(
                    Loss.UNKNOWN_ORDER,
                    True,
                    f"order {ref} ({status}) is at the broker, and the client has no trade of it",
                )
            else:
                known = trade.orderStatus.status
                self._note(
                    Loss.STATUS, known != status, f"order {ref} is {status} at the broker, and {known} for the client"
                )
        for trade in ib.trades():
            ref = trade.order.orderRef
            doubt = self.trader.program.doubt(trade)
            self._note(Loss.DOUBT, bool(doubt), f"order {ref} is left in doubt: {doubt}")
            if ref not in refs:
                self._note(
                    Loss.STATUS, not trade.isDone(), f"order {ref} never came to the broker, and lives for the client"
                )
        for wish in self.trader.wishes:
            self._note(Loss.UNKNOWN_ORDER, wish.order is not None, f"order {wish.ref} was not placed again")
            if wish.refusal:
                self._note(
                    Loss.UNKNOWN_ORDER,
                    wish.ref in refs,
                    f"order {wish.ref} was refused ({wish.refusal}), and is at the broker",
                )

    def _fills(self) -> None:
        truth = {fill.execution.execId: fill for fill in self.world.result().fills}
        fills = self.trader.program.ib.fills()
        counts = Counter(fill.execution.execId for fill in fills)
        surplus = counts - Counter(list(truth))
        self._note(Loss.DOUBLED_FILL, surplus, f"fills that the broker does not have so often: {surplus}")
        self._note(
            Loss.LOST_FILL,
            truth.keys() - counts.keys(),
            f"fills that the client lost: {sorted(truth.keys() - counts.keys())}",
        )
        for fill in fills:
            true = truth.get(fill.execution.execId)
            if true is not None:
                ours, theirs = fill.execution, true.execution
                same = (ours.shares, ours.price, ours.permId) == (theirs.shares, theirs.price, theirs.permId)
                self._note(Loss.DOUBLED_FILL, not same, f"fill {ours.execId} differs: {ours} for {theirs}")
                paid = fill.commissionReport.commission
                self._note(
                    Loss.COMMISSION,
                    fill.commissionReport.execId != ours.execId or paid != true.commissionReport.commission,
                    f"fill {ours.execId} cost {true.commissionReport.commission}, not {paid}",
                )
        told = {what for program in self.trader.programs for what in program.told}
        untold = [exec_id for exec_id in truth if f"execution {exec_id}" not in told]
        self._note(Loss.UNTOLD_FILL, untold, f"fills that no event told: {untold}")
        by_order = Counter[int]()
        for fill in fills:
            by_order[fill.execution.permId] += int(fill.execution.shares)
        for trade in self.trader.program.ib.trades():
            filled, known = int(trade.filled()), by_order[_perm_id(trade)]
            self._note(
                Loss.LOST_FILL,
                known != filled,
                f"order {trade.order.orderRef} has {filled} filled, and fills of {known}",
            )

    def _positions(self) -> None:
        truth = {one.contract.conId: one.position for one in self.world.gateway.broker.ledger.positions()}
        truth = {con_id: size for con_id, size in truth.items() if size}
        ib = self.trader.program.ib
        for name, known in (("positions", ib.positions()), ("portfolio", ib.portfolio())):
            ours = {one.contract.conId: one.position for one in known if one.position}
            self._note(Loss.POSITION, ours != truth, f"{name} {ours} for {truth}")

    def _waits(self) -> None:
        left = self.trader.program.waiting()
        self._note(Loss.WAITING, left, f"requests that nobody answers: {left}")
        for program in self.trader.programs:
            self._note(Loss.TOLD_TWICE, program.told_twice, f"told twice: {program.told_twice}")
            self._note(Loss.WAITING, program.waited_in_vain, f"waited in vain: {program.waited_in_vain}")
            self._note(Loss.RAISED, program.exceptions, f"raised: {program.exceptions}")
            self._note(Loss.LOGGED, program.logged, f"logged: {program.logged}")

    async def _bars(self) -> None:
        witness = await IB().connectAsync(port=self.world.port, clientId=WITNESS)
        truth = await witness.reqHistoricalDataAsync(APPLE, "", "1 D", "1 min", "TRADES", True)
        now = self.world.now
        recent = await witness.reqHistoricalDataAsync(NVIDIA, "", "3600 S", "5 secs", "TRADES", True)
        witness.disconnect()
        program = self.trader.program
        bars = program.bars
        true = {bar.date: bar for bar in truth}
        times = [bar.date for bar in bars]
        self._note(Loss.DOUBLED_BAR, len(times) - len(set(times)), f"{len(times) - len(set(times))} bars are double")
        self._note(Loss.DOUBLED_BAR, times != sorted(times), "bars are out of order")
        self._note(Loss.MISSING_BAR, not program.has_all(bars), f"bars are not complete: {program.gaps_of(bars)}")
        missing = [
            bar.date for bar in truth if times and times[0] <= bar.date <= times[-1] and bar.date not in set(times)
        ]
        self._note(Loss.MISSING_BAR, missing, f"{len(missing)} bars are missing, the first of {missing[:1]}")
        begun = [bar.date for bar in truth if bar.date < now - _TOLD]
        late = [date for date in begun if not times or date > times[-1]]
        self._note(Loss.MISSING_BAR, late, f"the bars end at {times[-1:]}, not {late[-1:]}")
        wrong = [bar for bar in bars[:-1] if bar.date in true and _prices(bar) != _prices(true[bar.date])]
        self._note(
            Loss.DOUBLED_BAR,
            wrong,
            f"{len(wrong)} bars differ: {wrong[:1]} for {[true[bar.date] for bar in wrong[:1]]}",
        )
        lived = {bar.time: bar for bar in self.trader.program.live_bars}
        for past in recent[:-1]:
            bar = lived.get(past.date)
            if bar is not None and past.volume > 0:
                ours, theirs = (bar.open_, bar.high, bar.low, bar.close, bar.volume), _prices(past)
                self._note(
                    Loss.DOUBLED_BAR,
                    ours != theirs,
                    f"the five-second bar of {past.date:%H:%M:%S} is {ours}, not {theirs}",
                )

    def _live_bars(self, program: Program) -> None:
        bars = program.live_bars
        times = [bar.time for bar in bars]
        self._note(
            Loss.DOUBLED_BAR,
            len(times) - len(set(times)),
            f"{len(times) - len(set(times))} five-second bars are double",
        )
        self._note(Loss.DOUBLED_BAR, times != sorted(times), "five-second bars are out of order")
        gaps, halts = [(before + _LENGTH, after) for before, after in program.gaps_of(bars)], self._spans(Halt)
        holes = [
            f"{before.astimezone(NEW_YORK):%H:%M:%S} to {after.astimezone(NEW_YORK):%H:%M:%S}"
            for before, after in pairwise(times)
            if after - before > _LENGTH and not _within(before + _LENGTH, after, [*gaps, *halts])
        ]
        self._note(
            Loss.MISSING_BAR, holes, f"{len(holes)} holes between five-second bars that were not told: {holes[:3]}"
        )

    def _quotes(self, program: Program) -> None:
        """Look for changes of the quote that the program has not seen, and was not told to have missed."""
        events = self.prices.events_of(MICROSOFT.conId)
        told = [(since - _SECOND, until + _SECOND) for since, until in program.gaps]
        told += self._spans(Halt)
        # A client that takes quotes late is told the newest ones only, and nobody could tell it what it has missed.
        told += [(begin, end + _LENGTH) for begin, end in self._spans(Stall, Delay)]
        # One that was killed could not find out any more that its connection had been dead.
        known = program.end if program is self.trader.program else min(program.end, program.heard)
        begin, end = (micros(moment) for moment in (program.begin + _LENGTH, known - _LENGTH))
        missed = [
            moment_of(time).astimezone(NEW_YORK)
            for time, size in zip(events.times.tolist(), events.bid_sizes.tolist(), strict=True)
            if begin <= time < end and size not in program.quotes
        ]
        hidden = [f"{moment:%H:%M:%S}" for moment in missed if not _within(moment, moment, told)]
        self._note(
            Loss.MISSED_QUOTE, hidden, f"{len(hidden)} changes of the quote were missed, and not told: {hidden[:3]}"
        )

    def _spans(self, *kinds: type) -> list[tuple[datetime, datetime]]:
        faults = self.world.gateway.faults
        assert faults is not None
        found = []
        for each in faults.occurrences:
            if isinstance(each.fault, kinds) and (seconds := getattr(each.fault, "seconds", 0)):
                late = getattr(each.fault, "by", 0.0) + getattr(each.fault, "jitter", 0.0)
                found.append((each.moment - _LENGTH, each.moment + timedelta(seconds=seconds + late) + _LENGTH))
        return found


def _perm_id(trade: Any) -> int:
    return int(trade.order.permId or trade.orderStatus.permId)


def _look_at(moment: datetime) -> int:
    return int(moment.timestamp() // _LOOK)


def _within(begin: datetime, end: datetime, spans: list[tuple[datetime, datetime]]) -> bool:
    return any(first <= begin and end <= last for first, last in spans)


def _prices(bar: Any) -> tuple[float, ...]:
    return (bar.open, bar.high, bar.low, bar.close, float(bar.volume))
