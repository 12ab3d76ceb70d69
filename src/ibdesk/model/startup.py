"""What a connection begins with: which parts of the account were asked for, and which have come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from ibdesk.model.fields import Noun


class PartState(StrEnum):
    """What has become of a part that was asked for."""

    ASKED = "asked"
    CAME = "came"
    LATE = "late"
    """It did not come in time. It is asked for again and again, while the connection lasts."""
    REFUSED = "refused"
    """The server has answered with an error. It is not asked for again."""


@dataclass(frozen=True, slots=True)
class StartupPart(Noun):
    """A part of the account, such as the positions."""

    name: str
    state: PartState
    since: datetime
    """When it came into this state."""
    error: str = ""
    """Why it has not come, in words."""


_NOTHING: Mapping[str, StartupPart] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StartupReport(Noun):
    """What a connection began with. `ib.startup` is the latest one, and `startupEvent` tells each change.

    As long as `missing` names the positions, an empty `ib.positions()` does not mean that there are none.
    """

    began: datetime | None = None
    """When the parts were asked for. None if there was no connection yet."""
    parts: Mapping[str, StartupPart] = field(default_factory=lambda: _NOTHING)
    """What was asked for, by name."""

    @property
    def missing(self) -> list[str]:
        """The names of the parts that have not come."""
        return [part.name for part in self.parts.values() if part.state is not PartState.CAME]

    @property
    def is_complete(self) -> bool:
        """Whether all parts have come."""
        return self.began is not None and not self.missing

    @property
    def errors(self) -> list[str]:
        """Why parts are missing, in words."""
        return [part.error for part in self.parts.values() if part.error]

    def __str__(self) -> str:
        if self.began is None:
            return "nothing was asked for yet"
        came = ", ".join(part.name for part in self.parts.values() if part.state is PartState.CAME)
        missing = ", ".join(f"{self.parts[name].name} ({self.parts[name].state})" for name in self.missing)
        return f"came: {came or 'nothing'}" + (f"; missing: {missing}" if missing else "")
