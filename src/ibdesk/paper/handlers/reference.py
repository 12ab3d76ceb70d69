"""Answers about what stands beside contracts: symbols, price steps, exchanges."""

from ibdesk.model.contract import Contract
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.messages.reference import (
    ContractDescription,
    MarketRule,
    PriceIncrement,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSmartComponents,
    SmartComponent,
    SmartComponents,
    SymbolSamples,
)

from ..client import Client
from ..instruments import Invalid
from ..instruments.exchanges import COMPONENTS
from ..instruments.symbols import Match, matching
from .group import HandlerGroup, answers


class ReferenceHandlers(HandlerGroup):
    """Handlers that answer at once and keep nothing."""

    @answers(ReqMatchingSymbols)
    def _search(self, client: Client, request: ReqMatchingSymbols) -> None:
        client.send(SymbolSamples(request.reqId, [_told(match) for match in matching(request.pattern)]))

    @answers(ReqMarketRule)
    def _tell_rule(self, client: Client, request: ReqMarketRule) -> None:
        try:
            steps = self._broker.market.instruments.market_rule(request.marketRuleId)
        except KeyError:
            text = "Error processing request.-'reqMarketRule' : cause - unknown market rule"
            client.tell_error(NO_REQUEST, 322, text, self._broker.now)
            return
        client.send(MarketRule(request.marketRuleId, [PriceIncrement(*step) for step in steps]))

    @answers(ReqSmartComponents)
    def _tell_components(self, client: Client, request: ReqSmartComponents) -> None:
        found = COMPONENTS.get(request.bboExchange)
        if found is None:
            raise Invalid("V", "Invalid BBO exchange/security type code")
        client.send(SmartComponents(request.reqId, [SmartComponent(*each) for each in found]))


def _told(match: Match) -> ContractDescription:
    instrument = match.instrument
    contract = Contract(
        conId=instrument.conId,
        symbol=instrument.symbol,
        secType=instrument.secType,
        primaryExchange=instrument.primaryExchange or instrument.kind.exchanges[0],
        currency=instrument.currency,
        description=instrument.longName,
    )
    return ContractDescription(contract, match.derivatives)
