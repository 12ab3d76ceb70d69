"""Connections in memory are held against asyncio's own over TCP: the same scripts have the same callbacks, in order."""

import asyncio
import contextlib
import errno
import shutil
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runtime.simulated import run

from ibdesk.errors import SimulationError
from ibdesk.runtime.memory_network import CAPACITY, Network, addresses
from ibdesk.runtime.simulated_loop import SimulatedLoop

MUCH = 16 * 1024 * 1024
"""More bytes than a system keeps for a socket that is not read."""

RUNS = {
    "TCP": asyncio.run,
    "memory": run,
    "memory with latency": lambda main: run(main, latency=0.25),
}
everywhere = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


class End(asyncio.Protocol):
    """One end of a connection. It keeps what the loop calls; bytes that come in several pieces count as one."""

    def __init__(self, keeps_open: bool = False, reads: bool = True) -> None:
        self.calls: list[Any] = []
        self.keeps_open = keeps_open
        self.reads = reads
        self.got = b""
        self.transport: Any = None
        self._news = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        if not self.reads:
            transport.pause_reading()
        self.called("made")

    def data_received(self, data):
        self.got += data
        if self.calls[-1] == "data":
            self._news.set()
        else:
            self.called("data")

    def eof_received(self):
        self.called("eof")
        return self.keeps_open

    def pause_writing(self):
        self.called("pause")

    def resume_writing(self):
        self.called("resume")

    def connection_lost(self, exc):
        self.called(type(exc).__name__ if exc else "lost")

    def called(self, name):
        self.calls.append(name)
        self._news.set()

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    async def has(self, *names):
        await self.until(lambda end: set(names) & set(end.calls))

    async def got_all(self, count):
        await self.until(lambda end: len(end.got) >= count)

    @property
    def is_gone(self):
        return self.calls[-1] == "lost" or self.calls[-1].endswith("Error")

    async def is_lost(self):
        await self.until(lambda end: end.is_gone)


@contextlib.asynccontextmanager
async def joined(near: End | None = None, far: End | None = None):
    near, far = near or End(), far or End()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: far, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        await loop.create_connection(lambda: near, host, port)
        await far.has("made")
        yield near, far
        # One that is closing may wait for a peer to read, and outlive the loop.
        for end in (near, far):
            if not end.is_gone:
                end.transport.abort()
                await end.is_lost()


# Scripts: what happens, and then the calls of both ends


async def talk_and_close():
    async with joined() as (near, far):
        near.transport.write(b"one")
        near.transport.writelines([b" ", b"two"])
        await far.got_all(7)
        far.transport.write(b"three")
        await near.got_all(5)
        near.transport.close()
        assert near.transport.is_closing()
        near.transport.close()
        await near.is_lost()
        await far.is_lost()
        assert (near.got, far.got) == (b"three", b"one two")
        return near, far


async def write_and_close():
    async with joined() as (near, far):
        near.transport.write(b"last words")
        near.transport.close()
        await far.is_lost()
        await near.is_lost()
        assert far.got == b"last words"
        return near, far


async def half_close():
    async with joined(far=End(keeps_open=True)) as (near, far):
        assert near.transport.can_write_eof()
        near.transport.write(b"question")
        near.transport.write_eof()
        with pytest.raises(RuntimeError, match=r"write_eof"):
            near.transport.write(b"more")
        await far.has("eof")
        far.transport.write(b"answer")
        await near.got_all(6)
        far.transport.close()
        await near.is_lost()
        await far.is_lost()
        return near, far


async def half_close_that_the_other_does_not_want():
    async with joined() as (near, far):
        near.transport.write_eof()
        await far.is_lost()
        await near.is_lost()
        return near, far


async def abort():
    async with joined() as (near, far):
        near.transport.abort()
        await near.is_lost()
        await far.is_lost()
        return near, far


async def close_what_is_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(b"never read")
        await asyncio.sleep(0.3)  # as long as bytes are on their way
        far.transport.close()
        await far.is_lost()
        await near.is_lost()
        return near, far


async def write_to_one_that_is_gone():
    async with joined(near=End(keeps_open=True)) as (near, far):
        far.transport.close()
        await near.has("eof")
        await far.is_lost()
        near.transport.write(b"one")
        await asyncio.sleep(0.6)  # there and back
        near.transport.write(b"two")
        near.transport.write(b"three")
        await near.is_lost()
        return near, far


