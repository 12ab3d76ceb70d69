"""How a value reaches those who listen for it: events, and operators that make events out of others.

The names are those of the package `eventkit`, so that this one can stand in for it. The module of an operator is
imported when the operator is first used.
"""

import typing  # not its Any: that is the name of an operator
from importlib import import_module

from .event import Event, Op
from .values import NO_VALUE

_OPERATORS = {
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
}
_MODULES = {name: module for module, names in _OPERATORS.items() for name in names.split()}

__all__ = ["NO_VALUE", "Event", "Op"]


def __getattr__(name: str) -> typing.Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
