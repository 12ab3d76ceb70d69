"""Stand-ins for accounts: the same everywhere, as long, and no account left."""

import copy
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from conformance.examples import message as messages
from hypothesis import given
from hypothesis import strategies as st
from tape.tapes import framed
from wire.carried import supported
from wire.generation import picture

from ibdesk.model.config import ApiConfig, ApiSettingsConfig
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order, OrderState
from ibdesk.tape import scrub, text_spans
from ibdesk.tape.scrub import Scrubber, without_credentials
from ibdesk.tape.text_spans import OWNERS, Role, roles_in
from ibdesk.wire import catalogue
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import Unframer
from ibdesk.wire.messages.accounts import Position, UpdateAccountValue
from ibdesk.wire.messages.config import ConfigResponse
from ibdesk.wire.messages.connection import Error, ManagedAccounts, StartApi
from ibdesk.wire.messages.orders import OpenOrder
from ibdesk.wire.scalars import encode_bytes

VERSIONS = [157, 178, 200, 203, 213, 225]
CODES = st.from_regex(r"(?:D?[UFI][1-9][0-9]{4,7}|DU[A-Z][1-9][0-9]{5})A?", fullmatch=True)
FREE = {"value", *text_spans.FREE}
"""Fields in which users or IBKR may write what they like."""
NAMING = [
    one.cls
    for one in catalogue.messages()
    if Role.OWNER in roles_in(one.cls) or not {*FREE}.isdisjoint(field.name for field in fields(one.cls))
]
"""The messages in which accounts may stand."""


def payload_of(sender: Sender, version: int, message: Any) -> bytes:
    (payload,) = Unframer().feed(framed(sender, version, message))
    return payload


def scrubbed(message: Any, version: int, scrubber: Scrubber | None = None) -> Any:
    """The message as it stands on a scrubbed tape."""
    sender = catalogue.of(type(message)).sender
    payload = payload_of(sender, version, message)
    done = (scrubber or Scrubber()).scrub(payload, sender, version)
    assert len(done) == len(payload)
    return Codec(sender, version).decode(done)


def texts(message: Any) -> Iterator[tuple[Any, str]]:
    """(object, field) of every text in a message."""
    for one in fields(message):
        value = getattr(message, one.name)
        if isinstance(value, str) or (isinstance(value, list) and one.name in (*OWNERS, *FREE)):
            yield message, one.name
        for part in value if isinstance(value, list) else [value]:
            if is_dataclass(part):
                yield from texts(part)


class TestTheSameMessageButForTheAccounts:
    @pytest.mark.parametrize("version", VERSIONS)
    @given(data=st.data())
    def test_any_message(self, version: int, data: st.DataObject) -> None:
        accounts = data.draw(st.lists(CODES, min_size=1, max_size=4, unique=True))
        one_of_them = st.sampled_from(accounts)
        scrubber = Scrubber()
        scrubber.learn(*managed(accounts, version))
        cls = data.draw(st.sampled_from([cls for cls in NAMING if catalogue.of(cls).first <= version]))
        message = copy.deepcopy(data.draw(messages(cls)))
        sender = catalogue.of(cls).sender
        for owner, name in list(texts(message)):
            # Anything else may look like a person's name, which is replaced as well.
            sentence = one_of_them.map(lambda code: f"for {code}/x{code}y, 7")
            if isinstance(getattr(owner, name), list):
                setattr(owner, name, data.draw(st.lists(one_of_them if name in OWNERS else sentence, max_size=3)))
            elif name in OWNERS:
                setattr(owner, name, data.draw(st.one_of(st.just(""), one_of_them)))
            elif name in FREE:
                setattr(owner, name, data.draw(sentence))
        payload = payload_of(sender, version, supported(message, version))
        before = Codec(sender, version).decode(payload)
        done = scrubber.scrub(payload, sender, version)
        assert len(done) == len(payload)
        assert not [code for code in accounts if code.encode() in done]
        after = Codec(sender, version).decode(done)
        assert picture(after) == replaced(picture(before), scrubber, accounts)

    @pytest.mark.parametrize("version", VERSIONS)
    @given(st.binary(max_size=60), st.sampled_from(Sender), st.integers(1, 300))
    def test_anything_keeps_its_length(self, version: int, body: bytes, sender: Sender, id: int) -> None:
        head = id.to_bytes(4, "big") if version >= 201 else b"%d\0" % id
        for payload in (body, head + body):
            scrubber = Scrubber()
            assert len(scrubber.scrub(payload, sender, version)) == len(payload)
            assert len(without_credentials(payload, sender, version)) == len(payload)


