"""Faults that are drawn by chance: for days of trouble from a seed, and for tests by Hypothesis.

What is left to chance is asked of a `random.Random`. Hypothesis has one that it shrinks (`strategies.randoms`), so that
a day that fails gets as few and as small faults as it can have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from . import kinds as k
from .scenario import Scenario
from .triggers import FROM_CLIENT, TO_CLIENT, After, At, Before, Byte

_TOLD = ("OpenOrder", "OrderStatus", "ExecDetails", "CommissionAndFeesReport", "Error", "Position", "TickPrice")
_ASKED = ("StartApi", "PlaceOrder", "CancelOrder", "ReqMktData", "ReqHistoricalData", "ReqExecutions", "ReqOpenOrders")
_ORDERS = ("PlaceOrder", "PlaceOrder", "PlaceOrder", "CancelOrder")
_SECONDS_A_MESSAGE, _BYTES_A_SECOND = 300, 100
_REPORTS = tuple(each.__name__ for each in k.ORDER_REPORTS)


@dataclass(frozen=True, slots=True)
class _Draw:
    """What faults are drawn with: chance, the time that there is, and whom and what they may hit."""

    random: Random
    seconds: float
    clients: Sequence[int]
    instruments: Sequence[str | int]

    def moment(self) -> float:
        return round(self.random.uniform(0, self.seconds), 3)

    def length(self, shortest: float, longest: float) -> float:
        return round(self.random.uniform(shortest, min(longest, max(self.seconds, shortest))), 3)

    def around(self, messages: Sequence[str]) -> Before | After:
        kind = self.random.choice((Before, After))
        return kind(self.random.choice(messages), self.number())

    def one(self, messages: Sequence[str]) -> Before:
        return Before(self.random.choice(messages), self.number())

    def number(self) -> int:
        """Draw which message of a class is meant, where there may be one in a few minutes."""
        return self.random.randint(1, max(10, int(self.seconds / _SECONDS_A_MESSAGE)))

    def byte(self) -> int:
        """Draw a byte of what a connection carries in that time."""
        return self.random.randint(1, max(20_000, int(self.seconds * _BYTES_A_SECOND)))

    def cut(self) -> k.Fault:
        form = self.random.randrange(4)
        linger = self.random.choice((0.0, 0.0, 5.0, 20.0))
        at: At = self.moment()
        if form == 1:
            at = self.around((*_TOLD, *_ASKED))
        elif form == 2:
            at = Byte(self.byte(), self.random.choice((TO_CLIENT, FROM_CLIENT)))
        elif form == 3:
            return k.Cut(self.one(_TOLD), byte=self.random.randint(1, 40), linger=linger)
        return k.Cut(at, linger=linger, reset=self.random.random() < 0.3)

    def stall(self) -> k.Fault:
        at = Byte(self.byte()) if self.random.random() < 0.2 else self.moment()
        return k.Stall(at, self.length(1, 90), direction=self.random.choice(k.DIRECTIONS))

    def delay(self) -> k.Fault:
        by, jitter = self.length(0.01, 2), self.length(0, 1)
        return k.Delay(self.moment(), by, self.length(5, 300), jitter, direction=self.random.choice(k.DIRECTIONS))

    def split(self) -> k.Fault:
        return k.Split(self.moment(), self.random.randint(1, 64), self.length(1, 60))

    def swallow(self) -> k.Fault:
        # As on a half-open socket: it lasts until the client has given the socket up, which TCP would do as well. Nor
        # can a client go on hearing a server that has not got what it sent.
        return k.Swallow(self.moment(), self.length(90, 300), direction=self.random.choice(("both", TO_CLIENT)))

    def duplicate(self) -> k.Fault:
        if self.random.random() < 0.5:
            return k.Duplicate(self.one(_REPORTS))
        return k.Duplicate(self.moment(), self.length(5, 600), share=self.random.choice((0.1, 0.5, 1.0)))

    def reorder(self) -> k.Fault:
        if self.random.random() < 0.5:
            return k.Reorder(self.one(_REPORTS), by=self.length(0.01, 10))
        return k.Reorder(self.moment(), self.length(5, 600))

    def drop_order(self) -> k.Fault:
        return k.DropOrder(self.around(_ORDERS), cut=self.random.random() < 0.5)

    def refuse(self) -> k.Fault:
        return k.Refuse(self.moment(), self.length(1, 120), self.random.choice(("refuse", "hang_up", "silence")))

    def restart(self) -> k.Fault:
        return k.Restart(self.moment(), self.length(1, 120))

    def kill_client(self) -> k.Fault:
        return k.KillClient(self.moment(), self.random.choice(self.clients), self.random.choice((0.0, 5.0)))

    def connectivity_lost(self) -> k.Fault:
        tells = self.random.random() < 0.5
        return k.ConnectivityLost(self.moment(), self.length(1, 120), self.random.choice((1101, 1102)), tells)

    def farm_down(self) -> k.Fault:
        farm = self.random.choice(("usfarm", "ushmds", "secdefnj"))
        return k.FarmDown(self.moment(), farm, self.length(1, 120), self.random.random() < 0.5)

    def nightly_reset(self) -> k.Fault:
        times = self.random.randint(1, 3)
        return k.NightlyReset(self.moment(), self.length(60, 900), times, self.random.choice((1101, 1102)))

    def competing_session(self) -> k.Fault:
        return k.CompetingSession(self.moment(), self.length(1, 120))

    def bust(self) -> k.Fault:
        return k.Bust(self.moment())

    def depth_reset(self) -> k.Fault:
        return k.DepthReset(self.moment())

    def halt(self) -> k.Fault:
        return k.Halt(self.moment(), self.random.choice(self.instruments), self.length(1, 600))

    def gap(self) -> k.Fault:
        return k.Gap(self.moment(), self.random.choice(self.instruments), self._percent())

    def crash(self) -> k.Fault:
        recovers = self.random.choice((0.0, self.length(1, 300)))
        instrument = self.random.choice(self.instruments)
        return k.Crash(self.moment(), instrument, self._percent(), self.length(1, 300), recovers)

    def _percent(self) -> float:
        return round(self.random.uniform(-10, 10), 2)


_KINDS: Mapping[str, Callable[[_Draw], k.Fault]] = {name: getattr(_Draw, name) for name in k.KINDS}


def draw_fault(
    random: Random,
    kind: str,
    *,
    seconds: float,
    clients: Sequence[int] = (1,),
    instruments: Sequence[str | int] = ("AAPL",),
) -> k.Fault:
    """Draw a fault of a kind that comes within so many seconds after the start, or waits for a message.

    `clients` are those that may be killed, and `instruments` those to whose prices something may happen.
    """
    return _KINDS[kind](_Draw(random, seconds, clients, instruments))


def draw_scenario(
    seed: int,
    count: int,
    *,
    seconds: float,
    kinds: Sequence[str] = tuple(k.KINDS),
    clients: Sequence[int] = (1,),
    instruments: Sequence[str | int] = ("AAPL",),
) -> Scenario:
    """Draw a scenario of `count` faults, by a seed, as `draw_fault` does. `kinds` are those that may come."""
    random = Random(seed)
    drawn = (
        draw_fault(random, random.choice(kinds), seconds=seconds, clients=clients, instruments=instruments)
        for _ in range(count)
    )
    return Scenario(tuple(drawn), seed)
