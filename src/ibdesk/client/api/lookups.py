"""How what stands beside contracts is looked up: symbols, families, tiers; not what is traded."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract_details import ContractDescription
from ibdesk.model.reference import FamilyCode
from ibdesk.wire.messages import reference


class Lookups(ApiGroup):
    """Look things up."""

    async def reqMatchingSymbolsAsync(self, pattern: str) -> list[ContractDescription]:
        """The contracts, 16 at most, whose symbol begins with `pattern` or whose company's name contains it.

        One such request a second is answered. Source: TWS API documentation, "Stock Symbol Search".
        """
        request = reference.ReqMatchingSymbols(self.client.next_id(), pattern)
        return [
            ContractDescription(found.contract, found.derivativeSecTypes)
            for message in await in_time(self, request, LOOKUP)
            for found in message.contractDescriptions
        ]

    reqMatchingSymbols = blocking(reqMatchingSymbolsAsync)

    async def reqFamilyCodesAsync(self) -> list[FamilyCode]:
        """The accounts of this login with the families that they belong to."""
        answer = await in_time(self, reference.ReqFamilyCodes(), LOOKUP)
        return [FamilyCode(one.accountID, one.familyCodeStr) for message in answer for one in message.familyCodes]

    reqFamilyCodes = blocking(reqFamilyCodesAsync)

    async def reqSoftDollarTiersAsync(self) -> list[SoftDollarTier]:
        """The soft dollar tiers that an order may name; none for most accounts."""
        answer = await in_time(self, reference.ReqSoftDollarTiers(self.client.next_id()), LOOKUP)
        return [tier for message in answer for tier in message.tiers]

    reqSoftDollarTiers = blocking(reqSoftDollarTiersAsync)
