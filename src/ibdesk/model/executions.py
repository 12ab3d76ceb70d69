"""Decides what is reported of a trade: the execution, its commission, both together; must not know orders."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .contract import Contract
from .fields import Noun, Values, named_values
from .unset import EPOCH, UNSET_INTEGER


@dataclass
class Execution(Noun):
    """One execution: `shares` at `price`, with the state of its order after it in `cumQty` and `avgPrice`.

    `side` is `BOT` or `SLD`. `lastLiquidity`: 1 added, 2 removed, 3 routed out. `execId` has parts
    joined by dots; a correction differs from what it corrects in the last one only. `optExerciseOrLapseType`: -1
    none, 1 exercise, 2 lapse, 3 do nothing, 100 assigned, 101 autoexercise (clearing), 102 expired, 103 netting,
    200 autoexercise (trading).
    """

    execId: str = ""
    time: datetime = EPOCH
    acctNumber: str = ""
    exchange: str = ""
    side: str = ""
    shares: float = 0.0
    price: float = 0.0
    permId: int = 0
    clientId: int = 0
    orderId: int = 0
    liquidation: int = 0
    cumQty: float = 0.0
    avgPrice: float = 0.0
    orderRef: str = ""
    evRule: str = ""
    evMultiplier: float = 0.0
    modelCode: str = ""
    lastLiquidity: int = 0
    pendingPriceRevision: bool = False
    submitter: str = ""
    optExerciseOrLapseType: int = -1


@dataclass
class CommissionReport(Noun):
    """What an execution cost, in `currency`, and the profit that it realized.

    `yieldRedemptionDate` is `YYYYMMDD` as a number, for bonds.
    """

    execId: str = ""
    commission: float = 0.0
    currency: str = ""
    realizedPNL: float = 0.0
    yield_: float = 0.0
    yieldRedemptionDate: int = 0


@dataclass
class ExecutionFilter(Noun):
    """Which executions to ask for; what is left empty excludes nothing.

    `time` is the earliest, as `YYYYMMDD hh:mm:ss` with or without a zone. `lastNDays` and `specificDates`
    (`YYYYMMDD` as numbers) reach back beyond today, on servers of version 200 on.
    """

    clientId: int = 0
    acctCode: str = ""
    time: str = ""
    symbol: str = ""
    secType: str = ""
    exchange: str = ""
    side: str = ""
    lastNDays: int = UNSET_INTEGER
    specificDates: list[int] = field(default_factory=list)


class Fill(NamedTuple):
    """An execution, what was traded and what it cost.

    `time` is when it was received; of one that answers a question, when it happened.
    """

    contract: Contract
    execution: Execution
    commissionReport: CommissionReport
    time: datetime

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)

    @property
    def recovered(self) -> bool:
        """Whether it was missed when it happened, and learned by asking."""
        return False