def managed(accounts: list[str], version: int) -> tuple[bytes, Sender, int]:
    return payload_of(Sender.SERVER, version, ManagedAccounts(",".join(accounts))), Sender.SERVER, version


def replaced(shown: Any, scrubber: Scrubber, accounts: list[str]) -> Any:
    """A picture of a message with the stand-ins of the accounts."""
    if isinstance(shown, str):
        known = "|".join(sorted(map(re.escape, accounts), key=len, reverse=True))
        return re.sub(known, lambda found: scrubber.scrub_text(found[0].encode()).decode(), shown)
    if isinstance(shown, list | tuple):
        return type(shown)(replaced(one, scrubber, accounts) for one in shown)
    return shown


@pytest.mark.parametrize("version", VERSIONS)
class TestBothEncodings:
    def test_an_account_has_one_stand_in_in_both_directions(self, version: int) -> None:
        scrubber = Scrubber()
        told = scrubbed(ManagedAccounts("DU1234567,U7654321,"), version, scrubber)
        assert told == ManagedAccounts("DU0000001,U0000001,")
        placed = scrubbed(OpenOrder(Contract(), Order(account="U7654321"), OrderState()), version, scrubber)
        assert placed.order.account == "U0000001"
        told = scrubbed(UpdateAccountValue("AccountCode", "DU1234567", "", "DU1234567"), version, scrubber)
        assert told == UpdateAccountValue("AccountCode", "DU0000001", "", "DU0000001")

    def test_codes_are_known_by_their_look(self, version: int) -> None:
        text = "Order of DU123456,(U1234567)/F54321A;DUK902770.I1234567 DF123456"
        assert scrubbed(Error(1, 201, text), version).errorString == (
            "Order of DU000001,(U0000001)/F00001A;DUK000001.I0000001 DF000001"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "US0378331005 DE0005140008 FR0000120271",
            "F2024 U1234 ESZ6 UBZ26",
            "0000e0d5.6b006778.01.01",
            "xDU123456",
            "DU",
        ],
    )
    def test_what_is_no_code_stays(self, version: int, text: str) -> None:
        assert scrubbed(Error(1, 201, text), version).errorString == text

    def test_symbols_that_look_like_codes_stay(self, version: int) -> None:
        contract = Contract(symbol="F61824144", localSymbol="U12345", tradingClass="DU77777")
        told = scrubbed(Position("DU1234567", contract, 1, 2), version)
        assert (told.account, told.contract.symbol, told.contract.localSymbol) == ("DU0000001", "F61824144", "U12345")

    def test_a_known_account_is_replaced_in_symbols_too(self, version: int) -> None:
        told = scrubbed(Position("DU77", Contract(symbol="aDU77b"), 1, 2), version)
        assert (told.account, told.contract.symbol) == ("DU01", "aDU01b")

    def test_names_and_numbers_are_replaced_where_they_stand_alone(self, version: int) -> None:
        order = Order(account="10001", clearingAccount="smith", orderRef="10001 smith", totalQuantity=10001)
        told = scrubbed(OpenOrder(Contract(), order, OrderState()), version).order
        assert (told.account, told.clearingAccount) == ("00001", "XXXX1")
        assert (told.orderRef, told.totalQuantity) == ("00001 XXXX1", 10001)

    def test_all_accounts_of_an_advisor(self, version: int) -> None:
        scrubber = Scrubber()
        scrubber.learn(*managed(["F1234567", "F1234567A", "U2345678"], version))
        assert scrubbed(ManagedAccounts("F1234567A,F1234567"), version, scrubber) == ManagedAccounts(
            "F0000001A,F0000001"
        )

    def test_the_word_for_all_stays(self, version: int) -> None:
        assert scrubbed(Position("All", Contract(), 0, 0), version).account == "All"

    def test_a_stand_in_is_never_a_known_account(self, version: int) -> None:
        told = scrubbed(ManagedAccounts("DU1234567,DU0000001,DU0000002"), version)
        assert sorted(told.accountsList.split(",")) == ["DU0000003", "DU0000004", "DU0000005"]

    def test_the_xml_of_advisors(self, version: int) -> None:
        xml = (
            "<ListOfGroups><Group><name>All of Smith</name><ListOfAccts><String>DU1234567</String>"
            "<Account>\n<acct>paul7</acct><amount>1.0</amount></Account></ListOfAccts></Group>"
            "<account>U1234567</account><alias>Jane Doe</alias></ListOfGroups>"
        )
        scrubber = Scrubber()
        told = scrubbed(Error(1, 1, xml), version, scrubber).errorString
        assert told == (
            xml.replace("DU1234567", "DU0000001")
            .replace("U1234567", "U0000001")
            .replace("All of Smith", "XXXXXXXXXXX1")
            .replace("paul7", "XXXX1")
            .replace("Jane Doe", "XXXXXXX1")
        )
        assert scrubbed(Error(1, 1, "of paul7"), version, scrubber).errorString == "of XXXX1"

    def test_what_is_unreadable_is_scrubbed_too(self, version: int) -> None:
        whole = payload_of(Sender.SERVER, version, Position("DU1234567", Contract(symbol="AAPL"), 1, 2))
        scrubber = Scrubber()
        for payload in (whole[:-3], whole + b"DU7654321", whole.replace(b"DU1234567", b"U12345678", 1)):
            done = scrubber.scrub(payload, Sender.SERVER, version)
            assert not re.search(rb"U12345678|DU1234567|DU7654321", done)

    def test_unknown_messages_are_scrubbed_too(self, version: int) -> None:
        code = b"DU1234567"
        if version >= 201:
            inner = b"\x0a" + encode_bytes(b",".join([code] * 5)) + b"\x10\x07"
            payload = (999).to_bytes(4, "big") + b"\x12" + encode_bytes(inner)
        else:
            payload = b"999\0" + code + b"\0" + b",".join([code] * 5) + b"\0"
        done = Scrubber().scrub(payload, Sender.SERVER, version)
        assert done == payload.replace(code, b"DU0000001")


