"""How every test runs: on which event loop, in debug mode; Hypothesis without a clock; fewer tests for some Pythons."""

import gc
import logging
import os
from asyncio import AbstractEventLoop, new_event_loop
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NoReturn

import fetch_oracles
import pytest
from coverage import Coverage
from hypothesis import settings

from ibdesk.runtime.simulated_loop import SimulatedLoop

TESTS = Path(__file__).parent

# Every loop, not only those of pytest-asyncio: also the ones of asyncio.run.
os.environ["PYTHONASYNCIODEBUG"] = "1"
# One thing that the debug mode tells measures the machine, and would fail tests of what is logged or printed: what took
# long. Programs that tests start do without that mode; this takes the variable from them, and leaves it in os.environ.
os.unsetenv("PYTHONASYNCIODEBUG")
logging.getLogger("asyncio").addFilter(lambda record: record.msg != "Executing %s took %.3f seconds")

# What is measured are the workers of pytest-xdist, and of the hundreds of programs that tests start those for which
# MEASURED_PROGRAMS says it: a fifth of a second for each.
COVERAGE = os.environ.pop("COVERAGE_PROCESS_CONFIG", None) if "PYTEST_XDIST_WORKER" in os.environ else None

# A deadline measures the machine, not the code. In CI the examples are the same on every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# The rooms that compute, and do without event loops, threads and clocks: see CONTRIBUTING.md.
COMPUTING = ("client/state", "paper", "session", "wire")
CASES = 5
EXAMPLES = 20

OF_TIME = ("paper/test_gateway.py", "paper/test_timers.py", "paper/test_transport.py")
"""Where nevertheless one of those rooms meets event loops and clocks."""

ONE_PYTHON = ("test_coverage_gate.py", "test_docs.py", "test_house.py", "test_mirroring.py")
"""What looks at the files of the project, which are the same for every Python."""

SIMULATED = ("cli/test_doctor.py", "client", "dropin", "model", "paper/test_transport.py")
"""Where coroutines are tested in simulated time: waits take none, and a busy computer misses no deadline."""

MEASURED_PROGRAMS = ("cli", "dropin/test_ib_insync.py", "extras/test_compat.py")
"""Where tests start programs that run through what no test runs through in its own process, and kill none of them."""

START = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
"""When simulated time begins: a Monday on which New York's market has just opened."""

LONGEST = (
    "simulation/test_trading_days.py",
    "wire/test_compiled.py",
    "paper/test_account_views.py",
    "end_to_end/test_examples.py",
    "conformance/test_answers.py",
    "wire/test_round_trip.py",
    "typing/test_types.py",
    "conformance/test_callbacks.py",
    "conformance/test_requests.py",
    "end_to_end/test_everywhere.py",
    "end_to_end/test_third_parties.py",
    "end_to_end/test_notebook.py",
    "end_to_end/test_web_frameworks.py",
    "tape/test_scrub.py",
    "tape/test_recorder.py",
    "cli/test_run.py",
    "cli/test_demo.py",
    "cli/test_paper.py",
    "client/test_fork.py",
    "dropin/test_ib_insync.py",
)
"""The files that take longest. They begin first: one that begins last keeps one process busy, and the others idle."""


SLOW = (
    "conformance",
    "typing",
    "end_to_end/test_everywhere.py",
    "end_to_end/test_examples.py",
    "end_to_end/test_listeners_in_notebooks.py",
    "end_to_end/test_notebook.py",
    "end_to_end/test_web_frameworks.py",
)
"""Not among the fast tests: what needs other clients, type checkers, or the libraries of programs that are tried."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--fast`, `--quick` and `--quickest`."""
    parser.addoption("--fast", action="store_true", help="leave out the slow tests")
    what = f"of the rooms that compute, at most {CASES} cases of a parametrized test, its first and last among them"
    parser.addoption("--quick", action="store_true", help=f"--fast; {what}; and at most {EXAMPLES} Hypothesis examples")
    parser.addoption("--quickest", action="store_true", help="--quick, without the rooms that compute")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis makes where a test does not say it."""
    if _is_quick(config):
        settings.register_profile("quick", settings(), max_examples=EXAMPLES)
        settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what is left out: another Python may not have the libraries for it."""
    path, left_out = _inside(collection_path), ()
    if _is_fast(config):
        left_out += SLOW
    if _is_quick(config):
        left_out += ONE_PYTHON
    if config.getoption("--quickest") and collection_path.is_file() and not path.startswith(OF_TIME):
        left_out += (*COMPUTING, "model", "simulation")  # what simulated days need of Python is tested in runtime
    return True if path.startswith(left_out) else None


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], AbstractEventLoop]]:
    """Choose the event loop of a test that is a coroutine."""
    if _inside(item.path).startswith(SIMULATED) and item.get_closest_marker("real_time") is None:
        return {"simulated": lambda: SimulatedLoop(START)}
    return {"asyncio": new_event_loop}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector pass over the tests themselves, which are many thousands of objects that stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first, and leave out what `--fast` and `--quick` leave out."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(_inside(item.path), len(ranks)))
    left_out: set[pytest.Item] = set()
    if _is_fast(config):
        left_out |= {item for item in items if _is_slow(item)}
    if _is_quick(config):
        left_out |= _further_cases(item for item in items if item not in left_out)
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="module", autouse=True)
def _measured_programs(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if COVERAGE and _inside(request.path).startswith(MEASURED_PROGRAMS):
            patch.setenv("COVERAGE_PROCESS_CONFIG", COVERAGE)
        yield


def pytest_sessionfinish() -> None:
    """Save what was measured of this process. pytest-xdist kills one that takes more than ten seconds to end."""
    if measuring := Coverage.current():
        measuring.stop()
        measuring.save()


def _is_fast(config: pytest.Config) -> bool:
    return bool(config.getoption("--fast") or _is_quick(config))


def _is_quick(config: pytest.Config) -> bool:
    return bool(config.getoption("--quick") or config.getoption("--quickest"))


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None or _inside(item.path).startswith(SLOW)


def _further_cases(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """The cases of parametrized tests of pure computing beyond a few.

    Server versions, messages and vectors by the hundred take the same way through the interpreter. Cases are left out
    evenly, so that those that stay are spread over versions and messages.
    """
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if _inside(item.path).startswith(COMPUTING):
            cases[item.nodeid.partition("[")[0]].append(item)
    further = set()
    for those in cases.values():
        last = len(those) - 1
        kept = {round(at * last / (CASES - 1)) for at in range(CASES)}
        further.update(those[at] for at in range(len(those)) if last >= CASES and at not in kept)
    return further


@cache
def _inside(path: Path) -> str:
    """The path of a file below this folder."""
    return path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""


def _skip(name: str, version: str) -> NoReturn:
    pytest.skip(f"{name} {version}: fetch it by python tests/fetch_oracles.py", allow_module_level=True)


# Who builds a package from the source distribution may have no network. In a checkout nothing is left out.
if (TESTS.parent / "PKG-INFO").exists() and not fetch_oracles.ORACLES_ROOT.exists():
    fetch_oracles.oracle_path = _skip  # type: ignore[assignment]
