"""Decides what is known to be subscribed beside quotes and bars; it must not know what a subscription brings."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from ibdesk.client.mirror.bar_lists import ScanDataList
from ibdesk.client.mirror.display_groups import DisplayGroup
from ibdesk.client.mirror.subscriptions import Subscriptions
from ibdesk.model.accounts import PnL, PnLSingle


@dataclass
class Followed:
    """The subscriptions of one connection. A profit is known by account, model (and conId); a scan or a group by
    its reqId."""

    pnl: Subscriptions[tuple[str, str], PnL] = field(default_factory=Subscriptions)
    pnl_single: Subscriptions[tuple[str, str, int], PnLSingle] = field(default_factory=Subscriptions)
    scans: dict[int, ScanDataList] = field(default_factory=dict)
    groups: dict[int, DisplayGroup] = field(default_factory=dict)
    summary: int = 0
    """The request for the summary of accounts that goes on, if any."""
    calendar: dict[type, int] = field(default_factory=dict)
    """Request to Wall Street Horizon's calendar -> reqId; one of a kind at a time."""
    turns: dict[type, AbstractAsyncContextManager[Any]] = field(default_factory=dict)
    """Whose turn it is to ask the calendar, by the kind of request."""

    def end(self, reqId: int) -> None:
        """The server ended or refused what has this id."""
        self.pnl.end(reqId)
        self.pnl_single.end(reqId)
        self.scans.pop(reqId, None)
        self.groups.pop(reqId, None)
        self.calendar = {kind: one for kind, one in self.calendar.items() if one != reqId}
