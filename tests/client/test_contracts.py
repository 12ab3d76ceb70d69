"""What is found when contracts are looked up: bonds, and which of the rows of an instrument is taken."""

from dataclasses import replace
from typing import Any

import pytest
from client.asking import connected

from ibdesk import Bond
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire import versions as V
from ibdesk.wire.messages.bonds import BondContractData
from ibdesk.wire.messages.contracts import ContractDataEnd, ReqContractDetails

# --- bonds ----------------------------------------------------------------------------------------------------------

NOTE = Contract(
    secType="BOND",
    conId=762450178,
    symbol="IBCID762450178",
    exchange="SMART",
    currency="USD",
    tradingClass="NOTE",
)
TOLD = ContractDetails(
    contract=NOTE,
    marketName="US Treasury",
    minTick=0.001,
    orderTypes="LMT,MKT",
    validExchanges="SMART,TRADEWEBG",
    secIdList=[TagValue("ISIN", "US91282CAA00")],
    cusip="91282CAA0",
    ratings="Aaa",
    descAppend="UNITED STATES TREASURY",
    bondType="GOVT",
    couponType="FIXED",
    callable=True,
    putable=True,
    coupon=4.25,
    convertible=True,
    issueDate="20260115",
    nextOptionDate="20290115",
    nextOptionType="CALL",
    nextOptionPartial=True,
    notes="called at par",
)


def _bond(maturity: str) -> Any:
    contract = replace(NOTE, lastTradeDateOrContractMonth=maturity)
    details = replace(TOLD, contract=contract)
    return {ReqContractDetails: lambda m: [BondContractData(m.reqId, details), ContractDataEnd(m.reqId)]}


@pytest.mark.parametrize("version", [V.MIN, 178, V.PROTOBUF_CONTRACT_DATA - 1, V.PROTOBUF_CONTRACT_DATA, V.MAX])
async def test_a_bond_is_found_with_all_that_is_told_of_it(version: int) -> None:
    """ib_insync#507 and #162: the answer for bonds is a message of its own."""
    async with connected(_bond("20310115"), version) as (ib, _):
        bond = Bond(secIdType="CUSIP", secId="91282CAA0", exchange="SMART", currency="USD")
        (found,) = await ib.reqContractDetailsAsync(bond)
        assert (found.contract.conId, found.maturity, found.coupon) == (762450178, "20310115", 4.25)
        assert found == replace(TOLD, maturity="20310115")
        assert await ib.qualifyContractsAsync(bond) == [bond]
        assert (bond.conId, bond.tradingClass) == (762450178, "NOTE")
        assert not ib.client.requests.late


@pytest.mark.parametrize("version", [178, V.MAX])
async def test_the_time_of_day_at_which_a_bond_matures(version: int) -> None:
    async with connected(_bond("20310115 08:30 US/Eastern"), version) as (ib, _):
        (found,) = await ib.reqContractDetailsAsync(Bond(conId=762450178))
        assert (found.maturity, found.lastTradeTime, found.timeZoneId) == ("20310115", "08:30", "US/Eastern")
