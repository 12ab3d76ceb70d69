"""How option chains and calculations are asked for, and options exercised; not how a price is computed."""

from typing import Any

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.greeks import computation
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.quotes import OptionComputation
from ibdesk.model.reference import OptionChain
from ibdesk.wire.messages.options import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
    ExerciseOptions,
    ReqSecDefOptParams,
)

CALCULATION = 4.0
"""How long a calculation is waited for, in seconds. A server without the data that it needs stays silent."""


class Options(ApiGroup):
    """Look up, calculate and exercise options."""

    async def reqSecDefOptParamsAsync(
        self, underlyingSymbol: str, futFopExchange: str, underlyingSecType: str, underlyingConId: int
    ) -> list[OptionChain]:
        """The option chains of an underlying, one for each exchange and trading class.

        `underlyingSymbol`, `underlyingSecType` (STK, IND or FUT) and `underlyingConId` are those of the underlying,
        which is to be qualified first. `futFopExchange` is the exchange of options on a future, and empty for all
        others. Not every expiration has every strike: `qualifyContracts` tells. It is quick, where
        `reqContractDetails` of all options is held back by the server.

        Source: TWS API documentation, "Option Chains".
        """
        reqId = self.client.next_id()
        request = ReqSecDefOptParams(reqId, underlyingSymbol, futFopExchange, underlyingSecType, underlyingConId)
        return [
            OptionChain(
                message.exchange,
                message.underlyingConId,
                message.tradingClass,
                message.multiplier,
                message.expirations,
                message.strikes,
            )
            for message in await in_time(self, request, REPORT)
        ]

    reqSecDefOptParams = blocking(reqSecDefOptParamsAsync)

    async def calculateImpliedVolatilityAsync(
        self,
        contract: Contract,
        optionPrice: float,
        underPrice: float,
        implVolOptions: list[TagValue] | None = None,
    ) -> OptionComputation | None:
        """The volatility at which an option costs `optionPrice`, when its underlying costs `underPrice`.

        The `contract` is that of the option; `implVolOptions`: for IBKR's own use. None when the server refuses, or is
        silent for `CALCULATION` seconds. Source: TWS API documentation, "Option Computations".
        """
        reqId = self.client.next_id()
        request = CalculateImpliedVolatility(reqId, contract, optionPrice, underPrice, implVolOptions or [])
        return await self._calculate(request, CancelCalculateImpliedVolatility(reqId))

    calculateImpliedVolatility = blocking(calculateImpliedVolatilityAsync)

    async def calculateOptionPriceAsync(
        self,
        contract: Contract,
        volatility: float,
        underPrice: float,
        optPrcOptions: list[TagValue] | None = None,
    ) -> OptionComputation | None:
        """Price and greeks of an option at this `volatility` (0.2 is 20 %), when its underlying costs `underPrice`.

        The `contract` is that of the option; `optPrcOptions`: for IBKR's own use. None when the server refuses, or is
        silent for `CALCULATION` seconds. Source: TWS API documentation, "Option Computations".
        """
        reqId = self.client.next_id()
        request = CalculateOptionPrice(reqId, contract, volatility, underPrice, optPrcOptions or [])
        return await self._calculate(request, CancelCalculateOptionPrice(reqId))

    calculateOptionPrice = blocking(calculateOptionPriceAsync)

    async def _calculate(self, request: Any, cancel: Any) -> OptionComputation | None:
        answer = await in_time(self, request, CALCULATION, contract=request.contract, cancel=cancel)
        if not answer:
            return None
        self.dispatcher.withdraw(cancel)  # an answer does not end it at the server
        return computation(answer[0])

    @call_on_loop
    def exerciseOptions(
        self,
        contract: Contract,
        exerciseAction: int,
        exerciseQuantity: int,
        account: str,
        override: int,
        manualOrderTime: str = "",
        customerAccount: str = "",
        professionalCustomer: bool = False,
    ) -> int:
        """Exercise options of a position (`exerciseAction` 1), or let them lapse (2). Returns the id of the order.

        `exerciseQuantity` counts contracts of the `account`. `override` 1 does so against what would happen by itself,
        such as exercising an option out of the money; 0 does not.
        Raises EncodeError for one of the last three that the server is too old for.

        Source: TWS API documentation, "Exercising Options".
        """
        orderId = self.client.next_id()
        self.client.send_message(
            ExerciseOptions(
                orderId,
                contract,
                exerciseAction,
                exerciseQuantity,
                account,
                bool(override),
                manualOrderTime,
                customerAccount,
                professionalCustomer,
            )
        )
        return orderId
