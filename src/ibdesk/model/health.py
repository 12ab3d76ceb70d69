"""How the way from the program to IBKR's data stands: the socket, IBKR's own link, and each farm of its servers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from ibdesk.model.fields import Noun


class SocketState(StrEnum):
    """How the connection to TWS or IB Gateway stands."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    """It is lost, and is being made again."""


class LinkState(StrEnum):
    """How the connection between TWS or IB Gateway and IBKR stands."""

    UNKNOWN = "unknown"
    """There is no connection to TWS or IB Gateway, which would tell."""
    CONNECTED = "connected"
    BROKEN = "broken"


class FarmKind(StrEnum):
    """What a farm of servers has."""

    MARKET_DATA = "market data"
    HISTORICAL_DATA = "historical data"
    DEFINITIONS = "contract definitions"


class FarmState(StrEnum):
    """How the connection between TWS or IB Gateway and a farm stands."""

    CONNECTED = "connected"
    INACTIVE = "inactive"
    """It is not connected because nothing is asked of it. The next request wakes it."""
    CONNECTING = "connecting"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Farm(Noun):
    """One of IBKR's farms of servers, such as `usfarm` (quotes), `ushmds` (bars) or `secdefnj` (contracts)."""

    name: str
    kind: FarmKind
    state: FarmState
    since: datetime
    """When it came into this state, as far as the program was told."""


_NO_FARMS: Mapping[str, Farm] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Health(Noun):
    """How things stand at one moment, in parts that fail apart from each other.

    A farm that is broken says nothing about orders, and a link that is broken nothing about the socket. What to do in
    each case differs: see `docs/reference/reconnection.md`.
    """

    socket: SocketState = SocketState.DISCONNECTED
    socket_since: datetime | None = None
    """When the socket came into this state. None if there never was a connection."""
    link: LinkState = LinkState.UNKNOWN
    link_since: datetime | None = None
    is_data_lost: bool = False
    """Whether the link came back without its subscriptions (1101), and data have not come again for all of them."""
    farms: Mapping[str, Farm] = field(default_factory=lambda: _NO_FARMS)
    """The farms that the server has told of on this connection, by name."""
    competing_since: datetime | None = None
    """Since when another session of the same user has the market data (10197); None if none has."""

    @property
    def is_competing(self) -> bool:
        """Whether another session of the same user has the market data."""
        return self.competing_since is not None

    @property
    def broken_farms(self) -> list[str]:
        """The names of the farms whose connection is broken."""
        return [farm.name for farm in self.farms.values() if farm.state is FarmState.BROKEN]

    @property
    def is_well(self) -> bool:
        """Whether socket and link are connected, no farm is broken, and no other session has the market data."""
        return (
            self.socket is SocketState.CONNECTED
            and self.link is LinkState.CONNECTED
            and not self.broken_farms
            and not self.is_competing
        )

    def __str__(self) -> str:
        farms = ", ".join(f"{farm.name} {farm.state}" for farm in self.farms.values())
        parts = [f"socket {self.socket}", f"link {self.link}", f"farms: {farms or 'none told'}"]
        if self.is_competing:
            parts.append("another session has the market data")
        return "; ".join(parts)
