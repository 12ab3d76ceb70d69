"""ib_async 2.1.0 orders as a test tells it: `python ib_async_orders.py PORT`."""

import sys

import ib_async
from ib_async.wrapper import Wrapper
from ordering import CALLBACKS, Recorder, obey

recorder = Recorder()


def noting(name):
    callback = getattr(Wrapper, name)

    def call(self, *args, **kwargs):
        getattr(recorder, name)(*args, **kwargs)
        return callback(self, *args, **kwargs)

    return call


for name in CALLBACKS:
    if hasattr(Wrapper, name):
        setattr(Wrapper, name, noting(name))

ib = ib_async.IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=7, timeout=10)
ib.errorEvent += lambda reqId, code, text, contract: recorder.error(reqId, code, text)


def make(name):
    return getattr(ib_async, name)()


def place(orderId, contract, order):
    order.orderId = orderId
    ib.placeOrder(contract, order)


obey(recorder, make, ib.client.getReqId, place, lambda orderId, order: ib.cancelOrder(order), ib.reqCurrentTime)
ib.disconnect()
