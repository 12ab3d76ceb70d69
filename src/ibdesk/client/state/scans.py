"""Decides how the rows of a scanner become the list that users hold; it must not know what was scanned for."""

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.bar_lists import ScanDataList
from ibdesk.model.contract_details import ContractDetails, ScanData
from ibdesk.wire.messages.scanner import ScannerRow


def scanned(rows: list[ScannerRow], scan: ScanDataList) -> Emissions:
    """All rows of a scan as they are now; none when nothing fits any more."""
    scan[:] = [
        ScanData(
            row.rank,
            ContractDetails(contract=row.contract, marketName=row.marketName),
            row.distance,
            row.benchmark,
            row.projection,
            row.legsStr,
        )
        for row in rows
    ]
    return [Emit("scannerDataEvent", (scan,)), Emit(scan.updateEvent, (scan,))]
