"""Events, which bring a value to all who listen for it, and operators, which make events out of others.

Each operator is a method of `Event`, and a class in one of the modules here. A module of operators is imported when
the first of its methods is called.
"""

from .event import Event, Op
from .values import NO_VALUE

__all__ = ["NO_VALUE", "Event", "Op"]
