"""What a difference shows of itself, in whichever form a program wants it."""

import json

from ibdesk import Difference, LimitOrder, Stock
from ibdesk.client.state.trade import Trade


def test_a_difference_is_plain_data_even_if_orders_share_an_id():
    one, other = (Trade(Stock("AAPL", "SMART", "USD"), LimitOrder("BUY", 1, 2.0, orderId=5)) for _ in range(2))
    one.incarnations, other.incarnations = [other], [one]
    difference = Difference("conflict", "DU1", one.contract, one, {"permId": 1}, {"permId": 2}, "It is asked about")
    shown = json.loads(json.dumps(difference.dict(plain=True)))
    assert (shown["kind"], shown["trade"]["order"]["orderId"], shown["ours"]) == ("conflict", 5, {"permId": 1})
    assert repr(difference).startswith("Difference(kind='conflict', account='DU1', contract=Stock(")
    assert difference == Difference(*difference.tuple())
