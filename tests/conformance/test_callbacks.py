"""Every callback of a `Client` has the name and the arguments that the outside decoders give it.

ib_async's decoder and ours get the same fields and a wrapper of one class, at every version that ib_async speaks. What
is newer is held against IBKR's newest client.
"""

from collections.abc import Callable
from dataclasses import fields
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conformance.domains import ANSWERS, callbacks
from conformance.examples import examples
from conformance.exceptions import avoid, is_skipped, unexplained
from conformance.test_answers import by_meaning, calls_of
from conformance.versions import client, compared, id_of, server
from oracles import OracleFault, differences, ib_async, official, plain
from oracles.recording import StrictLogger
from wire.carried import carried

from ibdesk import decoder
from ibdesk.client.dropin.callbacks import Callbacks, EWrapper
from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.messages import (
    bonds,
    config,
    connection,
    executions,
    historical_ticks,
    history,
    options,
    reference,
    scanner,
)
from ibdesk.wire.text import split

NEWEST = "10.46.1"
IB_ASYNC_SPEAKS = range(157, 179)

AT_EVERY_VERSION = 2
IN_ALL = 12
"""How many examples of a message are compared: the first at every version, the others at the newest."""

AT_NEWER_VERSIONS = 4
"""How many are compared at the versions that ib_async does not speak."""

Calls = list[tuple[str, tuple[Any, ...]]]


class Heard:
    """A wrapper that has every callback but a few, and keeps the calls."""

    ib = SimpleNamespace(TimezoneTWS="US/Eastern")
    defaultTimezone = ZoneInfo("Asia/Tokyo")

    def __init__(self, *missing: str) -> None:
        self.calls: Calls = []
        self._missing = ("tcpDataArrived", "tcpDataProcessed", *missing)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_") or name in self._missing:
            raise AttributeError(name)
        return lambda *args: self.calls.append((name, args))


def their_calls(version: int, fields: list[str]) -> Calls:
    heard = Heard()
    theirs = ib_async().decoder.Decoder(heard, version)
    theirs.logger = StrictLogger(OracleFault)
    theirs.interpret(list(fields))
    return heard.calls


def our_calls(version: int, fields: list[str]) -> Calls:
    heard = Heard()
    decoder.Decoder(heard, version).interpret(fields)
    return heard.calls


def kinds(value: Any) -> Any:
    """The names of the classes of an argument, and of what is in a list."""
    return [kinds(one) for one in value] if type(value) is list else type(value).__name__


def of_ib_async() -> list[type]:
    """Every message that ib_async's decoder knows."""
    known = ib_async().decoder.Decoder(Heard(), 178).handlers
    return [one.cls for one in messages() if one.sender is Sender.SERVER and one.id in known]


OTHER_ARGUMENTS = {
    (options.SecurityDefinitionOptionParameter, 2): "ib_async leaves the number of the underlying a text",
}
"""(message, place of the argument) -> why ib_async gives another than ours."""


@pytest.mark.parametrize("cls", of_ib_async(), ids=id_of)
def test_as_ib_async_calls(cls: type) -> None:
    others = {place for message, place in OTHER_ARGUMENTS if message is cls}
    for number, drawn in enumerate(examples(cls)[:IN_ALL]):
        versions = IB_ASYNC_SPEAKS if number < AT_EVERY_VERSION else IB_ASYNC_SPEAKS[-1:]
        for version in (one for one in versions if one >= of(cls).first):
            texts = split(server(version).encode(avoid(drawn, "ib_async", version)))
            theirs, ours = their_calls(version, texts), our_calls(version, texts)
            assert [name for name, _ in ours] == [name for name, _ in theirs], (version, texts)
            for (name, expected), (_, found) in zip(theirs, ours, strict=True):
                assert len(found) == len(expected), (name, version)
                for place, (one, other) in enumerate(zip(expected, found, strict=True)):
                    if place in others:
                        assert one != other
                        continue
                    assert kinds(other) == kinds(one), (name, place, version)
                    lines = unexplained(differences(one, other, path=f"{place}"), cls, "ib_async", version)
                    assert not lines, (name, version, lines, texts)


NAMED_OTHERWISE = {
    "commissionAndFeesReport": "commissionReport",
}
"""IBKR's name of a callback -> that of ib_async, and so ours."""

