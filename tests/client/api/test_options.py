"""Option chains, calculations and exercises."""

from typing import Any

import pytest
from client.asking import Case, End, connected, each

from ibdesk import Option
from ibdesk.model.quotes import OptionComputation
from ibdesk.model.reference import OptionChain
from ibdesk.session.conversations import lane_of
from ibdesk.session.pacing import Lane
from ibdesk.wire.messages import options

CALL = Option("AAPL", "20260619", 250.0, "C", "SMART", conId=494194134)


COMPUTED = OptionComputation(0, 0.2, 0.5, 3.5, None, 0.01, 0.3, -0.1, 100.0)


def computed(message: Any) -> list[Any]:
    return [options.TickOptionComputation(message.reqId, 53, 0, 0.2, 0.5, 3.5, -1.0, 0.01, 0.3, -0.1, 100.0)]


def chains(message: Any) -> list[Any]:
    chain = options.SecurityDefinitionOptionParameter(
        message.reqId, "SMART", 265598, "AAPL", "100", ["20260619"], [240.0, 250.0]
    )
    return [chain, options.SecurityDefinitionOptionParameterEnd(message.reqId)]


CASES = [
    Case(
        lambda ib: ib.calculateImpliedVolatilityAsync(CALL, 3.5, 100.0),
        options.CalculateImpliedVolatility,
        computed,
        COMPUTED,
        None,
        cancel=options.CancelCalculateImpliedVolatility,
    ),
    Case(
        lambda ib: ib.calculateOptionPriceAsync(CALL, 0.2, 100.0),
        options.CalculateOptionPrice,
        computed,
        COMPUTED,
        None,
        cancel=options.CancelCalculateOptionPrice,
    ),
    Case(
        lambda ib: ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598),
        options.ReqSecDefOptParams,
        chains,
        [OptionChain("SMART", 265598, "AAPL", "100", ["20260619"], [240.0, 250.0])],
        [],
    ),
]


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)


@pytest.mark.parametrize("version", [178, 225])
async def test_a_calculation_counts_as_open_until_it_is_cancelled(version: int) -> None:
    async with connected({options.CalculateOptionPrice: computed}, version) as (ib, server):
        await ib.calculateOptionPriceAsync(CALL, 0.2, 100.0)
        (sent,) = await server.wait_for(options.CancelCalculateOptionPrice)
        assert sent.reqId == server.of(options.CalculateOptionPrice)[0].reqId


@pytest.mark.parametrize("version", [178, 225])
async def test_options_are_exercised(version: int) -> None:
    async with connected(version=version) as (ib, server):
        orderId = ib.exerciseOptions(CALL, 1, 2, "DU1", 0)
        (sent,) = await server.wait_for(options.ExerciseOptions)
        assert (sent.reqId, sent.contract.conId, sent.exerciseAction) == (orderId, CALL.conId, 1)
        assert (sent.exerciseQuantity, sent.account, sent.override) == (2, "DU1", False)
        assert lane_of(sent) is Lane.PLACE
        if version == 225:
            ib.exerciseOptions(CALL, 2, 1, "DU1", 1, "20260402 13:30:00 UTC", "C1", True)
            (_, lapse) = await server.wait_for(options.ExerciseOptions, 2)
            assert (lapse.manualOrderTime, lapse.customerAccount, lapse.professionalCustomer, lapse.override) == (
                "20260402 13:30:00 UTC",
                "C1",
                True,
                True,
            )
