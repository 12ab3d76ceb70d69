"""IB's servers as the gateway sees them: whether they are there, and which data farms are.

It decides what reaches a client, and what becomes of a request, while some of them are not. It knows no time.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from typing import Any

from ibdesk import codes
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import (
    advisors,
    config,
    connection,
    contracts,
    depth,
    display_groups,
    historical_ticks,
    history,
    history_summaries,
    market_data,
    options,
    real_time_bars,
    reference,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import NO_REQUEST, Error

from ..client import Client
from ..instruments import Instrument, Instruments, Refusal
from ..router import FARMS as AT_START
from .kinds import FARMS, ORDER_REPORTS, ORDER_REQUESTS

HOME_FARMS = tuple(farm for _, farm in AT_START)
"""Those that every gateway is connected with."""

NO_LINK = 2110
"""What a client is told at its start instead of the farms while IB's servers are not there."""

COMPETING = 10197
"""What a client is told of live data while another session has them."""

_ELSEWHERE = "Trading TWS session is connected from a different IP address"

HISTORY_WAITS = "HMDS server disconnect occurred.  Attempting reconnection..."

LIVE_LINES = frozenset[type]({market_data.ReqMktData, depth.ReqMktDepth, tick_by_tick.ReqTickByTickData})
"""What is subscribed at a farm of live data."""

PAST_LINES = frozenset[type](
    {real_time_bars.ReqRealTimeBars, history.ReqHistoricalData, scanner.ReqScannerSubscription}
)
"""What is subscribed at a farm of historical data."""

_PAST = {
    history.ReqHistoricalData,
    historical_ticks.ReqHistoricalTicks,
    history_summaries.ReqHeadTimeStamp,
    history_summaries.ReqHistogramData,
    real_time_bars.ReqRealTimeBars,
}
_SCANS = {scanner.ReqScannerSubscription}
_DEFINITIONS = {contracts.ReqContractDetails, reference.ReqMatchingSymbols, options.ReqSecDefOptParams}

_BY_GATEWAY = {
    connection.StartApi,
    connection.ReqIds,
    connection.ReqManagedAccts,
    connection.ReqCurrentTime,
    connection.ReqCurrentTimeInMillis,
    connection.SetServerLogLevel,
    config.ReqConfig,
    config.UpdateConfig,
    display_groups.QueryDisplayGroups,
    display_groups.SubscribeToGroupEvents,
    display_groups.UpdateDisplayGroup,
    display_groups.UnsubscribeFromGroupEvents,
    advisors.ReqUserInfo,
    market_data.ReqMarketDataType,
}
"""What the gateway answers by itself."""

_FROM_GATEWAY = {
    connection.NextValidId,
    connection.ManagedAccounts,
    connection.CurrentTime,
    connection.CurrentTimeInMillis,
    config.ConfigResponse,
    config.UpdateConfigResponse,
    display_groups.DisplayGroupList,
    display_groups.DisplayGroupUpdated,
    advisors.UserInfo,
}

_LIVE_DATA = {
    market_data.TickPrice: market_data.ReqMktData,
    market_data.TickSize: market_data.ReqMktData,
    market_data.TickString: market_data.ReqMktData,
    market_data.TickGeneric: market_data.ReqMktData,
    options.TickOptionComputation: market_data.ReqMktData,
    depth.UpdateMktDepth: depth.ReqMktDepth,
    depth.UpdateMktDepthL2: depth.ReqMktDepth,
    tick_by_tick.TickByTick: tick_by_tick.ReqTickByTickData,
}
_PAST_DATA = {
    real_time_bars.RealtimeBar: real_time_bars.ReqRealTimeBars,
    history.HistoricalDataUpdate: history.ReqHistoricalData,
    scanner.ScannerData: scanner.ReqScannerSubscription,
}

_EUROPE = frozenset({"swiss", "xetra"})
_ASIA = frozenset({"sydney"})


class Fate(Enum):
    """What becomes of a message."""

    PASSES = auto()
    WAITS = auto()
    """It is kept, until the servers that it is for are back."""
    IS_LOST = auto()


