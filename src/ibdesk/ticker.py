"""The names of `ib_async.ticker`, for programs that import them from this module."""

from ibdesk.client.state.tick_bars import Bar as Bar
from ibdesk.client.state.tick_bars import BarList as BarList
from ibdesk.client.state.tick_bars import Midpoints as Midpoints
from ibdesk.client.state.tick_bars import TickBars as TickBars
from ibdesk.client.state.tick_bars import Tickfilter as Tickfilter
from ibdesk.client.state.tick_bars import TimeBars as TimeBars
from ibdesk.client.state.tick_bars import VolumeBars as VolumeBars
from ibdesk.client.state.ticker import Ticker as Ticker
from ibdesk.client.state.ticker import TickerUpdateEvent as TickerUpdateEvent
from ibdesk.extras.compat import complete as _complete

_complete(__name__)
