"""What does it cost to decode and encode one message? Compiled codec, reference codec and ib_async in the same process.

From payload to message, or to the call of a wrapper that does nothing in ib_async, and back: no socket and no event
loop. Server version 178, the highest of ib_async, and for ibdesk also 225, which is protobuf. The three take turns;
what is printed is the best of all turns, in microseconds of CPU time, and how many times the compiled codec takes.

    python benchmarks/bench_codec.py [--turns 15]
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ibdesk.model.bars import BarData
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderState
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.contracts import ContractData
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import TickPrice, TickSize
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

ORACLE = Path(__file__).resolve().parent.parent / ".oracles" / "ib_async-2.1.0"
TEXT_VERSION, PROTOBUF_VERSION = 178, 225
SECONDS_A_TURN = 0.02

APPLE: dict[str, Any] = {
    "conId": 265598,
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "localSymbol": "AAPL",
    "tradingClass": "NMS",
}
BUY: dict[str, Any] = {
    "action": "BUY",
    "totalQuantity": 100.0,
    "orderType": "LMT",
    "lmtPrice": 172.35,
    "tif": "GTC",
    "account": "DU1234567",
    "orderRef": "a reference",
}

APPLE_DETAILS = ContractDetails(
    contract=Contract(**APPLE),
    marketName="NMS",
    minTick=0.01,
    orderTypes=",".join(["ACTIVETIM", "AD", "ADJUST", "ALERT", "ALGO", "LMT", "MKT", "STP"] * 6),
    validExchanges=",".join(["SMART", "AMEX", "NYSE", "CBOE", "PHLX", "ISE", "CHX", "ARCA"] * 3),
    priceMagnifier=1,
    longName="APPLE INC",
    industry="Technology",
    category="Computers",
    timeZoneId="US/Eastern",
    tradingHours="20250102:0400-20250102:2000;20250103:0400-20250103:2000",
    liquidHours="20250102:0930-20250102:1600;20250103:0930-20250103:1600",
    marketRuleIds=",".join(["26"] * 24),
    stockType="COMMON",
)
BARS = [BarData("20250102 09:30:00 US/Eastern", 172.1, 172.9, 171.85, 172.35, 12345.0, 172.4, 678) for _ in range(1000)]  # type: ignore[arg-type]

MESSAGES = {
    "TickPrice": TickPrice(1001, 1, 172.35, 300.0, 0),
    "TickSize": TickSize(1001, 0, 300.0),
    "OpenOrder": OpenOrder(
        Contract(**APPLE), Order(orderId=7, permId=987654321, **BUY), OrderState(status="Submitted")
    ),
    "ContractData": ContractData(7, APPLE_DETAILS),
    "HistoricalData, 1000 bars": HistoricalData(7, BARS, "20250102 09:30:00", "20250103 09:30:00"),
    "PlaceOrder": PlaceOrder(7, Contract(**APPLE), Order(**BUY)),
}

Work = Callable[[], Any]


class Quiet:
    """A wrapper of ib_async whose callbacks do nothing."""

    defaultTimezone = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return ignore


def ignore(*args: Any) -> None:
    """Take a callback."""


def ib_async_decode(payload: bytes) -> Work:
    """What ib_async does with a payload, splitting it included."""
    from ib_async.decoder import Decoder  # type: ignore[import-not-found]

    interpret = Decoder(Quiet(), TEXT_VERSION).interpret

    def work() -> None:
        fields = payload.decode(errors="backslashreplace").split("\0")
        fields.pop()
        interpret(fields)

    return work


def ib_async_place() -> Work:
    """What ib_async does to place an order, up to its queue of messages."""
    import ib_async

    client = ib_async.client.Client(Quiet())
    client._serverVersion = TEXT_VERSION
    client.connState = client.CONNECTED
    client.sendMsg = lambda text: text.encode()
    contract, order = ib_async.Contract(**APPLE), ib_async.Order(**BUY)
    return lambda: client.placeOrder(7, contract, order)


def contenders(message: Any, verb: str, version: int) -> dict[str, Work]:
    """The name of each way to do the same -> a function that does it once."""
    sender = of(type(message)).sender
    encoder, decoder = Codec(sender.peer, version), Codec(sender, version)
    payload = encoder.encode(message)
    decoder.decode(payload)
    if verb == "encode":
        works: dict[str, Work] = {
            "compiled": lambda: encoder.encode(message),
            "reference": lambda: encoder._encode_by_reference(message),
        }
    else:
        works = {
            "compiled": lambda: decoder.decode(payload),
            "reference": lambda: decoder._decode_by_reference(payload),
        }
    if version == TEXT_VERSION and (verb, sender) == ("decode", Sender.SERVER):
        works["ib_async"] = ib_async_decode(payload)
    elif version == TEXT_VERSION and (verb, sender) == ("encode", Sender.CLIENT):
        works["ib_async"] = ib_async_place()
    return works


def measure(works: dict[str, Work], turns: int) -> dict[str, float]:
    """The best time of each, in microseconds."""
    numbers = {}
    for name, work in works.items():
        begin, number = time.process_time(), 0
        while time.process_time() - begin < SECONDS_A_TURN:
            work()
            number += 1
        numbers[name] = number
    best = dict.fromkeys(works, float("inf"))
    for _ in range(turns):
        for name, work in works.items():
            rounds = range(numbers[name])
            begin = time.process_time()
            for _ in rounds:
                work()
            best[name] = min(best[name], (time.process_time() - begin) / numbers[name] * 1e6)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=15)
    turns = parser.parse_args().turns
    sys.path.append(str(ORACLE))
    print(f"{'':44}{'compiled':>10}{'reference':>18}{'ib_async':>18}")
    for version, encoding in ((TEXT_VERSION, "text"), (PROTOBUF_VERSION, "protobuf")):
        for verb in ("decode", "encode"):
            for name, message in MESSAGES.items():
                best = measure(contenders(message, verb, version), turns)
                base = best.pop("compiled")
                others = "".join(f"{value:9.2f} ({value / base:5.2f})" for value in best.values())
                print(f"{f'{encoding} {verb} {name}':44}{base:10.2f}{others}", flush=True)


if __name__ == "__main__":
    main()
