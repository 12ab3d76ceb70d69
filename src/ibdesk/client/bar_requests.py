"""How the request for bars is made of the list that is to hold them; not who sends it, nor when."""

from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList
from ibdesk.model.times import formatIBDatetime
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars


def past_bars(bars: BarDataList) -> ReqHistoricalData:
    """What asks for the bars of the past that the list describes, under its `reqId`."""
    return ReqHistoricalData(
        bars.reqId,
        bars.contract,
        formatIBDatetime(bars.endDateTime),
        bars.durationStr,
        bars.barSizeSetting,
        bars.whatToShow,
        bars.useRTH,
        bars.formatDate,
        bars.keepUpToDate,
        bars.chartOptions,
    )


def live_bars(bars: RealTimeBarList) -> ReqRealTimeBars:
    """What asks for the bars of five seconds that the list describes, under its `reqId`."""
    return ReqRealTimeBars(
        bars.reqId, bars.contract, bars.barSize, bars.whatToShow, bars.useRTH, bars.realTimeBarsOptions
    )
