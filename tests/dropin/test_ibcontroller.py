"""IBC and Watchdog: the surface of ib_async's, the same command line, and what it leaves behind (pain 32)."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from dropin.signatures import methods, parameters, plain_attributes
from extras.stand_in_ibc import alive, make_ibc, starts
from oracles import ib_async

import ibdesk

theirs = ib_async().ibcontroller

OPTIONS: list[dict[str, Any]] = [
    {"twsVersion": 1037},
    {"twsVersion": 1037, "gateway": True, "tradingMode": "paper", "userid": "edemo", "password": "demouser"},
    {
        "twsVersion": 981,
        "twsPath": "/opt/tws",
        "twsSettingsPath": "/s",
        "ibcPath": "/ibc",
        "ibcIni": "/i.ini",
        "javaPath": "/java",
        "fixuserid": "fix",
        "fixpassword": "fixpw",
        "on2fatimeout": "restart",
    },
]


@pytest.mark.parametrize("name", ["IBC", "Watchdog"])
def test_the_same_fields_with_the_same_defaults(name: str):
    ours, their = getattr(ibdesk, name), getattr(theirs, name)
    assert [field.name for field in fields(ours)] == [field.name for field in fields(their)]
    expected = [one for one in parameters(their) if one[0] != "probeContract"]
    assert [one for one in parameters(ours) if one[0] != "probeContract"] == expected
    their_attributes = plain_attributes(their)
    their_attributes.pop("probeContract", None)
    assert their_attributes.items() <= plain_attributes(ours).items()


def test_each_watchdog_has_a_contract_of_its_own():
    """ib_async's share one: pain 32."""
    their, ours = (
        next(field for field in fields(cls) if field.name == "probeContract")
        for cls in (theirs.Watchdog, ibdesk.Watchdog)
    )
    assert isinstance(their.default, ib_async().Contract)
    assert ours.default is MISSING
    assert repr(ours.default_factory()) == repr(their.default)


@pytest.mark.parametrize("name", ["IBC", "Watchdog"])
def test_the_same_methods(name: str):
    ours = methods(getattr(ibdesk, name))
    assert ours["dict"].pop() == ("plain", "POSITIONAL_OR_KEYWORD", False), "one more than there"
    for method, expected in methods(getattr(theirs, name)).items():
        assert ours[method] == expected, method


def test_the_same_events():
    assert theirs.Watchdog.events == ibdesk.Watchdog.events
    dog = ibdesk.Watchdog(ibdesk.IBC(), ibdesk.IB())
    assert [getattr(dog, name).name() for name in dog.events] == theirs.Watchdog.events


class Caught(Exception):
    pass


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("options", OPTIONS)
async def test_the_same_command_line(monkeypatch: pytest.MonkeyPatch, platform: str, options: dict[str, Any]):
    async def catch(*command: str, **_: object) -> None:
        raise Caught(command)

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", catch)
    commands = []
    for module in (ibdesk, theirs):
        with pytest.raises(Caught) as caught:
            await module.IBC(**options).startAsync()
        commands.append(list(caught.value.args[0]))
    if platform == "win32" and "twsSettingsPath" in options:
        # IBC has no such argument there; ib_async gives the bare path as one.
        commands[1].remove(options["twsSettingsPath"])
    assert commands[0] == commands[1]


@pytest.mark.real_time
async def test_ib_async_leaves_the_app_behind(tmp_path: Path):
    """It ends the script of IBC only, and on some versions of Python then waits for ever."""
    ibc = theirs.IBC(1037, ibcPath=str(make_ibc(tmp_path, "idle")))
    await ibc.startAsync()
    async with asyncio.timeout(30):
        while not starts(tmp_path):
            await asyncio.sleep(0.01)
    process = ibc._proc
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await ibc.terminateAsync()
    ((app, _),) = starts(tmp_path)
    assert alive(app)
    os.kill(app, signal.SIGKILL)
    await process.wait()
    process._transport.close()
