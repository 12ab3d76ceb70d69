"""Who is told the rows of a scan, at once and again, and what is refused."""

from xml.etree.ElementTree import fromstring

import pytest

from ibdesk.model.contract import TagValue
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.scanner import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
    ScannerData,
    ScannerQuery,
)

GAINERS = ScannerQuery(5, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN")
SERVICE = "Historical Market Data Service error message:"


@pytest.mark.parametrize("version", [V.MIN, V.MAX])
def test_rows_at_once_and_every_half_minute(gateway, version):
    client = gateway.connect(1, version)
    (first,) = client.ask(ReqScannerSubscription(3, GAINERS))
    assert [row.rank for row in first.rows] == [0, 1, 2, 3, 4]
    row = first.rows[0]
    assert (row.contract.secType, row.contract.exchange, row.contract.currency) == ("STK", "SMART", "USD")
    assert row.contract.conId
    assert row.contract.symbol == row.contract.localSymbol
    assert row.marketName == row.contract.tradingClass
    gateway.wait(29.9)
    assert client.heard() == []
    gateway.wait(0.1)
    (second,) = client.heard()
    assert isinstance(second, ScannerData)
    assert len(second.rows) == 5


def test_a_scan_goes_on_until_it_is_cancelled(client, gateway):
    client.ask(ReqScannerSubscription(3, GAINERS))
    (answer,) = client.ask(CancelScannerSubscription(3))
    assert answer.errorString == f"{SERVICE}API scanner subscription cancelled: 3"
    assert (answer.reqId, answer.errorCode) == (3, 162)
    assert gateway.router.next_due is None
    (answer,) = client.ask(CancelScannerSubscription(3))
    assert (answer.errorCode, answer.errorString) == (365, "No scanner subscription found for ticker id:3")


def test_a_scan_that_finds_nothing_says_so_and_goes_on(client, gateway):
    query = ScannerQuery(5, "STK", "STK.US", "HALTED")
    for _ in range(2):
        (answer,) = client.ask(ReqScannerSubscription(3, query)) if gateway.router.next_due is None else client.heard()
        assert (answer.reqId, answer.errorCode) == (3, 165)
        assert answer.errorString == "Historical Market Data Service query message:no items retrieved"
        gateway.wait(30)


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        (ScannerQuery(5, "STK", "STK.US", "NO_SUCH"), "Scanner type with code NO_SUCH is disabled."),
        (ScannerQuery(5, "IND.US", "IND.US", "MOST_ACTIVE"), "Scanner type with code MOST_ACTIVE is disabled."),
        (
            ScannerQuery(5, "STK", "STK.MARS", "MOST_ACTIVE"),
            "Error: Market Scanner is not configured for one of the chosen locations.",
        ),
        (
            ScannerQuery(5, "STK", "STK.US,FUT.US", "MOST_ACTIVE"),
            "Error: Market Scanner is not configured for one of the chosen locations.",
        ),
        (ScannerQuery(5, "STK", "STK.US", "MOST_ACTIVE", marketCapAbove=1.0), "marketCapAbove1e6"),
        (
            ScannerQuery(
                5, "STK", "STK.US", "MOST_ACTIVE", scannerSubscriptionFilterOptions=[TagValue("optVolumeAbove", "1")]
            ),
            "Scanner filter optVolumeAbove is disabled.",
        ),
        (
            ScannerQuery(
                5, "STK", "STK.US", "MOST_ACTIVE", scannerSubscriptionFilterOptions=[TagValue("priceAbove", "dear")]
            ),
            "Scanner filter priceAbove needs a number, not 'dear'.",
        ),
    ],
)
def test_what_cannot_be_scanned_is_refused(client, gateway, query, cause):
    (answer,) = client.ask(ReqScannerSubscription(3, query))
    assert (answer.reqId, answer.errorCode) == (3, 162)
    assert answer.errorString.startswith(SERVICE)
    assert cause in answer.errorString
    assert gateway.router.next_due is None


def test_ten_scans_at_most_and_each_id_once(client, gateway):
    for reqId in range(9):
        client.ask(ReqScannerSubscription(reqId, GAINERS))
    (answer,) = client.ask(ReqScannerSubscription(3, GAINERS))
    head = "Error processing request.-'co' : cause - "
    assert (answer.errorCode, answer.errorString) == (322, f"{head}Duplicate ticker ID for API scanner subscription")
    client.ask(ReqScannerSubscription(9, GAINERS))
    (answer,) = client.ask(ReqScannerSubscription(10, GAINERS))
    text = f"{head}Only 10 simultaneous API scanner subscriptions are allowed."
    assert (answer.reqId, answer.errorCode, answer.errorString) == (10, 322, text)
    assert isinstance(gateway.connect(2).ask(ReqScannerSubscription(10, GAINERS))[-1], ScannerData)


def test_a_client_that_does_not_read_gets_its_rows_later(client, gateway):
    client.ask(ReqScannerSubscription(3, GAINERS))
    client.seat.is_congested = True
    gateway.wait(300)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    assert len(client.heard()) == 1


def test_the_scans_of_a_client_that_is_gone_end(client, gateway):
    client.ask(ReqScannerSubscription(3, GAINERS))
    gateway.router.disconnect(client.seat)
    assert gateway.router.next_due is None
    gateway.wait(60)
    assert client.heard() == []


@pytest.mark.parametrize("version", [V.MIN, V.MAX])
def test_what_is_offered_can_be_scanned(gateway, version):
    client = gateway.connect(1, version)
    (answer,) = client.ask(ReqScannerParameters())
    root = fromstring(answer.xml)  # it comes from the test's own gateway
    places = {one.findtext("instruments"): one.findtext("locationCode") for one in root.iter("Location")}
    scans = [(one.findtext("scanCode"), one.findtext("instruments").split(",")) for one in root.iter("ScanType")]
    tried = 0
    for scan, instruments in scans:
        for instrument in instruments:
            query = ScannerQuery(-1, instrument, places[instrument], scan)
            (rows,) = client.ask(ReqScannerSubscription(tried, query))
            assert not isinstance(rows, Error) or rows.errorCode == 165
            client.ask(CancelScannerSubscription(tried))
            tried += 1
    assert tried > 50
