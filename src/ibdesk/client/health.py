"""`HealthWatch`: learns from the server's notices how its link to IBKR and the farms stand, and when that changed.

It only tells. That a farm or the link is broken never ends a connection: orders may still go through.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ibdesk.client.effects import Effects, Emit
from ibdesk.events import Event
from ibdesk.model.health import Farm, FarmKind, FarmState, Health, LinkState, SocketState

FARM_NOTICES: dict[int, tuple[FarmKind, FarmState]] = {
    2103: (FarmKind.MARKET_DATA, FarmState.BROKEN),
    2104: (FarmKind.MARKET_DATA, FarmState.CONNECTED),
    2105: (FarmKind.HISTORICAL_DATA, FarmState.BROKEN),
    2106: (FarmKind.HISTORICAL_DATA, FarmState.CONNECTED),
    2107: (FarmKind.HISTORICAL_DATA, FarmState.INACTIVE),
    2108: (FarmKind.MARKET_DATA, FarmState.INACTIVE),
    2119: (FarmKind.MARKET_DATA, FarmState.CONNECTING),
    2157: (FarmKind.DEFINITIONS, FarmState.BROKEN),
    2158: (FarmKind.DEFINITIONS, FarmState.CONNECTED),
}
"""The codes of notices about a farm: what it has, and how the connection to it stands."""

LINK_LOST = frozenset({1100, 2110})
"""The codes of notices that TWS has lost IBKR, or has not found it yet when a client connects (2110)."""
DATA_LOST, DATA_KEPT = 1101, 1102
LINK_RESTORED = frozenset({DATA_LOST, DATA_KEPT})
"""The codes of notices that TWS has IBKR again, without the subscriptions that there were, or with them."""
OF_LINKS = LINK_LOST | LINK_RESTORED | FARM_NOTICES.keys()

COMPETING = 10197
"""The code by which the server ends and refuses market data while another session of the same user has them."""

_NO_HISTORY = 162
"""The code by which it refuses historical data, for this reason among others: only the text tells which."""

_FARM_NAME = re.compile(r"[:.]\s*(?P<name>[A-Za-z0-9][\w.-]*?)\.?\s*$")
"""The farm at the end of a notice, behind a colon ("... is OK:usfarm.nj") or a full stop ("... upon demand.ushmds")."""

_LISTED_FARMS = re.compile(r"farms are (?P<no>not )?connected:\s*(?P<names>[\w.;\s-]*?)(?=\.\s|\.?\s*$)")
"""The farms in the text of 1102."""

_MOST_FARMS = 200
"""How many farms are kept. IBKR has a few dozen."""

_STILL_COMPETING = timedelta(seconds=10)
"""For how long a refusal because of another session outweighs what the server says of other requests."""

_ELSEWHERE = "connected from a different IP address"


class HealthWatch:
    """Keeps the current `Health` of an `IB`. Each method returns the effects of what it was told."""

    def __init__(self) -> None:
        self.health: Health = Health()
        self.changed: Event[()] = Event("changed")
        """Emitted at each change, for the client itself: `healthEvent` is the users'."""
        self._denied: datetime | None = None
        """When the server last refused market data because of another session."""

    def socket(self, state: SocketState, now: datetime) -> Effects:
        """Take note that the socket has changed its state. What was known of the link and of farms ends with it."""
        if state is self.health.socket:
            return []
        if state is SocketState.CONNECTED:  # and the notices that came right after the handshake count already
            return self._set(socket=state, socket_since=now)
        link = self._link(LinkState.UNKNOWN, now)
        return self._set(
            socket=state, socket_since=now, farms=MappingProxyType({}), competing_since=None, is_data_lost=False, **link
        )

    def opened(self, now: datetime) -> Effects:
        """Take note that the server has answered the handshake. It says so right after if it has no link (2110)."""
        return self._set(**self._link(LinkState.CONNECTED, now))

    def notice(self, code: int, text: str, now: datetime) -> Effects:
        """Take note of what one of the server's errors and notices says about the link, a farm or another session."""
        if code in FARM_NOTICES:
            found = _FARM_NAME.search(text)
            return self._set(farms=self._with([(found["name"], *FARM_NOTICES[code])], now)) if found else []
        if code in LINK_LOST:
            return self._set(**self._link(LinkState.BROKEN, now))
        if code in LINK_RESTORED:
            listed = [
                (name, None, FarmState.BROKEN if part["no"] else FarmState.CONNECTED)
                for part in _LISTED_FARMS.finditer(text)
                for name in part["names"].replace(";", " ").split()
            ]
            link = self._link(LinkState.CONNECTED, now)
            return self._set(**link, is_data_lost=code == DATA_LOST, farms=self._with(listed, now))
        if code == COMPETING or (code == _NO_HISTORY and _ELSEWHERE in text):
            self._denied = now
            return self._set(competing_since=self.health.competing_since or now)
        return []

    def live_data(self, now: datetime) -> Effects:
        """Take note that the server has live data for a request: no other session has them, unless it just said so."""
        is_over = self._denied is not None and now - self._denied > _STILL_COMPETING
        return self._set(competing_since=None) if is_over else []

    def data_restored(self) -> Effects:
        """Take note that data have come again for everything that is subscribed."""
        return self._set(is_data_lost=False)

    def _link(self, state: LinkState, now: datetime) -> dict[str, Any]:
        return {} if state is self.health.link else {"link": state, "link_since": now}

    def _with(self, told: Iterable[tuple[str, FarmKind | None, FarmState]], now: datetime) -> Mapping[str, Farm]:
        """Return the farms with those that were told of now."""
        farms = dict(self.health.farms)
        for name, kind, state in told:
            before = farms.get(name)
            if before is None and len(farms) >= _MOST_FARMS:
                continue
            kind = kind or (before.kind if before else _kind_by_name(name))
            if before is None or (before.kind, before.state) != (kind, state):
                farms[name] = Farm(name, kind, state, now)
        return self.health.farms if farms == self.health.farms else MappingProxyType(farms)

    def _set(self, **changes: Any) -> Effects:
        """Change the health, and return the event that tells it: none if nothing has changed."""
        health = replace(self.health, **changes)
        if health == self.health:
            return []
        self.health = health
        return [Emit(self.changed, ()), Emit("healthEvent", (health,))]


def _kind_by_name(name: str) -> FarmKind:
    """Return what a farm has of which only the name is known, from the list in the text of 1102."""
    if name.startswith("secdef"):
        return FarmKind.DEFINITIONS
    return FarmKind.HISTORICAL_DATA if "hmds" in name or name.startswith("fund") else FarmKind.MARKET_DATA
