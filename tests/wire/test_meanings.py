"""What values stand for, field by field."""

from typing import Any

import pytest

from ibdesk.wire.catalogue import messages
from ibdesk.wire.layout import fields_of, part_class
from ibdesk.wire.meanings import MEANINGS, TICK_TYPES, meaning


@pytest.mark.parametrize(
    ("path", "value", "known"),
    [
        ("tickType", 45, "LAST_TIMESTAMP"),
        ("tickType", 66, "DELAYED_BID"),
        ("tickType", len(TICK_TYPES), ""),
        ("tickType", -1, ""),
        ("errorCode", 200, "No security definition has been found for the request"),
        ("errorCode", 123456, ""),
        ("orderState.status", "Submitted", "working"),
        ("status", "Unheard", ""),
        ("marketDataType", 3, "delayed"),
        ("order.lmtPrice", 1.7976931348623157e308, "unset"),
        ("order.minQty", 2147483647, "unset"),
        ("order.lmtPrice", 1.0, ""),
        ("order.conditions[0].conjunction", "o", "or"),
        ("contract.secType", "BAG", "combination"),
        ("side", 1, "bid"),
        ("execution.side", "BOT", "bought"),
        ("tickType", None, ""),
        ("status", [1], ""),
    ],
)
def test_meanings(path: str, value: Any, known: str) -> None:
    assert meaning(path, value) == known


def test_a_field_may_mean_something_else_in_one_message() -> None:
    assert meaning("tickType", 3, "TickByTick") == "BidAsk"
    assert meaning("tickType", 3, "TickPrice") == "ASK_SIZE"


def _names(cls: type, seen: set[type]) -> set[str]:
    seen.add(cls)
    found = set()
    for name, (_, hint) in fields_of(cls).items():
        found.add(name)
        for kind in (hint, *getattr(hint, "__args__", ())):
            part = part_class(kind)
            for one in (part, *part.__subclasses__()) if part is not None else ():
                if one not in seen:
                    found |= _names(one, seen)
    return found


def test_every_field_that_has_meanings_is_in_some_message() -> None:
    found: set[str] = set()
    for one in messages():
        names = _names(one.cls, set())
        found |= names | {f"{one.name}.{name}" for name in names}
    assert set(MEANINGS) - found == set()
