"""`checked`: has a method raise TypeError at once for an argument of a wrong class, such as a text for a `Contract`."""

import inspect
from functools import wraps
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, get_args

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order

Cls = TypeVar("Cls", bound=type)


def with_checked_arguments(cls: Cls) -> Cls:
    """Apply `checked` to each public method of a class, and return the class."""
    for name, member in list(vars(cls).items()):
        if not name.startswith("_") and inspect.isfunction(member):
            setattr(cls, name, checked(member))
    return cls


def checked(function: Any) -> Any:
    """Return a method that first checks its arguments against their annotations, and raises TypeError if one is wrong.

    The error names method and argument. Only parameters annotated with classes of ibdesk (`Contract`, `Order` ...),
    alone or with None, are checked: numbers and text are checked when a message is encoded. Anything but a function is
    returned unchanged.
    """
    if not inspect.isfunction(function) or not (wanted := _wanted(function)):
        return function

    @wraps(function)
    async def call_later(*args: Any, **kwargs: Any) -> Any:
        for one in wanted:
            one.check(function.__name__, args, kwargs)
        return await function(*args, **kwargs)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for one in wanted:
            # Nearly always the argument is given by position and of the right class, and nothing more is to check.
            if one.takes_many or one.place >= len(args) or not isinstance(args[one.place], one.kinds):
                one.check(function.__name__, args, kwargs)
        return function(*args, **kwargs)

    return call_later if inspect.iscoroutinefunction(function) else call


class _Wanted(NamedTuple):
    """A parameter to check: its name, its position (`self` has 0), and the classes that it accepts."""

    name: str
    place: int
    takes_many: bool
    kinds: tuple[type, ...]

    def check(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.takes_many:
            for number, value in enumerate(args[self.place :]):
                if not isinstance(value, self.kinds):
                    raise TypeError(self._fault(method, f"{self.name}[{number}]", value))
        elif self.place < len(args):
            if not isinstance(args[self.place], self.kinds):
                raise TypeError(self._fault(method, self.name, args[self.place]))
        elif self.name in kwargs and not isinstance(kwargs[self.name], self.kinds):
            raise TypeError(self._fault(method, self.name, kwargs[self.name]))

    def _fault(self, method: str, name: str, value: Any) -> str:
        needed = " or ".join("None" if kind is NoneType else _with_article(kind.__name__) for kind in self.kinds)
        return f"{method}(): {name} must be {needed}, not {_shown(value)}{self._advice(value)}"

    def _advice(self, value: Any) -> str:
        """Return what to do instead, where that can be guessed."""
        for kind, attribute in ((Contract, "contract"), (Order, "order")):
            if kind in self.kinds and isinstance(getattr(value, attribute, None), kind):
                return f"; give its .{attribute}"
        if self.takes_many and isinstance(value, list | tuple):
            return f"; give them one by one, as *{self.name}"
        return "; Stock('AAPL', 'SMART', 'USD') makes one" if Contract in self.kinds and isinstance(value, str) else ""


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"


def _shown(value: Any) -> str:
    """Return the value itself if it is a number or a text, else its class, for a message."""
    return repr(value) if value is None or isinstance(value, str | int | float) else _with_article(type(value).__name__)


def _wanted(function: Any) -> list[_Wanted]:
    found = []
    for place, one in enumerate(inspect.signature(function).parameters.values()):
        kinds = get_args(one.annotation) if isinstance(one.annotation, UnionType) else (one.annotation,)
        ours = [kind for kind in kinds if getattr(kind, "__module__", "").startswith("ibdesk.")]
        if ours and all(isinstance(kind, type) and (kind in ours or kind is NoneType) for kind in kinds):
            # A parameter that can be given by keyword only has a position that no call reaches.
            at = 1_000 if one.kind is one.KEYWORD_ONLY else place
            found.append(_Wanted(one.name, at, one.kind is one.VAR_POSITIONAL, kinds))
    return found
