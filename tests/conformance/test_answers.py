"""Every answer: the outside clients read the values that ibdesk wrote, at every version that they speak."""

from functools import cached_property
from typing import Any

import pytest
from conformance.domains import ANSWERS, callbacks
from conformance.examples import examples
from conformance.exceptions import avoid, is_skipped, unexplained
from conformance.versions import compared, id_of, server
from oracles import Call, OracleFault, differences, ib_async_decode, oracles_for, plain
from wire.carried import carried

from ibdesk.errors import EncodeError
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import of
from ibdesk.wire.messages.market_data import TickPrice
from ibdesk.wire.text import split

BY_EVERY_CLIENT = 12
"""How many examples every client that speaks a version reads; the others the newest reads, and ib_async."""

_AMOUNTS = tuple(
    f"{amount}{when}"
    for amount in ("initMargin", "maintMargin", "equityWithLoan")
    for when in ("Before", "Change", "After")
)


def clients_of(version: int) -> list[str]:
    """The clients that speak a server version."""
    return [oracle.version for oracle in oracles_for(version)] + ["ib_async"] * (version <= 178)


def calls_of(client: str, version: int, payload: bytes) -> list[Call]:
    if client == "ib_async":
        return ib_async_decode(version, split(payload))
    calls = next(one for one in oracles_for(version) if one.version == client).decode(version, payload)
    return [call for call in calls if not call.name.endswith("ProtoBuf")]  # left when it makes no other


def by_meaning(value: Any) -> Any:
    """The entries of a protobuf map have no order, and an amount that is a double has several spellings as a text."""
    return _by_meaning(plain(value))


def _by_meaning(value: Any) -> Any:
    if isinstance(value, list):
        out = [_by_meaning(one) for one in value]
        return sorted(out, key=str) if out and isinstance(out[0], dict) and out[0].keys() == {"tag", "value"} else out
    if isinstance(value, dict):
        return {
            name: float(one) if name in _AMOUNTS and isinstance(one, str) and one else _by_meaning(one)
            for name, one in value.items()
        }
    return value


class Written:
    """An answer at a server version: its bytes, and what of it they carry. Most clients can read the same."""

    def __init__(self, answer: Any, version: int) -> None:
        self.answer, self.version = answer, version

    @cached_property
    def payload(self) -> bytes:
        return server(self.version).encode(self.answer)

    @cached_property
    def carried(self) -> Any:
        return carried(self.answer, self.version)


def compare(client: str, written: Written) -> list[str]:
    """Where this client reads other values from our bytes than we wrote; the table of exceptions is not looked at."""
    version = written.version
    answer = avoid(written.answer, client, version)
    if answer is not written.answer:
        written = Written(answer, version)
    payload, expected = written.payload, callbacks(client, written.carried, version)
    calls = calls_of(client, version, payload)
    names = [name for name, _ in expected]
    if [call.name for call in calls] != names:
        return [f"callbacks: expected {[call.name for call in calls]}, not {names}"]
    lines: list[str] = []
    is_protobuf = of(type(answer)).is_protobuf(version)
    for call, (_, values) in zip(calls, expected, strict=True):
        made = dict(zip(values, call.args, strict=True))
        lines += differences(by_meaning(made), by_meaning(values)) if is_protobuf else differences(made, values)
    return lines


@pytest.mark.parametrize("cls", ANSWERS, ids=id_of)
def test_clients_read_what_was_written(cls: type) -> None:
    for number, drawn in enumerate(examples(cls)):
        for version in compared(cls):
            clients = [client for client in clients_of(version) if not is_skipped(cls, client, version)]
            if number >= BY_EVERY_CLIENT:
                clients = [client for client in clients if client in (clients[0], "ib_async")]
            written = Written(drawn, version)
            for client in clients:
                lines = unexplained(compare(client, written), cls, client, version)
                assert not lines, (client, version, lines, drawn)


@pytest.mark.parametrize("cls", [cls for cls in ANSWERS if of(cls).first > V.MIN], ids=id_of)
def test_a_message_too_new_for_the_version_is_not_sent(cls: type) -> None:
    first = of(cls).first
    with pytest.raises(EncodeError, match=f"needs server version {first}"):
        server(first - 1).encode(examples(cls)[0])


def test_a_client_that_cannot_read_our_bytes_is_a_fault() -> None:
    """The comparison above would see it: a truncated message makes the oracle raise."""
    payload = server(V.MIN).encode(TickPrice(1, 1, 1.5, 100.0))
    with pytest.raises(OracleFault):
        calls_of("10.46.1", V.MIN, payload[:-2])
