"""The executions of the exchange: their ids, their venues, and the list of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from ibdesk.model.executions import Execution

from .facts import Executed, OrderKey
from .risk import Risk
from .settlements import Cause, Leg
from .working import WorkingOrder

VENUES = ("ARCA", "BATS", "BYX", "DRCTEDGE", "EDGEA", "IEX", "ISLAND", "MEMX", "NASDAQ", "NYSE", "PSX")
"""Where smart-routed stock orders are filled."""


DAYS_KEPT = 7
"""Of how many days executions can be asked for, today included. Source: TWS API documentation, "Executions"."""


class Executions:
    """The executions of the exchange: those of the day in `facts`, those of earlier days in `earlier`, oldest first.

    An execId has four groups: `exec_group`, a number that starts with the time of the first execution and grows with
    each, and the two that a combination and a correction would change. `seed` decides on the venues. `accounts` are the
    books, in which each execution is entered at once: whatever comes next finds what it has changed.
    """

    def __init__(self, accounts: Mapping[str, Risk], exec_group: int, seed: int) -> None:
        self._accounts = accounts
        self.facts: list[Executed] = []
        self.earlier: list[Executed] = []
        self._exec_group = exec_group
        self._seed = seed
        self._second_group = 0

    def start_day(self, now: datetime) -> None:
        """Put those of the day with the earlier ones, of which only those of some days are kept."""
        kept_since = now - timedelta(days=DAYS_KEPT - 1)
        self.earlier = [fact for fact in (*self.earlier, *self.facts) if fact.execution.time >= kept_since]
        self.facts.clear()

    def record(self, entry: WorkingOrder, size: Decimal, price: Decimal, liquidity: int, now: datetime) -> Executed:
        """Write down and book what an order was just filled with; the order has counted it already."""
        execution = Execution(
            execId=self._new_id(now),
            time=now,
            acctNumber=entry.order.account,
            exchange=self._venue(entry),
            side="BOT" if entry.buys else "SLD",
            shares=float(size),
            price=float(price),
            permId=entry.key.permId,
            clientId=entry.key.clientId,
            orderId=entry.key.orderId,
            cumQty=float(entry.filled),
            avgPrice=float(entry.average_price),
            orderRef=entry.order.orderRef,
            modelCode=entry.order.modelCode,
            lastLiquidity=liquidity,
        )
        commission = self._accounts[entry.order.account].book(execution, entry.contract)
        fact = Executed(entry.key, entry.contract, execution, commission)
        self.facts.append(fact)
        return fact

    def settle(self, key: OrderKey, account: str, cause: Cause, leg: Leg, now: datetime) -> Executed:
        """Write down and book what an account gets, or gives, without a trade."""
        execution = Execution(
            execId=self._new_id(now),
            time=now,
            acctNumber=account,
            exchange=leg.contract.primaryExchange or leg.contract.exchange,
            side="BOT" if leg.quantity > 0 else "SLD",
            shares=abs(leg.quantity),
            price=leg.price,
            permId=key.permId,
            clientId=key.clientId,
            orderId=key.orderId,
            cumQty=abs(leg.quantity),
            avgPrice=leg.price,
            optExerciseOrLapseType=cause,
        )
        commission = self._accounts[account].settle(execution, leg.contract)
        fact = Executed(key, leg.contract, execution, commission, settles=True)
        self.facts.append(fact)
        return fact

    def _new_id(self, now: datetime) -> str:
        # The second group never repeats, and grows with the time of day as IBKR's does.
        self._second_group = max(self._second_group + 1, int(now.timestamp()))
        return f"{self._exec_group:08x}.{self._second_group:08x}.01.01"

    def _venue(self, entry: WorkingOrder) -> str:
        asked = entry.contract.exchange
        if asked and asked != "SMART":
            return asked
        venues = _venues(entry.details.validExchanges, entry.contract.secType)
        if not venues:
            return entry.contract.primaryExchange or asked
        return venues[crc32(f"{self._seed}.{self._second_group}".encode()) % len(venues)]


@lru_cache(maxsize=1024)
def _venues(valid_exchanges: str, sec_type: str) -> Sequence[str]:
    """Return where an instrument with such exchanges can be filled."""
    valid = [name for name in valid_exchanges.split(",") if name and name != "SMART"]
    known = [name for name in VENUES if name in valid] if sec_type == "STK" else []
    return known or valid
