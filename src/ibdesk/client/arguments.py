"""Decides whether a method is given objects of the kinds that it takes, before it does anything; not what it does."""

import inspect
from functools import wraps
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, get_args

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order

Cls = TypeVar("Cls", bound=type)


def with_checked_arguments(cls: Cls) -> Cls:
    """A class whose public methods do `checked`."""
    for name, member in list(vars(cls).items()):
        if not name.startswith("_") and inspect.isfunction(member):
            setattr(cls, name, checked(member))
    return cls


def checked(function: Any) -> Any:
    """A method that raises TypeError, naming itself and the argument, for one that is not of the annotated class.

    That concerns the classes of ibdesk (`Contract`, `Order` ...), alone or with None: numbers and text are looked
    at where they are written on the wire. What is no function stays as it is.
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
            # What is given by its place and is of its kind, as nearly always, needs no closer look.
            if one.takes_many or one.place >= len(args) or not isinstance(args[one.place], one.kinds):
                one.check(function.__name__, args, kwargs)
        return function(*args, **kwargs)

    return call_later if inspect.iscoroutinefunction(function) else call


class _Wanted(NamedTuple):
    """A parameter, its place among the positional ones (`self` is 0), and the classes that it takes."""

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
        return f"{method}(): {name} must be {needed}, not {_shown(value)}{self._way(value)}"

    def _way(self, value: Any) -> str:
        """What to do instead, where that can be guessed."""
        for kind, attribute in ((Contract, "contract"), (Order, "order")):
            if kind in self.kinds and isinstance(getattr(value, attribute, None), kind):
                return f"; give its .{attribute}"
        if self.takes_many and isinstance(value, list | tuple):
            return f"; give them one by one, as *{self.name}"
        return "; Stock('AAPL', 'SMART', 'USD') makes one" if Contract in self.kinds and isinstance(value, str) else ""


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"


def _shown(value: Any) -> str:
    """The value itself where it is short, else its class."""
    return repr(value) if value is None or isinstance(value, str | int | float) else _with_article(type(value).__name__)


def _wanted(function: Any) -> list[_Wanted]:
    found = []
    for place, one in enumerate(inspect.signature(function).parameters.values()):
        kinds = get_args(one.annotation) if isinstance(one.annotation, UnionType) else (one.annotation,)
        ours = [kind for kind in kinds if getattr(kind, "__module__", "").startswith("ibdesk.")]
        if ours and all(isinstance(kind, type) and (kind in ours or kind is NoneType) for kind in kinds):
            # One that can't be given by its place is beyond all places.
            at = 1_000 if one.kind is one.KEYWORD_ONLY else place
            found.append(_Wanted(one.name, at, one.kind is one.VAR_POSITIONAL, kinds))
    return found
