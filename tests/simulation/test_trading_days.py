"""A program lives through days with faults, and loses nothing: `tests/simulated_days.py` does so for many days."""

from random import Random

import pytest
from simulation.trading_day import drawn, live_through, seconds_of

from ibdesk.paper.faults import Scenario

CLOSE = "10:20"
"""When the short days of tests end."""


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 5))
async def test_a_day_with_faults_loses_nothing(number: int) -> None:
    day = await live_through(number, drawn(Random(number), seconds_of(CLOSE)), close=CLOSE)
    assert day.findings == []
    assert day.orders > 5


@pytest.mark.slow
async def test_the_auditor_finds_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client is not told of a fill, the auditor knows from the broker."""
    from ibdesk.client.state.fills import Fills

    monkeypatch.setattr(Fills, "all", lambda fills: [])
    day = await live_through(3, Scenario(), close="09:55")
    assert any(finding.startswith("fills that the client lost: ") for finding in day.findings)
