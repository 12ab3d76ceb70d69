"""The auditor finds what a client loses that is broken on purpose, and the day that shows it is made small."""

from typing import Any

import pytest
from simulation.shrinking import shrunk
from simulation.trading_day import live_through

from ibdesk.client import bars_again
from ibdesk.client.restoring import Restorer
from ibdesk.client.state.fills import Fills
from ibdesk.client.state.orders import Orders
from ibdesk.paper.faults import Bust, ConnectivityLost, DropOrder, Duplicate, Gap, Reorder, Scenario, Stall
from ibdesk.paper.faults.triggers import Before


def _nothing(*_: Any) -> Any:
    return []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "name", "found"),
    [
        (Fills, "all", "fills that the client lost: "),
        (Restorer, "link_told", "no more quotes"),
        (Restorer, "tickers_came", "changes of the quote were missed, and not told"),
        (bars_again, "fill_back", "no more live bars"),
        (Orders, "gone", "is left in doubt"),
    ],
)
async def test_the_auditor_finds_what_a_broken_client_loses(
    owner: Any, name: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, _nothing)
    faults = (ConnectivityLost(200, 30, restored=1101), DropOrder(Before("PlaceOrder", 2)))
    day = await live_through(3, Scenario(faults), "09:55")
    assert any(found in finding.text for finding in day.findings), day.findings


@pytest.mark.slow
async def test_a_day_that_fails_is_made_as_small_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Restorer, "link_told", _nothing)
    lost = ConnectivityLost(240, 48, restored=1101)
    faults = (Gap(100, "AAPL"), Stall(120, 5), lost, Bust(300), Duplicate(310, 60), Reorder(Before("OrderStatus")))

    async def fails(scenario: Scenario, close: str) -> bool:
        day = await live_through(3, scenario, close)
        return any(finding.text == "no more quotes" for finding in day.findings)

    scenario, close = await shrunk(Scenario(faults, seed=9), "10:10", fails)
    assert close == "09:50"
    (left,) = scenario.faults
    assert left == ConnectivityLost(240, 1.5, restored=1101)
    assert Scenario.from_text(scenario.text()) == scenario
