"""The market scanner: decides what can be scanned and how it ranks; must not know subscriptions or the clock."""

from .offer import parameters
from .ranking import scan

__all__ = ["parameters", "scan"]
