"""Decides under which names the operators of events are found; it must not know what they do.

The names are those of the package `eventkit`, so that this one can stand in for it. A module is imported when one of
its names is first used.
"""

import typing  # not its Any: that is the name of an operator
from importlib import import_module

_HOMES = {
    "..events": "Event Op",
    ".aggregate": "All Any Count Deque Ema List Max Mean Min Pairwise Product Reduce Sum",
    ".arrays": "Array ArrayAll ArrayAny ArrayMax ArrayMean ArrayMin ArrayProd ArrayStd ArraySum",
    ".combine": "AddableJoinOp Chain Concat Fork JoinOp Merge Switch Zip Ziplatest",
    ".create": "Aiterate Marble Range Repeat Sequence Timer Timerange Wait",
    ".failures": "EndOnError Errors",
    ".nested": "Chainmap Concatmap Emap Mergemap Switchmap",
    ".select": "Changes DropWhile Filter Last Skip Take TakeUntil TakeWhile Unique",
    ".timing": "Debounce Delay Sample Throttle Timeout Timestamp",
    ".transform": (
        "Chunk ChunkWith Constant Copy Deepcopy Enumerate Iterate Map Pack Partial PartialRight Pluck Previous Star"
    ),
    ".values": "NO_VALUE",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> typing.Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return list(_HOME)