async def fill_one_that_does_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        assert not far.transport.is_reading()
        near.transport.write(bytes(MUCH))
        assert near.calls[-1] == "pause"
        assert near.transport.get_write_buffer_size() > 0
        far.transport.resume_reading()
        await near.has("resume")
        await far.got_all(MUCH)
        assert near.transport.get_write_buffer_size() == 0
        near.transport.close()
        await far.is_lost()
        return near, far


async def close_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.close()
        near.transport.write(b"too late")
        far.transport.resume_reading()
        await far.is_lost()
        await near.is_lost()
        assert len(far.got) == MUCH + len(b"too late")
        return near, far


async def end_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.write_eof()
        far.transport.resume_reading()
        await far.is_lost()
        await near.is_lost()
        assert len(far.got) == MUCH
        return near, far


async def abort_with_much_to_send():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        near.transport.abort()
        await near.is_lost()
        far.transport.resume_reading()
        await far.is_lost()
        assert 0 < len(far.got) < MUCH
        return near, far


async def pause_at_limits():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.set_write_buffer_limits(high=MUCH // 2, low=1000)
        assert near.transport.get_write_buffer_limits() == (1000, MUCH // 2)
        near.transport.write(bytes(MUCH // 2))
        assert "pause" not in near.calls
        near.transport.write(bytes(MUCH))
        assert near.calls[-1] == "pause"
        far.transport.resume_reading()
        await far.got_all(MUCH // 2 * 3)
        await near.has("resume")
        far.transport.close()
        await near.is_lost()
        return near, far


async def lose_the_other_while_it_does_not_read():
    async with joined(far=End(reads=False)) as (near, far):
        near.transport.write(bytes(MUCH))
        await asyncio.sleep(0.3)
        far.transport.abort()
        await near.is_lost()
        return near, far


async def fail_in_a_callback():
    class Failing(End):
        def data_received(self, data):
            raise ValueError("the protocol's own fault")

    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
    async with joined(far=Failing()) as (near, far):
        near.transport.write(b"x")
        await far.is_lost()
        await near.is_lost()
        assert told == ["Fatal error: protocol.data_received() call failed."]
        return near, far


SCRIPTS: list[Callable[[], Awaitable[tuple[End, End]]]] = [
    talk_and_close,
    write_and_close,
    half_close,
    half_close_that_the_other_does_not_want,
    abort,
    close_what_is_not_read,
    write_to_one_that_is_gone,
    fill_one_that_does_not_read,
    close_with_much_to_send,
    end_with_much_to_send,
    abort_with_much_to_send,
    pause_at_limits,
    lose_the_other_while_it_does_not_read,
    fail_in_a_callback,
]


@pytest.mark.parametrize("run", [RUNS["memory"], RUNS["memory with latency"]], ids=["at once", "with latency"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_connection_in_memory_has_the_callbacks_of_tcp(script, run):
    async def calls():
        ends = await script()
        return [end.calls for end in ends]

    assert run(calls()) == asyncio.run(calls())


# What does not depend on the order of callbacks


@everywhere
def test_ends_know_their_addresses(run):
    async def main():
        async with joined() as (near, far):
            assert near.transport.get_extra_info("peername") == far.transport.get_extra_info("sockname")
            assert near.transport.get_extra_info("sockname") == far.transport.get_extra_info("peername")
            sock = near.transport.get_extra_info("socket")
            assert sock.getpeername() == near.transport.get_extra_info("peername")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert (sock.family, sock.type) == (socket.AF_INET, socket.SOCK_STREAM)

    run(main())


@everywhere
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", None])
def test_where_somebody_listens_others_connect_and_may_not_listen(run, host):
    async def main():
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as stack:
            server = await loop.create_server(End, host, 0, family=socket.AF_INET if host is None else 0)
            stack.callback(server.close)
            name, port, *_ = server.sockets[0].getsockname()
            with pytest.raises(OSError, match="in use") as caught:
                await loop.create_server(End, host, port, family=socket.AF_INET if host is None else 0)
            assert caught.value.errno == errno.EADDRINUSE
            transport, _ = await loop.create_connection(End, host or "127.0.0.1", port)
            transport.abort()
            other, _ = await loop.create_connection(End, "::1" if name == "::1" else "127.0.0.1", port)
            other.abort()
        await asyncio.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(End, host or "127.0.0.1", port)

    run(main())


@everywhere
def test_a_server_takes_connections_while_it_serves(run):
    async def main():
        loop = asyncio.get_running_loop()
        far = End()
        server = await loop.create_server(lambda: far, "127.0.0.1", 0, start_serving=False)
        address = server.sockets[0].getsockname()
        assert not server.is_serving()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(End, *address)
        await server.start_serving()
        assert server.is_serving()
        transport, end = await loop.create_connection(End, *address)
        server.close()
        assert (server.sockets, server.is_serving()) == ((), False)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(End, *address)
        transport.close()
        await end.is_lost()
        await far.is_lost()
        await server.wait_closed()
        async with await loop.create_server(End, *address) as again:  # the port is free at once
            serving = asyncio.ensure_future(again.serve_forever())
            await asyncio.sleep(0)
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await serving

    run(main())


def test_connections_wait_to_be_accepted_and_end_with_their_server():
    async def main():
        loop = asyncio.get_running_loop()
        network = Network()
        listener = network.bind("127.0.0.1", 0)
        listener.listen(1)
        port = listener.getsockname()[1]
        near = await network.connect("127.0.0.1", port)
        late = asyncio.ensure_future(network.connect("127.0.0.1", port))
        await asyncio.sleep(9.5)
        assert not late.done()  # one may wait
        far, address = listener.accept()
        assert address == near.getsockname()
        latest = await late
        assert loop.time() == pytest.approx(10)  # it tries once a second
        listener.close()
        with pytest.raises(ConnectionResetError):
            latest.recv(1)
        with pytest.raises(BrokenPipeError):
            latest.send(b"x")
        assert near.send(b"x") == 1
        assert far.recv(1) == b"x"
        for sock in (near, far, latest):
            sock.close()
        assert network.sockets == {}

    run(main())


@everywhere
def test_streams_speak_line_by_line(run):
    async def answer(reader, writer):
        async for line in reader:
            writer.write(line.upper())
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        answered.set()

    async def main():
        limit = 2 * CAPACITY
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=limit)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=limit)
        for line in (b"one\n", b"two\n", b"a" * CAPACITY + b"\n"):
            writer.write(line)
            await writer.drain()
            assert await reader.readline() == line.upper()
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await answered.wait()
        server.close()

    answered = asyncio.Event()
    run(main())


@everywhere
def test_a_buffered_protocol_reads_into_its_own_buffer(run):
    class Buffered(End, asyncio.BufferedProtocol):
        buffer = bytearray(7)

        def get_buffer(self, sizehint):
            return self.buffer

        def buffer_updated(self, nbytes):
            self.data_received(bytes(self.buffer[:nbytes]))

    async def main():
        async with joined(far=Buffered()) as (near, far):
            near.transport.write(b"more than seven bytes")
            await far.got_all(21)
            assert far.got == b"more than seven bytes"

    run(main())


@everywhere
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(1, 3 * CAPACITY)),
            st.tuples(st.just("pause"), st.booleans()),
            st.tuples(st.just("sleep"), st.sampled_from([0, 0.001])),
        ),
        max_size=12,
    )
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.differing_executors])
def test_no_byte_is_lost_doubled_or_moved_whatever_the_pauses(run, steps):
    async def main():
        async with joined() as (near, far):
            sent = 0
            for what, value in steps:
                if what == "write":
                    near.transport.write(bytes_from(sent, value))
                    sent += value
                elif what == "pause":
                    (far.transport.pause_reading if value else far.transport.resume_reading)()
                else:
                    await asyncio.sleep(value)
            far.transport.resume_reading()
            near.transport.close()
            await far.is_lost()
            assert far.got == bytes_from(0, sent)

    run(main())


