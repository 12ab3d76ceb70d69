"""Operators on the errors of a source."""

from typing import Any, TypeVarTuple

from .event import Event, Op

Args = TypeVarTuple("Args")


class Errors(Op[Event[*tuple[Any, ...]], BaseException]):
    """See `Event.errors`."""

    __slots__ = ()

    def on_source(self, *args: Any) -> None:
        """Leave out values, which are no errors."""

    def on_source_error(self, source: Event[*tuple[Any, ...]], error: BaseException) -> None:
        self.emit(source, error)


class EndOnError(Op[*Args]):
    """See `Event.end_on_error`."""

    __slots__ = ()

    def on_source_error(self, source: Event[*tuple[Any, ...]], error: BaseException) -> None:
        super().on_source_error(source, error)
        self.end()
