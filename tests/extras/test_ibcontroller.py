"""IBC: how the app is started and ended, and that no process of it is left."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from extras.stand_in_ibc import alive, change, make_ibc, starts

from ibdesk.extras.ibcontroller import IBC


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not fact():
            await asyncio.sleep(0.01)


async def test_the_app_is_started_once_and_ended_with_all_its_processes(tmp_path: Path):
    ibc = IBC(1037, gateway=True, tradingMode="paper", ibcPath=str(make_ibc(tmp_path, "idle")))
    await ibc.startAsync()
    await ibc.startAsync()
    await until(lambda: starts(tmp_path))
    ((app, arguments),) = starts(tmp_path)
    assert arguments == ["1037", "--gateway", "--mode=paper", f"--ibc-path={tmp_path}"]
    assert alive(app)
    await ibc.terminateAsync()
    await until(lambda: not alive(app))
    await ibc.terminateAsync()


async def test_arguments_reach_the_app_as_they_are(tmp_path: Path):
    ibc = IBC("10.37", ibcPath=str(make_ibc(tmp_path, "idle")), userid="$(touch x); a b", password="\"'`\\*")
    await ibc.startAsync()
    await until(lambda: starts(tmp_path))
    assert starts(tmp_path)[0][1] == ["10.37", f"--ibc-path={tmp_path}", "--user=$(touch x); a b", "--pw=\"'`\\*"]
    await ibc.terminateAsync()


async def test_an_app_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """ib_async waits for it for ever."""
    monkeypatch.setattr(IBC, "TerminateTimeout", 0.2)
    ibc = IBC(1037, ibcPath=str(make_ibc(tmp_path, "stubborn")))
    await ibc.startAsync()
    await until(lambda: starts(tmp_path))
    ((app, _),) = starts(tmp_path)
    async with asyncio.timeout(20):
        await ibc.terminateAsync()
    await until(lambda: not alive(app))


async def test_an_app_that_ended_by_itself_can_be_started_again(tmp_path: Path):
    ibc = IBC(1037, ibcPath=str(make_ibc(tmp_path, "exit")))
    assert await ibc.endedAsync() is None
    await ibc.startAsync()
    assert await ibc.endedAsync() == 3
    change(tmp_path, "idle")
    await ibc.startAsync()
    await until(lambda: len(starts(tmp_path)) == 2)
    await ibc.terminateAsync()
    await until(lambda: not any(alive(app) for app, _ in starts(tmp_path)))


async def test_what_the_app_leaves_behind_is_ended_before_the_next_start(tmp_path: Path):
    """The script of IBC was killed, and the app lives on."""
    ibc = IBC(1037, ibcPath=str(make_ibc(tmp_path, "idle")))
    await ibc.startAsync()
    await until(lambda: starts(tmp_path))
    assert ibc._proc is not None
    os.kill(ibc._proc.pid, signal.SIGKILL)
    await ibc.endedAsync()
    ((first, _),) = starts(tmp_path)
    assert alive(first)
    await ibc.startAsync()
    await until(lambda: not alive(first))
    await ibc.terminateAsync()


async def test_what_the_app_prints_is_logged_however_long(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """A line longer than the buffer ends ib_async's reading, and the app then waits for ever to print more."""
    caplog.set_level(logging.DEBUG, "ibdesk.IBC")
    ibc = IBC(1037, ibcPath=str(make_ibc(tmp_path, "chatty")))
    await ibc.startAsync()
    await until(lambda: "after it" in caplog.messages)
    await ibc.terminateAsync()
    assert caplog.messages[:2] == ["Starting", "The app is starting"]


def test_without_ibc_the_error_says_so(tmp_path: Path):
    ibc = IBC(1037, ibcPath=str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"ibcstart\.sh"):
        ibc.start()
    ibc.terminate()


def test_a_block_of_a_program(tmp_path: Path):
    with IBC(1037, ibcPath=str(make_ibc(tmp_path, "idle"))) as ibc:
        ibc.start()
    assert not any(alive(app) for app, _ in starts(tmp_path))


FORGETS = """
import sys, time
from pathlib import Path
from extras.stand_in_ibc import make_ibc, starts
from ibdesk import IBC
folder = Path(sys.argv[1])
IBC.TerminateTimeout = 0.3
ibc = IBC(1037, ibcPath=str(make_ibc(folder, sys.argv[2])))
ibc.start()
while not starts(folder):
    time.sleep(0.01)
"""


@pytest.mark.parametrize("behaviour", ["idle", "stubborn"])
def test_a_program_that_forgets_the_app_leaves_no_process(tmp_path: Path, behaviour: str):
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORGETS, str(tmp_path), behaviour],
        env={**os.environ, "PYTHONPATH": tests},
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0
    ((app, _),) = starts(tmp_path)
    assert not alive(app)


def test_passwords_are_not_shown():
    assert "secret" not in repr(IBC(1037, password="secret", fixpassword="secret"))


def test_what_windows_shell_would_take_for_its_own_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert IBC(1037).ibcPath == "C:\\IBC"
    for wrong in ("a&calc", "50%", 'a"b'):
        with pytest.raises(ValueError, match=r"password has a character .* write it in config\.ini"):
            IBC(1037, password=wrong)._command()
