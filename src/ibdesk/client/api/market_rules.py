"""Methods of `IB` that look up price increments, and the exchanges behind a consolidated quote."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.client.state.known import known
from ibdesk.model.reference import PriceIncrement, SmartComponent
from ibdesk.wire.messages.reference import ReqMarketRule, ReqSmartComponents

MARKET_RULE = 1.0
"""How many seconds to wait for a market rule.

If it does not exist, the server sends an error from which it cannot be seen which request it refuses.
"""


class MarketRules(ApiGroup):
    """Price increments, and the exchanges behind a quote."""

    async def reqMarketRuleAsync(self, marketRuleId: int) -> list[PriceIncrement] | None:
        """Return the price increments of a market rule, from the lowest price on, or None if there is no such rule.

        `marketRuleId` is one of the numbers in `ContractDetails.marketRuleIds`, which has one for each of the
        `validExchanges`, separated by commas. Source: TWS API documentation, "Minimum Price Increment".
        """
        request = ReqMarketRule(int(marketRuleId))
        answer = await in_time(self, request, MARKET_RULE)
        steps = [step for message in answer for step in message.priceIncrements]
        return [PriceIncrement(known(step.lowEdge), known(step.increment)) for step in steps] or None

    reqMarketRule = blocking(reqMarketRuleAsync)

    async def reqSmartComponentsAsync(self, bboExchange: str) -> list[SmartComponent]:
        """Return the exchanges behind a consolidated quote, with their letters. Empty while they are closed.

        `bboExchange` is the ticker's attribute of that name. The letters are those in the ticker's `bidExchange`,
        `askExchange` and `lastExchange`. Source: TWS API documentation, "Component Exchanges".
        """
        request = ReqSmartComponents(self.client.next_id(), bboExchange)
        answer = await in_time(self, request, LOOKUP)
        found = [one for message in answer for one in message.smartComponents]
        return [SmartComponent(one.bitNumber, one.exchange, one.exchangeLetter) for one in found]

    reqSmartComponents = blocking(reqSmartComponentsAsync)
