"""Every kind of moment that a program may have, wherever one is taken."""

import contextlib
import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from client.asking import connected

from ibdesk import Contract, Order, Stock, TimeCondition, util
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import OrderCancel
from ibdesk.model.times import formatIBDatetime
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages import executions, historical_ticks, history, news, options, order_status
from ibdesk.wire.messages.orders import PlaceOrder

NEW_YORK = ZoneInfo("America/New_York")
NOON = dt.datetime(2026, 4, 2, 12, 0, 0)
HERE = "20260402 16:00:00 UTC"
"""Noon on this computer, which is in New York."""

MOMENTS: dict[str, tuple[Any, str]] = {
    "naive": (NOON, HERE),
    "aware": (NOON.replace(tzinfo=dt.UTC), "20260402 12:00:00 UTC"),
    "date": (NOON.date(), "20260403 03:59:59 UTC"),
    "Timestamp": (pd.Timestamp(NOON), HERE),
    "Timestamp with nanoseconds": (pd.Timestamp("2026-04-02 12:00:00.000000001"), HERE),
    "aware Timestamp": (pd.Timestamp("2026-04-02 12:00", tz="Europe/Berlin"), "20260402 10:00:00 UTC"),
    "of an index": (pd.date_range("2026-04-02 12:00", periods=1)[0], HERE),
    "datetime64[ns]": (np.datetime64("2026-04-02T12:00:00", "ns"), HERE),
    "datetime64[us]": (np.datetime64("2026-04-02T12:00:00", "us"), HERE),
    "datetime64[s]": (np.datetime64("2026-04-02T12:00:00"), HERE),
    "datetime64[m]": (np.datetime64("2026-04-02T12:00"), HERE),
    "datetime64[D]": (np.datetime64("2026-04-02"), "20260403 03:59:59 UTC"),
    "of a column": (pd.Series([pd.Timestamp(NOON)]).to_numpy()[0], HERE),
    "1970": (np.datetime64(0, "s"), "19700101 05:00:00 UTC"),
    "text": ("20260402-12:00:00", "20260402-12:00:00"),
    "nothing": ("", ""),
    "None": (None, ""),
}

each = pytest.mark.parametrize(("moment", "spelled"), MOMENTS.values(), ids=MOMENTS)


@pytest.fixture(autouse=True)
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@each
def test_one_function_spells_them_all(moment: Any, spelled: str) -> None:
    """ib_insync#441."""
    assert formatIBDatetime(moment) == util.formatIBDatetime(moment) == spelled


@pytest.mark.parametrize("moment", [pd.NaT, np.datetime64("NaT", "s"), np.datetime64("NaT", "ns")], ids=repr)
def test_nat_is_refused(moment: Any) -> None:
    with pytest.raises(ValueError, match="NaT is no moment"):
        formatIBDatetime(moment)


@pytest.mark.parametrize("moment", [20260402, 1.5, dt.time(12), np.int64(5)], ids=repr)
def test_what_is_no_moment_is_named(moment: Any) -> None:
    with pytest.raises(TypeError, match="a moment is a datetime, a date or text, not"):
        formatIBDatetime(moment)


STOCK = Stock("AAPL", "SMART", "USD")


def _order(name: str) -> Callable[[Any], Any]:
    return lambda moment: PlaceOrder(1, STOCK, Order(**{"orderType": "LMT", "lmtPrice": 1.0, name: moment}))


def _condition(moment: Any) -> Any:
    condition = TimeCondition()
    condition.time = moment  # afterwards, where the constructor does not see it
    return PlaceOrder(1, STOCK, Order(orderType="MKT", conditions=[condition]))


REQUESTS: dict[str, Callable[[Any], Any]] = {
    "goodTillDate": _order("goodTillDate"),
    "goodAfterTime": _order("goodAfterTime"),
    "activeStartTime": _order("activeStartTime"),
    "activeStopTime": _order("activeStopTime"),
    "manualOrderTime": _order("manualOrderTime"),
    "condition": _condition,
    "new condition": lambda moment: PlaceOrder(1, STOCK, Order(conditions=[TimeCondition(time=moment)])),
    "cancel": lambda moment: order_status.CancelOrder(1, OrderCancel(moment)),
    "executions": lambda moment: executions.ReqExecutions(1, ExecutionFilter(time=moment)),
    "exercise": lambda moment: options.ExerciseOptions(1, STOCK, 1, 1, "DU1", False, moment),
    "ticks from": lambda moment: historical_ticks.ReqHistoricalTicks(1, STOCK, moment, "", 9, "BID", True, False),
    "ticks to": lambda moment: historical_ticks.ReqHistoricalTicks(1, STOCK, "", moment, 9, "BID", True, False),
    "news": lambda moment: news.ReqHistoricalNews(1, 1, "BRFG", moment, moment, 9),
}


@pytest.mark.parametrize("version", [V.PROTOBUF - 1, V.MAX])
@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
@each
def test_it_goes_out_wherever_a_moment_is_taken(
    request_of: Callable[[Any], Any], moment: Any, spelled: str, version: int
) -> None:
    codec = Codec(Sender.CLIENT, version)
    payload = codec.encode(request_of(spelled))
    assert codec.encode(request_of(moment)) == payload
    assert codec.encode(request_of(moment)) == payload
    assert not spelled or spelled.encode() in payload


@each
async def test_methods_of_ib(moment: Any, spelled: str) -> None:
    async with connected() as (ib, server):
        ib.RequestTimeout = 0.01
        for asking in (
            ib.reqHistoricalDataAsync(STOCK, moment, timeout=0.01),
            ib.reqHistoricalTicksAsync(STOCK, "", moment),
            ib.reqHistoricalScheduleAsync(STOCK, 1, moment),
            ib.reqHistoricalNewsAsync(1, "BRFG", "", moment, 9),
        ):
            with contextlib.suppress(TimeoutError):
                await asking
        await server.wait_for(news.ReqHistoricalNews)
        asked = [
            *server.of(history.ReqHistoricalData),
            *server.of(historical_ticks.ReqHistoricalTicks),
            *server.of(news.ReqHistoricalNews),
        ]
        assert [one.endDateTime for one in asked] == [spelled] * 4


@pytest.mark.parametrize("version", [178, V.MAX])
@pytest.mark.parametrize("name", ["lastTradeDateOrContractMonth", "localSymbol"])
def test_a_text_that_is_no_moment_takes_none(name: str, version: int) -> None:
    """The midnight of a Timestamp is no expiry."""
    contract = Contract(**{name: pd.Timestamp("2027-01-15")})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"contract\.{name}=.*neither a text nor a number"):
        Codec(Sender.CLIENT, version).encode(PlaceOrder(1, contract, Order()))


@pytest.mark.parametrize("kind", [pd.Timestamp, np.datetime64, lambda moment: moment])
def test_waiting(kind: Callable[[dt.datetime], Any]) -> None:
    past, later = dt.datetime.now() - dt.timedelta(seconds=1), dt.datetime.now() + dt.timedelta(milliseconds=300)
    assert util.waitUntil(kind(past))
    (moment,) = util.timeRange(kind(later), kind(later), 1)
    assert moment == later
    called: list[int] = []
    util.schedule(kind(past), called.append, 1)
    util.sleep(0)
    assert called == [1]


def test_neither_library_is_imported() -> None:
    program = "import ibdesk, sys; ibdesk.IB(); assert not {'numpy', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
