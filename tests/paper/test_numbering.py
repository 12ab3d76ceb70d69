"""No run of the gateway gives the numbers of another."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.paper import PaperGateway
from ibdesk.paper.broker import Broker
from ibdesk.paper.clock import HandClock
from ibdesk.paper.exchange import HIGHEST_PERM_ID
from ibdesk.paper.exchange.order_index import OrderIndex
from ibdesk.paper.numbering import numbering
from ibdesk.runtime.clocks import COMPUTER
from ibdesk.wire.messages.executions import ExecDetails
from ibdesk.wire.messages.orders import PlaceOrder

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
APPLE = Stock("AAPL", "SMART", "USD")


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=20)), st.integers())
def test_a_later_start_begins_further_on_than_the_one_before_can_have_come(started, later, seed):
    first, second = numbering(started, seed), numbering(started + later, seed)
    ahead = (second.first_perm_id - first.first_perm_id) % HIGHEST_PERM_ID
    assert 1000 * later.total_seconds() - 2 <= ahead < HIGHEST_PERM_ID - 86_400_000
    assert second.exec_group != first.exec_group


@given(MOMENTS, st.integers())
def test_numbers_are_as_ibkrs(started, seed):
    numbers = numbering(started, seed)
    assert numbers == numbering(started, seed)
    assert 1 <= numbers.first_perm_id <= HIGHEST_PERM_ID == 2**31 - 1
    assert len(f"{numbers.exec_group:08x}") == 8


@given(st.integers(), st.integers(0, 2000), st.integers(1, 100))
def test_numbered_starts_are_a_million_numbers_apart(seed, number, later):
    first, second = numbering(number, seed), numbering(number + later, seed)
    ahead = (second.first_perm_id - first.first_perm_id) % HIGHEST_PERM_ID
    assert 1_000_000 <= ahead < HIGHEST_PERM_ID - 1_000_000
    assert second.exec_group != first.exec_group


def test_a_gateway_takes_its_start_number():
    def begun(**given):
        gateway = PaperGateway(start_time="2026-04-15T10:00", **given)
        facts = gateway.broker.place(
            1, gateway.broker.market.instruments.resolve(APPLE), MarketOrder("BUY", 1, orderId=1)
        )
        return {(fact.key.permId, getattr(getattr(fact, "execution", None), "execId", "")) for fact in facts}

    assert begun(start_number=7) == begun(start_number=7)
    assert not begun(start_number=7) & begun(start_number=8)
    with pytest.raises(ValueError, match="start_number"):
        PaperGateway(start_number=-1)


def test_seeds_have_numbers_of_their_own():
    started = datetime(2026, 4, 15, tzinfo=UTC)
    assert len({numbering(started, seed) for seed in range(1000)}) == 1000


def test_perm_ids_go_on_after_the_highest():
    index = OrderIndex(HIGHEST_PERM_ID - 1)
    assert [index.new_perm_id() for _ in range(3)] == [HIGHEST_PERM_ID - 1, HIGHEST_PERM_ID, 1]


def ids(gateway):
    client = gateway.connect(1)
    told = [
        message.execution
        for number in range(1, 4)
        for message in client.ask(PlaceOrder(number, APPLE, MarketOrder("BUY", 100)))
        if isinstance(message, ExecDetails)
    ]
    return {execution.permId for execution in told}, {execution.execId for execution in told}


def test_the_same_day_traded_again_after_a_restart_has_other_numbers(make_gateway):
    again = make_gateway(started=datetime(2026, 10, 1, 12, 0, 1, tzinfo=UTC))
    once = make_gateway(started=datetime(2026, 10, 1, 12, 0, tzinfo=UTC))
    for first, second in zip(ids(once), ids(again), strict=True):
        assert first
        assert not first & second
    assert ids(make_gateway()) == ids(make_gateway())


def test_a_gateway_is_numbered_by_the_moment_of_its_start_wherever_its_clock_begins(monkeypatch):
    now = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("ibdesk.paper.gateway.clocks_here", lambda: COMPUTER._replace(now=now.astimezone))
    started = []

    def made(market, **given):
        started.append(given["started"])
        return Broker(market, **given)

    monkeypatch.setattr("ibdesk.paper.gateway.Broker", made)
    PaperGateway(start_time="2026-04-15T10:00")
    clock = HandClock(datetime(2026, 4, 15, 14, 0, tzinfo=UTC))
    PaperGateway(clock=clock)
    assert started == [now, clock.now()]
