"""Where the permIds and execIds of one run of the gateway begin, so that no run repeats those of another.

A client may live through a restart of the gateway, and knows orders by permId and fills by execId. IBKR's never come
twice. Here they begin where the seed and the start say: a gateway that is started later begins a thousand numbers a
second further on. Whoever wants to have the same numbers again says which start it is: starts that are numbered begin
a million numbers after one another, whenever they are. There are 2**31 permIds, as at IBKR, so that after 24 days, or
2147 starts, they begin anew.
"""

from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from .exchange import HIGHEST_PERM_ID

_A_SECOND = 1000
_A_START = 1_000_000
_EXEC_GROUPS = 2**32


class Numbering(NamedTuple):
    """The first permId of a run, and the number that all its execIds begin with."""

    first_perm_id: int
    exec_group: int


def numbering(started: datetime | int, seed: int) -> Numbering:
    """Return the numbers of the gateway that is started at a moment, or of the start that has a number."""
    begin = started * _A_START if isinstance(started, int) else int(started.timestamp() * _A_SECOND)
    begin += crc32(str(seed).encode())
    return Numbering(begin % HIGHEST_PERM_ID + 1, begin % _EXEC_GROUPS)
