"""What a tape without accounts holds of a session in which everything is said that could tell who somebody is."""

from pathlib import Path
from typing import Any

import pytest
from tape.tapes import Clock, answer, framed, hello

from ibdesk.model.config import ApiConfig, ApiSettingsConfig
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution
from ibdesk.model.order import LimitOrder, Order, OrderState
from ibdesk.tape.reading import read_tape
from ibdesk.tape.recorder import Recorder
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.messages.accounts import AccountSummary, Position, ReqAccountSummary, UpdateAccountValue
from ibdesk.wire.messages.advisors import ReceiveFA
from ibdesk.wire.messages.config import ConfigResponse
from ibdesk.wire.messages.connection import Error, ManagedAccounts, NextValidId, StartApi
from ibdesk.wire.messages.executions import ExecDetails
from ibdesk.wire.messages.news import UpdateNewsBulletin
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reference" / "tapes.md").read_text("utf-8")

XML = (
    "<ListOfGroups><Group><name>Doe Family</name><ListOfAccts><String>U7654321</String></ListOfAccts></Group>"
    "<account>U7654321</account><alias>Aunt Polly</alias></ListOfGroups>"
)

MESSAGES: list[Any] = [
    StartApi(7, "DU1234567"),
    ManagedAccounts("DU1234567,U7654321,10002000,moneybox"),
    NextValidId(1),
    UpdateAccountValue("AccountCode", "DU1234567", "", "DU1234567"),
    AccountSummary(1, "U7654321", "NetLiquidation", "1234567.89", "USD"),
    ReqAccountSummary(1, "Doe Family", "NetLiquidation"),
    Position("DU1234567", Contract(conId=265598, symbol="AAPL"), 4711, 172.35),
    ReceiveFA(1, XML),
    PlaceOrder(
        1,
        Contract(symbol="AAPL"),
        LimitOrder(
            "BUY",
            100,
            172.35,
            account="du1234567",
            orderRef="scalper of johndoe",
            faGroup="Doe Family",
            clearingAccount="JOHNDOE",
            mifid2DecisionMaker="tsawyer",
            mifid2ExecutionTrader="bthatcher",
        ),
    ),
    OpenOrder(
        Contract(symbol="AAPL"),
        Order(
            account="DU1234567",
            clearingAccount="HOUSE77",
            modelCode="Growth",
            orderRef="10002000 moneybox",
        ),
        OrderState(warningText="asked by tsawyer at trader-pc"),
    ),
    ExecDetails(
        1, Contract(symbol="AAPL"), Execution(execId="0000e0d5.6b006778.01.01", acctNumber="U7654321", time="")
    ),
    Error(
        1,
        201,
        "JOHNDOE, Aunt Polly and Doe Family must not trade for DU1234567: ask becky.thatcher, becky@river.example",
    ),
    Error(-1, 1100, "No way from pc9.home.example (192.168.7.31, fe80::21f:5bff) to gw.river.example"),
    UpdateNewsBulletin(1, 1, "Exchange closed for U7654321", "NYSE"),
    Error(2, 200, "bob and Jim of the raft"),
]
AT_THE_NEWEST: list[Any] = [
    ExecDetails(2, Contract(), Execution(acctNumber="DU1234567", submitter="Huckleberry", time="")),
    OpenOrder(Contract(), Order(shareholder="rock.hill7", orderRef="for Huckleberry"), OrderState()),
    ConfigResponse(1, api=ApiConfig(settings=ApiSettingsConfig(trustedIPs=["10.20.30.40"]))),
]

GONE = {
    "codes of accounts": ["DU1234567", "du1234567", "U7654321"],
    "accounts that look like nothing": ["10002000", "moneybox", "HOUSE77"],
    "names of users and persons": ["JOHNDOE", "johndoe", "Huckleberry", "tsawyer", "bthatcher", "rock.hill7"],
    "names of groups and aliases": ["Doe Family", "Aunt Polly"],
    "mail addresses, and names with a dot": ["becky.thatcher", "becky@river.example", "river.example"],
    "hosts and addresses": [
        "gw.river.example",
        "pc9.home.example",
        "trader-pc",
        "192.168.7.31",
        "fe80::",
        "10.20.30.40",
    ],
}

LEFT = {
    "Amounts, positions, prices": ["1234567.89", "4711", "172.35"],
    "numbers of orders, executions and clients": ["0000e0d5.6b006778.01.01"],
    "instruments that were asked for": ["AAPL"],
    "order references, models": ["scalper", "Growth"],
    "three letters or fewer": ["bob"],
    "names that stand in no field": ["raft"],
    "time zone of the server": ["EST"],
}


def recorded(path: Path, version: int) -> bytes:
    """A session of all this, through a recorder that replaces accounts."""
    with Recorder(path, clock=Clock(), scrub=True) as made:
        tap = made.connection("trader-pc:7497")
        tap.sent(hello())
        tap.received(answer(version))
        for message in (*MESSAGES, *(AT_THE_NEWEST if version == V.MAX else ())):
            sender = of(type(message)).sender
            (tap.sent if sender is Sender.CLIENT else tap.received)(framed(sender, version, message))
        tap.closed("trader-pc (192.168.7.31) does not answer")
    return path.read_bytes()


@pytest.mark.parametrize("version", [178, V.MAX])
def test_nothing_tells_who_it_is(tmp_path: Path, version: int) -> None:
    tape = recorded(tmp_path / "a.tape", version)
    assert [one for private in GONE.values() for one in private if one.encode() in tape] == []
    messages = [one.message for one in read_tape(tmp_path / "a.tape").messages()]
    told = [type(one) for one in messages if not type(one).__module__.startswith(("ibdesk.session", "ibdesk.tape"))]
    assert told[: len(MESSAGES)] == [type(one) for one in MESSAGES]


@pytest.mark.parametrize("version", [178, V.MAX])
def test_what_a_tape_still_holds_is_documented(tmp_path: Path, version: int) -> None:
    tape = recorded(tmp_path / "a.tape", version)
    for kind, examples in LEFT.items():
        assert kind in DOCUMENT
        if version == 178:  # numbers are text
            assert [one for one in examples if one.encode() not in tape] == []


def test_without_scrub_it_is_all_there(tmp_path: Path) -> None:
    """Else the test above could not fail."""
    data = b"".join(framed(of(type(one)).sender, V.MAX, one) for one in (*MESSAGES, *AT_THE_NEWEST))
    missing = [one for private in GONE.values() for one in private if one.encode() not in data]
    assert missing == []
