"""Lists of bars and of scanner rows that are kept up to date.

Each list has the arguments of the request that it answers as attributes.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from ibdesk.events import Event
from ibdesk.model.bars import BarData, RealTimeBar
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ScanData
from ibdesk.model.reference import ScannerSubscription

T = TypeVar("T")


class LiveList(list[T]):
    """A list that is kept up to date. Two such lists are equal only if they are the same object."""

    # To compare the values would be slow, and lists that change are not equal for long.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class BarsKept(LiveList[T]):
    """A list of bars that a subscription adds to, and what is missing in it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gaps: list[tuple[date, date]] = []
        """The holes that could not be filled: the dates of the bars on both sides of each."""
        self.isInterrupted: bool = False
        """Whether the server has lost the subscription, so that what is missing is still to come."""

    @property
    def isComplete(self) -> bool:
        """Whether no bar is missing, neither in a hole nor at the end."""
        return not self.gaps and not self.isInterrupted


class BarDataList(BarsKept[BarData]):
    """Historical bars, with the arguments of their request.

    If the list is kept up to date, `updateEvent` emits (bars, hasNewBar): True if a bar was added, False if the last
    one changed.

    When the server has lost the subscription, the bars that are missing are added as soon as it is restored, each with
    an `updateEvent`. `isComplete` tells whether no bar is missing: it is False meanwhile, and remains so if the server
    does not give all bars. Then `gapEvent` emits (bars, since, until) with the dates of the bars on both sides of the
    hole, and `gaps` has them.
    """

    reqId: int
    contract: Contract
    endDateTime: datetime | date | str | None
    durationStr: str
    barSizeSetting: str
    whatToShow: str
    useRTH: bool
    formatDate: int
    keepUpToDate: bool
    chartOptions: list[TagValue]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.updateEvent: Event[BarDataList, bool] = Event("updateEvent")
        self.gapEvent: Event[BarDataList, date, date] = Event("gapEvent")


class RealTimeBarList(BarsKept[RealTimeBar]):
    """Bars of five seconds, with the arguments of their request. `updateEvent` emits (bars, True) for each new bar.

    When the server has lost the subscription, the bars that are missing are added from history as soon as it is
    restored. `isComplete`, `gapEvent` and `gaps` tell what is missing nevertheless, as those of `BarDataList` do.
    """

    reqId: int
    contract: Contract
    barSize: int
    whatToShow: str
    useRTH: bool
    realTimeBarsOptions: list[TagValue]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.updateEvent: Event[RealTimeBarList, bool] = Event("updateEvent")
        self.gapEvent: Event[RealTimeBarList, datetime, datetime] = Event("gapEvent")
        self.held: list[RealTimeBar] | None = None
        """New bars that wait for those which are missing before them. None if nothing is waited for."""


class ScanDataList(LiveList[ScanData]):
    """The rows of a scan, with the arguments of its request. `updateEvent` emits the list after each change."""

    reqId: int
    subscription: ScannerSubscription
    scannerSubscriptionOptions: list[TagValue]
    scannerSubscriptionFilterOptions: list[TagValue]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.updateEvent: Event[ScanDataList] = Event("updateEvent")
