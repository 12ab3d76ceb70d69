"""Methods of `IB` about options: option chains, calculations of prices and volatilities, and exercise."""

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
"""How many seconds to wait for a calculation. The server does not answer if it lacks data for it."""


class Options(ApiGroup):
    """Option chains, calculations, and exercise."""

    async def reqSecDefOptParamsAsync(
        self, underlyingSymbol: str, futFopExchange: str, underlyingSecType: str, underlyingConId: int
    ) -> list[OptionChain]:
        """Return the option chains of an underlying, one for each exchange and trading class.

        `underlyingSymbol`, `underlyingSecType` (STK, IND or FUT) and `underlyingConId` are those of the underlying,
        which has to be qualified first. `futFopExchange` is the exchange of options on a future, and empty for all
        others. Not every expiration has every strike: `qualifyContracts` finds out. This request is quick, while the
        server delays `reqContractDetails` for all options.

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
        """Return the volatility at which an option costs `optionPrice` while its underlying costs `underPrice`.

        `contract` is the option. The result is None if the server refuses, or does not answer within 4 seconds.
        `implVolOptions` are for IBKR's own use. Source: TWS API documentation, "Option Computations".
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
        """Return price and greeks of an option at this `volatility` (0.2 is 20 %) if its underlying costs `underPrice`.

        `contract` is the option. The result is None if the server refuses, or does not answer within 4 seconds.
        `optPrcOptions` are for IBKR's own use. Source: TWS API documentation, "Option Computations".
        """
        reqId = self.client.next_id()
        request = CalculateOptionPrice(reqId, contract, volatility, underPrice, optPrcOptions or [])
        return await self._calculate(request, CancelCalculateOptionPrice(reqId))

    calculateOptionPrice = blocking(calculateOptionPriceAsync)

    async def _calculate(self, request: Any, cancel: Any) -> OptionComputation | None:
        answer = await in_time(self, request, CALCULATION, contract=request.contract, cancel=cancel)
        if not answer:
            return None
        self.dispatcher.withdraw(cancel)  # the server does not end it after the answer
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

        `exerciseQuantity` is the number of contracts in the `account`. With `override` 1 this is done even if it goes
        against what happens by default: if an option is exercised that is out of the money, for instance. With 0 it is
        not.

        Raises EncodeError if the server is too old for one of the last three arguments, and JournalError if there is a
        journal that cannot be written. If it raises, nothing was sent.

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
