"""The contract database: what can be traded, and when."""

from ..refusals import Ambiguous, Invalid, NoDefinition, Refusal
from .combinations import COMBINATION, Leg, combination_legs, ends_first
from .database import Instruments, OptionParameters
from .details import contract_of, details_of
from .endings import Ending, cleared_after, ending_of, has_ended, next_clearing
from .instrument import Instrument, Kind, OptionTerms, Pricing
from .sessions import (
    HOURS,
    Hours,
    MarketSession,
    following,
    hours_text,
    is_open,
    latest,
    opening,
    sessions,
    trading_day,
)

__all__ = [
    "COMBINATION",
    "HOURS",
    "Ambiguous",
    "Ending",
    "Hours",
    "Instrument",
    "Instruments",
    "Invalid",
    "Kind",
    "Leg",
    "MarketSession",
    "NoDefinition",
    "OptionParameters",
    "OptionTerms",
    "Pricing",
    "Refusal",
    "cleared_after",
    "combination_legs",
    "contract_of",
    "details_of",
    "ending_of",
    "ends_first",
    "following",
    "has_ended",
    "hours_text",
    "is_open",
    "latest",
    "next_clearing",
    "opening",
    "sessions",
    "trading_day",
]
