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
        found: list[ContractDescription] = await in_time(self, request, LOOKUP)
        return found

    reqMatchingSymbols = blocking(reqMatchingSymbolsAsync)

    async def reqFamilyCodesAsync(self) -> list[FamilyCode]:
        """The accounts of this login with the families that they belong to."""
        found: list[FamilyCode] = await in_time(self, reference.ReqFamilyCodes(), LOOKUP)
        return found

    reqFamilyCodes = blocking(reqFamilyCodesAsync)

    async def reqSoftDollarTiersAsync(self) -> list[SoftDollarTier]:
        """The soft dollar tiers that an order may name; none for most accounts."""
        found: list[SoftDollarTier] = await in_time(self, reference.ReqSoftDollarTiers(self.client.next_id()), LOOKUP)
        return found

    reqSoftDollarTiers = blocking(reqSoftDollarTiersAsync)
