"""Whatever clients, prices and the clock do, the exchange and the books agree, and no order does what it may not."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import HOURS, Trader, at, make_trader, published_hours, stock

from ibdesk.model.conditions import PriceCondition
from ibdesk.paper.exchange import Executed, OrderEchoed, StatusChanged
from ibdesk.paper.exchange.lifecycle import FINAL, FOLLOWS, PENDING
from ibdesk.paper.exchange.order_types import ORDER_TYPES

prices = st.integers(9800, 10200).map(lambda cents: cents / 100)
sides = st.sampled_from(["BUY", "SELL"])
kinds = st.sampled_from(list(ORDER_TYPES))
tifs = st.sampled_from(["DAY", "DAY", "DAY", "GTC", "GTC", "IOC", "FOK", "OPG"])
ids = st.integers(1, 4)
orders = st.fixed_dictionaries(
    {
        "action": sides,
        "quantity": st.integers(1, 300),
        "kind": kinds,
        "lmtPrice": prices,
        "auxPrice": prices,
        "trailStopPrice": prices,
        "tif": tifs,
        "transmit": st.sampled_from([True, True, True, False]),
        "ocaGroup": st.sampled_from(["", "", "", "g"]),
        "ocaType": st.integers(1, 3),
        "outsideRth": st.booleans(),
        "conditions": st.sampled_from([[]] * 7 + [[PriceCondition(price=100.0, conId=265598)]]),
        "client": st.sampled_from([1, 1, 1, 1, 2]),
    }
)
moves = st.one_of(
    st.tuples(st.just("place"), orders),
    st.tuples(st.just("place"), orders),
    st.tuples(st.just("attach"), orders, ids),
    st.tuples(st.just("change"), orders, ids),
    st.tuples(st.just("cancel"), ids),
    st.tuples(st.just("cancel all")),
    st.tuples(st.just("quote"), prices, st.integers(1, 20), st.integers(0, 300), st.integers(0, 300)),
    st.tuples(st.just("wait"), st.integers(1, 400)),
)


def make_move(trader: Trader, name: str, *arguments) -> None:
    match name, *arguments:
        case "place", order:
            trader.place(**order)
        case "attach", order, parent:
            trader.place(**order, parentId=parent)
        case "change", order, order_id:
            trader.place(**order, orderId=order_id)
        case "cancel", order_id:
            trader.cancel(order_id)
        case ("cancel all",):
            trader.facts = trader.exchange.cancel_all(trader.now)
        case "quote", bid, spread, bid_size, ask_size:
            ask = round(bid + spread / 100, 2)
            trader.quote(bid, ask, last=bid, bidSize=bid_size, askSize=ask_size, lastSize=50)
        case "wait", minutes:
            trader.until(trader.now + timedelta(minutes=minutes))


def assert_within_limit(trader: Trader, fact: Executed) -> None:
    """Nobody gets a price worse than the limit that his order shows after the execution."""
    later = trader.facts[trader.facts.index(fact) :]
    shown = next(each for each in later if isinstance(each, OrderEchoed) and each.key == fact.key).order
    if ORDER_TYPES[shown.orderType].limited:
        worse = fact.execution.price - shown.lmtPrice
        assert worse <= 0 if shown.action == "BUY" else worse >= 0


@given(st.lists(moves, min_size=5, max_size=40))
def test_the_exchange_never_contradicts_itself(steps):
    trader = make_trader(stock(**HOURS), published_hours, now=at(9))
    trader.quote(100.00, 100.02, last=100.01)
    position = 0.0
    status = defaultdict(lambda: PENDING)
    filled: dict[int, float] = defaultdict(float)
    for step in steps:
        make_move(trader, *step)
        for fact in trader.facts:
            perm_id = fact.key.permId
            if isinstance(fact, Executed):
                execution = fact.execution
                position += execution.shares if execution.side == "BOT" else -execution.shares
                filled[perm_id] += execution.shares
                assert execution.cumQty == filled[perm_id]
                assert status[perm_id] not in FINAL
                assert_within_limit(trader, fact)
            elif isinstance(fact, StatusChanged):
                assert fact.status == status[perm_id] or fact.status in FOLLOWS[status[perm_id]]
                status[perm_id] = fact.status
                assert fact.filled == filled[perm_id]
                assert fact.remaining >= 0
                assert (fact.remaining == 0) == (fact.status == "Filled")
        assert trader.ledger.position(trader.contract.conId) == position
    live = {fact.key.permId for fact in trader.exchange.open_orders()}
    assert live == {perm_id for perm_id, last in status.items() if last not in FINAL}
    done = [order.key.permId for order in trader.exchange.completed_orders]
    assert len(done) == len(set(done))
    assert live.isdisjoint(done)


@given(st.lists(moves, max_size=25))
def test_the_same_calls_give_the_same_facts(steps):
    def run() -> list[str]:
        trader = make_trader(stock(**HOURS), published_hours, now=at(9))
        told = []
        for step in steps:
            make_move(trader, *step)
            told += [repr(fact) for fact in trader.facts]
        return told

    assert run() == run()