def bytes_from(start: int, count: int) -> bytes:
    """Bytes of which each stretch shows where it is."""
    first = start // 4
    numbers = b"".join(number.to_bytes(4, "big") for number in range(first, (start + count) // 4 + 1))
    return numbers[start - 4 * first : start - 4 * first + count]


def test_what_nobody_reads_is_bounded():
    async def main():
        async with joined(far=End(reads=False)) as (near, _):
            near.transport.write(bytes(MUCH))
            await asyncio.sleep(60)
            assert near.transport.get_write_buffer_size() == MUCH - CAPACITY

    run(main(), latency=0.1)


def test_latency_is_the_time_of_a_byte_on_its_way():
    async def main():
        loop = asyncio.get_running_loop()
        async with joined() as (near, far):
            begin = loop.time()
            near.transport.write(b"there")
            await far.got_all(5)
            assert loop.time() - begin == pytest.approx(0.25)
            far.transport.write(b"and back")
            await near.got_all(8)
            assert loop.time() - begin == pytest.approx(0.5)
            begin = loop.time()
            with pytest.raises(ConnectionRefusedError):
                await loop.create_connection(End, "127.0.0.1", 1)
            assert loop.time() - begin == pytest.approx(0.5)

    run(main(), latency=0.25)


def test_a_latency_is_a_number_of_seconds():
    for wrong in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="latency"):
            Network(wrong)


def test_ports_are_given_out_in_order_so_that_runs_are_alike():
    async def main():
        async with joined() as (near, far):
            return near.transport.get_extra_info("sockname"), far.transport.get_extra_info("sockname")

    assert run(main()) == run(main())


@pytest.mark.parametrize(
    ("host", "family", "found"),
    [
        ("127.0.0.1", 0, ["127.0.0.1"]),
        ("127.8.0.1", socket.AF_INET, ["127.8.0.1"]),
        ("LocalHost", 0, ["127.0.0.1", "::1"]),
        ("localhost", socket.AF_INET6, ["::1"]),
        ("::1", 0, ["::1"]),
        ("0.0.0.0", 0, ["0.0.0.0"]),
        ("", 0, ["0.0.0.0"]),
    ],
)
def test_loopback_addresses_are_known(host, family, found):
    assert addresses(host, family) == found


@pytest.mark.parametrize(("host", "family"), [("10.0.0.1", 0), ("::1", socket.AF_INET), ("gateway", 0), ("::2", 0)])
def test_other_addresses_are_refused(host, family):
    with pytest.raises(SimulationError, match="not a loopback address"):
        addresses(host, family)


def test_sockets_of_the_operating_system_are_refused():
    async def main():
        loop = asyncio.get_running_loop()
        with socket.socket() as real:
            with pytest.raises(SimulationError, match="in memory only"):
                await loop.create_connection(End, sock=real)
            with pytest.raises(SimulationError, match="in memory only"):
                await loop.create_server(End, sock=real)
        with pytest.raises(SimulationError, match="one host"):
            await loop.create_server(End, ["127.0.0.1", "127.0.0.2"], 0)

    run(main())


def test_a_socket_in_memory_never_blocks():
    async def main():
        sock = Network().bind("127.0.0.1", 0)
        with pytest.raises(SimulationError, match="cannot block"):
            sock.setblocking(True)
        with pytest.raises(BlockingIOError):
            sock.accept()
        with pytest.raises(OSError, match="not connected"):
            sock.getpeername()
        sock.close()
        assert sock.fileno() == -1

    run(main())


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The path of a certificate for localhost, which signs itself, with its key."""
    openssl, path = shutil.which("openssl"), tmp_path_factory.mktemp("certificate") / "localhost.pem"
    if openssl is None:
        pytest.skip("the program openssl makes the certificate")
    terms = ["-days", "36500", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path, "-out", f"{path}.cert", *terms]
    subprocess.run(made, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.cert").read_text())
    return path


@everywhere
def test_tls_works(run, certificate):
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    data = bytes(range(256)) * 8000

    async def leave(writer):
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def turn_round(reader, writer):
        writer.write((await reader.readexactly(len(data)))[::-1])
        await writer.drain()
        await leave(writer)

    async def begin_later(reader, writer):
        writer.write(await reader.readexactly(5))
        await writer.start_tls(ours)
        writer.write(b"secret")
        await writer.drain()
        await leave(writer)
        left.set()

    async def main():
        async with await asyncio.start_server(turn_round, "127.0.0.1", 0, ssl=ours) as server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("localhost", port, ssl=trusting)
            assert writer.get_extra_info("peercert")["subject"] == ((("commonName", "localhost"),),)
            writer.write(data)
            assert await reader.read() == data[::-1]
            await leave(writer)
            with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
                await asyncio.open_connection("localhost", port, ssl=True)
        async with await asyncio.start_server(begin_later, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
            writer.write(b"plain")
            assert await reader.readexactly(5) == b"plain"
            await writer.start_tls(trusting, server_hostname="localhost")
            assert await reader.read() == b"secret"
            await leave(writer)
        # What is still on its way arrives: both ends have closed everything then.
        await asyncio.wait_for(left.wait(), 10)
        await asyncio.sleep(10 if isinstance(asyncio.get_running_loop(), SimulatedLoop) else 0)

    left = asyncio.Event()
    run(main())
