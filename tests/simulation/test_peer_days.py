"""Programs on ib_async 2.1.0 live through a short day with a fault: `tests/simulated_peer_days.py` does whole days.

What they lose there stands in `docs/reference/lost_in_days.md`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from simulated_peer_days import PROGRAMS, RECORD, scenarios
from simulation.auditor import Loss

from ibdesk.paper.faults import Cut, Scenario
from ibdesk.paper.faults.triggers import Before

TESTS = Path(__file__).resolve().parents[1]

CLOSE = "09:50"
SCENARIO = Scenario((Cut(Before("ExecDetails", 2)),))
"""The connection is cut as the second fill is told."""

LIVE = """
import json, sys
from simulated_peer_days import lived
print(json.dumps(lived(*sys.argv[1:2], 3, *sys.argv[2:])))
"""


def day_of(who: str) -> dict[str, Any]:
    """What has come of the day for one of the programs, in a process that has ib_async on its path."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIVE, who, CLOSE, SCENARIO.text()],
        cwd=TESTS, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONASYNCIODEBUG": ""},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.parametrize("who", PROGRAMS)
def test_a_fill_that_was_not_heard_is_told_by_ibdesk_only(who: str) -> None:
    day = day_of(who)
    assert day["faults"] == {"cut": 1}
    losses = {loss: count for loss, count, _ in day["findings"]}
    if who == "ibdesk":
        assert losses == {}
    else:
        # The account is in order again in the end, but nobody has told the program of the fill.
        assert losses.pop(Loss.TOLD_TWICE) > 0
        assert losses == {Loss.UNTOLD_FILL: 1}
        assert day["missing live bars"] > 0


def test_the_record_is_of_the_days_that_are_drawn_now() -> None:
    kept = json.loads(RECORD.read_text("utf-8"))
    numbers = range(kept["first"], kept["first"] + kept["days"])
    assert scenarios(numbers, kept["close"]) == kept["scenarios"], "run python tests/simulated_peer_days.py --record"
    assert [*kept["losses"]][: len(Loss)] == [loss.value for loss in Loss]
    assert {who for row in kept["losses"].values() for who in row} == {*PROGRAMS}
