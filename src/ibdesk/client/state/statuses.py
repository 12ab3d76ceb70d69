"""The states of a subscription to quotes, and how the server's data types and error codes lead to them."""

from typing import Final, Literal

Status = Literal["", "live", "frozen", "delayed", "delayed-frozen", "interrupted", "denied", "error", "ended"]
"""The state of a ticker's quotes, as `Ticker` describes it. It is empty before anything has arrived."""

DATA_TYPES: Final[dict[int, Status]] = {1: "live", 2: "frozen", 3: "delayed", 4: "delayed-frozen"}
"""Market data type -> state. Source: TWS API documentation, "Market Data Type"."""

STOPPED: Final[tuple[Status, ...]] = ("denied", "error", "ended")
"""The states in which no quotes come any more."""

NEEDS_API_RIGHTS: Final = 10089
"""The code for missing rights to live data. For quotes, delayed ones may come instead; other requests end with it."""

_DELAYED: Final[tuple[Status, ...]] = ("delayed", "delayed-frozen")
_SHOWN_DELAYED: Final = frozenset({2186, 10167})
"""The codes by which the server announces delayed data instead of live data."""

_DENIALS: Final = frozenset({354, 420, 10089, 10168, 10186, 10187, 10197})
"""The codes that mean: the account has no right to the data, or another session of the same user receives it."""


def refused(code: int) -> Status:
    """Return the state of quotes that an error has ended."""
    return "denied" if code in _DENIALS else "error"


def advised(code: int, status: Status) -> Status:
    """Return the state of quotes that go on after an error or warning."""
    if status in _DELAYED:
        return status
    if code == NEEDS_API_RIGHTS:
        return "denied"
    return "delayed" if code in _SHOWN_DELAYED else status
