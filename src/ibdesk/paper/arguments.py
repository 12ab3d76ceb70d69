"""Checks of the arguments of a gateway.

Each function returns the argument in the form in which it is used. It raises ValueError for what cannot be meant; the
message names the argument and shows what was given.
"""

import re
from datetime import datetime
from math import nan
from numbers import Integral, Real
from typing import Any

from .like import Like

HIGHEST_PORT = 65535
HIGHEST_CLIENT_ID = 2**31 - 1
HIGHEST_START = 2**31 - 1

MOST_CASH = 1e13
"""Beyond it the floats in which amounts are told are no longer exact to the cent."""

YEARS = range(1981, 2100)
"""Those of which the market has prices, and its exchanges' calendars holidays."""

_ACCOUNT = re.compile(r"[A-Za-z0-9]{1,20}")
_ALL_ACCOUNTS = "ALL"


def address(host: Any) -> str:
    """Return the address to listen at. An empty one is refused, since it would mean every network of the computer."""
    if not (isinstance(host, str) and host.strip()):
        raise ValueError(f"host is an address to listen on, such as 127.0.0.1 or, for all, 0.0.0.0, not {host!r}")
    return host


def whole(name: str, number: Any, lowest: int | None = None, highest: int | None = None) -> int:
    """Return a whole number, NumPy's too, between two others."""
    within = "" if lowest is None else f" from {lowest} to {highest}"
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise ValueError(f"{name} is a whole number{within}, not {number!r}")
    plain = int(number)
    if lowest is not None and highest is not None and not lowest <= plain <= highest:
        raise ValueError(f"{name} is a whole number{within}, not {plain}")
    return plain


def account_code(account: Any) -> str:
    """Return the code of one account."""
    if not (isinstance(account, str) and _ACCOUNT.fullmatch(account)) or account.upper() == _ALL_ACCOUNTS:
        raise ValueError(f"account is the code of one account, letters and digits such as DU1234567, not {account!r}")
    return account


def dollars(cash: Any) -> float:
    """Return the amount of dollars with which the account begins."""
    amount = nan if isinstance(cash, bool) or not isinstance(cash, Real) else float(cash)
    if not 0 <= amount <= MOST_CASH:
        raise ValueError(f"cash is an amount of US dollars from 0 to {MOST_CASH:.0e}, not {cash!r}")
    return amount


def kind_of_account(like: Any) -> Like:
    """Return the kind of account whose gateway is imitated."""
    try:
        return Like(like)
    except ValueError:
        raise ValueError(f"like is 'paper' or 'live', not {like!r}") from None


def within_market(start: datetime) -> datetime:
    """Return the moment at which the market begins."""
    if start.year not in YEARS:
        raise ValueError(f"the market knows the years {YEARS[0]} to {YEARS[-1]}, not {start.year}")
    return start
