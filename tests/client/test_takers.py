"""Prices and sizes whose fields are taken without messages change the same, and tell the same, as by messages."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from client.asking import connected
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime.simulated import run

from ibdesk import IB, Stock, Ticker
from ibdesk.client.state.quotes import Quotes
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import compiled
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import CurrentTime, Error
from ibdesk.wire.messages.market_data import MarketDataType, TickGeneric, TickPrice, TickSize, TickString

VERSIONS = (178, 201, 225)
TICKERS = 3

ids = st.integers(0, TICKERS)  # the last is nobody's
kinds = st.one_of(st.sampled_from([0, 1, 2, 3, 4, 5, 8, 9]), st.integers(0, 110))
amounts = st.one_of(
    st.sampled_from([0.0, -1.0, 1.0, 100.0, UNSET_DOUBLE, 1e-9, 123456789.25]), st.integers(1, 500).map(lambda n: n / 4)
)
messages = st.one_of(
    st.builds(TickPrice, ids, kinds, amounts, amounts, st.integers(0, 3)),
    st.builds(TickPrice, ids, kinds, amounts, amounts, st.integers(0, 3)),
    st.builds(TickSize, ids, kinds, amounts),
    st.builds(TickGeneric, ids, kinds, amounts),
    st.builds(TickString, ids, st.sampled_from([32, 45, 48]), st.sampled_from(["A", "", "1700000000", "1;2;3"])),
    st.builds(MarketDataType, ids, st.integers(1, 4)),
    st.builds(Error, ids, st.sampled_from([200, 2104, 10167]), st.just("said")),
    st.builds(CurrentTime, st.integers(1, 9)),
    st.sampled_from([b"1\x006\x00x\x001\x001.5\x001\x000\x00", b"1\x006\x00"]),  # which cannot be read
)
reads = st.lists(st.lists(messages, min_size=1, max_size=8), max_size=6)


@contextmanager
def patched(*, by_messages: bool) -> Iterator[None]:
    """Codecs are compiled at once, as they are after a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "MANY", 0)
        if by_messages:
            patch.setattr(Quotes, "takers", lambda self: {})
        yield


async def told(
    version: int, batches: list[list[Any]], inner: list[list[Any]], leaves: bool
) -> tuple[list[Any], list[Any], bool]:
    """What listeners hear, how the tickers are in the end, and whether fields were taken without messages.

    A listener for an error runs the loop re-entrantly, by which one of the `inner` reads comes. Another one `leaves`.
    """
    heard: list[Any] = []
    async with connected(version=version) as (ib, _):
        tickers = [ib.reqMktData(Stock(f"S{i}", "SMART", "USD", conId=1 + i)) for i in range(TICKERS)]
        requests = [one.key for one in ib.client.subscriptions.of("mktData")]
        codec, transport = Codec(Sender.CLIENT, version), ib.client._transport
        assert transport is not None

        def read(batch: list[Any]) -> None:
            data = b"".join(frame(_payload(codec, one, requests, version)) for one in batch)
            buffer = transport.get_buffer(-1)
            buffer[: len(data)] = data
            transport.buffer_updated(len(data))

        def on_error(reqId: int, code: int, *_: Any) -> None:
            heard.append((reqId, code, [one.last for one in tickers]))
            if code == 200 and inner:
                read(inner.pop())
                heard.append("nested")
            if code == 10167 and leaves:
                ib.disconnect()

        ib.errorEvent += on_error
        _listen(ib, tickers, heard)
        was_taken = transport.connection.takes_directly
        for batch in batches:
            if ib.isConnected():
                read(batch)
        return heard, [repr(sorted(one.dict().items(), key=lambda item: item[0])) for one in tickers], was_taken


def _listen(ib: IB, tickers: list[Ticker], heard: list[Any]) -> None:
    for one in tickers:
        one.updateEvent += lambda ticker: heard.append((ticker.contract.conId, ticker.bid, ticker.ask, ticker.ticks[:]))
    ib.pendingTickersEvent += lambda changed: heard.append([one.contract.conId for one in changed])
    ib.updateEvent += lambda: heard.append("batch")


def _payload(codec: Codec, message: Any, requests: list[Any], version: int) -> bytes:
    if isinstance(message, bytes):
        return message if version < 201 else (1).to_bytes(4, "big") + message[2:]
    if hasattr(message, "reqId"):
        message.reqId = requests[message.reqId] if message.reqId < TICKERS else 999
    return codec.encode(message)


@pytest.mark.parametrize("version", VERSIONS)
@settings(deadline=None, max_examples=25)
@given(reads, reads, st.booleans())
def test_what_is_taken_without_messages_changes_and_tells_the_same(
    version: int, batches: list[list[Any]], inner: list[list[Any]], leaves: bool
) -> None:
    logging.disable(logging.CRITICAL)  # what cannot be handled is logged each time
    try:
        with patched(by_messages=True):
            by_messages = run(told(version, *deepcopy((batches, inner, leaves))))
        with patched(by_messages=False):
            directly = run(told(version, *deepcopy((batches, inner, leaves))))
    finally:
        logging.disable(logging.NOTSET)
    assert repr(directly[:2]) == repr(by_messages[:2])
    assert (by_messages[2], directly[2]) == (False, True)


async def test_messages_are_made_while_they_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with patched(by_messages=False):
        async with connected() as (ib, server):
            ticker = ib.reqMktData(Stock("S", "SMART", "USD", conId=1))
            (request,) = ib.client.subscriptions.of("mktData")
            seen: list[int] = []
            for number, level in enumerate((logging.INFO, logging.DEBUG, logging.INFO, logging.DEBUG), 1):
                with caplog.at_level(level, "ibdesk.client"):
                    caplog.clear()
                    server.send(TickPrice(request.key, 1, float(number), 1.0, 0))
                    await ticker.updateEvent
                    seen.append(sum("<<< TickPrice" in one.getMessage() for one in caplog.records))
                assert ticker.bid == number
            assert seen == [0, 1, 0, 1]
