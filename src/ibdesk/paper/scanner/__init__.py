"""The market scanner: what can be scanned, and how instruments rank."""

from .ranking import scan
from .scan_catalogue import parameters

__all__ = ["parameters", "scan"]
