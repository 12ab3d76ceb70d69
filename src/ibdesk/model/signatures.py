"""The signatures that `help` and notebooks show for classes that take fields by keyword."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect import Signature


class SpelledOut:
    """A `__signature__` for a dataclass and its subclasses that shows the fields in place of `**kwargs`."""

    def __init__(self, *sets_itself: str) -> None:
        """Leave out the fields named in `sets_itself`: the class sets them and does not take them."""
        self._sets_itself = sets_itself

    def __get__(self, instance: object, owner: type) -> "Signature":
        noun = next((cls for cls in owner.__mro__ if "__dataclass_fields__" in vars(cls)), None)
        if noun is None:  # asked by `dataclass` itself, before the class has its fields
            raise AttributeError("__signature__")
        # Imported here because `inspect` is slow to import, and few programs ask for a signature.
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
