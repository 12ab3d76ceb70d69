"""How contracts are looked up and qualified; not what is traded."""

import asyncio
import logging

from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.fields import dataclassUpdate
from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.contracts import ReqContractDetails

_log = logging.getLogger("ibdesk.ib")


class Contracts(ApiGroup):
    """Look up contracts."""

    async def reqContractDetailsAsync(self, contract: Contract) -> list[ContractDetails]:
        """Every contract that fits the given one, with its details; an empty list when there is none.

        With `RaiseRequestErrors` a contract that fits nothing raises `RequestError` with code 200.
        """
        reqId = self.client.getReqId()
        request, cancel = ReqContractDetails(reqId, contract), CancelContractData(reqId)
        found: list[ContractDetails] = await self.session.ask(request, contract, cancel=cancel)
        return found

    reqContractDetails = blocking(reqContractDetailsAsync)

    async def qualifyContractsAsync(
        self, *contracts: Contract, returnAll: bool = False
    ) -> list[Contract | list[Contract] | None]:
        """Fill in what the given contracts leave open, in place.

        The list has them in the same order, with None for one that fits nothing or several; with `returnAll`, those
        that it fits instead of None.
        """
        details = await asyncio.gather(*(self.reqContractDetailsAsync(contract) for contract in contracts))
        return [_qualified(contract, found, returnAll) for contract, found in zip(contracts, details, strict=True)]

    qualifyContracts = blocking(qualifyContractsAsync)


def _qualified(
    contract: Contract, details: list[ContractDetails], return_all: bool
) -> Contract | list[Contract] | None:
    possible = [found.contract for found in details if found.contract is not None]
    if not possible:
        _log.warning("Unknown contract: %s", contract)
        return None
    if len(possible) > 1 and contract.secType:
        # A lookup of FOP also brings event contracts, which have another type.
        possible = [found for found in possible if found.secType == contract.secType]
    if len(possible) != 1:
        _log.warning("Ambiguous contract: %s, possibles are %s", contract, possible)
        return possible if return_all else None
    (found,) = possible
    if contract.exchange == "SMART":
        found.exchange = contract.exchange
    return dataclassUpdate(contract, found)
