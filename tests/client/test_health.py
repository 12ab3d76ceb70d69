"""What the server's notices make of the health of a connection, in the texts that real servers send."""

from datetime import UTC, datetime, timedelta

import pytest
from client.scripted import CLOSE, serving

from ibdesk import IB, Health, Stock
from ibdesk.client.effects import Effects, Emit
from ibdesk.client.health import HealthWatch
from ibdesk.model.health import FarmKind, FarmState, LinkState, SocketState
from ibdesk.wire.messages import connection, market_data
from ibdesk.wire.messages.connection import Error

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def told(watch: HealthWatch, code: int, text: str, now: datetime = NOON) -> list[Health]:
    """The health that is emitted when the server sends a notice."""
    return emitted(watch.notice(code, text, now))


def emitted(effects: Effects) -> list[Health]:
    return [effect.args[0] for effect in effects if isinstance(effect, Emit) and effect.event == "healthEvent"]


@pytest.mark.parametrize(
    ("code", "text", "name", "kind", "state"),
    [
        (2103, "Market data farm connection is broken:usfarm.nj", "usfarm.nj", "market data", "broken"),
        (2104, "Market data farm connection is OK:usfarm", "usfarm", "market data", "connected"),
        (2105, "HMDS data farm connection is broken:ushmds", "ushmds", "historical data", "broken"),
        (2106, "HMDS data farm connection is OK:euhmds", "euhmds", "historical data", "connected"),
        (
            2107,
            "HMDS data farm connection is inactive but should be available upon demand.ushmds",
            "ushmds",
            "historical data",
            "inactive",
        ),
        (
            2108,
            "Market data farm connection is inactive but should be available upon demand.hfarm",
            "hfarm",
            "market data",
            "inactive",
        ),
        (2119, "Market data farm is connecting:usfarm.nj", "usfarm.nj", "market data", "connecting"),
        (2157, "Sec-def data farm connection is broken:secdefnj", "secdefnj", "contract definitions", "broken"),
        (2158, "Sec-def data farm connection is OK:secdefil", "secdefil", "contract definitions", "connected"),
    ],
)
def test_a_farm_is_known_by_its_name(code: int, text: str, name: str, kind: str, state: str) -> None:
    watch = HealthWatch()
    (health,) = told(watch, code, text)
    farm = health.farms[name]
    assert (farm.name, farm.kind, farm.state, farm.since) == (name, FarmKind(kind), FarmState(state), NOON)
    assert told(watch, code, text, LATER) == []  # nothing has changed, and it is so since noon
    assert health.broken_farms == ([name] if state == "broken" else [])


def test_pain_21_a_farm_that_flaps_changes_nothing_else() -> None:
    watch = HealthWatch()
    watch.socket(SocketState.CONNECTED, NOON)
    watch.opened(NOON)
    told(watch, 2104, "Market data farm connection is OK:usfarm")
    before = watch.health
    assert before.is_well
    (broken,) = told(watch, 2103, "Market data farm connection is broken:usfarm", LATER)
    assert not broken.is_well
    assert (broken.socket, broken.link) == (before.socket, before.link)
    assert broken.farms["usfarm"].since == LATER
    (again,) = told(watch, 2104, "Market data farm connection is OK:usfarm", LATER)
    assert again.is_well
    assert before.farms["usfarm"].since == NOON, "what was told before stays as it was"


