"""How contracts are looked up and qualified; not what is traded."""

from collections.abc import Hashable
from typing import Any, Literal, TypeVar, overload

from ibdesk.client.api.deadlines import HISTORY, all_of, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.client.state.known import all_known
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.fields import dataclassUpdate
from ibdesk.wire.messages.bonds import BondContractData, CancelContractData, with_maturity
from ibdesk.wire.messages.contracts import ContractData, ReqContractDetails

_log = logger("ibdesk.ib")

T = TypeVar("T")


class Qualified(list[T]):
    """What `qualifyContracts` made of each contract that it was given, in their order.

    It is false when nothing in it was qualified, so that `if not ib.qualifyContracts(contract)` finds an unknown
    contract, although there is a None for it. In every other way it is a list.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return any(isinstance(one, Contract) for one in self)


class Contracts(ApiGroup):
    """Look up contracts."""

    async def reqContractDetailsAsync(self, contract: Contract) -> list[ContractDetails]:
        """Every contract that fits the given one, with its details; an empty list when there is none.

        What is left open, fits all: `Option("SPY", "20260619")` finds all strikes of that day, and a contract without
        an `exchange` comes once for each exchange that lists it. `conId` alone is enough.

        With `RaiseRequestErrors` a contract that fits nothing raises `RequestError` with code 200. A minute of silence
        raises `RequestTimeout`, for the server knows what it does not tell.

        Source: TWS API documentation, "Contract Details".
        """
        reqId = self.client.next_id()
        request, cancel = ReqContractDetails(reqId, contract), CancelContractData(reqId)
        waiting = in_time(self, request, HISTORY, contract=contract, cancel=cancel, must_answer=True)
        return [_details(message) for message in await waiting]

    reqContractDetails = blocking(reqContractDetailsAsync)

    @overload
    async def qualifyContractsAsync(
        self, *contracts: Contract, returnAll: Literal[False] = False
    ) -> Qualified[Contract | Any]: ...
    @overload
    async def qualifyContractsAsync(
        self, *contracts: Contract, returnAll: bool
    ) -> Qualified[Contract | list[Contract] | None]: ...
    async def qualifyContractsAsync(self, *contracts: Contract, returnAll: bool = False) -> Qualified[Any]:
        """Fill in what the given contracts leave open, in place.

        The list has them in the same order, with None for one that fits nothing or several instruments; with
        `returnAll`, those that it fits instead of None. It is false when none of them was qualified. An instrument that
        is listed at many exchanges is one: without an `exchange` it gets SMART where it has that, else its primary
        exchange.

        With `IB(strict=True)` there is no None: what fits nothing raises `RequestError`, and what is ambiguous
        `ValueError` that names the candidates, unless `returnAll` asks for them.
        """
        details = await all_of(self.reqContractDetailsAsync(contract) for contract in contracts)
        pairs = zip(contracts, details, strict=True)
        return Qualified(_qualified(contract, found, returnAll, self.strict) for contract, found in pairs)

    qualifyContracts = blocking(qualifyContractsAsync)


def _details(message: ContractData | BondContractData) -> ContractDetails:
    found = message.contractDetails
    return all_known(with_maturity(found) if isinstance(message, BondContractData) else found)


def _qualified(
    contract: Contract, details: list[ContractDetails], return_all: bool, strict: bool
) -> Contract | list[Contract] | None:
    possible = [found.contract for found in details if found.contract is not None]
    if not possible:
        _log.warning("Unknown contract: %s", contract)
        return None
    if len(possible) > 1 and contract.secType:
        # A lookup of FOP also brings event contracts, which have another type.
        possible = [found for found in possible if found.secType == contract.secType]
    possible = _instruments(contract, possible)
    if len(possible) != 1:
        if strict and not return_all:
            raise ValueError(f"Ambiguous contract: {contract}, possibles are {possible}")
        _log.warning("Ambiguous contract: %s, possibles are %s", contract, possible)
        return possible if return_all else None
    (found,) = possible
    if contract.exchange == "SMART":
        found.exchange = contract.exchange
    return dataclassUpdate(contract, found)


def _instruments(contract: Contract, rows: list[Contract]) -> list[Contract]:
    """Each instrument once. One that is listed at many exchanges comes as a row for each, unless one was asked for.

    Of its rows that is taken whose exchange was asked for, else that of SMART, that of its primary exchange, the first.
    """
    listed: dict[Hashable, list[Contract]] = {}
    for row in rows:
        listed.setdefault(row.key(), []).append(row)
    return [min(several, key=lambda row: _rank(contract, row)) for several in listed.values()]


def _rank(contract: Contract, row: Contract) -> tuple[bool, bool, bool]:
    return row.exchange != contract.exchange, row.exchange != "SMART", row.exchange != row.primaryExchange
