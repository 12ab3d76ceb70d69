"""The registry of subscriptions: who shares one, when it ends, and that it alone knows what is subscribed."""

from typing import Any

import pytest
from client.asking import connected
from hypothesis import given
from hypothesis import strategies as st

from ibdesk import ScannerSubscription, Stock
from ibdesk.client.api.accounts import updates_of
from ibdesk.client.subscriptions import Kind, Subscription, Subscriptions
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.wire.messages import news
from ibdesk.wire.messages import pnl as messages
from ibdesk.wire.messages.display_groups import UnsubscribeFromGroupEvents
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars, ReqRealTimeBars
from ibdesk.wire.messages.scanner import CancelScannerSubscription

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
ACCOUNT = ("DU1", "")


def pnl(reqId: int, terms: Any = ()) -> Subscription:
    request, cancel = messages.ReqPnL(reqId, *ACCOUNT), messages.CancelPnL(reqId)
    return Subscription(Kind.PNL, request, cancel, PnL(*ACCOUNT), ACCOUNT, terms)


@pytest.fixture
def known() -> Subscriptions:
    return Subscriptions()


def test_it_is_found_by_its_key_its_kind_its_subject_and_its_target(known: Subscriptions) -> None:
    before = known.targets(PnL)
    one, bulletins = pnl(7), Subscription(Kind.NEWS_BULLETINS, news.ReqNewsBulletins(True), news.CancelNewsBulletins())
    known.add(one)
    known.add(bulletins)
    assert (one.key, bulletins.key) == (7, news.ReqNewsBulletins)
    assert known.get(7) is one and known.get(news.ReqNewsBulletins) is bulletins and known.get(8) is None
    assert 7 in known and 8 not in known and list(known) == [one, bulletins] and len(known) == 2
    assert known.of(Kind.PNL) == known.about(Kind.PNL, ACCOUNT) == [one]
    assert known.of(Kind.PNL, Kind.NEWS_BULLETINS) == [one, bulletins]
    assert known.about(Kind.PNL, ("DU2", "")) == known.about(Kind.PNL_SINGLE, ACCOUNT) == []
    assert before == known.targets(PnL) == {7: one.target} and before is known.targets(PnL)
    assert known.targets(PnLSingle) == {}


def test_its_text_says_what_it_is_about_and_not_all_that_has_come(known: Subscriptions) -> None:
    assert repr(pnl(1)) == "<Subscription: P&L>"
    bars = Subscription(
        Kind.LIVE_BARS, ReqRealTimeBars(1, Stock("AAPL\n", "SMART", "USD"), 5, "TRADES", True, []), None
    )
    assert repr(bars) == r"<Subscription: real-time bars of AAPL\n>"


def test_who_asks_for_the_same_shares_it_until_the_last_has_cancelled(known: Subscriptions) -> None:
    one = pnl(7, ["233"])
    known.add(one)
    assert known.join(Kind.PNL, ACCOUNT, ["233"]) is one
    assert known.join(Kind.PNL, ACCOUNT, []) is None
    assert known.join(Kind.PNL, ("DU2", ""), ["233"]) is None
    assert not known.leave(one) and 7 in known
    assert known.leave(one) and 7 not in known
    assert known.join(Kind.PNL, ACCOUNT, ["233"]) is None


def test_what_has_no_terms_any_more_is_not_shared(known: Subscriptions) -> None:
    one = pnl(7)
    known.add(one)
    one.terms = None
    assert known.join(Kind.PNL, ACCOUNT) is None
    assert known.join(Kind.PNL, ACCOUNT, None) is None


def test_the_targets_of_a_class_that_is_asked_for_later(known: Subscriptions) -> None:
    known.add(pnl(7))
    assert list(known.targets(PnL)) == [7]


@given(st.lists(st.tuples(st.sampled_from(["add", "leave", "end", "end all"]), st.integers(1, 4)), max_size=30))
def test_all_views_tell_the_same(steps: list[tuple[str, int]]) -> None:
    known, targets = Subscriptions(), {}
    live = known.targets(PnL)
    for step, number in steps:
        if step == "add" and number not in targets:
            known.add(pnl(number))
        elif step == "leave" and (found := known.get(number)):
            assert known.leave(found)
        elif step == "end":
            assert (known.end(number) is not None) == (number in targets)
        elif step == "end all":
            assert [one.key for one in known.end_all()] == list(targets)
        targets = {one.key: one.target for one in known}
        assert live == targets
        assert [one.key for one in known.about(Kind.PNL, ACCOUNT)] == [one.key for one in known.of(Kind.PNL)]
        assert list(targets) == [one.key for one in known.of(Kind.PNL)]


def test_another_subscription_with_the_same_key_takes_the_place_of_the_first(known: Subscriptions) -> None:
    first, second = updates_of("DU1"), updates_of("DU2")
    known.add(first)
    known.add(second)
    assert list(known) == [second]
    assert known.about(Kind.ACCOUNT, "DU1") == []
    assert known.about(Kind.ACCOUNT, "DU2") == [second]


async def test_nothing_of_a_connection_is_left_when_another_one_is_made() -> None:
    async with connected() as (ib, server):
        begun = {one.key: one for one in ib.client.subscriptions}
        ib.reqPnL("DU1")
        ib.reqRealTimeBars(AAPL)
        await server.wait_for(messages.ReqPnL)
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        assert {one.key for one in ib.client.subscriptions} == set(begun)
        assert ib.pnl() == ib.realtimeBars() == []
        ib.reqPnL("DU1")
        assert len(await server.wait_for(messages.ReqPnL, 2)) == 2
        ib.client.disconnect()
        assert list(ib.client.subscriptions) == []


def test_whether_anything_is_about_a_subject_is_known_without_a_search() -> None:
    known = Subscriptions()
    one, other = pnl(1), pnl(2)
    other.kind = "of another kind"
    assert not known.is_any_about(ACCOUNT)
    known.add(one)
    known.add(other)
    known.add(pnl(2))  # in place of the other
    known.end(1)
    known.end(1)
    assert known.is_any_about(ACCOUNT)
    known.end(2)
    assert not known.is_any_about(ACCOUNT)
    known.add(one)
    known.end_all()
    assert not known.is_any_about(ACCOUNT)
    assert known._subjects == {}


async def test_what_a_connection_brought_does_not_cancel_what_the_next_one_has_under_the_same_id() -> None:
    async with connected() as (ib, server):
        ends = {
            ib.subscribeToGroupEvents: ib.unsubscribeFromGroupEvents,
            ib.reqScannerSubscription: ib.cancelScannerSubscription,
            ib.reqRealTimeBars: ib.cancelRealTimeBars,
        }
        args = (1, ScannerSubscription(instrument="STK"), AAPL)

        async def begin() -> list[Any]:
            ib.disconnect()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1)
            return [method(one) for method, one in zip(ends, args, strict=True)]

        before, now = await begin(), await begin()
        assert [one.reqId for one in before] == [one.reqId for one in now]
        for cancel, one in zip(ends.values(), before, strict=True):
            cancel(one)
        assert [one.target for one in ib.client.subscriptions][-3:] == now
        for cancel, one in zip(ends.values(), now, strict=True):
            cancel(one)
            cancel(one)
        await server.wait_for(CancelRealTimeBars)
        assert len(server.of(CancelScannerSubscription)) == len(server.of(UnsubscribeFromGroupEvents)) == 1
        assert not any(one.target in now for one in ib.client.subscriptions)
