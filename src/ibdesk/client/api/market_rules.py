"""How price steps and the exchanges behind a quote are looked up; not how they are used."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.client.state.known import known
from ibdesk.model.reference import PriceIncrement, SmartComponent
from ibdesk.wire.messages.reference import ReqMarketRule, ReqSmartComponents

MARKET_RULE = 1.0
"""How long a market rule is waited for, in seconds. The refusal of one that does not exist names no request."""


class MarketRules(ApiGroup):
    """Look up the rules of a market."""

    async def reqMarketRuleAsync(self, marketRuleId: int) -> list[PriceIncrement] | None:
        """The price steps of a market rule, from the lowest price on; None when there is no such rule.

        `marketRuleId` is one of `ContractDetails.marketRuleIds`, a text with one for each of its `validExchanges`,
        separated by commas. Source: TWS API documentation, "Minimum Price Increment".
        """
        request = ReqMarketRule(int(marketRuleId))
        answer = await in_time(self, request, MARKET_RULE)
        steps = [step for message in answer for step in message.priceIncrements]
        return [PriceIncrement(known(step.lowEdge), known(step.increment)) for step in steps] or None

    reqMarketRule = blocking(reqMarketRuleAsync)

    async def reqSmartComponentsAsync(self, bboExchange: str) -> list[SmartComponent]:
        """The exchanges behind a consolidated quote, with their letters; an empty list while they are closed.

        `bboExchange` is the code of that name on a ticker. The letters are those in `ticker.bidExchange`, `askExchange`
        and `lastExchange`. Source: TWS API documentation, "Component Exchanges".
        """
        request = ReqSmartComponents(self.client.next_id(), bboExchange)
        answer = await in_time(self, request, LOOKUP)
        found = [one for message in answer for one in message.smartComponents]
        return [SmartComponent(one.bitNumber, one.exchange, one.exchangeLetter) for one in found]

    reqSmartComponents = blocking(reqSmartComponentsAsync)
