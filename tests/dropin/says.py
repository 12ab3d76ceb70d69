"""What a library for IB's API makes of the lines of `docs/reference/ib_insync.md`: a program of its own.

    python says.py ib_insync GATEWAY SCRIPTED

reads a JSON list of lines of Python, does each with the library of that name, connected to a paper gateway at one port
and to a scripted server at another, and prints what each gives. What they may use is told in that page.
"""

import importlib
import json
import logging
import sys
from contextlib import suppress
from typing import Any

name, gateway, scripted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
lib: Any = importlib.import_module(name)
logging.disable(logging.CRITICAL)
ib, other = lib.IB(), lib.IB()
ib.connect("127.0.0.1", gateway, clientId=7, timeout=10)
other.connect("127.0.0.1", scripted, clientId=7, timeout=10)
if not type(ib).__module__.startswith("ibdesk."):
    ib.RequestTimeout = 2  # for what waits without end


def stock(symbol: str) -> Any:
    """A stock that is not qualified."""
    return lib.Stock(symbol, "SMART", "USD")


apple = stock("AAPL")
ib.qualifyContracts(apple)


def place(order: Any, at: Any = ib, error: bool = False) -> Any:
    """The trade of an order, when the server has answered; `seen` of it are the statuses that its events told.

    With `error`, the answer that is waited for is an error.
    """
    seen: list[str] = []
    errors: list[int] = []
    note = errors.append
    at.errorEvent += lambda reqId, code, *_: note(code) if reqId == order.orderId else None
    trade = at.placeOrder(apple, order)
    trade.seen = seen
    trade.statusEvent += lambda trade: seen.append(trade.orderStatus.status)
    trade.cancelledEvent += lambda _: seen.append("cancelledEvent")
    for _ in range(100):
        if errors or (not error and (trade.orderStatus.status == "Submitted" or (at is other and seen))):
            break
        at.waitOnUpdate(0.1)
    return trade


def quotes(symbol: str, ticks: str = "") -> Any:
    """The ticker of one of the instruments of the scripted server; `told` of it are its ticks, of all events."""
    contract = lib.Stock(symbol, "SMART", "USD", conId=1 + sum(map(ord, symbol)))
    ticker = other.reqTickByTickData(contract, ticks) if ticks else other.reqMktData(contract)
    ticker.told = []
    ticker.updateEvent += lambda ticker: ticker.told.extend(ticker.ticks)
    other.reqCurrentTime()
    return ticker


def said(lines: str, names: dict[str, Any]) -> str:
    """The repr of the last of some statements, which is an expression, or how they fail."""
    *before, last = lines.split("; ")
    try:
        exec("\n".join(before), names)
        return repr(eval(last, names))
    except TimeoutError:
        return "waits without end"
    except Exception as error:
        return f"raises {type(error).__name__}"


public: dict[str, Any] = {}
with suppress(AttributeError):
    exec(f"from {name} import *", public)
names = {**public, "lib": lib, "ib": ib, "other": other, "stock": stock, "apple": apple, "place": place}
names["quotes"] = quotes
print(json.dumps([said(lines, names) for lines in json.load(sys.stdin)]))
