"""What is reported of trades: executions and their commissions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .contract import Contract
from .fields import Noun, Values, named_values
from .unset import EPOCH, UNSET_INTEGER


@dataclass
class Execution(Noun):
    """One execution of an order: `shares` at `price`. `cumQty` and `avgPrice` are those of the order after it.

    `side` is `BOT` or `SLD`. `lastLiquidity` is 1 added, 2 removed, 3 routed out. `execId` has parts joined by dots;
    the id of a correction differs from that of the corrected execution in the last part only. `optExerciseOrLapseType`
    is -1 none, 1 exercise, 2 lapse, 3 do nothing, 100 assigned, 101 autoexercise (clearing), 102 expired, 103 netting,
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
    """The cost of an execution, in `currency`, and the profit that it realized.

    `yieldRedemptionDate` is for bonds: `YYYYMMDD` as a number.
    """

    execId: str = ""
    commission: float = 0.0
    currency: str = ""
    realizedPNL: float = 0.0
    yield_: float = 0.0
    yieldRedemptionDate: int = 0


@dataclass
class ExecutionFilter(Noun):
    """Which executions to ask for. A field that is left empty excludes nothing.

    `time` is the earliest time, `YYYYMMDD hh:mm:ss` with or without a zone. `lastNDays` and `specificDates` (`YYYYMMDD`
    as numbers) reach back beyond today, on servers of version 200 and newer.
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
    """An execution with its contract and its commission.

    `time` is when the fill was received. For a fill that answers a request for executions, it is when the fill
    happened.
    """

    contract: Contract
    execution: Execution
    commissionReport: CommissionReport
    time: datetime

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)

    @property
    def recovered(self) -> bool:
        """Whether the client missed the fill when it happened, and learned of it later by asking."""
        return False
