"""The contract database: what can be traded, and when."""

from ..refusals import Ambiguous, Invalid, NoDefinition, Refusal
from .database import Instruments, OptionParameters
from .details import contract_of, details_of
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
    "HOURS",
    "Ambiguous",
    "Hours",
    "Instrument",
    "Instruments",
    "Invalid",
    "Kind",
    "MarketSession",
    "NoDefinition",
    "OptionParameters",
    "OptionTerms",
    "Pricing",
    "Refusal",
    "contract_of",
    "details_of",
    "following",
    "hours_text",
    "is_open",
    "latest",
    "opening",
    "sessions",
    "trading_day",
]
