"""Messages that ask for executions, and report executions and their commissions."""

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import (
    Ref,
    embed,
    many,
    record,
    refs,
    repeat,
    shown,
    since,
    size,
    spelled,
    untold,
)
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.messages.contracts import CONTRACT, CONTRACT_OF_ANSWER, contract
from ibdesk.wire.scalars import EXPLICIT_INT, INT, INT_TEXT, MOMENT, OPTIONAL_FLOAT, TEXT

execution, filter_ = refs(Execution, "execution"), refs(ExecutionFilter, "executionFilter")
report = refs(CommissionReport, "commissionReport")
_execution, _filter = refs(Execution), refs(ExecutionFilter)

EXECUTION_FILTER = record(
    ExecutionFilter,
    {
        1: _filter.clientId,
        2: _filter.acctCode,
        3: spelled(MOMENT, _filter.time),
        4: _filter.symbol,
        5: _filter.secType,
        6: _filter.exchange,
        7: _filter.side,
        8: _filter.lastNDays,
        9: repeat(_filter.specificDates, INT),
    },
)


@from_client(7, version=3, protobuf=V.PROTOBUF, text=(
    "reqId",
    filter_.clientId,
    filter_.acctCode,
    spelled(MOMENT, filter_.time),
    filter_.symbol,
    filter_.secType,
    filter_.exchange,
    filter_.side,
    since(V.PARAMETRIZED_DAYS_OF_EXECUTIONS, shown(filter_.lastNDays), many(filter_.specificDates, INT)),
), tags={1: "reqId", 2: embed(filter_, EXECUTION_FILTER, when_empty=True)})  # fmt: skip
class ReqExecutions:
    """Ask for the executions that match a filter."""

    reqId: int
    executionFilter: ExecutionFilter


EXECUTION = record(
    Execution,
    {
        1: spelled(EXPLICIT_INT, _execution.orderId),  # 2147483647 for an order that was placed by hand
        2: _execution.execId,
        3: spelled(TEXT, _execution.time),
        4: _execution.acctNumber,
        5: _execution.exchange,
        6: _execution.side,
        7: size(_execution.shares),
        8: _execution.price,
        9: spelled(EXPLICIT_INT, _execution.permId),
        10: _execution.clientId,
        11: _execution.liquidation,
        12: size(_execution.cumQty),
        13: _execution.avgPrice,
        14: _execution.orderRef,
        15: _execution.evRule,
        16: _execution.evMultiplier,
        17: _execution.modelCode,
        18: _execution.lastLiquidity,
        19: _execution.pendingPriceRevision,
        20: _execution.submitter,
        21: _execution.optExerciseOrLapseType,
    },
    absent=untold(_execution.shares, _execution.price, _execution.cumQty, _execution.avgPrice),
)


@from_server(11, protobuf=V.PROTOBUF, text=(
    "reqId",
    execution.orderId,
    *CONTRACT_OF_ANSWER,
    execution.execId,
    spelled(TEXT, execution.time),
    execution.acctNumber,
    execution.exchange,
    execution.side,
    size(execution.shares),
    execution.price,
    execution.permId,
    execution.clientId,
    execution.liquidation,
    size(execution.cumQty),
    execution.avgPrice,
    execution.orderRef,
    execution.evRule,
    execution.evMultiplier,
    execution.modelCode,
    execution.lastLiquidity,
    since(V.PENDING_PRICE_REVISION, execution.pendingPriceRevision),
    since(V.SUBMITTER, execution.submitter),
), tags={
    1: "reqId",
    2: embed(contract, CONTRACT, when_empty=True),
    3: embed(execution, EXECUTION, when_empty=True),
}, absent={Ref(("reqId",), int): NO_REQUEST})  # fmt: skip
class ExecDetails:
    """An execution: an answer to a request, or a new one (`reqId` -1). `execution.time` is still a text here."""

    reqId: int
    contract: Contract
    execution: Execution


@from_server(55, ends=ReqExecutions, version=1, protobuf=V.PROTOBUF)
class ExecDetailsEnd:
    """All executions that a request asked for have been sent."""

    reqId: int


@from_server(59, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER, text=(
    report.execId,
    shown(report.commission),
    report.currency,
    shown(report.realizedPNL),
    shown(report.yield_),
    report.yieldRedemptionDate,
), tags={
    1: report.execId,
    2: spelled(OPTIONAL_FLOAT, report.commission),
    3: report.currency,
    4: spelled(OPTIONAL_FLOAT, report.realizedPNL),
    5: spelled(OPTIONAL_FLOAT, report.yield_),
    6: spelled(INT_TEXT, report.yieldRedemptionDate),
}, absent=untold(report.commission, report.realizedPNL, report.yield_))  # fmt: skip
class CommissionAndFeesReport:
    """The cost of an execution. IB's callback for it was called `commissionReport` up to version 10.30."""

    commissionReport: CommissionReport
