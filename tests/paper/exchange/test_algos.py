"""IB's algos: what they release when, what they take, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import HOURS, Trader, at, make_trader, published_hours, stock

from ibdesk.model.components import TagValue
from ibdesk.paper.exchange import OrderEchoed, StatusChanged
from ibdesk.paper.exchange.algos import ALGOS, NOT_COMBINED, UNTRADED

EASTERN_10_05, EASTERN_10_15 = "10:05:00 US/Eastern", "10:15:00 US/Eastern"


def trader_at(hour: int, minute: int = 0) -> Trader:
    trader = make_trader(stock(**HOURS), published_hours, cash=1e9, now=at(hour, minute))
    trader.quote(100.00, 100.02, last=100.01, askSize=1e6)
    return trader


def twap(trader: Trader, quantity: float = 100, kind: str = "MKT", terms: Any = None, **fields: Any) -> int:
    params = {"startTime": EASTERN_10_05, "endTime": EASTERN_10_15} if terms is None else terms
    pairs = [TagValue(tag, value) for tag, value in params.items()]
    return trader.place("BUY", quantity, kind, algoStrategy="Twap", algoParams=pairs, **fields)


def filled(trader: Trader, order: int) -> float:
    return sum(size for size, _ in trader.fills(order))


def test_equal_parts_are_filled_at_equal_distances_and_the_status_tells_so() -> None:
    trader = trader_at(10)
    order = twap(trader, 95)
    assert trader.story() == ["PreSubmitted"]
    story = []
    for minute in range(16):
        trader.until(at(10, minute))
        story.append((filled(trader, order), trader.status(order)))
    # Ten parts of 9.5, by the whole share.
    parts = [9, 19, 28, 38, 47, 57, 66, 76, 85]
    assert story == [(0, "PreSubmitted")] * 5 + [(part, "Submitted") for part in parts] + [(95, "Filled")] * 2


def test_between_releases_no_quote_fills_anything() -> None:
    trader = trader_at(10, 5)
    order = twap(trader)
    for _ in range(5):
        trader.wait(seconds=10)
        trader.quote(100.00, 100.02, askSize=1000)
        assert filled(trader, order) == 10


def test_what_the_limit_has_held_back_is_made_up_for() -> None:
    trader = trader_at(10)
    order = twap(trader, 100, "LMT", lmtPrice=100.05)
    trader.quote(100.20, 100.22)
    trader.until(at(10, 8))
    assert (trader.fills(order), trader.status(order)) == ([], "Submitted")
    trader.quote(100.02, 100.04)
    assert trader.fills(order) == [(40.0, 100.04)]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("10:05:00 US/Eastern", "10:15:00 US/Eastern"),
        ("10:05:00", "10:15:00"),
        ("14:05:00 UTC", "14:15:00 UTC"),
        ("20260415-14:05:00 UTC", "20260415-14:15:00 UTC"),
        ("20260415-14:05:00", "20260415-14:15:00"),
        ("16:05:00 CET", "16:15:00 CET"),
        ("20260415 10:05:00 US/Eastern", "20260415 10:15:00 US/Eastern"),
    ],
)
def test_times_have_their_zone(start: str, end: str) -> None:
    trader = trader_at(10)
    order = twap(trader, terms={"startTime": start, "endTime": end})
    trader.until(at(10, 5))
    assert filled(trader, order) == 10
    trader.until(at(10, 14))
    assert trader.status(order) == "Filled"


def test_without_times_it_goes_on_from_now_to_the_close() -> None:
    trader = trader_at(15)
    order = twap(trader, 60, terms={})
    assert filled(trader, order) == 1
    trader.until(at(15, 58))
    assert filled(trader, order) == 59
    trader.until(at(15, 59))
    assert trader.status(order) == "Filled"


def test_before_the_opening_it_waits_for_it() -> None:
    trader = trader_at(8)
    order = twap(trader, 390, terms={})
    assert trader.status(order) == "PreSubmitted"
    trader.until(at(9, 30))
    trader.quote(100.00, 100.02, askSize=1e6)
    assert filled(trader, order) == 1


@pytest.mark.parametrize(
    ("past", "status", "later"), [("", "Cancelled", 0), ("0", "Cancelled", 0), ("1", "Submitted", 100)]
)
def test_the_end_cancels_the_rest_unless_it_may_go_on(past: str, status: str, later: float) -> None:
    trader = trader_at(10)
    terms = {"startTime": EASTERN_10_05, "endTime": EASTERN_10_15, "allowPastEndTime": past}
    order = twap(trader, 100, "LMT", terms, lmtPrice=99.0)
    trader.until(at(10, 15))
    assert trader.status(order) == status
    trader.quote(98.98, 99.00)
    assert filled(trader, order) == later


def test_one_that_goes_on_ends_with_the_day() -> None:
    trader = trader_at(10)
    order = twap(trader, 100, "LMT", {"endTime": EASTERN_10_15, "allowPastEndTime": "1"}, lmtPrice=99.0)
    trader.until(at(16))
    assert trader.status(order) == "Cancelled"


def test_an_echo_keeps_the_algo_for_every_client() -> None:
    trader = trader_at(10)
    order = twap(trader)
    (shown,) = (fact.order for fact in trader.exchange.open_orders() if isinstance(fact, OrderEchoed))
    assert (shown.orderId, shown.algoStrategy) == (order, "Twap")
    assert shown.algoParams == [TagValue("startTime", EASTERN_10_05), TagValue("endTime", EASTERN_10_15)]


def test_a_change_keeps_the_beginning_and_releases_the_new_size() -> None:
    trader = trader_at(10, 5)
    order = twap(trader, 100)
    trader.until(at(10, 6))
    twap(trader, 200, orderId=order)
    assert filled(trader, order) == 40, "two parts of ten, of the new size"
    trader.until(at(10, 8))
    assert filled(trader, order) == 80
    twap(trader, 90, orderId=order)
    trader.until(at(10, 13))
    assert (filled(trader, order), trader.status(order)) == (81, "Submitted")
    trader.until(at(10, 14))
    assert (filled(trader, order), trader.status(order)) == (90, "Filled")


def test_a_change_may_move_the_end_but_not_take_another_algo_or_none() -> None:
    trader = trader_at(10, 5)
    order = twap(trader, 100)
    twap(trader, 100, terms={"startTime": EASTERN_10_05, "endTime": "10:25:00 US/Eastern"}, orderId=order)
    trader.until(at(10, 14))
    assert filled(trader, order) == 50
    trader.place("BUY", 100, "MKT", orderId=order)
    assert trader.errors()[0][0] == 440
    plain = trader.place("BUY", 100, "LMT", lmtPrice=99.0)
    twap(trader, 100, "LMT", {}, lmtPrice=99.0, orderId=plain)
    assert trader.errors()[0][0] == 440


def test_a_cancelled_one_releases_no_more() -> None:
    trader = trader_at(10, 5)
    order = twap(trader)
    trader.cancel(order)
    trader.until(at(10, 14))
    assert (filled(trader, order), trader.status(order)) == (10, "Cancelled")
    assert trader.facts == []


def test_its_child_waits_until_all_is_filled() -> None:
    trader = trader_at(10, 5)
    order = twap(trader, transmit=False)
    child = trader.place("SELL", 100, "LMT", lmtPrice=101.0, parentId=order)
    trader.until(at(10, 13))
    assert trader.status(child) == "PreSubmitted"
    trader.until(at(10, 14))
    assert trader.status(child) == "Submitted"


def test_each_part_reduces_the_others_of_its_group() -> None:
    trader = trader_at(10)
    order = twap(trader, 100, ocaGroup="one", ocaType=2)
    other = trader.place("BUY", 100, "LMT", lmtPrice=90.0, ocaGroup="one", ocaType=2)
    trader.until(at(10, 7))
    left = [f.remaining for f in trader.exchange.open_orders() if isinstance(f, StatusChanged)]
    assert left == [70, 70]
    trader.until(at(10, 14))
    assert (trader.status(order), trader.status(other)) == ("Filled", "Cancelled")


def test_one_held_back_until_its_end_has_passed_expires_at_once() -> None:
    trader = trader_at(10)
    order = twap(trader, transmit=False)
    trader.until(at(10, 20))
    trader.place("SELL", 1, "LMT", lmtPrice=101.0, parentId=order)
    trader.wait(seconds=1)
    assert (filled(trader, order), trader.status(order)) == (0, "Cancelled")


def test_a_preview_is_of_the_whole_order_and_places_none() -> None:
    trader = trader_at(10, 5)
    twap(trader, 100, whatIf=True)
    assert [order.algoStrategy for order in trader.echoes()] == ["Twap"]
    assert trader.exchange.open_orders() == []


@pytest.mark.parametrize(
    ("fields", "code", "what"),
    [
        ({"algoStrategy": "DARKATTACK"}, 439, "algoStrategy=DARKATTACK"),
        ({"algoStrategy": "twap"}, 439, "algoStrategy=twap"),
        ({"algoStrategy": ""}, 439, "algoParams=startTime=09:00:00"),
        ({"algoParams": [TagValue("speed", "9")]}, 443, "algoParams=speed=9"),
        ({"algoParams": [TagValue("startTime", "nine")]}, 441, "algoParams=startTime=nine"),
        ({"algoParams": [TagValue("startTime", "29:00:00")]}, 441, "startTime=29:00:00"),
        ({"algoParams": [TagValue("startTime", "10:00:00 Moon/Base")]}, 441, "startTime=10:00:00 Moon/Base"),
        ({"algoParams": [TagValue("endTime", "09:00:00")]}, 441, "endTime=09:00:00"),
        ({"algoParams": [TagValue("allowPastEndTime", "yes")]}, 441, "algoParams=allowPastEndTime=yes"),
        ({"algoParams": [TagValue("allowPastEndTime", "1")] * 2}, 441, "algoParams=allowPastEndTime=1"),
        ({"algoParams": [TagValue("strategyType", "Midpoint")]}, 441, "algoParams=strategyType=Midpoint"),
        ({"orderType": "STP", "auxPrice": 101.0}, 442, "orderType=STP"),
        ({"tif": "GTC"}, 442, "tif=GTC"),
        ({"minQty": 5}, 442, "minQty=5"),
        ({"allOrNone": True}, 442, "allOrNone=True"),
        ({"duration": 60}, 442, "duration=60"),
        ({"goodAfterTime": "20260415 12:00:00"}, 442, "goodAfterTime=20260415 12:00:00"),
        ({"orderType": "LMT", "lmtPrice": 99.0, "discretionaryAmt": 0.5}, 442, "discretionaryAmt=0.5"),
        ({"orderType": "LMT", "lmtPrice": 99.0, "postOnly": True}, 442, "postOnly=True"),
        *(({"algoStrategy": name}, 442, f"algoStrategy={name}") for name in sorted(UNTRADED)),
    ],
)
def test_what_is_not_taken_is_refused_by_its_name_and_its_value(fields: dict[str, Any], code: int, what: str) -> None:
    trader = trader_at(10)
    terms = {"algoStrategy": "Twap", "algoParams": [TagValue("startTime", "09:00:00")], "kind": "MKT", **fields}
    terms["kind"] = terms.pop("orderType", terms["kind"])
    trader.place("BUY", 100, **terms)
    ((told, text),) = trader.errors()
    assert told == code
    assert text.endswith(f"({what})")
    assert trader.exchange.open_orders() == []


def test_trading_without_an_end_needs_an_end_time() -> None:
    trader = make_trader()
    trader.quote(100.00, 100.02)
    twap(trader, terms={})
    assert trader.errors()[0][0] == 441
    order = twap(trader, terms={"endTime": "11:10:00 US/Eastern"})
    assert filled(trader, order) == 10


def test_tables_do_not_overlap() -> None:
    assert not UNTRADED & set(ALGOS)
    assert len(set(NOT_COMBINED)) == len(NOT_COMBINED)


@given(
    quantity=st.integers(1, 500),
    events=st.lists(
        st.tuples(st.integers(1, 180), st.sampled_from([99.0, 100.0, 101.0]), st.integers(0, 60)), max_size=30
    ),
)
def test_no_more_is_filled_than_was_released_and_all_when_the_market_has_it(
    quantity: int, events: list[tuple[int, float, int]]
) -> None:
    trader = trader_at(10)
    order = twap(trader, quantity, "LMT", {"endTime": "11:00:00", "allowPastEndTime": "1"}, lmtPrice=100.5)
    start = trader.now
    parts = min(60, quantity)
    for seconds, price, size in events:
        trader.wait(seconds=seconds)
        trader.quote(price - 0.02, price, askSize=size)
        begun = min(parts, int((trader.now - start).total_seconds() * parts // 3600) + 1)
        assert filled(trader, order) <= -(-quantity * begun // parts)
    assert all(price <= 100.5 for _, price in trader.fills(order))
    trader.until(max(trader.now, at(11)))
    trader.quote(99.98, 100.00, askSize=1000)
    assert (filled(trader, order), trader.status(order)) == (quantity, "Filled")
