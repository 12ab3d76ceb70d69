"""How the messages of market scanners are held against the outside clients."""

from dataclasses import replace
from typing import Any

from conformance.domain import Callback, Domain, Request, callback, fields
from conformance.strategies import OPTIONAL_INTS, TAG_VALUES, few, noun
from oracles import Official

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import scanner as messages

# Not on the wire; the defaults of the official clients differ from ours.
_UNSET_SIZES = dict.fromkeys(("minSize", "sizeIncrement", "suggestedSizeIncrement"), UNSET_DOUBLE)
_NEVER_READ: dict[str, Any] = {"secId": "", "secIdType": "", "includeExpired": False}


def _subscription(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        oracle.scanner_subscription(message.subscription),
        oracle.tag_values(message.subscription.scannerSubscriptionOptions),
        oracle.tag_values(message.subscription.scannerSubscriptionFilterOptions),
    )


def _rows(m: Any, version: int) -> list[Callback]:
    return _shown(m, [row.contract for row in m.rows], **_UNSET_SIZES)


def _rows_of_ib_async(m: Any, version: int) -> list[Callback]:
    return _shown(m, [row.contract for row in m.rows])


def _rows_of_the_newest(m: Any, version: int) -> list[Callback]:
    """How it reads a contract in protobuf has rows of exceptions in `executions`; here contracts stand in a list."""
    if version < V.PROTOBUF_SCAN_DATA:
        return _rows(m, version)
    contracts = [replace(row.contract, **_NEVER_READ, strike=row.contract.strike or UNSET_DOUBLE) for row in m.rows]
    return _shown(m, contracts, **_UNSET_SIZES)


def _shown(m: Any, contracts: list[Contract], **sizes: float) -> list[Callback]:
    found: list[Callback] = []
    for row, contract in zip(m.rows, contracts, strict=True):
        details = ContractDetails(contract=contract, marketName=row.marketName, **sizes)
        values = {"rank": row.rank, "contractDetails": details, "distance": row.distance, "benchmark": row.benchmark}
        values |= {"projection": row.projection, "legsStr": row.legsStr}
        found.append(("scannerData", {"reqId": m.reqId, **values}))
    return [*found, ("scannerDataEnd", {"reqId": m.reqId})]


DOMAIN = Domain(
    requests={
        messages.ReqScannerParameters: Request("reqScannerParameters", fields(), "ScannerParametersRequest"),
        messages.ReqScannerSubscription: Request("reqScannerSubscription", _subscription, "ScannerSubscriptionRequest"),
        messages.CancelScannerSubscription: Request(
            "cancelScannerSubscription", fields("reqId"), "CancelScannerSubscription"
        ),
    },
    answers={
        messages.ScannerParameters: callback("scannerParameters", "xml"),
        messages.ScannerData: _rows,
    },
    otherwise={
        (messages.ScannerData, "ib_async"): _rows_of_ib_async,
        (messages.ScannerData, "10.46.1"): _rows_of_the_newest,
    },
    values={
        messages.ReqScannerSubscription: {
            "subscription": noun(
                messages.ScannerQuery,
                numberOfRows=OPTIONAL_INTS,
                scannerSubscriptionFilterOptions=TAG_VALUES,
                scannerSubscriptionOptions=TAG_VALUES,
            ),
        },
        messages.ScannerData: {"rows": few(noun(messages.ScannerRow))},
    },
    not_described={
        messages.ScannerData: frozenset({"scannerDataElement.contract.comboLegs.perLegPrice"}),
    },
)
