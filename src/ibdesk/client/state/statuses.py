"""Decides in which state a subscription to quotes is, by what the server says; it must not know tickers or requests."""

from typing import Final, Literal

Status = Literal["", "live", "frozen", "delayed", "delayed-frozen", "denied", "error", "ended"]
"""The state of a ticker's quotes. Empty: nothing was heard yet."""

DATA_TYPES: Final[dict[int, Status]] = {1: "live", 2: "frozen", 3: "delayed", 4: "delayed-frozen"}
"""What each market data type brings. Source: TWS API documentation, "Market Data Type"."""

STOPPED: Final[tuple[Status, ...]] = ("denied", "error", "ended")
"""Nothing comes any more."""

NEEDS_API_RIGHTS: Final = 10089
"""Of quotes: there may be delayed ones instead. Of anything else: there is nothing."""

_DELAYED: Final[tuple[Status, ...]] = ("delayed", "delayed-frozen")
_SHOWN_DELAYED: Final = frozenset({2186, 10167})

_DENIALS: Final = frozenset({354, 420, 10089, 10168, 10186, 10187, 10197})
"""The account has no right to the data, or another session of the same user takes it."""


def refused(code: int) -> Status:
    """The state of quotes that an error has ended."""
    return "denied" if code in _DENIALS else "error"


def advised(code: int, status: Status) -> Status:
    """The state of quotes that go on, in spite of a code."""
    if status in _DELAYED:
        return status
    if code == NEEDS_API_RIGHTS:
        return "denied"
    return "delayed" if code in _SHOWN_DELAYED else status
