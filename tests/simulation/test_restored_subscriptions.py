"""A client that loses its subscriptions for a while has in the end what a twin has that lost nothing."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ibdesk import IB, Contract, Forex, ScannerSubscription, Stock, Ticker
from ibdesk.simulation import World, simulation

START = "2026-11-02T10:00"
APPLE = Stock("AAPL", "SMART", "USD", conId=265598)
AT_ISLAND = Stock("AAPL", "ISLAND", "USD", conId=265598)
EURO = Forex("EURUSD")
ROUNDING = dt.timedelta(milliseconds=1)


async def kept(ib: IB, size: str, contract: Contract = APPLE, what: str = "TRADES", duration: str = "3600 S") -> Any:
    return await ib.reqHistoricalDataAsync(contract, "", duration, size, what, True, keepUpToDate=True)


ASK: dict[str, Callable[[IB], Any]] = {
    "quotes": lambda ib: ib.reqMktData(APPLE),
    "depth": lambda ib: ib.reqMktDepth(AT_ISLAND),
    "ticks": lambda ib: ib.reqTickByTickData(APPLE, "BidAsk"),
    "trades": lambda ib: ib.reqTickByTickData(EURO, "MidPoint"),
    "5 seconds": lambda ib: ib.reqRealTimeBars(APPLE, 5, "TRADES", False),
    "5 seconds of a pair": lambda ib: ib.reqRealTimeBars(EURO, 5, "MIDPOINT", False),
    "minutes": lambda ib: kept(ib, "1 min"),
    "half minutes": lambda ib: kept(ib, "30 secs", EURO, "MIDPOINT", "120 S"),
    "hours": lambda ib: kept(ib, "1 hour", APPLE, "BID", "2 D"),
    "profit": lambda ib: ib.reqPnL(ib.managedAccounts()[0]),
    "scan": lambda ib: ib.reqScannerSubscription(
        ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN")
    ),
}
STREAMS = {"profit", "scan"} ^ set(ASK)


@dataclass
class Client:
    """An `IB`, what it has subscribed, and what was told of it."""

    ib: IB
    held: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[Any]] = field(default_factory=dict)
    gaps: list[tuple[Any, dt.datetime, dt.datetime]] = field(default_factory=list)

    async def subscribe(self, names: list[str]) -> None:
        self.ib.gapEvent += lambda *gap: self.gaps.append(gap)
        for name in names:
            found = ASK[name](self.ib)
            self.held[name] = target = await found if asyncio.iscoroutine(found) else found
            self.told[name] = told = []
            if isinstance(target, list):
                target.updateEvent += lambda bars, is_new=True, told=told: told.append((len(bars), is_new, bars[-1]))


async def lose_socket(world: World, client: Client, seconds: float) -> None:
    ib = client.ib
    ib.dispatcher.keeps_subscriptions = True
    transport = ib.client._transport
    assert transport is not None
    transport.abort()
    await asyncio.sleep(seconds)
    assert not ib.isConnected()
    await ib.connectAsync(port=world.port, clientId=2)
    report = await ib.dispatcher.restorer.restore()
    assert report.refused == []


async def lose_data(world: World, client: Client, seconds: float) -> None:
    gateway = world.gateway
    theirs = gateway._router._started[2]
    theirs.tell_notice(1100, "Connectivity between IBKR and Trader Workstation has been lost.", gateway.broker.now)
    for group in gateway._router._groups[3:]:
        group.forget(theirs)
    gateway._flush()
    await asyncio.sleep(seconds)
    text = "Connectivity between IBKR and Trader Workstation has been restored - data lost."
    theirs.tell_notice(1101, text, gateway.broker.now)
    gateway._flush()


def is_seen(bars: list[Any], told: list[Any], first: int) -> bool:
    """Whether each bar after the first ones was told as a new one, once, and in order."""
    return [length for length, is_new, _ in told if is_new] == list(range(first + 1, len(bars) + 1))


async def live_through(names: list[str], cause: Any, cuts: list[tuple[float, float]]) -> None:
    async with simulation(START, seed=7) as world:
        twin, client = Client(IB()), Client(IB())
        for number, one in enumerate((twin, client), 1):
            await one.ib.connectAsync(port=world.port, clientId=number)
            await one.subscribe(names)
        lengths = {name: len(target) for name, target in client.held.items() if isinstance(target, list)}
        outages = []
        for pause, seconds in cuts:
            await asyncio.sleep(pause)
            begin = dt.datetime.now(dt.UTC)
            outages.append((begin, begin + dt.timedelta(seconds=seconds)))
            await cause(world, client, seconds)
        await asyncio.sleep(65)
        for name, target in client.held.items():
            other = twin.held[name]
            if name == "scan":
                assert [row.contractDetails.contract.conId for row in target]
            elif isinstance(target, list):
                assert list(target) == list(other), name
                assert target.isComplete
                assert is_seen(target, client.told[name], lengths[name])
                assert target in client.ib.realtimeBars()
            elif isinstance(target, Ticker):
                assert (target.bid, target.ask, target.domBids, target.domAsks) == (
                    (other.bid, other.ask, other.domBids, other.domAsks)
                )
            else:
                assert target == other, name
        streamed = [one for one in client.ib.client.subscriptions if one.streams]
        assert len(streamed) == len(STREAMS.intersection(names))
        for subscription in streamed:
            gaps = [(since, until) for one, since, until in client.gaps if one is subscription]
            for begin, end in outages:
                assert any(since <= begin and end - ROUNDING <= until for since, until in gaps), subscription.kind
            assert len(gaps) <= len(outages)
            assert all(until <= later for (_, until), (later, _) in pairwise(gaps))
        assert not client.ib.client.subscriptions.awaited
        assert not any(one.is_suspended for one in client.ib.client.subscriptions)
        assert twin.gaps == []
        twin.ib.disconnect()
        client.ib.disconnect()


causes = pytest.mark.parametrize("cause", [lose_socket, lose_data])


@pytest.mark.slow
@causes
@pytest.mark.parametrize("name", ASK)
async def test_each_kind(cause: Any, name: str) -> None:
    await live_through([name], cause, [(33.3, 47.1)])


@causes
async def test_all_kinds_several_times(cause: Any) -> None:
    await live_through(list(ASK), cause, [(31.2, 12.7), (0.5, 100.0), (3.1, 1.5)])


@pytest.mark.slow
@causes
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])  # an example takes seconds, and shrinking minutes
@given(
    names=st.lists(st.sampled_from(sorted(ASK)), min_size=1, max_size=4, unique=True),
    cuts=st.lists(st.tuples(st.floats(0.5, 70), st.floats(0.01, 200)), min_size=1, max_size=2),
)
def test_whatever_is_subscribed_and_whenever_it_is_lost(
    cause: Any, names: list[str], cuts: list[tuple[float, float]]
) -> None:
    asyncio.run(live_through(names, cause, cuts))
