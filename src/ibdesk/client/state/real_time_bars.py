"""Real-time bars of five seconds: each message adds a bar to its list."""

from datetime import datetime, tzinfo

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.bar_lists import RealTimeBarList
from ibdesk.client.state.known import known
from ibdesk.model.bars import RealTimeBar
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.real_time_bars import RealtimeBar


def realtime_bar(message: RealtimeBar, bars: RealTimeBarList, zone: tzinfo) -> Emissions:
    """Add the bar, its time in `zone`. Volume and average price are -1 if the bar is not made of trades."""
    bars.append(
        RealTimeBar(
            datetime.fromtimestamp(message.time, zone),
            -1,
            known(message.open_),
            known(message.high),
            known(message.low),
            known(message.close),
            -1.0 if message.volume == UNSET_DOUBLE else message.volume,
            -1.0 if message.wap == UNSET_DOUBLE else message.wap,
            message.count,
        )
    )
    return [Emit("barUpdateEvent", (bars, True)), Emit(bars.updateEvent, (bars, True))]
