"""Methods of `IB` that look up symbols, account families and soft dollar tiers."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract_details import ContractDescription
from ibdesk.model.reference import FamilyCode
from ibdesk.wire.messages import reference


class Lookups(ApiGroup):
    """Symbols, account families and soft dollar tiers."""

    async def reqMatchingSymbolsAsync(self, pattern: str) -> list[ContractDescription]:
        """Return up to 16 contracts whose symbol begins with `pattern`, or whose company's name contains it.

        The server answers one such request per second. Source: TWS API documentation, "Stock Symbol Search".
        """
        request = reference.ReqMatchingSymbols(self.client.next_id(), pattern)
        return [
            ContractDescription(found.contract, found.derivativeSecTypes)
            for message in await in_time(self, request, LOOKUP)
            for found in message.contractDescriptions
        ]

    reqMatchingSymbols = blocking(reqMatchingSymbolsAsync)

    async def reqFamilyCodesAsync(self) -> list[FamilyCode]:
        """Return the accounts of this login, with the families of accounts to which they belong."""
        answer = await in_time(self, reference.ReqFamilyCodes(), LOOKUP)
        return [FamilyCode(one.accountID, one.familyCodeStr) for message in answer for one in message.familyCodes]

    reqFamilyCodes = blocking(reqFamilyCodesAsync)

    async def reqSoftDollarTiersAsync(self) -> list[SoftDollarTier]:
        """Return the soft dollar tiers that an order may have as its `softDollarTier`. Most accounts have none."""
        answer = await in_time(self, reference.ReqSoftDollarTiers(self.client.next_id()), LOOKUP)
        return [tier for message in answer for tier in message.tiers]

    reqSoftDollarTiers = blocking(reqSoftDollarTiersAsync)
