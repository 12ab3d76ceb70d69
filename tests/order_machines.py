"""Holds many random programs of orders against what clients rely on; `tests/paper/exchange` holds a few.

    python tests/order_machines.py [--examples N] [--steps N] [--seed N] [--first]

prints the shortest program that breaks a rule, if there is one, and fails. With `--first` it is the first that was
found, as it is: to make it shorter takes minutes.
"""

import argparse
import time

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from paper.exchange.order_machine import Orders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=1000, help="how many programs")
    parser.add_argument("--steps", type=int, default=40, help="how long a program may be")
    parser.add_argument("--seed", type=int, default=0, help="which programs")
    parser.add_argument("--first", action="store_true", help="print the first program that fails as it is")
    asked = parser.parse_args()
    phases = [Phase.generate] if asked.first else [Phase.generate, Phase.shrink]
    wanted = settings(
        max_examples=asked.examples,
        stateful_step_count=asked.steps,
        phases=phases,
        deadline=None,
        database=None,
        verbosity=Verbosity.normal,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    began = time.monotonic()
    run_state_machine_as_test(seed(asked.seed)(Orders), settings=wanted)
    print(f"{asked.examples} programs held, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
