"""What every group of methods has: a runner that keeps to the user's timeout, and arguments that are checked."""

import pytest
from client.asking import connected

from ibdesk import IB, Stock


async def test_blocking_calls_wait_as_long_as_the_user_has_set() -> None:
    async with connected() as (ib, _):
        assert ib.runner.timeout == 0
        ib.RequestTimeout = 3
        assert ib.runner.timeout == 3
        assert ib.client is ib.dispatcher.client


async def test_arguments_are_checked_in_methods_of_a_group_and_not_in_those_of_a_user() -> None:
    class Mine(IB):
        def look_up(self, contract: Stock) -> Stock:
            return contract

    async with connected() as (ib, _):
        with pytest.raises(TypeError, match="contract"):
            ib.reqMktData("AAPL")  # type: ignore[arg-type]
    assert Mine().look_up("AAPL") == "AAPL"  # type: ignore[arg-type, comparison-overlap]
