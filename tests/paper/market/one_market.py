"""The market of seed 1 that the tests of this folder look at, with some of its instruments and moments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ibdesk.model.contract import Future, Option
from ibdesk.paper.market import Market

TODAY = date(2026, 11, 20)
NEW_YORK = ZoneInfo("US/Eastern")
APPLE, EURO, YEN, SPX, SPY, VIX, SWISS = 265598, 12087792, 15016059, 416904, 756733, 13455763, 273982664
MARKET = Market(1, TODAY)


def con_id(contract: Future | Option) -> int:
    [row] = MARKET.instruments.search(contract)
    assert row.contract is not None
    return row.contract.conId


ES = con_id(Future("ES", "202612", "CME"))
PUT = con_id(Option("SPY", "20261218", 630, "P", "SMART"))

moments = st.datetimes(datetime(2026, 10, 25), datetime(2026, 12, 10), timezones=st.just(UTC))
traded = st.sampled_from([APPLE, ES, SPX, SPY, VIX, SWISS, PUT])
few = hypothesis_settings(max_examples=30)


def at(hour: int, minute: int = 0, second: float = 0.0) -> datetime:
    """A moment of today in New York."""
    whole, part = int(second), round(second % 1 * 1e6)
    return datetime(2026, 11, 20, hour, minute, whole, part, NEW_YORK)


def noon(hour: int = 12, minute: int = 0, second: float = 0.1) -> datetime:
    """Noon of today in New York, or another time within a step of the market."""
    return at(hour, minute, second)
