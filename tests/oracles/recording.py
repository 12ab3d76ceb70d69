"""How callbacks of an oracle's decoder are recorded; knows neither the oracles nor the messages."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NoReturn


@dataclass(frozen=True)
class Call:
    """One callback: its `name`, its arguments by position, and the same by the callback's parameter names.

    `named` has the defaults of the parameters that were not passed. It takes no part in comparisons.
    """

    name: str
    args: tuple[Any, ...]
    named: dict[str, Any] = field(compare=False, repr=False, default_factory=dict)


class Recorder:
    """Stands where the oracle expects its wrapper, and keeps every callback in `calls`.

    It answers to the public callbacks of `reference` (the oracle's own wrapper class) and to no other name.
    """

    def __init__(self, reference: type) -> None:
        self._reference = reference
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        signature = _signature(self._reference, name)

        def record(*args: Any, **keywords: Any) -> None:
            bound = signature.bind(None, *args, **keywords)
            passed = bound.args[1:]
            bound.apply_defaults()
            self.calls.append(Call(name, passed, dict(list(bound.arguments.items())[1:])))

        return record


@cache
def _signature(reference: type, name: str) -> inspect.Signature:
    callback = getattr(reference, name, None)
    if name.startswith("_") or not inspect.isfunction(callback):
        raise AttributeError(f"{reference.__name__} has no callback {name}")
    return inspect.signature(callback)


class StrictLogger:
    """A logger that is silent, but raises what a decoder would only log as an error before dropping the message."""

    def __init__(self, fault: type[Exception]) -> None:
        self._fault = fault

    def isEnabledFor(self, level: int) -> bool:
        return False

    def debug(self, message: str, *args: Any) -> None: ...

    info = warning = debug

    def error(self, message: str, *args: Any) -> NoReturn:
        raise self._fault(message % args if args else message)

    exception = error