def test_texts_that_are_no_messages() -> None:
    scrubber = Scrubber()
    assert scrubber.scrub_text(b"v157..225 acct=DU1234567") == b"v157..225 acct=DU0000001"
    assert scrubber.scrub(b"\0\0", Sender.CLIENT, 225) == b"\0\0"


def test_names_too_short_to_be_told_apart() -> None:
    scrubber = Scrubber()
    stand_ins = {scrubbed(Position(chr(code), Contract(), 0, 0), 178, scrubber).account for code in range(0x61, 0x7B)}
    assert len(stand_ins) == 26
    for code in range(0x41, 0x5B):
        told = scrubbed(Position(chr(code), Contract(), 0, 0), 178, scrubber).account
        assert len(told) == 1


class TestCredentials:
    """Of the verification that IBKR's partners do: no key, challenge or response is on any tape."""

    @pytest.mark.parametrize(
        ("sender", "payload", "hidden"),
        [
            (Sender.CLIENT, b"66\x001\0secret\0", b"66\x001\0xxxxxx\0"),
            (Sender.CLIENT, b"72\x001\0name\x001.0\0key\0", b"72\x001\0name\x001.0\0xxx\0"),
            (Sender.CLIENT, b"73\x001\0secret\0answer\0", b"73\x001\0xxxxxx\0xxxxxx\0"),
            (Sender.SERVER, b"69\x001\0secret\0what?\0", b"69\x001\0xxxxxx\0xxxxx\0"),
        ],
    )
    def test_they_are_kept_off(self, sender: Sender, payload: bytes, hidden: bytes) -> None:
        assert without_credentials(payload, sender, 178) == hidden

    def test_they_are_kept_off_in_protobuf(self) -> None:
        payload = (65 + 200).to_bytes(4, "big") + b"\x0a" + encode_bytes(b"secret")
        assert without_credentials(payload, Sender.SERVER, 225) == payload.replace(b"secret", b"xxxxxx")

    def test_nothing_else_is_touched(self) -> None:
        for payload in (payload_of(Sender.CLIENT, 178, StartApi(7, "+x")), b"", b"no message", b"999\0secret\0"):
            assert without_credentials(payload, Sender.CLIENT, 178) == payload


