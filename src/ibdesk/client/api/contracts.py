"""Methods of `IB` that look contracts up, and complete them."""

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
    """The result of `qualifyContracts`: a list with an entry for each contract that it was given, in their order.

    Unlike other lists it is false if none of the contracts was qualified. So `if not ib.qualifyContracts(contract)`
    notices an unknown contract, for which the list has None.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return any(isinstance(one, Contract) for one in self)


class Contracts(ApiGroup):
    """Contracts and their details."""

    async def reqContractDetailsAsync(self, contract: Contract) -> list[ContractDetails]:
        """Return every contract that matches the given one, with its details. The list is empty if there is none.

        Fields that are not set match anything: `Option("SPY", "20260619")` finds all strikes of that day, and a
        contract without an `exchange` is returned once for each exchange that lists it. `conId` alone is enough.

        With `RaiseRequestErrors`, a contract that matches nothing raises `RequestError` with code 200. If the server is
        silent for a minute, it always raises `RequestTimeout`, since an empty list would mean that nothing matches.

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
        """Fill in the fields that the given contracts leave open, in place, and return the contracts in a list.

        The list has the same order. It has None for a contract that matches no instrument or several; with `returnAll`,
        the list of candidates if it matches several. It is false if no contract was qualified. An instrument that
        several exchanges list counts once: if the contract has no `exchange` it gets SMART, where that is possible, or
        else the primary exchange.

        With `IB(strict=True)`, a contract that matches nothing raises `RequestError`, and one that matches several
        `ValueError`, which names the candidates, unless `returnAll` is set.
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
    """Return one row for each instrument: the server sends a row for each exchange that lists it.

    It is the row of the exchange that `contract` names, else of SMART, else of the primary exchange, else the first.
    """
    listed: dict[Hashable, list[Contract]] = {}
    for row in rows:
        listed.setdefault(row.key(), []).append(row)
    return [min(several, key=lambda row: _rank(contract, row)) for several in listed.values()]


def _rank(contract: Contract, row: Contract) -> tuple[bool, bool, bool]:
    return row.exchange != contract.exchange, row.exchange != "SMART", row.exchange != row.primaryExchange
