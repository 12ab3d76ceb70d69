"""The market scanner: decides what can be scanned and how it ranks; must not know subscriptions or the clock."""

from .ranking import scan
from .scan_catalogue import parameters

__all__ = ["parameters", "scan"]
