"""What `qualifyContracts` returns: a list that is false when nothing in it was qualified."""

import copy
import pickle
from collections.abc import Iterable
from typing import Any

import pytest
from client.scripted import serving

from ibdesk import IB, Contract, ContractDetails, Option, Stock
from ibdesk.client.api.contracts import Qualified
from ibdesk.wire.messages import contracts
from ibdesk.wire.messages.connection import Error

KNOWN = {"AAPL": [265598], "AMD": [4391], "TWO": [1, 2]}


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
