"""How many orders a second does the paper broker accept and fill in a process, now and in another commit?

With 500 positions and with none: nothing should take longer because much is held. The other commit is the last one
before orders were priced without copying the books. What is timed is `paper_orders.py`, in seconds of CPU, in a process
of its own, with one source and with the other in turn.

    python benchmarks/bench_paper_orders.py [--turns 5] [--before 88a9ef6]
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pairing import Figures, compare, options, script, source_of

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "88a9ef6"

POSITIONS = {500: "20 times as many", 0: "no fewer"}
"""How much is held, and the goal."""


def run(source: Path, positions: int, orders: int) -> Figures:
    """Trade with the ibdesk in `source`. Return how many orders a second of CPU it takes and fills."""
    figures = script("paper_orders.py", source, positions, orders)
    return {"orders a second of CPU": figures["orders"] / figures["seconds"]}


def main() -> None:
    """Compare with much that is held, and with nothing."""
    chosen = options(5, before=BEFORE)
    with TemporaryDirectory() as folder:
        before = source_of(chosen.before, folder)
        for positions, goal in POSITIONS.items():
            print(f"--- {positions} positions: goal {goal}", flush=True)
            few = 300 if positions else 3000
            compare(
                {"before": partial(run, before, positions, few), "now": partial(run, ROOT / "src", positions, 3000)},
                chosen.turns,
            )


if __name__ == "__main__":
    main()
