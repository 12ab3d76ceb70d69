"""What is found when contracts are looked up: bonds, and which of the rows of an instrument is taken."""

import copy
import pickle
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from client.asking import connected
from client.scripted import serving
from hypothesis import given
from hypothesis import strategies as st

from ibdesk import IB, Bond, Option, Stock
from ibdesk.client.api.contracts import Qualified, _instruments
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire import versions as V
from ibdesk.wire.messages import contracts
from ibdesk.wire.messages.bonds import BondContractData
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails

KNOWN = {"AAPL": [265598], "AMD": [4391], "TWO": [1, 2]}

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


# --- rows of one instrument -----------------------------------------------------------------------------------------


def _rows(*contracts: Contract) -> Any:
    found = [ContractDetails(contract=one) for one in contracts]
    return {
        ReqContractDetails: lambda m: [*(ContractData(m.reqId, one) for one in found), ContractDataEnd(m.reqId)],
    }


def _put(exchange: str, conId: int = 611049133, strike: float = 15.0) -> Contract:
    return Contract("OPT", conId, "TSLA", "20230310", strike, "P", "100", exchange, currency="USD", tradingClass="TSLA")


async def test_an_instrument_that_is_listed_at_many_exchanges_is_not_ambiguous(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """ib_insync#564: an option was asked for without an exchange, and came in a row for each."""
    async with connected(_rows(_put("AMEX"), _put("SMART"), _put("CBOE"))) as (ib, _):
        ib.strict = True
        option = Option("TSLA", "20230310", 15.0, "PUT")
        assert await ib.qualifyContractsAsync(option) == [option]
        assert (option.conId, option.exchange, option.right) == (611049133, "SMART", "P")
        assert [one for one in caplog.records if one.name.startswith("ibdesk")] == []


async def test_two_instruments_are_ambiguous_and_told_once_each() -> None:
    rows = [_put("AMEX"), _put("SMART"), _put("AMEX", 7, 16.0), _put("SMART", 7, 16.0)]
    async with connected(_rows(*rows)) as (ib, _):
        assert await ib.qualifyContractsAsync(Option("TSLA", "20230310", right="P")) == [None]
        ((one, other),) = await ib.qualifyContractsAsync(Option("TSLA", "20230310", right="P"), returnAll=True)
        assert [(one.conId, one.exchange), (other.conId, other.exchange)] == [(611049133, "SMART"), (7, "SMART")]
        ib.strict = True
        with pytest.raises(ValueError, match=r"possibles are \[[^]]*611049133[^]]*conId=7[^]]*\]") as told:
            await ib.qualifyContractsAsync(Option("TSLA", "20230310", right="P"))
        assert "AMEX" not in str(told.value)


def _listed(exchange: str) -> Contract:
    return Stock("VOD", exchange, "GBP", conId=149010473, primaryExchange="LSE")


@pytest.mark.parametrize(
    ("asked", "exchanges", "taken"),
    [
        ("", {"SMART", "LSE", "CHIXUK"}, "SMART"),
        ("", {"LSE", "CHIXUK"}, "LSE"),
        ("CHIXUK", {"SMART", "LSE", "CHIXUK"}, "CHIXUK"),
        ("SMART", {"LSE", "CHIXUK"}, "LSE"),
    ],
)
@given(data=st.data())
def test_which_row_is_taken_does_not_depend_on_their_order(
    asked: str, exchanges: set[str], taken: str, data: st.DataObject
) -> None:
    rows = [_listed(exchange) for exchange in data.draw(st.permutations(sorted(exchanges)))]
    (row,) = _instruments(Stock("VOD", asked, "GBP"), rows)
    assert row.exchange == taken


def test_of_rows_that_are_no_better_than_others_the_first_is_taken() -> None:
    rows = [Stock("VOD", exchange, "GBP", conId=149010473) for exchange in ("CHIXUK", "BATEUK")]
    assert [one.exchange for one in _instruments(Stock("VOD"), rows)] == ["CHIXUK"]


def look_up(message: contracts.ReqContractDetails) -> Iterable[Any]:
    symbol = message.contract.symbol
    if symbol not in KNOWN:
        return [Error(message.reqId, 200, "No security definition has been found for the request")]
    found = [Stock(symbol, "SMART", "USD", conId=conId) for conId in KNOWN[symbol]]
    details = [contracts.ContractData(message.reqId, ContractDetails(contract=one)) for one in found]
    return [*details, contracts.ContractDataEnd(message.reqId)]


async def qualify(*symbols: str, **options: Any) -> "Qualified[Any]":
    async with serving({contracts.ReqContractDetails: look_up}) as server:
        ib = IB()
        await ib.connectAsync("127.0.0.1", server.port)
        with ib:
            return await ib.qualifyContractsAsync(*(Stock(one, "SMART", "USD") for one in symbols), **options)


@pytest.mark.parametrize(
    ("symbols", "conIds"),
    [
        ((), []),
        (("NONE",), [None]),
        (("TWO",), [None]),
        (("NONE", "TWO"), [None, None]),
        (("AAPL",), [265598]),
        (("NONE", "AAPL"), [None, 265598]),
        (("AAPL", "AMD"), [265598, 4391]),
    ],
)
async def test_it_is_false_when_nothing_was_qualified(symbols: tuple[str, ...], conIds: list[int | None]) -> None:
    found = await qualify(*symbols)
    assert [one and one.conId for one in found] == conIds
    assert bool(found) is any(conIds)


async def test_candidates_are_not_qualified() -> None:
    found = await qualify("TWO", returnAll=True)
    assert [[one.conId for one in candidates] for candidates in found] == [[1, 2]]
    assert not found
    assert await qualify("TWO", "AMD", returnAll=True)


async def test_it_is_a_list_in_every_other_way() -> None:
    unknown = await qualify("NONE")
    assert isinstance(unknown, list)
    assert unknown == [None]
    assert len(unknown) == 1
    assert unknown[0] is None
    assert repr(unknown) == "[None]"
    [nothing] = unknown
    assert nothing is None
    assert [*unknown, 1] == [None, 1]
    for again in (copy.copy(unknown), copy.deepcopy(unknown), pickle.loads(pickle.dumps(unknown))):
        assert again == [None]
        assert not again
    unknown.append(Contract(conId=1))
    assert unknown


def test_any_contract_counts() -> None:
    assert Qualified([Option(conId=1)])
    assert Qualified([None, Contract()])
