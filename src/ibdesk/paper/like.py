"""Which of IBKR's gateways the paper gateway is like: that of paper accounts, or that of live ones.

IBKR's servers for paper accounts refuse some orders that the live ones take, such as fill-or-kill and icebergs.
"""

from enum import StrEnum


class Like(StrEnum):
    """The kind of account whose gateway is imitated."""

    PAPER = "paper"
    LIVE = "live"

    def takes(self, *, live_only: bool) -> bool:
        """Return whether such a gateway takes something, which is `live_only` if those of paper accounts refuse it."""
        return self is Like.LIVE or not live_only
