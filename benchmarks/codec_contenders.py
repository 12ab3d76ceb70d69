"""How each library is asked to decode payloads and to place orders, behind one interface. A process each.

    python benchmarks/codec_contenders.py ibdesk < tasks

A task is a pickled tuple (row, version, data); the answers are lines of JSON. See `bench_codec`, which runs it.
"""

import importlib
import json
import pickle
import sys
import time
import warnings
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

ORACLES = Path(__file__).resolve().parent.parent / ".oracles"
SECONDS_A_TURN = 0.15

Decode = Callable[[bytes], Any]
Place = Callable[[int, Any, Any], Any]


def ignore(*args: Any, **kwargs: Any) -> None:
    """Take a callback."""


class IBDesk:
    """From a payload to the message, which is what ibdesk's own client goes on with.

    Numbers that it has read before it finds again; so it forgets them before every round, or it would know all.
    """

    def refresh(self) -> None:
        from ibdesk.wire import compiled

        getattr(compiled, "forget", lambda: None)()

    def decoder(self, version: int) -> Decode:
        from ibdesk.wire.catalogue import Sender
        from ibdesk.wire.codec import Codec

        return Codec(Sender.SERVER, version).decode

    def placer(self, version: int) -> Place:
        from ibdesk.wire.catalogue import Sender
        from ibdesk.wire.codec import Codec
        from ibdesk.wire.frames import frame
        from ibdesk.wire.messages.orders import PlaceOrder

        encode = Codec(Sender.SERVER, version).encode
        return lambda orderId, contract, order: frame(encode(PlaceOrder(orderId, contract, order)))

    def order(self, contract: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
        from ibdesk.model.contract import Contract
        from ibdesk.model.order import Order

        return Contract(**contract), Order(**order)


class IBAsync:
    """From a payload to the call of its wrapper, by its decoder; splitting it into fields as its client does."""

    def __init__(self) -> None:
        sys.path.append(str(ORACLES / "ib_async-2.1.0"))
        self._package = importlib.import_module("ib_async")
        self._wrapper = type("Quiet", (), {"defaultTimezone": None, "__getattr__": lambda self, name: ignore})()

    def decoder(self, version: int) -> Decode:
        interpret = self._package.decoder.Decoder(self._wrapper, version).interpret

        def decode(payload: bytes) -> None:
            fields = payload.decode(errors="backslashreplace").split("\0")
            fields.pop()
            interpret(fields)

        return decode

    def placer(self, version: int) -> Place:
        client = self._package.client.Client(self._wrapper)
        client._serverVersion, client.connState = version, client.CONNECTED
        client.sendMsg = lambda text: client._prefix(text.encode())  # without its throttle, which needs a loop
        return client.placeOrder  # type: ignore[no-any-return]

    def order(self, contract: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
        names = self._package.Contract().__dict__
        known = {name: value for name, value in contract.items() if name in names}
        return self._package.Contract(**known), self._package.Order(**order)


class Official:
    """What its message loop does with a payload up to the call of the user's EWrapper; no queue between threads."""

    def __init__(self) -> None:
        sys.path.insert(0, str(ORACLES / "nautilus-ibapi-10.46.1"))
        self._client = importlib.import_module("ibapi.client")
        self._comm = importlib.import_module("ibapi.comm")
        self._nouns = importlib.import_module("ibapi.contract"), importlib.import_module("ibapi.order")
        self._decoder = importlib.import_module("ibapi.decoder")
        wrapper = importlib.import_module("ibapi.wrapper").EWrapper
        names = [name for name in dir(wrapper) if not name.startswith("_")]
        self._wrapper = type("Quiet", (wrapper,), dict.fromkeys(names, ignore))()

    def decoder(self, version: int) -> Decode:
        decoder = self._decoder.Decoder(self._wrapper, version)
        interpret, process, read_fields = decoder.interpret, decoder.processProtoBuf, self._comm.read_fields

        def decode_text(payload: bytes) -> None:
            id, _, text = payload.partition(b"\0")
            interpret(read_fields(text), int(id))

        def decode_protobuf(payload: bytes) -> None:
            process(payload[4:], int.from_bytes(payload[:4], "big") - 200)

        return decode_protobuf if version > 200 else decode_text

    def placer(self, version: int) -> Place:
        client = self._client.EClient(self._wrapper)
        client.serverVersion_ = version
        client.conn = type("Sink", (), {"isConnected": lambda self: True, "sendMsg": ignore})()
        client.setConnState(client.CONNECTED)
        return client.placeOrder  # type: ignore[no-any-return]

    def order(self, contract: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
        theirs = self._nouns[0].Contract(), self._nouns[1].Order()
        for noun, values in zip(theirs, (contract, order), strict=True):
            for name, value in values.items():
                if value != vars(noun)[name]:
                    setattr(noun, name, value)
        theirs[1].totalQuantity = Decimal(int(order["totalQuantity"]))
        return theirs


CONTENDERS = {"ibdesk": IBDesk, "ib_async": IBAsync, "official": Official}


def make_work(contender: Any, row: str, version: int, data: list[Any]) -> Callable[[], None]:
    """A function that does a task once."""
    if row == "placeOrder":
        place = contender.placer(version)
        orders = [(7 + i, *contender.order(*values)) for i, values in enumerate(data)]

        def place_all() -> None:
            for one in orders:
                place(*one)

        return place_all
    decode = contender.decoder(version)

    def decode_all() -> None:
        for payload in data:
            decode(payload)

    return decode_all


def turn(work: Callable[[], None], refresh: Callable[[], None], messages: int) -> float:
    """Microseconds of CPU a message, in the best of several rounds."""
    rounds, begin = 0, time.process_time()
    best = float("inf")
    while time.process_time() - begin < SECONDS_A_TURN or not rounds:
        refresh()
        now = time.process_time()
        work()
        best = min(best, time.process_time() - now)
        rounds += 1
    return best / messages * 1e6


def main() -> None:
    """Take tasks, then do the task of each number that is asked for."""
    warnings.simplefilter("ignore")
    contender = CONTENDERS[sys.argv[1]]()
    with open(sys.argv[2], "rb") as file:
        tasks = pickle.load(file)
    refresh = getattr(contender, "refresh", ignore)
    works = {name: partial(make_work, contender, *task) for name, task in tasks.items()}
    ready: dict[str, Callable[[], None]] = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in ready:
            ready[name] = works[name]()
            ready[name]()
        print(json.dumps(turn(ready[name], refresh, len(tasks[name][2]))), flush=True)


if __name__ == "__main__":
    main()
