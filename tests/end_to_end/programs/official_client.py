"""What the programs of IBKR's own client share: callbacks that are kept until the program asks for them."""

import inspect
import queue
import threading

from ibapi.client import EClient
from ibapi.order import Order
from ibapi.wrapper import EWrapper


class App(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.inbox = queue.Queue()

    def wait(self, name, test=lambda *args: True):
        """The arguments of the next callback of this name that passes the test."""
        while True:
            got, args = self.inbox.get(timeout=15)
            if got == name and test(*args):
                return args

    def error_of(self, reqId):
        """The code and text of the next error of a request; its arguments differ by version, its text is the last."""
        args = self.wait("error", lambda *args: args[0] == reqId)
        numbers = [each for each in args[1:] if isinstance(each, int)]
        texts = [each for each in args if isinstance(each, str) and each]
        return numbers[-1], texts[0]


def note(name, method):
    names = list(inspect.signature(method).parameters)[1:]

    def call(self, *args, **kwargs):
        self.inbox.put((name, (*args, *(kwargs[name] for name in names[len(args) :] if name in kwargs))))

    return call


def started(port, clientId, *callbacks):
    """Connect an app that keeps these callbacks, of which an older version of the client may not have all."""
    for callback in callbacks:
        if hasattr(EWrapper, callback):
            setattr(App, callback, note(callback, getattr(EWrapper, callback)))
    app = App()
    app.connect("127.0.0.1", port, clientId)
    threading.Thread(target=app.run, daemon=True).start()
    return app


TRADING = (
    "nextValidId",
    "managedAccounts",
    "contractDetails",
    "contractDetailsEnd",
    "tickPrice",
    "tickSize",
    "historicalData",
    "historicalDataEnd",
    "openOrder",
    "openOrderEnd",
    "orderStatus",
    "execDetails",
    "execDetailsEnd",
    "commissionReport",
    "commissionAndFeesReport",
    "position",
    "positionEnd",
    "accountSummary",
    "accountSummaryEnd",
    "completedOrder",
    "completedOrdersEnd",
    "error",
    "currentTime",
)
"""The callbacks of a program that trades."""


def order(action, quantity, kind, price=None):
    one = Order()
    one.action, one.totalQuantity, one.orderType = action, quantity, kind
    if price is not None:
        one.lmtPrice = price
    for gone in ("eTradeOnly", "firmQuoteOnly"):
        if hasattr(one, gone):
            setattr(one, gone, False)
    return one
