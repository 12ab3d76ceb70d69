"""Decides what a user sees of a group of TWS's windows; it must not know who changes it."""

from dataclasses import dataclass
from typing import ClassVar

from ibdesk.client.effects import Emissions, Emit
from ibdesk.events import Event
from ibdesk.model.fields import Noun


@dataclass(eq=False)
class DisplayGroup(Noun):
    """A group of windows that show one contract: `conId@exchange`, `none`, or `combo` for any combination.

    `updateEvent` emits the group when it shows another.
    """

    reqId: int
    groupId: int
    contractInfo: str = ""

    events: ClassVar[tuple[str, ...]] = ("updateEvent",)

    def __post_init__(self) -> None:
        self.updateEvent: Event[DisplayGroup] = Event("updateEvent")

    def shows(self, contractInfo: str) -> Emissions:
        """The group shows another contract."""
        self.contractInfo = contractInfo
        return [Emit(self.updateEvent, (self,))]
