"""Market scans: the rows of each answer replace those in the list that the program holds."""

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.bar_lists import ScanDataList
from ibdesk.model.contract_details import ContractDetails, ScanData
from ibdesk.wire.messages.scanner import ScannerRow


def scanned(rows: list[ScannerRow], scan: ScanDataList) -> Emissions:
    """Replace all rows of a scan. There are none if no instrument matches any more."""
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
