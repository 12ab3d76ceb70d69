"""What does it cost to connect to a large account? Goal: a third of ib_async's.

An account with 1,000 positions, which are in its portfolio too, 2,000 open orders with their states, and 400 account
values; server version 178; the server answers with bytes that were prepared. The figures are milliseconds of the call
`IB().connect(...)`: of CPU of the client's process, and of the clock.

    python benchmarks/bench_connect.py [--turns 7] [--positions 1000] [--orders 2000] [--before COMMIT]

With `--before` it is compared with the ibdesk of another commit.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from codec_samples import contract, open_order
from pairing import child, compare, options, versus
from scripted_gateway import ACCOUNT, TEXT, Gateway, prepared

from ibdesk.wire.messages import accounts, order_status

CLIENT = """
import importlib, json, os, sys, time
lib, port = importlib.import_module(sys.argv[1]), int(sys.argv[2])
ib = lib.IB()
begin, began = time.process_time(), time.perf_counter()
ib.connect("127.0.0.1", port, clientId=1, timeout=60)
spent, passed = time.process_time() - begin, time.perf_counter() - began
found = [len(ib.positions()), len(ib.portfolio()), len(ib.openTrades())]
assert found == [int(sys.argv[3]), int(sys.argv[3]), int(sys.argv[4])], found
print(json.dumps({"ms of CPU": spent * 1e3, "ms of the clock": passed * 1e3}), flush=True)
os._exit(0)
"""


def orders(number: int) -> Iterator[Any]:
    """Open orders, each with its state."""
    for i in range(number):
        message = open_order(i)
        message.order.clientId, message.order.account = 1, ACCOUNT
        yield message
        order = message.order
        yield order_status.OrderStatus(
            order.orderId,
            message.orderState.status,
            filled=0.0,
            remaining=order.totalQuantity,
            avgFillPrice=0.0,
            permId=order.permId,
            parentId=0,
            lastFillPrice=0.0,
            clientId=1,
            whyHeld="",
            mktCapPrice=0.0,
        )
    yield order_status.OpenOrderEnd()


def positions(number: int) -> Iterator[Any]:
    """What the account holds."""
    for i in range(number):
        yield accounts.Position(ACCOUNT, contract(i), float(100 + i), round(20 + i * 37 % 9973 / 20, 2))
    yield accounts.PositionEnd()


def updates(number: int) -> Iterator[Any]:
    """The same in the portfolio, with prices, and the values of the account."""
    for i in range(400):
        yield accounts.UpdateAccountValue(f"Value{i // 4}", f"{i * 7919 / 100:.2f}", ("USD", "EUR")[i % 2], ACCOUNT)
    for i in range(number):
        price, cost, size = round(20 + i * 41 % 9973 / 20, 2), round(20 + i * 37 % 9973 / 20, 2), float(100 + i)
        gain = round((price - cost) * size, 2)
        yield accounts.UpdatePortfolio(contract(i), size, price, price * size, cost, gain, 0.0, ACCOUNT)
    yield accounts.AccountDownloadEnd(ACCOUNT)


def main() -> None:
    """Compare."""
    chosen = options(7, positions=1000, orders=2000, before="")
    answers = {
        order_status.ReqOpenOrders: prepared(orders(chosen.orders), TEXT),
        accounts.ReqPositions: prepared(positions(chosen.positions), TEXT),
        accounts.ReqAccountUpdates: prepared(updates(chosen.positions), TEXT),
    }
    gateway = Gateway(TEXT, {kind: lambda request, data=data: data for kind, data in answers.items()})
    arguments = gateway.port, chosen.positions, chosen.orders
    names = "ibdesk", versus("ib_async", chosen.before)
    compare({name: partial(child, name, CLIENT, *arguments) for name in names}, chosen.turns)


if __name__ == "__main__":
    main()
