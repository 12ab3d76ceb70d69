"""How long do whole days take in which client and gateway live on one simulated event loop, now and in another commit?

The other is the last one before ibdesk had such a loop. There the gateway looked at the market ten times a second, and
what is run is an event loop whose time jumps and whose sockets are real. The scenarios are in `day_scenarios.py`; each
runs in a process of its own, with one source and with the other in turn. What is printed are seconds of CPU and of the
clock, and how many times as long the other commit takes.

    python benchmarks/bench_day.py [--turns 3] [--only ten-lines] [--before 7661a5c]
"""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pairing import Figures, compare, options, script, source_of

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "7661a5c"


class Comparison(NamedTuple):
    """A scenario as it runs now, the one that it is compared with, and how many times that one's figures count."""

    now: str
    before: str
    times: int
    goal: str


COMPARISONS = {
    "one-line": Comparison("one-line", "one-line", 1, "5 times less"),
    "ten-lines": Comparison("ten-lines", "ten-lines", 1, "5 times less"),
    # Who looks at bars instead of ticks has come for the speed.
    "bars": Comparison("bars", "one-line", 1, "15 times less than one line before"),
    # The week of before would take minutes, so a day of it is taken seven times.
    "week": Comparison("week", "day", 7, "under a second"),
    "night": Comparison("night", "night", 1, "50 times less"),
}


def run(source: Path, scenario: str, times: int = 1) -> Figures:
    """Run a scenario with the ibdesk in `source`. Return the seconds of CPU and of the clock, `times` over."""
    figures = script("day_scenarios.py", source, scenario)
    return {"seconds of CPU": times * figures["CPU"], "seconds of the clock": times * figures["clock"]}


def main() -> None:
    """Compare scenario by scenario."""
    chosen = options(3, only="", before=BEFORE)
    if chosen.only and chosen.only not in COMPARISONS:
        sys.exit(f"--only {chosen.only}: the scenarios are {', '.join(COMPARISONS)}")
    with TemporaryDirectory() as folder:
        before = source_of(chosen.before, folder)
        for name, each in COMPARISONS.items():
            if chosen.only in ("", name):
                print(f"--- {name}: goal {each.goal}", flush=True)
                now = partial(run, ROOT / "src", each.now)
                compare({"now": now, "before": partial(run, before, each.before, each.times)}, chosen.turns)


if __name__ == "__main__":
    main()
