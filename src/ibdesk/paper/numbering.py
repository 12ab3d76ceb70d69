"""Where the permIds and execIds of one run of the gateway begin, so that no run repeats those of another.

A client may live through a restart of the gateway, and knows orders by permId and fills by execId. IBKR's never come
twice. Here they begin at a number that the moment of the start and the seed give: a gateway that is started later
begins a thousand numbers a second further on, and the same start has the same numbers. There are 2**31 permIds, as at
IBKR, so that after 24 days they begin anew.
"""

from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from .exchange import HIGHEST_PERM_ID

_A_SECOND = 1000
_EXEC_GROUPS = 2**32


class Numbering(NamedTuple):
    """The first permId of a run, and the number that all its execIds begin with."""

    first_perm_id: int
    exec_group: int


def numbering(started: datetime, seed: int) -> Numbering:
    """Return the numbers of the gateway that is started at a moment."""
    begin = int(started.timestamp() * _A_SECOND) + crc32(str(seed).encode())
    return Numbering(begin % HIGHEST_PERM_ID + 1, begin % _EXEC_GROUPS)
