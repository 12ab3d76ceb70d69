"""Messages that cancel orders and report on them: status, executions, commissions."""

from typing import Annotated

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter
from ibdesk.model.order import OrderCancel
from ibdesk.model.unset import UNSET_INTEGER, UNSET_LONG
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import (
    Fixed,
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
    until,
    untold,
)
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.messages.contracts import CONTRACT, CONTRACT_OF_ANSWER, contract
from ibdesk.wire.scalars import EXPLICIT_INT, INT, INT_TEXT, MOMENT, OPTIONAL_FLOAT, TEXT, Long, Quantity

cancel, execution = refs(OrderCancel, "orderCancel"), refs(Execution, "execution")
filter_, report = refs(ExecutionFilter, "executionFilter"), refs(CommissionReport, "commissionReport")
_cancel, _execution, _filter = refs(OrderCancel), refs(Execution), refs(ExecutionFilter)

ORDER_CANCEL = record(
    OrderCancel,
    {1: spelled(MOMENT, _cancel.manualOrderCancelTime), 2: _cancel.extOperator, 3: _cancel.manualOrderIndicator},
)

_TAGGING = since(V.CME_TAGGING_FIELDS, cancel.extOperator, shown(cancel.manualOrderIndicator))


@from_client(4, version=until(V.CME_TAGGING_FIELDS, Fixed(1)), protobuf=V.PROTOBUF_PLACE_ORDER, text=(
    "orderId",
    since(V.MANUAL_ORDER_TIME, spelled(MOMENT, cancel.manualOrderCancelTime)),
    since(V.RFQ_FIELDS, until(V.UNDO_RFQ_FIELDS, Fixed(""), Fixed(""), Fixed(2147483647))),
    _TAGGING,
), tags={1: "orderId", 2: embed(cancel, ORDER_CANCEL, when_empty=True)})  # fmt: skip
class CancelOrder:
    """Cancel one order."""

    orderId: int
    orderCancel: OrderCancel


@from_client(58, version=until(V.CME_TAGGING_FIELDS, Fixed(1)), protobuf=V.PROTOBUF_PLACE_ORDER, text=(_TAGGING,),
             tags={1: embed(cancel, ORDER_CANCEL, when_empty=True)})  # fmt: skip
class ReqGlobalCancel:
    """Cancel every order of the account, whoever placed it."""

    orderCancel: OrderCancel


@from_server(3, protobuf=V.PROTOBUF_PLACE_ORDER, absent=untold(
    "filled", "remaining", "avgFillPrice", "lastFillPrice", "mktCapPrice",
))  # fmt: skip
class OrderStatus:
    """How far an order has got. The prices and `whyHeld` are 0 or empty when there is nothing to report."""

    orderId: int
    status: str
    filled: Quantity
    remaining: Quantity
    avgFillPrice: float
    permId: Long
    parentId: int
    lastFillPrice: float
    clientId: int
    whyHeld: str = ""
    mktCapPrice: float = 0.0


@from_client(5, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqOpenOrders:
    """Ask for the open orders of this client. For client 0 it also binds orders placed by hand."""


@from_client(16, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqAllOpenOrders:
    """Ask once for the open orders of every client."""


@from_client(15, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqAutoOpenOrders:
    """Bind orders placed by hand to this client, which must be client 0, as they come."""

    autoBind: bool


@from_server(53, version=1, protobuf=V.PROTOBUF_PLACE_ORDER)
class OpenOrderEnd:
    """All open orders have been sent."""


@from_server(100, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class OrderBound:
    """An order placed by hand was bound to a client: it now has an order id there.

    `ReqOpenOrders` and `ReqAutoOpenOrders` ask for this. The message answers neither, so it is taken to become protobuf
    with them; the official client can read it so from then on.
    """

    permId: Long = UNSET_LONG
    clientId: Annotated[int, INT] = UNSET_INTEGER
    orderId: Annotated[int, INT] = UNSET_INTEGER


@from_client(99, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqCompletedOrders:
    """Ask for the orders that ended today; with `apiOnly` without those placed by hand."""

    apiOnly: bool


@from_server(102, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class CompletedOrdersEnd:
    """All completed orders have been sent."""


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
    """An execution: in answer to a request, or just happened (`reqId` -1). `execution.time` is still IB's text here."""

    reqId: int
    contract: Contract
    execution: Execution


@from_server(55, version=1, protobuf=V.PROTOBUF)
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
