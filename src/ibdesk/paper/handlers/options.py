"""Answers with option chains, and with calculations of prices and volatilities."""

from ibdesk.model.contract import Contract
from ibdesk.wire.messages.options import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
    ReqSecDefOptParams,
    SecurityDefinitionOptionParameter,
    SecurityDefinitionOptionParameterEnd,
    TickOptionComputation,
)

from ..client import Client
from ..instruments import Instrument, Invalid
from ..market.calculation import implied_volatility, option_price
from .group import HandlerGroup, answers

CUSTOM = 53
"""The tick type of what was calculated on request."""

_ON_PRICES = 1
_VOLATILITY_TAG, _PRICE_TAG = "bI", "bJ"


class OptionHandlers(HandlerGroup):
    """Handlers that answer at once and keep nothing, so that there is never a calculation to cancel."""

    @answers(ReqSecDefOptParams)
    def _tell_chains(self, client: Client, request: ReqSecDefOptParams) -> None:
        chains = self._broker.market.instruments.option_chain(
            request.underlyingSymbol, request.futFopExchange, request.underlyingSecType, request.underlyingConId
        )
        for chain in chains:
            client.send(
                SecurityDefinitionOptionParameter(
                    request.reqId,
                    chain.exchange,
                    chain.underlyingConId,
                    chain.tradingClass,
                    chain.multiplier,
                    list(chain.expirations),
                    list(chain.strikes),
                )
            )
        client.send(SecurityDefinitionOptionParameterEnd(request.reqId))

    @answers(CalculateImpliedVolatility)
    def _calculate_volatility(self, client: Client, request: CalculateImpliedVolatility) -> None:
        option = self._option(request.contract, _VOLATILITY_TAG, "Implied Volatility")
        found = None
        if request.optionPrice > 0 and request.underPrice > 0:
            found = implied_volatility(option, request.optionPrice, request.underPrice, self._broker.now)
        if found is None:
            # No volatility gives such a price.
            told = TickOptionComputation(
                request.reqId, CUSTOM, _ON_PRICES, optPrice=request.optionPrice, undPrice=request.underPrice
            )
        else:
            told = TickOptionComputation(request.reqId, CUSTOM, _ON_PRICES, *found)
        client.send(told)

    @answers(CalculateOptionPrice)
    def _calculate_price(self, client: Client, request: CalculateOptionPrice) -> None:
        option = self._option(request.contract, _PRICE_TAG, "Option Price")
        if request.volatility > 0 and request.underPrice > 0:
            found = option_price(option, request.volatility, request.underPrice, self._broker.now)
            told = TickOptionComputation(request.reqId, CUSTOM, _ON_PRICES, *found)
        else:
            told = TickOptionComputation(
                request.reqId, CUSTOM, _ON_PRICES, impliedVol=request.volatility, undPrice=request.underPrice
            )
        client.send(told)

    @answers(CancelCalculateImpliedVolatility, CancelCalculateOptionPrice)
    def _cancel(self, client: Client, request: object) -> None:
        """Do nothing: a calculation has been answered before it can be cancelled."""

    def _option(self, contract: Contract, tag: str, what: str) -> Instrument:
        terms = contract.right, contract.strike, contract.lastTradeDateOrContractMonth
        if contract.secType == "OPT" and not contract.conId and not contract.localSymbol and not all(terms):
            cause = "When the local symbol field is empty, please fill all option fields (right, strike, expiry)"
            raise Invalid(tag, cause)
        details = self._broker.market.instruments.resolve(contract, tag)
        assert details.contract is not None
        found = self._broker.market.instruments.by_con_id(details.contract.conId)
        assert found is not None
        if found.option is None:
            raise Invalid(tag, f"Calculation of {what} supported for option securities only")
        return found
