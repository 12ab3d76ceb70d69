"""How every test runs: event loops in debug mode, Hypothesis without a clock, and fewer cases with `--quick`."""

import logging
import os
from collections import defaultdict
from pathlib import Path
from typing import NoReturn

import fetch_oracles
import pytest
from hypothesis import settings

# Every loop, not only those of pytest-asyncio: also the ones of asyncio.run and of child processes.
os.environ["PYTHONASYNCIODEBUG"] = "1"
# One thing that the debug mode tells measures the machine, and would fail tests of what is logged: what took long.
logging.getLogger("asyncio").addFilter(lambda record: record.msg != "Executing %s took %.3f seconds")

# A deadline measures the machine, not the code. In CI the examples are the same on every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# The rooms that compute, and do without event loops, threads and clocks: see CONTRIBUTING.md.
COMPUTING = ("client/state", "paper", "session", "wire")
CASES = 5
EXAMPLES = 20


LONGEST = (
    "conformance/test_requests.py",
    "conformance/test_answers.py",
    "conformance/test_callbacks.py",
    "conformance/test_untold.py",
    "end_to_end/test_examples.py",
    "wire/test_compiled.py",
    "wire/test_round_trip.py",
    "end_to_end/test_third_parties.py",
    "end_to_end/test_notebook.py",
    "end_to_end/test_web_frameworks.py",
    "paper/test_account_views.py",
    "dropin/test_ib_insync.py",
    "cli/test_run.py",
    "client/test_fork.py",
)
"""The files that take longest. They begin first: one that begins last keeps one process busy, and the others idle."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--quick`."""
    what = f"of the rooms that compute, at most {CASES} cases of a parametrized test, its first and last among them"
    parser.addoption("--quick", action="store_true", help=f"{what}; and at most {EXAMPLES} examples of Hypothesis")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis makes where a test does not say it."""
    if config.getoption("--quick"):
        settings.register_profile("quick", settings(), max_examples=EXAMPLES)
        settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first, and thin the cases with `--quick`.

    The option is for further Python versions, when one has passed all tests: server versions, messages and vectors by
    the hundred take the same way through the interpreter. Cases are left out evenly, so that those that stay are
    spread over versions and messages.
    """
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(_file(item), len(ranks)))
    if not config.getoption("--quick"):
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if _file(item).startswith(COMPUTING):
            cases[item.nodeid.partition("[")[0]].append(item)
    left_out = set()
    for those in cases.values():
        last = len(those) - 1
        kept = {round(at * last / (CASES - 1)) for at in range(CASES)}
        left_out.update(those[at] for at in range(len(those)) if last >= CASES and at not in kept)
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).as_posix()


def _skip(name: str, version: str) -> NoReturn:
    pytest.skip(f"{name} {version}: fetch it by python tests/fetch_oracles.py", allow_module_level=True)


# Who builds a package from the source distribution may have no network. In a checkout nothing is left out.
if (Path(__file__).parents[1] / "PKG-INFO").exists() and not fetch_oracles.ORACLES_ROOT.exists():
    fetch_oracles.oracle_path = _skip  # type: ignore[assignment]