DROPPED = {connection.Error: "errorTime"}
"""An argument of IBKR's that ib_async, and so ours, does not have."""

RAW = {config.ConfigResponse, config.UpdateConfigResponse}
"""IBKR's client hands these over as protobuf messages."""

VALUES_OF_IB_ASYNC = {
    bonds.BondContractData: "the maturity is in the contract, too",
    executions.ExecDetails: "the time is read",
    historical_ticks.HistoricalTicks: "times are read",
    historical_ticks.HistoricalTicksBidAsk: "times are read",
    historical_ticks.HistoricalTicksLast: "times are read",
    options.SecurityDefinitionOptionParameter: "lists, in the order of the server, and no sets",
    options.TickOptionComputation: "what is not computed is -1 or -2",
    reference.SmartComponents: "a list",
    reference.SymbolSamples: "no strike is 0.0",
    scanner.ScannerData: "no strike is 0.0",
}
"""Message -> how the arguments, which the test above holds against ib_async, differ from IBKR's."""

SIZE_UNSET = "expected Decimal('170141183460469231731687303715884105727'), not 0"


def differs_from_the_newest(cls: type, drawn: Any, version: int) -> list[str]:
    """What the newest client calls otherwise than ours, from our bytes; a size that is unset is 0 in ours."""
    answer = avoid(drawn, NEWEST, version)
    payload = server(version).encode(answer)
    heard = Heard("priceSizeTick")
    Callbacks(heard, version).take(client(version).decode(payload))
    theirs = calls_of(NEWEST, version, payload)
    assert [name for name, _ in heard.calls] == [NAMED_OTHERWISE.get(call.name, call.name) for call in theirs]
    told = callbacks(NEWEST, carried(answer, version), version)
    mean = by_meaning if of(cls).is_protobuf(version) else plain
    lines: list[str] = []
    for call, (_, names), (_, args) in zip(theirs, told, heard.calls, strict=True):
        expected = mean(dict(zip(names, call.args, strict=True)))
        expected.pop(DROPPED.get(cls), None)
        lines += differences(expected, mean(dict(zip(expected, args, strict=True))))
    return [line for line in unexplained(lines, cls, NEWEST, version) if SIZE_UNSET not in line]


@pytest.mark.parametrize("cls", [cls for cls in ANSWERS if cls not in RAW], ids=id_of)
def test_as_the_newest_client_calls(cls: type) -> None:
    """Above the versions that ib_async speaks: at those at which the message changes, and some others."""
    versions = [one for one in compared(cls) if one >= IB_ASYNC_SPEAKS.stop and not is_skipped(cls, NEWEST, one)]
    found = {
        (version, number): lines
        for number, drawn in enumerate(examples(cls)[:AT_NEWER_VERSIONS])
        for version in versions
        if (lines := differs_from_the_newest(cls, drawn, version))
    }
    assert versions
    assert bool(found) == (cls in VALUES_OF_IB_ASYNC), found


def test_every_message_of_a_server_is_compared() -> None:
    servers = {one.cls for one in messages() if one.sender is Sender.SERVER}
    assert set(ANSWERS) == servers
    assert servers - set(of_ib_async()) == RAW | {connection.CurrentTimeInMillis, history.HistoricalDataEnd}


@pytest.mark.parametrize("cls", sorted(RAW, key=id_of), ids=id_of)
def test_settings_are_told_field_by_field(cls: type) -> None:
    heard, drawn = Heard(), examples(cls)[0]
    Callbacks(heard).take(drawn)
    name = f"{cls.__name__[0].lower()}{cls.__name__[1:]}"
    assert heard.calls == [(name, tuple(getattr(drawn, field.name) for field in fields(cls)))]


def test_the_base_class_has_every_callback() -> None:
    official_wrapper = official(NEWEST).module("wrapper").EWrapper
    theirs = {name for name in vars(official_wrapper) if not name.startswith("_") and not name.endswith("ProtoBuf")}
    ours = {name for name in vars(EWrapper) if not name.startswith("_")}
    assert theirs - ours == {*NAMED_OTHERWISE, "winError"}
    assert ours - theirs == {*NAMED_OTHERWISE.values(), "configResponse", "updateConfigResponse"}
