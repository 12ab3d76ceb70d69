"""Client and gateway come to the same whatever server version they agree on: text, both id forms, protobuf."""

import pytest
from end_to_end.scenario import Outcome, trade

from ibdesk import IB
from ibdesk.paper import PaperGateway

VERSIONS = (157, 163, 176, 178, 187, 195, 200, 201, 203, 206, 213, 225)
START = "2026-11-20T10:30:00-05:00"


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
async def test_the_same_scenario_has_the_same_outcome(version: int) -> None:
    async with PaperGateway(port=0, seed=3, start_time=START, max_version=version) as gateway:
        with IB() as ib:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
            assert ib.client.serverVersion() == version
            outcome = await trade(ib)
    assert outcome == Outcome(
        conId=265598,
        longName="APPLE INC",
        bars=13,
        first_bar=outcome.first_bar,
        modified_price=True,
        kept_perm_id=True,
        cancelled="Cancelled",
        filled=("Filled", 100.0),
        commission=True,
        position=(("AAPL", 0.0),) if outcome.position else (),
        net_liquidation=True,
        refused=(200, "No security definition has been found for the request"),
        what_if=("PreSubmitted", True, True),
        bracket=("Filled", "Submitted", "PreSubmitted"),
        completed=("Cancelled", "Cancelled", "Cancelled", "Filled", "Filled"),
        executed=200.0,
    )
    _FIRST_BARS.add(outcome.first_bar)
    assert len(_FIRST_BARS) == 1


_FIRST_BARS: set[tuple[float, ...]] = set()
