"""Who may ask what, and that every request gets an answer."""

import logging

import pytest
from conformance.examples import examples

from ibdesk.errors import EncodeError
from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.codec import Oddities
from ibdesk.wire.layout import blank, fields_of
from ibdesk.wire.messages.accounts import ReqPositions
from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.connection import (
    CurrentTime,
    Error,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    ReqIds,
    ReqManagedAccts,
    StartApi,
)
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails
from ibdesk.wire.messages.fundamentals import CancelWshMetaData
from ibdesk.wire.messages.order_status import ReqAutoOpenOrders
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.verification import VerifyRequest
from ibdesk.wire.text import join

APPLE = Stock("AAPL", "SMART", "USD")
TEN_O_CLOCK = 1776261600


def texts(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


@pytest.mark.parametrize("version", [V.MIN, 178, V.ERROR_TIME, V.PROTOBUF, V.MAX])
def test_a_start_is_answered_by_accounts_id_and_farms(gateway, version):
    accounts, number, *notices = gateway.connect(version=version).ask(StartApi(1))
    assert accounts == ManagedAccounts("DU1234567")
    assert number == NextValidId(1)
    assert texts(notices) == [
        (-1, 2104, "Market data farm connection is OK:usfarm"),
        (-1, 2106, "HMDS data farm connection is OK:ushmds"),
        (-1, 2158, "Sec-def data farm connection is OK:secdefnj"),
    ]
    assert {each.errorTime for each in notices} == {TEN_O_CLOCK * 1000 if version >= V.ERROR_TIME else 0}


def test_nothing_is_answered_before_the_start(gateway):
    client = gateway.connect()
    assert client.ask(ReqCurrentTime(), ReqIds(), ReqPositions()) == []
    assert len(client.ask(StartApi(1))) == 5


def test_a_second_start_changes_nothing(client, gateway):
    assert client.ask(StartApi(2)) == []
    assert len(gateway.connect().ask(StartApi(2))) == 5


def test_a_client_id_in_use_is_refused_and_the_connection_ends(client, gateway):
    other = gateway.connect()
    text = "Unable to connect as the client id is already in use. Retry with a unique client id."
    assert texts(other.ask(StartApi(1))) == [(-1, 326, text)]
    assert other.seat.is_closing
    assert other.ask(ReqCurrentTime()) == []
    assert client.ask(ReqCurrentTime()) == [CurrentTime(TEN_O_CLOCK)]


def test_a_client_id_is_free_again_when_its_client_is_gone(client, gateway):
    refused = gateway.connect(1)
    gateway.router.disconnect(refused.seat)
    assert gateway.connect().ask(StartApi(1))[0].errorCode == 326
    gateway.router.disconnect(client.seat)
    assert gateway.connect().ask(StartApi(1))[0] == ManagedAccounts("DU1234567")


def test_small_questions(client, gateway):
    assert client.ask(ReqManagedAccts()) == [ManagedAccounts("DU1234567")]
    gateway.wait(2.5)
    assert client.ask(ReqCurrentTime()) == [CurrentTime(TEN_O_CLOCK + 2)]


def test_order_ids_go_on_for_each_client_over_connections(client, gateway):
    client.ask(PlaceOrder(7, APPLE, MarketOrder("BUY", 1)))
    assert client.ask(ReqIds()) == [NextValidId(8)]
    gateway.router.disconnect(client.seat)
    assert gateway.connect().ask(StartApi(1))[1] == NextValidId(8)
    assert gateway.connect().ask(StartApi(2))[1] == NextValidId(1)


def test_contract_details_come_with_an_end(client):
    rows = client.ask(ReqContractDetails(4, Stock("AAPL")))
    assert rows.pop() == ContractDataEnd(4)
    contracts = [row.contractDetails.contract for row in rows if isinstance(row, ContractData)]
    assert len(contracts) == len(rows) > 20
    assert [(c.conId, c.primaryExchange) for c in contracts[:3]] == [
        (265598, "NASDAQ"),
        (273982664, "EBS"),
        (532640894, "TSE"),
    ]


def test_an_unknown_contract_is_an_error_without_an_end(client):
    answer = client.ask(ReqContractDetails(5, Stock("NOPE", "SMART", "USD")))
    assert texts(answer) == [(5, 200, "No security definition has been found for the request")]
    assert len(answer) == 1


REFUSED = "Error processing request.-'{}' : cause - not supported by this gateway"

REQUESTS = [one for one in messages() if one.sender is Sender.CLIENT]
NEVER_ANSWERED = ("Cancel", "Unsubscribe", "Set")
SILENT_WHEN_SERVED = {
    "StartApi",
    "ReqMarketDataType",
    "ReqGlobalCancel",
    "ReqAutoOpenOrders",
    "ReqAccountUpdates",
    "ReqPnLSingle",
    "ReqNewsBulletins",
}
"""A second start changes nothing, a kind of data is told with the first quote; there is no profit of what does not
exist, and perhaps no bulletin yet. The others end or cancel something."""

UNSUPPORTED = {
    "VerifyRequest": "for programs of IBKR's partners, which no client of ours is",
    "VerifyMessage": "as VerifyRequest",
    "VerifyAndAuthRequest": "as VerifyRequest",
    "VerifyAndAuthMessage": "as VerifyRequest",
}
"""What no handler answers, and why: these are refused by name. The list only shrinks."""


def asked(one):
    """The plainest request of a class, with an id where it has one."""
    request = blank(one.cls)
    if "reqId" in fields_of(one.cls):
        request.reqId = 33
    return request


@pytest.mark.parametrize("version", [V.MIN, V.PARAMETRIZED_DAYS_OF_EXECUTIONS, V.MAX])
@pytest.mark.parametrize("one", REQUESTS, ids=lambda one: one.name)
def test_every_request_is_answered_or_needs_no_answer(gateway, one, version):
    client = gateway.connect(1, version)
    if version < one.first:
        with pytest.raises(EncodeError):
            client.ask(asked(one))
        return
    answer = client.ask(asked(one))
    assert bool(answer) or one.name.startswith(NEVER_ANSWERED) or one.name in SILENT_WHEN_SERVED
    assert not [text for _, _, text in texts(answer) if "internal error" in text]
    name = one.name[0].lower() + one.name[1:]
    if name in gateway.router.unsupported:
        reqId = 33 if "reqId" in fields_of(one.cls) else -1
        refused = [] if one.name.startswith(NEVER_ANSWERED) else [(reqId, 322, REFUSED.format(name))]
        assert texts(answer) == refused
    assert client.ask(ReqCurrentTime())[-1] == CurrentTime(TEN_O_CLOCK)


def test_every_other_request_has_a_handler(gateway):
    assert {one.name for one in REQUESTS if not gateway.router.serves(one.cls)} == set(UNSUPPORTED)


@pytest.mark.slow
@pytest.mark.parametrize("one", REQUESTS, ids=lambda one: one.name)
def test_no_request_makes_the_gateway_fail(gateway, one, caplog):
    client = gateway.connect(1)
    for request in examples(one.cls):
        client.ask(request)
    gateway.wait(1)
    assert not [record for record in caplog.records if record.exc_info]
    assert CurrentTime(TEN_O_CLOCK + 1) in client.ask(ReqCurrentTime())


def test_what_is_not_served_is_refused_by_name(gateway):
    client = gateway.connect(1)
    assert texts(client.ask(VerifyRequest("mine", "1"))) == [(-1, 322, REFUSED.format("verifyRequest"))]


@pytest.mark.parametrize(
    ("version", "payload"),
    [
        (178, join(["9999", "1"])),
        (V.PROTOBUF, b"\0\0\x27\x0f" + join(["1"])),
        (V.MAX, b"\0\0\x27\xd7" + b"\x08\x23"),
    ],
)
def test_what_nobody_knows_is_refused_by_number(gateway, version, payload):
    number = 9799 if version == V.PROTOBUF else 9999  # above 200 an id is that of a message in protobuf
    client = gateway.connect(1, version)
    assert texts(client.ask_raw(payload)) == [(-1, 322, REFUSED.format(f"message {number}"))]


def test_what_needs_no_answer_gets_none_and_is_logged_once(gateway, caplog, monkeypatch):
    monkeypatch.delitem(gateway.router._handlers, CancelWshMetaData)
    client = gateway.connect(1, 178)
    with caplog.at_level(logging.WARNING, "ibdesk.paper"):
        assert client.ask(CancelWshMetaData(34)) == client.ask(CancelWshMetaData(34)) == []
    assert [record.getMessage() for record in caplog.records] == [
        "client 1 asks for cancelWshMetaData, which this gateway does not serve"
    ]
    assert gateway.router.unsupported == {"cancelWshMetaData": 2}


def test_a_client_cannot_make_the_unsupported_grow_without_bounds(gateway, caplog):
    client = gateway.connect(1, 178)
    with caplog.at_level(logging.WARNING, "ibdesk.paper"):
        for number in range(10_000, 12_000):
            client.ask_raw(join([str(number)]))
    assert len(gateway.router.unsupported) == Oddities.MOST + 1
    assert len(caplog.records) == Oddities.MOST


def test_a_cancel_in_an_encoding_that_it_never_had_is_known_by_its_name(gateway):
    client = gateway.connect(1, V.MIN)
    assert client.ask_raw(join([str(of(CancelContractData).id), "34"])) == []
    assert gateway.router.unsupported == {"cancelContractData": 1}


@pytest.mark.parametrize(
    ("version", "payload", "reqId"),
    [
        (178, join(["2", "2", "eleven"]), -1),
        (178, join(["1", "11", "12", "x"]), 12),
        (178, join(["3", "55", "x"]), 55),
        (178, join(["3", "x"]), -1),
        (178, join(["4", "1"]), -1),
        (178, join(["4", "1", "55"]), 55),
        (V.CME_TAGGING_FIELDS, join(["4", "55"]), 55),
        (V.PROTOBUF, b"\0\0\0\x04" + join(["55"]), 55),
        (178, b"junk", -1),
        (V.MAX, b"\0\0", -1),
        (V.MAX, b"\0\0\0\xcb" + b"\x08\x37\x12\x7f", 55),
        (V.MAX, b"\0\0\0\xcb" + b"\x12\x7f", -1),
        (V.MAX, b"\0\0\0\xcb" + b"\x12\x00\x12\x7f", -1),
    ],
)
def test_what_cannot_be_read_is_told_and_the_client_goes_on(gateway, version, payload, reqId):
    client = gateway.connect(1, version)
    ((told, code, text),) = texts(client.ask_raw(payload))
    assert (told, code) == (reqId, 320)
    assert text.startswith("Error reading request. ")
    assert client.ask(ReqCurrentTime()) == [CurrentTime(TEN_O_CLOCK)]


def test_a_fault_of_the_gateway_is_an_answer_too(client, gateway, monkeypatch, caplog):
    def fail(contract):
        raise RuntimeError("broken")

    monkeypatch.setattr(gateway.broker.market.instruments, "search", fail)
    ((reqId, code, text),) = texts(client.ask(ReqContractDetails(4, APPLE)))
    assert (reqId, code) == (4, 322)
    assert text == "Error processing request.-'reqContractDetails' : cause - internal error of the gateway"
    assert "broken" in caplog.text
    assert client.ask(ReqCurrentTime()) == [CurrentTime(TEN_O_CLOCK)]


def test_only_client_0_may_have_orders_bound(client, gateway):
    text = "Only API connections with clientId set to 0 can set the auto bind TWS orders property."
    assert texts(client.ask(ReqAutoOpenOrders(True))) == [(-1, 327, text)]
    assert gateway.connect(0).ask(ReqAutoOpenOrders(True))[5:] == []


def test_no_request_has_two_handlers(gateway):
    answered = [request for group in gateway.router._groups for request in group.handlers()]
    assert sorted({each.__name__ for each in answered}) == sorted(each.__name__ for each in answered)