class Servers:
    """Which servers are there.

    `instrument_of` tells the instrument of a client's subscription, by the class of its request and its id.
    """

    def __init__(
        self, instruments: Instruments, instrument_of: Callable[[Client, type, int], Instrument | None]
    ) -> None:
        self._instruments = instruments
        self._instrument_of = instrument_of
        self.lost = 0
        """How many faults hold the link to IB down."""
        self.competing = 0
        """How many other sessions have the data."""
        self.down: dict[str, int] = {}
        """How many faults hold a farm down."""

    def is_up(self, farm: str) -> bool:
        """Return whether a farm is connected."""
        return not self.lost and farm not in self.down

    def fate_of_message(self, client: Client, message: Any, *, answers: bool) -> Fate:
        """Return what becomes of a message for a client. `answers` says that it is the answer to a request."""
        kind = type(message)
        if self.lost:
            if kind in _FROM_GATEWAY or (kind is Error and (answers or message.reqId == NO_REQUEST)):
                return Fate.PASSES
            return Fate.WAITS if kind in ORDER_REPORTS or kind is Error else Fate.IS_LOST
        request = _LIVE_DATA.get(kind) or _PAST_DATA.get(kind)
        if request is None:
            return Fate.PASSES
        if self.competing and kind in _LIVE_DATA:
            return Fate.IS_LOST
        instrument = self._instrument_of(client, request, message.reqId)
        farm = farm_of(instrument, is_past=kind in _PAST_DATA)
        return Fate.IS_LOST if farm in self.down and (instrument or kind is scanner.ScannerData) else Fate.PASSES

    def fate_of_request(self, request: Any) -> Fate:
        """Return what becomes of a request."""
        kind = type(request)
        if kind in _BY_GATEWAY or is_cancel(kind):
            return Fate.PASSES
        if self.lost:
            return Fate.WAITS
        farm = self._farm_of_request(request)
        return Fate.WAITS if farm in self.down else Fate.PASSES

    def refusal(self, request: Any) -> tuple[int, str] | None:
        """Return code and text by which a request is refused while another session has the data; None if it is not."""
        kind = type(request)
        if kind in LIVE_LINES:
            return COMPETING, codes.text(COMPETING)
        return (162, codes.text(162, detail=_ELSEWHERE)) if kind in _PAST else None

    def notice(self, notice: Error) -> Error | None:
        """Return what a client is told at its start instead of a notice that a farm is connected; None for nothing."""
        farm = notice.errorString.rpartition(":")[2]
        if notice.errorCode not in _OK or self.is_up(farm):
            return notice
        if self.lost:
            if farm != HOME_FARMS[0]:
                return None
            return Error(NO_REQUEST, NO_LINK, codes.text(NO_LINK), "", notice.errorTime)
        broken = FARMS[farm][0]
        return Error(NO_REQUEST, broken, codes.text(broken, farm=farm), "", notice.errorTime)

    def broken(self, farms: Iterable[str]) -> Iterator[tuple[int, str]]:
        """Yield the notices that farms are broken: codes and texts."""
        for farm in farms:
            code = FARMS[farm][0]
            yield code, codes.text(code, farm=farm)

    def connected(self, farms: Iterable[str]) -> Iterator[tuple[int, str]]:
        """Yield the notices that farms are connected again, those of live data after the one that it is tried."""
        farms = [farm for farm in farms if self.is_up(farm)]
        for farm in farms:
            if is_live(farm):
                yield 2119, codes.text(2119, farm=farm)
        for farm in farms:
            code = FARMS[farm][1]
            yield code, codes.text(code, farm=farm)

    def restored(self, code: int) -> str:
        """Return the text of the notice that the link to IB is restored."""
        if code == 1101:
            return codes.text(code)
        up, down = ([farm for farm in HOME_FARMS if self.is_up(farm) is there] for there in (True, False))
        down += [farm for farm in self.down if farm not in HOME_FARMS]
        if not down:
            return codes.text(code, detail=f" All data farms are connected: {'; '.join(up)}.")
        told = f" The following farms are connected: {'; '.join(up)}." if up else ""
        return codes.text(code, detail=f"{told} The following farms are not connected: {'; '.join(down)}.")

    def concerned(self, farm: str) -> Callable[[Instrument | None], bool]:
        """Return what tells of which instruments a farm has data; None stands for a scan, which is about many."""
        return lambda instrument: farm_of(instrument, is_past=not is_live(farm)) == farm

    def _farm_of_request(self, request: Any) -> str | None:
        kind = type(request)
        if kind in _DEFINITIONS:
            return "secdefnj"
        if kind in _SCANS:
            return "ushmds"
        if kind not in LIVE_LINES and kind not in _PAST:
            return None
        try:
            instrument = self._resolve(request.contract)
        except Refusal:
            return None  # whoever answers it refuses it
        return farm_of(instrument, is_past=kind in _PAST)

    def _resolve(self, contract: Contract) -> Instrument | None:
        found = self._instruments.resolve(contract, "").contract
        assert found is not None
        return self._instruments.by_con_id(found.conId)


_OK = {ok for _, ok in FARMS.values()}


def farm_of(instrument: Instrument | None, *, is_past: bool) -> str:
    """Return the farm that has the data of an instrument: live data, or those of the past, with bars of 5 seconds."""
    hours = instrument.kind.hours if instrument else ""
    if hours in _EUROPE:
        return "euhmds" if is_past else "eufarm"
    if hours in _ASIA and not is_past:
        return "hfarm"
    return "ushmds" if is_past else "usfarm"


def is_live(farm: str) -> bool:
    """Return whether a farm has live data."""
    return FARMS[farm][0] == 2103


def is_cancel(kind: type) -> bool:
    """Return whether a request ends an earlier one. Those about orders are not meant."""
    return kind.__name__.startswith("Cancel") and kind not in ORDER_REQUESTS
