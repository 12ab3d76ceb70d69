"""Keeps source and tests in step: `src/ibdesk/a/b.py` is tested in `tests/a/test_b.py`, or stands in the table below.

A module is allowed to have no test module of its name where its tests are sorted by something else, and the table says
by what. Its numbers may only get smaller: whoever writes the missing test module says so here.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
SRC = TESTS.parent / "src" / "ibdesk"

UNMIRRORED: dict[str, tuple[int, str]] = {
    "*": (12, "the names of ib_async's modules and the version: tests/typing/submodules.py, tests/dropin"),
    "cli/*": (2, "endings and requirements: all tests of commands"),
    "client/*": (7, "IB: tests/dropin/test_ib.py, client/api, client/test_dispatcher.py; client/test_journaling.py"),
    "client/dropin/*": (2, "held against ib_async in tests/dropin/test_wrapper.py and client/dropin/test_eclient.py"),
    "client/handlers/*": (6, "a message, and what `IB` makes of it: client/test_dispatcher.py, client/api"),
    "client/state/*": (12, "small parts of the state, tested through `IB`: client/api, dropin/test_market.py"),
    "events/*": (11, "all operators have the same cases, eventkit's too: events/test_operators.py"),
    "extras/*": (6, "ib_insync: tests/dropin/test_ib_insync.py; the rest are names: tests/typing/submodules.py"),
    "journal/*": (2, "entries, reading: journal/test_journal.py, journal/test_writing.py"),
    "model/*": (9, "dataclasses: all of them in model/test_annotations.py, test_fields.py and test_plain.py"),
    "paper/*": (10, "the gateway's inside, tested through its router: paper/test_router.py, test_gateway.py"),
    "paper/exchange/*": (16, "by what becomes of an order: test_orders.py, test_time.py, test_simulation.py"),
    "paper/exchange/order_types/*": (
        2,
        "what types share: paper/exchange/test_order_types.py, exchange/order_types/test_snap.py",
    ),
    "paper/faults/*": (
        5,
        "what becomes of a fault: paper/faults/test_playing.py, test_outages.py; values: test_kinds.py",
    ),
    "paper/handlers/*": (4, "handlers of few lines: handlers/test_settings.py, end_to_end/test_questions.py"),
    "paper/instruments/*": (6, "what the database holds: instruments/test_database.py"),
    "paper/ledger/*": (2, "ledger/test_values.py"),
    "paper/market/*": (3, "market/test_market.py, market/test_walk.py, market/test_seeded_prices.py"),
    "paper/price_files/*": (14, "what becomes of files: price_files/test_library.py, test_bar_prices.py"),
    "paper/scanner/*": (2, "scanner/test_ranking.py"),
    "runtime/*": (3, "runtime/test_loops.py, test_simulated_process.py, and whatever asks for the time"),
    "tape/listening.py": (1, "its servers: tape/test_proxy.py and test_replay.py"),
    "wire/*": (6, "the compiled codec: wire/test_compiled.py; versions: test_docs.py"),
    "wire/messages/*": (26, "descriptions, held against other clients: tests/conformance/domains, wire/vectors"),
}
"""A file, or the files of a folder -> how many have no test module of their name, and where their tests stand."""


def unmirrored(source: Path, tests: Path) -> list[str]:
    """The files below `source` without a test module; packages are tested by their modules."""
    files = sorted(path.relative_to(source) for path in source.rglob("*.py") if not path.name.startswith("__"))
    return [str(file) for file in files if not (tests / file.parent / f"test_{file.name}").is_file()]


def complaints(files: Iterable[str], table: Mapping[str, tuple[int, str]]) -> list[str]:
    found: dict[str, list[str]] = {pattern: [] for pattern in table}
    told = []
    for file in files:
        folder = file.rpartition("/")[0]
        row = file if file in table else f"{folder}/*".lstrip("/")
        if row in table:
            found[row].append(file)
        else:
            told.append(f"{file} has no test module of its name")
    for pattern, (most, _) in table.items():
        here = found[pattern]
        if len(here) > most:
            told.append(f"{most} of {pattern} may be without a test module of their name: {', '.join(here)}")
        elif not here:
            told.append(f"{pattern}: take it off the table")
        elif len(here) < most:
            told.append(f"{pattern}: say {len(here)} in the table")
    return told


def test_each_source_module_has_a_test_module_of_its_name_or_a_reason() -> None:
    assert complaints(unmirrored(SRC, TESTS), UNMIRRORED) == []


def test_where_a_reason_says_the_tests_are_they_are() -> None:
    for pattern, (_, reason) in UNMIRRORED.items():
        for word in reason.replace(",", " ").replace(";", " ").split():
            if word.startswith("tests/"):
                assert (TESTS.parent / word).exists(), (pattern, word)
            elif word.endswith(".py"):
                folder = pattern.rpartition("/")[0]
                homes = (TESTS, TESTS / folder, TESTS / folder.partition("/")[0])
                assert any((home / word).exists() for home in homes), (pattern, word)


# The rule itself


def test_what_has_no_test_module_is_found(tmp_path: Path) -> None:
    for name in ("src/a.py", "src/p/b.py", "src/p/c.py", "src/p/__init__.py", "tests/test_a.py", "tests/p/test_c.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert unmirrored(tmp_path / "src", tmp_path / "tests") == ["p/b.py"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"p/*": (2, "")}, []),
        ({}, ["p/a.py has no test module of its name", "p/b.py has no test module of its name"]),
        ({"p/*": (1, "")}, ["1 of p/* may be without a test module of their name: p/a.py, p/b.py"]),
        ({"p/*": (3, "")}, ["p/*: say 2 in the table"]),
        ({"p/*": (2, ""), "q/*": (1, "")}, ["q/*: take it off the table"]),
        ({"p/*": (1, ""), "p/b.py": (1, "")}, []),
        (
            {"*": (2, "")},
            [
                "p/a.py has no test module of its name",
                "p/b.py has no test module of its name",
                "*: take it off the table",
            ],
        ),
    ],
)
def test_the_table_only_shrinks(table: dict[str, tuple[int, str]], told: list[str]) -> None:
    assert complaints(["p/a.py", "p/b.py"], table) == told
