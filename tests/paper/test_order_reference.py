"""The page about orders tells what the tables hold."""

import re

from ibdesk.paper.exchange.field_table import RULES
from ibdesk.paper.exchange.order_types import ORDER_TYPES, UNTRADED
from ibdesk.paper.exchange.times_in_force import TIMES_IN_FORCE
from ibdesk.paper.order_reference import page


def test_everything_has_a_line():
    told = page()
    for name in RULES:
        assert f"\n| `{name}` | " in told
    for name in (*ORDER_TYPES, *TIMES_IN_FORCE):
        assert f"\n| {name} | " in told
    assert ", ".join(sorted(UNTRADED)) in told


def test_tables_are_tables():
    for table in re.findall(r"(?:^\|.*\n)+", page(), re.MULTILINE):
        assert len({line.count(" | ") for line in table.splitlines() if not line.startswith("|---")}) == 1


def test_guesses_are_marked():
    row = next(line for line in page().splitlines() if line.startswith("| `postOnly`"))
    assert row.endswith("(our guess) |")
    row = next(line for line in page().splitlines() if line.startswith("| `eTradeOnly`"))
    assert "guess" not in row