def test_the_link_is_broken_and_restored_with_a_list_of_farms() -> None:
    watch = HealthWatch()
    watch.opened(NOON)
    lost = "Connectivity between IBKR and Trader Workstation has been lost."
    (health,) = told(watch, 1100, lost)
    assert (health.link, health.link_since) == (LinkState.BROKEN, NOON)
    assert told(watch, 1100, lost, LATER) == []  # it is repeated every 20 seconds
    (health,) = told(
        watch,
        1102,
        "Connectivity between IBKR and Trader Workstation has been restored - data maintained. The following farms are "
        "connected: usfarm.nj; secdefnj. The following farms are not connected: ushmds.",
        LATER,
    )
    assert (health.link, health.link_since, health.is_data_lost) == (LinkState.CONNECTED, LATER, False)
    assert {farm.name: (str(farm.kind), str(farm.state)) for farm in health.farms.values()} == {
        "usfarm.nj": ("market data", "connected"),
        "secdefnj": ("contract definitions", "connected"),
        "ushmds": ("historical data", "broken"),
    }
    (health,) = told(
        watch,
        1102,
        "Connectivity between IB and Trader Workstation has been restored - data maintained. "
        "All data farms are connected: usfarm; ushmds; secdefil.",
        LATER,
    )
    assert health.farms["ushmds"].state is health.farms["secdefil"].state is FarmState.CONNECTED


def test_that_data_were_lost_is_told_apart() -> None:
    watch = HealthWatch()
    (broken,) = told(
        watch,
        2110,
        "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    )
    assert broken.link is LinkState.BROKEN
    (health,) = told(watch, 1101, "Connectivity between IB and Trader Workstation has been restored - data lost.")
    assert (health.link, health.is_data_lost) == (LinkState.CONNECTED, True)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (2104, "Market data farm connection is OK"),
        (2104, ""),
        (2104, "Market data farm connection is OK:\x1b[2J"),
        (162, "Historical Market Data Service error message:API historical data query cancelled: 5"),
        (399, "Order Message: Warning:usfarm"),
    ],
)
def test_what_names_no_farm_changes_nothing(code: int, text: str) -> None:
    watch = HealthWatch()
    assert told(watch, code, text) == []


def test_the_server_cannot_make_the_list_of_farms_grow_without_end() -> None:
    watch = HealthWatch()
    for number in range(5000):
        told(watch, 2104, f"Market data farm connection is OK:farm{number}")
    assert len(watch.health.farms) == 200


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (10197, "No market data during competing live session"),
        (
            162,
            "Historical Market Data Service error message:Trading TWS session is connected from a different IP address",
        ),
    ],
)
def test_pain_30_another_session_has_the_data_until_live_data_come(code: int, text: str) -> None:
    watch = HealthWatch()
    (health,) = told(watch, code, text)
    assert health.is_competing
    assert health.competing_since == NOON
    assert told(watch, code, text, LATER) == []
    assert watch.live_data(LATER) == []  # a refusal right after what looks like data
    (health,) = emitted(watch.live_data(LATER + timedelta(seconds=11)))
    assert not health.is_competing


async def test_an_ib_tells_its_health() -> None:
    answers = {
        connection.StartApi: lambda _: [
            connection.ManagedAccounts("DU1"),
            connection.NextValidId(1),
            Error(-1, 2104, "Market data farm connection is OK:usfarm"),
            Error(-1, 2158, "Sec-def data farm connection is OK:secdefnj"),
        ],
        market_data.ReqMktData: lambda m: [Error(m.reqId, 10197, "No market data during competing live session")],
    }
    async with serving(answers) as server:
        ib = IB()
        states: list[Health] = []
        ib.healthEvent += states.append
        assert ib.health.socket is SocketState.DISCONNECTED
        await ib.connectAsync("127.0.0.1", server.port)
        assert ib.health is states[-1]
        assert ib.health.is_well
        assert list(ib.health.farms) == ["usfarm", "secdefnj"]
        assert "socket connected; link connected; farms: usfarm connected, secdefnj connected" in str(ib.health)
        ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598))
        await ib.healthEvent
        assert "another session has the market data" in str(ib.health)
        server.send(CLOSE)
        await ib.disconnectedEvent
        assert (ib.health.socket, ib.health.link) == (SocketState.DISCONNECTED, LinkState.UNKNOWN)
        assert ib.health.farms == {}
        assert not ib.health.is_competing
        assert [state.socket for state in states][:2] == [SocketState.CONNECTING] * 2
        await ib.connectAsync("127.0.0.1", server.port)
        ib.disconnect()
        assert ib.health.socket is SocketState.DISCONNECTED
