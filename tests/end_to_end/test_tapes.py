"""Tapes of whole trading sessions: recorded on the paper gateway, replayed to the same client with the same result."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from end_to_end.scenario import trade
from fetch_oracles import oracle_path

from ibdesk import IB
from ibdesk.paper import PaperGateway
from ibdesk.tape import Kind, Proxy, Recorder, Replay, read_tape
from ibdesk.wire.messages.orders import PlaceOrder

PROGRAM = Path(__file__).parent / "programs" / "ib_async_trades.py"
START = "2026-11-20T10:30:00-05:00"
ACCOUNT = "DU7654321"


async def ib_async_trades(port: int) -> dict[str, Any]:
    """What the session of ib_async came to."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", str(PROGRAM), str(port)),
        env={**os.environ, "PYTHONPATH": str(oracle_path("ib_async", "2.1.0"))},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(90):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode == 0, err.decode()
    result: dict[str, Any] = json.loads(out.decode().splitlines()[-1])
    return result


@pytest.mark.slow
async def test_ib_async_recorded_by_the_proxy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ib_async.tape"
    async with PaperGateway(port=0, seed=3, start_time=START) as gateway:
        with Recorder(path, clock=lambda: datetime.now(UTC)) as recorder:
            async with Proxy(recorder, gateway.port) as proxy:
                recorded = await ib_async_trades(proxy.port)
    assert recorded["filled"][:2] == ["Filled", 100]
    assert len(recorded["bars"]) == 13
    async with Replay(path, port=0, speed=0) as replay:
        replayed = await ib_async_trades(replay.port)
        await asyncio.wait_for(replay.wait(), 20)
    assert "does not have" not in caplog.text
    # Which of the first quotes a program sees as it wakes depends on how the computer shares its time.
    del recorded["quote"], replayed["quote"]
    assert replayed == recorded


@pytest.mark.slow
async def test_ibdesk_recorded_by_itself_without_its_account(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ibdesk.tape"
    async with PaperGateway(port=0, seed=3, start_time=START, account=ACCOUNT) as gateway:
        ib = IB()
        with ib.record(path, scrub=True):
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=7)
            assert ib.client.serverVersion() == 225
            assert ib.managedAccounts() == [ACCOUNT]
            recorded = await trade(ib)
            ib.disconnect()
    assert ACCOUNT.encode() not in path.read_bytes()
    tape = read_tape(path)
    assert tape.damage is None
    assert sum(isinstance(one.message, PlaceOrder) for one in tape.messages()) == 7
    async with Replay(tape, port=0, speed=0) as replay:
        ib = IB()
        await ib.connectAsync("127.0.0.1", replay.port, clientId=7)
        assert ib.managedAccounts() == ["DU0000001"]
        assert await trade(ib) == recorded
        assert {fill.execution.acctNumber for fill in ib.fills()} == {"DU0000001"}
        ib.disconnect()
        await asyncio.wait_for(replay.wait(), 20)
    assert "does not have" not in caplog.text


async def test_a_tape_goes_on_over_reconnections(tmp_path: Path) -> None:
    async with PaperGateway(port=0, start_time=START) as gateway:
        ib = IB()
        with ib.record(tmp_path / "first.tape") as first:
            for _ in range(2):
                await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
                with pytest.raises(RuntimeError, match="comes before connect"):
                    ib.record(tmp_path / "late.tape")
                ib.disconnect()
            with pytest.raises(FileExistsError):
                ib.record(tmp_path / "first.tape")
            assert first.is_recording
            second = ib.record(tmp_path / "second.tape")
            assert not first.is_recording
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        second.close()
        assert await ib.reqCurrentTimeAsync() is not None  # the session goes on
        ib.disconnect()
    ends = {
        name: [(one.connection, one.payload) for one in read_tape(tmp_path / name).records() if one.kind is Kind.CLOSED]
        for name in ("first.tape", "second.tape")
    }
    assert ends == {
        "first.tape": [(1, b"client"), (2, b"client")],
        "second.tape": [(1, b"the recording ended")],
    }
    assert not (tmp_path / "late.tape").exists()


async def test_a_connection_that_the_gateway_ends_is_told_as_such(tmp_path: Path) -> None:
    ib = IB()
    with ib.record(tmp_path / "a.tape"):
        async with PaperGateway(port=0, start_time=START) as gateway:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        async with asyncio.timeout(20):
            while ib.isConnected():
                await asyncio.sleep(0)
    ends = [one.payload for one in read_tape(tmp_path / "a.tape").records() if one.kind is Kind.CLOSED]
    assert ends == [b"server"]