@pytest.mark.parametrize("version", VERSIONS)
class TestPersonsAndHosts:
    def test_a_name_is_replaced_in_free_words_where_it_stands_alone(self, version: int) -> None:
        scrubber = Scrubber()
        order = Order(account="DU1234567", clearingAccount="JOHNDOE", faGroup="All of Smith", orderRef="JohnDoe-7")
        told = scrubbed(OpenOrder(Contract(symbol="JOHNDOE"), order, OrderState()), version, scrubber)
        assert (told.order.clearingAccount, told.contract.symbol) == ("XXXXXX1", "JOHNDOE")
        assert (told.order.orderRef, told.order.faGroup) == ("XXXXXX1-7", "XXXXXXXXXXX1")
        text = "User JOHNDOE (johndoe) of All of Smith, not JOHNDOES"
        assert scrubbed(Error(1, 201, text), version, scrubber).errorString == (
            "User XXXXXX1 (XXXXXX1) of XXXXXXXXXXX1, not JOHNDOES"
        )

    def test_an_account_in_any_letters(self, version: int) -> None:
        scrubber = Scrubber()
        scrubber.learn(*managed(["DU1234567"], version))
        assert scrubbed(Error(1, 201, "du1234567_x"), version, scrubber).errorString == "DU0000001_x"

    def test_a_number_that_is_an_account_in_free_words(self, version: int) -> None:
        scrubber = Scrubber()
        scrubber.learn(*managed(["7654321"], version))
        told = scrubbed(Error(1, 201, "account 7654321, price 76543210"), version, scrubber).errorString
        assert told == "account 0000001, price 76543210"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("mail john.doe@example.com!", "mail XXXXXXXXXXXXXXXXXXX1!"),
            ("by john.doe.", "by XXXXXXX1."),
            ("by John.Doe, jane.roe", "by XXXXXXX1, XXXXXXX2"),
            ("from gw7.example.com:7497", "from XXXXXXXXXXXXXX1:7497"),
            ("from 192.168.1.20:4001", "from 000.000.0.01:4001"),
            ("from 2001:db8::8a2e:370:7334", "from XXXXXXXXXXXXXXXXXXXXXX1"),
            ("from fe80::1", "from XXXXXX1"),
        ],
    )
    def test_by_its_look(self, version: int, text: str, shown: str) -> None:
        assert scrubbed(Error(1, 201, text), version).errorString == shown

    @pytest.mark.parametrize(
        "text",
        [
            "Market data farm connection is OK:usfarm.nj",
            "see www.interactivebrokers.com",
            "BUY 100 BRK.B NASDAQ.NMS at 172.35, e.g. 09:30:00",
            "127.0.0.1 10.19.4 20261120-09:30:00 std::list",
        ],
    )
    def test_what_everybody_knows_stays(self, version: int, text: str) -> None:
        assert scrubbed(Error(1, 201, text), version).errorString == text


def test_addresses_that_tws_trusts() -> None:
    settings = ApiSettingsConfig(trustedIPs=["10.1.2.3", "10.1.2.4"])
    told = scrubbed(ConfigResponse(1, api=ApiConfig(settings=settings)), 225)
    assert told.api.settings.trustedIPs == ["00.0.0.1", "00.0.0.2"]


@pytest.mark.parametrize(
    ("peer", "shown"),
    [
        (b"127.0.0.1:7497", b"127.0.0.1:7497"),
        (b"::1:7497", b"::1:7497"),
        (b"localhost:7497", b"localhost:7497"),
        (b"trader-pc:7497", b"XXXXXXXX1:7497"),
        (b"192.168.1.20:7497", b"000.000.0.01:7497"),
    ],
)
def test_the_host_of_the_server(peer: bytes, shown: bytes) -> None:
    scrubber = Scrubber()
    assert scrubber.scrub_peer(peer) == shown
    assert scrubber.scrub_reason(b"no answer of " + peer) == b"no answer of " + shown
    assert scrubber.scrub_reason(b"server") == b"server"


class TestManyNames:
    def test_a_name_more_costs_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand-ins are counted on, and no pattern is made anew, however many accounts are known."""
        tried = compiled = 0

        def try_one(name: bytes, number: int, make: Any = scrub._digits_replaced) -> bytes | None:
            nonlocal tried
            tried += 1
            made: bytes | None = make(name, number)
            return made

        def compile_one(names: Any, make: Any = scrub._Names._compile) -> None:
            nonlocal compiled
            compiled += 1
            make(names)

        monkeypatch.setattr(scrub, "_digits_replaced", try_one)
        monkeypatch.setattr(scrub._Names, "_compile", compile_one)
        scrubber = Scrubber()
        for start in range(0, 3000, 100):
            scrubber.learn(*managed([f"DU{8_000_000 + number}" for number in range(start, start + 100)], 178))
        assert tried == 3000
        assert compiled == 2

    def test_a_text_takes_as_long_however_many_names_are_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked = 0

        def look(names: Any, *args: Any, find: Any = scrub._Names.end_of, **more: Any) -> Any:
            nonlocal looked
            looked += 1
            return find(names, *args, **more)

        monkeypatch.setattr(scrub._Names, "end_of", look)
        told = []
        for number in (10, 3000):
            scrubber = Scrubber()
            scrubber.learn(*managed([f"DU{8_000_000 + one}" for one in range(number)], 178))
            looked = 0
            scrubber.scrub_text(b"for DU8000001, FUND and DU8000002 " * 50)
            told.append(looked)
        assert told[0] == told[1] < 500

    def test_a_peer_cannot_make_them_grow_without_bounds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scrub, "MOST_NAMES", 3)
        told = scrubbed(ManagedAccounts("DU1,DU2,DU3,DU4,DU5"), 178, scrubber := Scrubber())
        assert told.accountsList.endswith(",XXX,XXX")
        assert len(scrubber._stand_ins) == 3
