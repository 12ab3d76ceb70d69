"""Display groups: windows in TWS that are grouped so that all of them show the same contract."""

from dataclasses import dataclass
from typing import ClassVar

from ibdesk.client.effects import Emissions, Emit
from ibdesk.events import Event
from ibdesk.model.fields import Noun


@dataclass(eq=False)
class DisplayGroup(Noun):
    """A group of windows in TWS that show the same contract.

    `contractInfo` is the contract as `conId@exchange`, `none`, or `combo` for any combination. `updateEvent` emits the
    group when it shows another contract.
    """

    reqId: int
    groupId: int
    contractInfo: str = ""

    events: ClassVar[tuple[str, ...]] = ("updateEvent",)

    def __post_init__(self) -> None:
        self.updateEvent: Event[DisplayGroup] = Event("updateEvent")

    def shows(self, contractInfo: str) -> Emissions:
        """Record that the group shows another contract."""
        self.contractInfo = contractInfo
        return [Emit(self.updateEvent, (self,))]
