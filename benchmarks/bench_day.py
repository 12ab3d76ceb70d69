"""How long do whole days take in which client and gateway live on one simulated event loop, now and in another commit?

The other is the last one before ibdesk had such a loop. There the gateway looked at the market ten times a second, and
what is run is an event loop whose time jumps and whose sockets are real. The scenarios are in `day_scenarios.py`; each
runs in a process of its own, with one source and with the other in turn. What is printed are seconds of CPU and of the
clock, and how many times as long the other commit takes.

    python benchmarks/bench_day.py [--turns 3] [--only ten-lines] [--before 7661a5c]
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pairing import Figures, compare, options

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
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "benchmarks/day_scenarios.py"), scenario],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        sys.exit(done.stderr)
    figures = json.loads(done.stdout.splitlines()[-1])
    return {"seconds of CPU": times * figures["CPU"], "seconds of the clock": times * figures["clock"]}


def source_of(revision: str, folder: str) -> Path:
    """Put the source of another commit into a folder, and return where it is to be imported from."""
    archive = subprocess.run(["git", "archive", revision, "src"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return Path(folder) / "src"


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
