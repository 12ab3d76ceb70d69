"""How the messages of executions and commissions are held against the outside clients."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from conformance.domain import Callback, Domain, Request, callback
from conformance.exceptions import (
    FIRST_PROTOBUF,
    NEVER_READ,
    NEWER,
    NEWEST,
    NO_STRIKE,
    Read,
    Said,
    Skipped,
    say,
    zero_when_untold,
)
from oracles import Official

from ibdesk.model.times import parseIBDatetime
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, orders
from ibdesk.wire.messages import executions as messages

CONTRACTS = (
    accounts.Position,
    accounts.PositionMulti,
    accounts.UpdatePortfolio,
    orders.OpenOrder,
    orders.CompletedOrder,
)
"""The other answers that hold a contract: one function of the newest client reads it for all."""


def _executions(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    said = say("executionFilter", m.executionFilter, oracle.version, version)
    return m.reqId, oracle.execution_filter(m.executionFilter, **said)


def _with_time_read(m: Any, version: int) -> list[Callback]:
    """ib_async reads the time of an execution."""
    time = parseIBDatetime(m.execution.time).astimezone(UTC)
    return [("execDetails", {"reqId": m.reqId, "contract": m.contract, "execution": replace(m.execution, time=time)})]


DOMAIN = Domain(
    requests={
        messages.ReqExecutions: Request("reqExecutions", _executions, "ExecutionRequest"),
    },
    answers={
        messages.ExecDetails: callback("execDetails", "reqId", "contract", "execution"),
        messages.ExecDetailsEnd: callback("execDetailsEnd", "reqId"),
        messages.CommissionAndFeesReport: callback("commissionAndFeesReport", "commissionReport"),
    },
    otherwise={
        (messages.ExecDetails, "ib_async"): _with_time_read,
        **{
            (messages.CommissionAndFeesReport, client): callback("commissionReport", "commissionReport")
            for client in ("10.30.1", "10.19.4", "ib_async")
        },
    },
    schemas={
        messages.ExecDetails: "ExecutionDetails",
        messages.ExecDetailsEnd: "ExecutionDetailsEnd",
    },
    exceptions=(
        Skipped(messages.ExecDetails, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF),
        Said(
            messages.ReqExecutions,
            "executionFilter.specificDates",
            NEWER,
            "an empty list is refused by servers that know no dates",
            [],
            end=V.PARAMETRIZED_DAYS_OF_EXECUTIONS,
            instead=None,
        ),
        *(
            Read(
                messages.ExecDetails,
                f"contract.{name}",
                NEWEST,
                NEVER_READ,
                sample,
                first=V.PROTOBUF,
                theirs=theirs,
                also=CONTRACTS,
            )
            for name, sample, theirs in (("secId", "1", ""), ("secIdType", "ISIN", ""), ("includeExpired", True, False))
        ),
        Read(
            messages.ExecDetails,
            "contract.strike",
            NEWEST,
            NO_STRIKE,
            0.0,
            first=V.PROTOBUF,
            ours=0.0,
            theirs=UNSET_DOUBLE,
            also=CONTRACTS,
        ),
        *zero_when_untold(messages.ExecDetails, "execution.price execution.avgPrice", 0.0, V.PROTOBUF),
        *zero_when_untold(
            messages.CommissionAndFeesReport,
            "commissionReport.commission commissionReport.realizedPNL commissionReport.yield_",
            0.0,
            V.PROTOBUF_COMPLETED_ORDER,
        ),
        Read(
            messages.ExecDetails,
            "execution.optExerciseOrLapseType",
            NEWER,
            "the enumeration's member for none has this number",
            -1,
            ours=-1,
            theirs=None,
        ),
    ),
)
