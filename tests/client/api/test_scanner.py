"""A scan that is subscribed: its rows are replaced with each message, and end with it."""

from typing import Any

import pytest
from client.asking import Case, End, connected, each, versions
from client.scripted import CLOSE

from ibdesk import IB, ScanDataList, TagValue
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails, ScanData
from ibdesk.model.reference import ScannerSubscription
from ibdesk.wire.messages import connection, scanner
from ibdesk.wire.messages.scanner import ScannerRow

ROW = scanner.ScannerRow(0, Contract(conId=1, symbol="A", secType="STK"), "NMS", "d", "b", "p", "l")

SCANNED = ScanData(0, ContractDetails(contract=ROW.contract, marketName="NMS"), "d", "b", "p", "l")

GAINERS = ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN")


async def scan(ib: IB) -> list[ScanData]:
    return list(await ib.reqScannerDataAsync(GAINERS, None, [TagValue("priceAbove", "5")]))


CASES = [
    Case(
        scan,
        scanner.ReqScannerSubscription,
        lambda m: [scanner.ScannerData(m.reqId, [ROW])],
        [SCANNED],
        [],
        cancel=scanner.CancelScannerSubscription,
    ),
    Case(
        lambda ib: ib.reqScannerParametersAsync(),
        scanner.ReqScannerParameters,
        lambda m: [scanner.ScannerParameters("<xml/>")],
        "<xml/>",
        "",
        can_be_refused=False,
    ),
]

GAINERS = ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN", abovePrice=5.0)
EMPTY = "Historical Market Data Service query message:no items retrieved"


def rows(*conIds: int) -> list[ScannerRow]:
    return [ScannerRow(rank, Contract(conId=conId)) for rank, conId in enumerate(conIds)]


def shown(scan: ScanDataList) -> list[int]:
    return [row.contractDetails.contract.conId for row in scan if row.contractDetails.contract]


@versions
async def test_rows_are_replaced(version: int) -> None:
    async with connected(version=version) as (ib, server):
        scan = ib.reqScannerSubscription(GAINERS, [TagValue("o", "1")], [TagValue("f", "2")])
        seen: list[tuple[str, list[int]]] = []
        ib.scannerDataEvent += lambda one: seen.append(("ib", shown(one)))
        scan.updateEvent += lambda one: seen.append(("scan", shown(one)))
        (request,) = await server.wait_for(scanner.ReqScannerSubscription)
        query = request.subscription
        assert (query.numberOfRows, query.scanCode, query.abovePrice) == (10, "TOP_PERC_GAIN", 5.0)
        assert query.scannerSubscriptionOptions == [TagValue("o", "1")]
        assert query.scannerSubscriptionFilterOptions == [TagValue("f", "2")]
        assert (scan.reqId, scan.subscription) == (request.reqId, GAINERS)
        server.send(scanner.ScannerData(request.reqId, rows(1, 2)), scanner.ScannerData(request.reqId, rows(2)))
        server.send(connection.Error(request.reqId, 165, EMPTY))
        await ib.reqExecutionsAsync()
        assert seen == [("ib", [1, 2]), ("scan", [1, 2]), ("ib", [2]), ("scan", [2]), ("ib", []), ("scan", [])]
        ib.cancelScannerSubscription(scan)
        (cancel,) = await server.wait_for(scanner.CancelScannerSubscription)
        assert cancel.reqId == request.reqId
        server.send(scanner.ScannerData(request.reqId, rows(3)))
        await ib.reqExecutionsAsync()
        assert scan == scan
        assert not scan
        assert ib.client.requests.late == {"ScannerData": 1}


@versions
async def test_a_scan_that_finds_nothing_is_empty(version: int) -> None:
    answers: dict[type, Any] = {scanner.ReqScannerSubscription: lambda m: [connection.Error(m.reqId, 165, EMPTY)]}
    async with connected(answers, version) as (ib, server):
        assert list(await ib.reqScannerDataAsync(GAINERS)) == []
        await server.wait_for(scanner.CancelScannerSubscription)


async def test_a_lack_of_rights_does_not_end_a_scan() -> None:
    def warn(message: Any) -> list[Any]:
        warning = connection.Error(message.reqId, 492, "You must subscribe for additional permissions")
        return [warning, scanner.ScannerData(message.reqId, rows(1))]

    async with connected({scanner.ReqScannerSubscription: warn}) as (ib, _):
        assert shown(await ib.reqScannerDataAsync(GAINERS)) == [1]


async def test_one_answer_is_enough_and_then_it_is_cancelled_once() -> None:
    def answer(message: Any) -> list[Any]:
        return [scanner.ScannerData(message.reqId, rows(1)), scanner.ScannerData(message.reqId, rows(2))]

    async with connected({scanner.ReqScannerSubscription: answer}) as (ib, server):
        await ib.reqScannerDataAsync(GAINERS)
        await ib.reqExecutionsAsync()
        assert len(server.of(scanner.CancelScannerSubscription)) == 1


async def test_a_refusal_ends_a_scan_and_nothing_is_cancelled() -> None:
    refuse: dict[type, Any] = {scanner.ReqScannerSubscription: lambda m: [connection.Error(m.reqId, 162, "no")]}
    async with connected(refuse) as (ib, server):
        scan = ib.reqScannerSubscription(GAINERS)
        await ib.errorEvent
        assert list(await ib.reqScannerDataAsync(GAINERS)) == []
        server.send(scanner.ScannerData(scan.reqId, rows(1)))
        await ib.reqExecutionsAsync()
        assert not scan
        assert not server.of(scanner.CancelScannerSubscription)


async def test_a_loss_of_the_connection_leaves_the_rows() -> None:
    async with connected() as (ib, server):
        scan = ib.reqScannerSubscription(GAINERS)
        (request,) = await server.wait_for(scanner.ReqScannerSubscription)
        server.send(scanner.ScannerData(request.reqId, rows(1)), CLOSE)
        await ib.disconnectedEvent
        assert shown(scan) == [1]
        with pytest.raises(ConnectionError):
            ib.reqScannerSubscription(GAINERS)


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)
