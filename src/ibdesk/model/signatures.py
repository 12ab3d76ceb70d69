"""Decides what `help` and notebooks show as the arguments of a class that takes fields by keyword; knows no class."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect import Signature


class SpelledOut:
    """A `__signature__` for a dataclass and its subclasses: `**kwargs` of `__init__` as the fields that it takes.

    These are all that it does not name, but for those that it sets itself.
    """

    def __init__(self, *sets_itself: str) -> None:
        self._sets_itself = sets_itself

    def __get__(self, instance: object, owner: type) -> "Signature":
        noun = next((cls for cls in owner.__mro__ if "__dataclass_fields__" in vars(cls)), None)
        if noun is None:  # the dataclass is being made
            raise AttributeError("__signature__")
        # When it is asked for: at the import of every kind it would take time that few programs have a use for.
        from inspect import Parameter, signature

        found = signature(owner.__init__)  # type: ignore[misc]
        _, *own = found.parameters.values()
        if not own or own[-1].kind is not Parameter.VAR_KEYWORD:
            return found.replace(parameters=own)
        del own[-1]
        named = {"self", *self._sets_itself, *(parameter.name for parameter in own)}
        fields = signature(noun.__init__).parameters.values()  # type: ignore[misc]
        others = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in fields if one.name not in named]
        return found.replace(parameters=[*own, *others])
