"""Both ends of every connection notice that the other's host is gone, by means of their systems."""

import asyncio
import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tape.tapes import START, Clock, hello, records, write

from ibdesk import IB, Stock, connection
from ibdesk.client import transport as client_transport
from ibdesk.paper import PaperGateway
from ibdesk.paper import transport as paper_transport
from ibdesk.runtime import connections
from ibdesk.runtime.connections import CLIENT_PATIENCE, SERVER_PATIENCE, keep_alive
from ibdesk.tape import Proxy, Recorder, Replay, read_tape

TCP = socket.IPPROTO_TCP


class Sock:
    """Keeps the options that are set, as a socket does; refuses those that it does not know."""

    def __init__(self, *refused: int) -> None:
        self.refused = refused
        self.options: dict[tuple[int, int], int] = {}

    def setsockopt(self, level: int, option: int, value: int) -> None:
        if option in self.refused:
            raise OSError("Protocol not available")
        self.options[level, option] = value


class Carrier(asyncio.BaseTransport):
    """A transport on such a socket, or on none."""

    def __init__(self, sock: Sock | None) -> None:
        super().__init__({"socket": sock})


def ends() -> Iterator[socket.socket]:
    """The ends of TCP connections in this process, whatever loop they are on."""
    for number in range(3, 1024):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:  # it is not open
            continue
        if is_socket:
            with socket.socket(fileno=os.dup(number)) as one:
                if one.family == socket.AF_INET and not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    yield one


def patience_of(sock: socket.socket) -> int | None:
    """Seconds of silence that an end of a connection bears; None for no end."""
    if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE):
        return None
    idle = sock.getsockopt(TCP, getattr(socket, "TCP_KEEPIDLE", 0) or socket.TCP_KEEPALIVE)
    patience = idle + sock.getsockopt(TCP, socket.TCP_KEEPINTVL) * sock.getsockopt(TCP, socket.TCP_KEEPCNT)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert sock.getsockopt(TCP, socket.TCP_USER_TIMEOUT) == patience * 1000
    return patience


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell what was set")
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_every_end_of_every_connection_is_kept_alive(tmp_path: Path, loop: str) -> None:
    async def main() -> None:
        played = read_tape(write(tmp_path / "played.tape", records(178, ended_by="client")))
        async with PaperGateway(port=0, start_time=START) as gateway, Replay(played, port=0) as replay:
            with Recorder(tmp_path / "a.tape", clock=Clock()) as recorder:
                async with Proxy(recorder, gateway.port) as proxy:
                    await check(gateway.port, proxy.port, replay.port)

    async def check(*ports: int) -> None:
        ib = IB()
        await ib.connectAsync("127.0.0.1", ports[1], clientId=1)
        link = connection.Connection()
        await link.connectAsync("127.0.0.1", ports[2])
        heard = asyncio.ensure_future(first(link.hasData))
        link.sendMsg(hello())
        await asyncio.wait_for(heard, 20)
        found = [(one.getsockname()[1] in ports, patience_of(one)) for one in ends()]
        assert sorted(found) == [(False, SERVER_PATIENCE)] * 3 + [(True, CLIENT_PATIENCE)] * 3
        link.disconnect()
        ib.disconnect()

    if loop == "uvloop":
        pytest.importorskip("uvloop").run(main())
    else:
        asyncio.run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="a socket that hears nothing any more is made by Linux' means")
async def test_a_client_id_is_free_again_when_the_host_of_its_client_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    _be_impatient(monkeypatch, paper_transport, "CLIENT_PATIENCE")
    async with PaperGateway(port=0, start_time=START) as gateway:
        gone, back = IB(), IB()
        await gone.connectAsync("127.0.0.1", gateway.port, clientId=1)
        _deafen(lambda end: end.getpeername()[1] == gateway.port)
        with pytest.raises(ConnectionError, match="326"):
            await back.connectAsync("127.0.0.1", gateway.port, clientId=1)
        async with asyncio.timeout(30):
            while gateway._links:
                await asyncio.sleep(0.05)  # between looks at what the system does
        await back.connectAsync("127.0.0.1", gateway.port, clientId=1)
        gone.disconnect()
        back.disconnect()


@pytest.mark.skipif(sys.platform != "linux", reason="a socket that hears nothing any more is made by Linux' means")
async def test_a_client_learns_that_the_host_of_its_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    _be_impatient(monkeypatch, client_transport, "SERVER_PATIENCE")
    async with PaperGateway(port=0, start_time=START) as gateway:
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        _deafen(lambda end: end.getsockname()[1] == gateway.port)
        with pytest.raises(ConnectionError, match="timed out"):
            await asyncio.wait_for(ib.reqContractDetailsAsync(Stock("AAPL", "SMART", "USD")), 30)
        assert not ib.isConnected()


def _be_impatient(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(connections, "_IDLE", 1)
    monkeypatch.setattr(connections, "_QUESTIONS", 1)


def _deafen(which: Callable[[socket.socket], bool]) -> None:
    """Has the system drop whatever arrives at an end, as if its host were gone: a filter that lets nothing through."""
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(instruction))
    for end in ends():
        if which(end):
            end.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


async def first(event: Any) -> Any:
    return await event


LINUX = {"TCP_KEEPIDLE": 4, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 6, "TCP_USER_TIMEOUT": 18}
MAC = {"TCP_KEEPALIVE": 16, "TCP_KEEPINTVL": 257, "TCP_KEEPCNT": 258}
WINDOWS = {"TCP_KEEPIDLE": 3, "TCP_KEEPINTVL": 17, "TCP_KEEPCNT": 16}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (LINUX, {4: 30, 5: 10, 6: 6, 18: 90_000}),
        (MAC, {16: 30, 257: 10, 258: 6}),
        (WINDOWS, {3: 30, 17: 10, 16: 6}),
        ({}, {}),
    ],
    ids=["Linux", "macOS", "Windows", "elsewhere"],
)
def test_each_system_is_asked_by_its_own_names(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, int], expected: dict[int, int]
) -> None:
    for name in {*LINUX, *MAC, *WINDOWS}:
        monkeypatch.delattr(socket, name, raising=False)
    for name, number in names.items():
        monkeypatch.setattr(socket, name, number, raising=False)
    sock = Sock()
    keep_alive(Carrier(sock), SERVER_PATIENCE)
    assert sock.options.pop((socket.SOL_SOCKET, socket.SO_KEEPALIVE)) == 1
    assert sock.options == {(TCP, option): value for option, value in expected.items()}


def test_what_a_system_refuses_is_left_out() -> None:
    sock = Sock(socket.TCP_KEEPINTVL)
    keep_alive(Carrier(sock), CLIENT_PATIENCE)
    assert sock.options[socket.SOL_SOCKET, socket.SO_KEEPALIVE] == 1
    assert sock.options[TCP, socket.TCP_KEEPCNT] == 6
    assert (TCP, socket.TCP_KEEPINTVL) not in sock.options


def test_a_link_in_memory_has_no_socket() -> None:
    keep_alive(Carrier(None), CLIENT_PATIENCE)
