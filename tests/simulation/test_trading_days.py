"""A program lives through days with faults, and loses nothing: `tests/simulated_days.py` does so for whole days."""

import pytest
from simulation.trading_day import drawn, live_through

from ibdesk.paper.faults import KillClient, Scenario

CLOSE = "10:00"
"""When the short days of tests end."""

DAYS = 50


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, DAYS + 1))
async def test_a_day_with_faults_loses_nothing(number: int) -> None:
    scenario = drawn(number, CLOSE)
    day = await live_through(number, scenario, CLOSE)
    assert day.findings == [], f"{scenario.text()}\n{day.findings}"
    assert day.orders > 0


@pytest.mark.slow
async def test_a_program_that_is_killed_goes_on_with_its_journal() -> None:
    day = await live_through(3, Scenario((KillClient(300, 1, linger=5), KillClient(700, 1))), CLOSE)
    assert (day.findings, day.lives) == ([], 3)
