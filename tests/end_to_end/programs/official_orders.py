"""IBKR's own client orders as a test tells it: `python official_orders.py PORT`."""

import importlib
import itertools
import sys

from official_client import TRADING, order, started
from ordering import CALLBACKS, Recorder, obey

try:
    from ibapi.order_cancel import OrderCancel
except ImportError:  # 10.19
    OrderCancel = None

app = started(int(sys.argv[1]), 7, *TRADING)
recorder = Recorder()
(first,) = app.wait("nextValidId")
HOMES = {"Contract": "contract", "ComboLeg": "contract", "TagValue": "tag_value", "OrderComboLeg": "order"}


def make(name):
    if name == "Order":
        return order("", 0, "")
    return getattr(importlib.import_module(f"ibapi.{HOMES.get(name, 'order_condition')}"), name)()


def wait():
    """Note what has come, up to the answer of a request that is made now."""
    app.reqCurrentTime()
    while True:
        name, args = app.inbox.get(timeout=15)
        if name == "currentTime":
            return
        if name in CALLBACKS:
            getattr(recorder, name)(*args)
        elif name == "error":
            numbers = [each for each in args[1:] if isinstance(each, int)]
            texts = [each for each in args if isinstance(each, str) and each]
            recorder.error(args[0], numbers[-1], texts[0])


obey(
    recorder,
    make,
    itertools.count(first).__next__,
    app.placeOrder,
    lambda orderId, order: app.cancelOrder(orderId, OrderCancel() if OrderCancel else ""),
    wait,
)
app.disconnect()
