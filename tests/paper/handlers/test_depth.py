"""What the rows of a book come to at a client that applies them, and who may look into how many."""

from dataclasses import astuple
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import Contract, Forex, Future, Index, Option, Stock
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.handlers.depth import in_place, row_by_row
from ibdesk.paper.market.depth import Row
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.depth import (
    CancelMktDepth,
    MktDepthExchanges,
    ReqMktDepth,
    ReqMktDepthExchanges,
    UpdateMktDepth,
    UpdateMktDepthL2,
)

APPLE = Stock("AAPL", "SMART", "USD")
EURO = Forex("EURUSD")
IEX = Stock("AAPL", "IEX", "USD")
VERSIONS = [178, 225]
INSERT, UPDATE, DELETE = 0, 1, 2


def texts(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


class Applied:
    """Both sides of a book as IBKR's documentation has a client keep them."""

    def __init__(self):
        self.sides = ([], [])
        self.longest = 0
        self.operations = []

    def take(self, messages):
        for message in messages:
            if not isinstance(message, UpdateMktDepth | UpdateMktDepthL2):
                continue
            position, operation, side, *row = astuple(message.marketDepthData)[:6]
            rows = self.sides[side]
            if operation == INSERT:
                assert position <= len(rows)
                rows.insert(position, row)
            elif operation == UPDATE:
                rows[position] = row
            else:
                assert rows.pop(position)[0] == row[0]
            self.operations.append((operation, position == len(rows) - (operation == INSERT)))
            self.longest = max(self.longest, len(rows))
        return self

    @property
    def bids(self):
        return self.sides[1]

    @property
    def asks(self):
        return self.sides[0]

    def check(self, quote):
        """It is in order, and its best rows are the quote."""
        assert [row[0] for row in self.bids] == sorted((row[0] for row in self.bids), reverse=True)
        assert [row[0] for row in self.asks] == sorted(row[0] for row in self.asks)
        for rows, price, size in ((self.bids, quote.bid, quote.bidSize), (self.asks, quote.ask, quote.askSize)):
            assert rows[0][0] == price
            best = sum(row[1] for row in rows if row[0] == price)
            assert best == size


def quote_of(gateway, conId):
    return gateway.broker.market.quote(conId, gateway.now)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("contract", "conId", "smart"),
    [(APPLE, 265598, False), (APPLE, 265598, True), (EURO, 12087792, False), (Contract(conId=756733), 756733, True)],
)
def test_a_book_agrees_with_the_quote_as_time_passes(gateway, version, contract, conId, smart):
    client = gateway.connect(1, version)
    if not contract.exchange:
        contract.exchange = "SMART"
    applied = Applied().take(client.ask(ReqMktDepth(5, contract, 20, smart)))
    applied.check(quote_of(gateway, conId))
    for _ in range(120):
        gateway.wait(0.25)
        applied.take(client.heard())
        applied.check(quote_of(gateway, conId))
    assert applied.longest <= 20
    assert {operation for operation, _ in applied.operations} >= {INSERT, UPDATE}


def test_a_new_book_is_told_bids_first_from_the_best_on(client):
    told = [each.marketDepthData for each in client.ask(ReqMktDepth(5, EURO, 4))]
    assert [(each.side, each.position, each.operation) for each in told] == [
        *((1, position, INSERT) for position in range(4)),
        *((0, position, INSERT) for position in range(4)),
    ]
    assert {each.marketMaker for each in told} == {""}


def test_the_book_of_all_exchanges_names_them_and_changes_in_place(client, gateway):
    notice, *rows = client.ask(ReqMktDepth(5, APPLE, 12, True))
    assert (notice.reqId, notice.errorCode) == (5, 2152)
    assert notice.errorString == (
        "Exchanges - Depth: NYSE; ARCA; NASDAQ; BEX; BATS; IEX; "
        "Top: AMEX; ISE; CHX; DRCTEDGE; EDGEA; BYX; NYSENAT; LTSE; PSX; "
    )
    assert all(isinstance(row, UpdateMktDepthL2) and row.marketDepthData.isSmartDepth for row in rows)
    assert len({row.marketDepthData.marketMaker for row in rows}) > 3
    applied = Applied().take(rows)
    for _ in range(80):
        gateway.wait(0.25)
        applied.take(client.heard())
    assert {at_the_end for operation, at_the_end in applied.operations if operation != UPDATE} == {True}


def test_the_book_of_one_exchange_is_its_part_of_all(client, gateway):
    whole = Applied().take(client.ask(ReqMktDepth(5, APPLE, 400, True)))
    alone = Applied().take(client.ask(ReqMktDepth(6, IEX, 20)))
    for mine, every in ((alone.bids, whole.bids), (alone.asks, whole.asks)):
        assert mine == [[price, size, ""] for price, size, maker in every if maker == "IEX"]
        assert len(mine) > 5
    told = Applied().take(client.ask(ReqMktDepth(7, APPLE, 5)))
    prices = list(dict.fromkeys(row[0] for row in whole.bids))[:5]
    assert told.bids == [[price, sum(row[1] for row in whole.bids if row[0] == price), ""] for price in prices]


def test_an_exchange_with_market_makers_names_them(client):
    rows = client.ask(ReqMktDepth(5, Stock("AAPL", "NASDAQ", "USD"), 5))
    assert all(isinstance(row, UpdateMktDepthL2) and not row.marketDepthData.isSmartDepth for row in rows)
    assert all(len(row.marketDepthData.marketMaker) == 4 for row in rows)


def test_the_book_is_emptied_when_the_market_closes(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 17, 16, 59, 55, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    applied = Applied().take(client.ask(ReqMktDepth(5, EURO, 5)))
    assert len(applied.bids) == len(applied.asks) == 5
    gateway.wait(6)
    applied.take(client.heard())
    assert applied.sides == ([], [])


def test_nothing_is_told_after_a_cancel(client, gateway):
    client.ask(ReqMktDepth(5, EURO, 5))
    assert gateway.router.next_due is not None
    assert client.ask(CancelMktDepth(5)) == []
    gateway.wait(5)
    assert client.heard() == []
    assert gateway.router.next_due is None
    told = "Can't find the subscribed market depth with tickerId:5"
    assert texts(client.ask(CancelMktDepth(5))) == [(5, 310, told)]


def test_a_client_that_is_gone_looks_no_more(client, gateway):
    client.ask(ReqMktDepth(5, EURO, 5))
    gateway.router.disconnect(client.seat)
    assert gateway.router.next_due is None


def test_a_slow_reader_gets_what_is_new_when_it_reads(client, gateway):
    applied = Applied().take(client.ask(ReqMktDepth(5, EURO, 5)))
    client.seat.is_congested = True
    gateway.wait(60)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    applied.take(client.heard()).check(quote_of(gateway, 12087792))


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        (Index("SPX", "CBOE"), 10092),
        (Stock("AAPL", "AMEX", "USD"), 10092),
        (Option("SPY", "20260515", 600, "C", "SMART"), 10092),
        (Stock("NOPE", "SMART", "USD"), 200),
        (Future("ES", "", "CME"), 321),
    ],
)
def test_what_has_no_book_is_refused(client, contract, code):
    ((reqId, told, _),) = texts(client.ask(ReqMktDepth(5, contract, 5)))
    assert (reqId, told) == (5, code)


def test_three_instruments_at_a_time(client):
    for reqId, symbol in enumerate(("AAPL", "MSFT", "TSLA")):
        assert not texts(client.ask(ReqMktDepth(reqId, Stock(symbol, "SMART", "USD"), 5)))
    assert not texts(client.ask(ReqMktDepth(3, APPLE, 5)))
    refused = [(4, 309, "Max number (3) of market depth requests has been reached")]
    assert texts(client.ask(ReqMktDepth(4, EURO, 5))) == refused
    client.ask(CancelMktDepth(1))
    assert not texts(client.ask(ReqMktDepth(4, EURO, 5)))
    ((_, code, text),) = texts(client.ask(ReqMktDepth(4, EURO, 5)))
    assert (code, text.endswith("Duplicate ticker id")) == (322, True)


def test_the_exchanges_that_show_their_books(client):
    (answer,) = client.ask(ReqMktDepthExchanges())
    assert isinstance(answer, MktDepthExchanges)
    rows = {(row.exchange, row.secType): row for row in answer.depthMktDataDescriptions}
    assert rows["IDEALPRO", "CASH"].aggGroup == 4
    assert (rows["ARCA", "STK"].serviceDataType, rows["NASDAQ", "STK"].serviceDataType) == ("Deep", "Deep2")
    for exchange in (exchange for exchange, kind in rows if kind == "FUT"):
        symbol = {"CME": "ES", "CBOT": "YM", "NYMEX": "CL", "COMEX": "GC"}[exchange]
        assert client.ask(ReqMktDepth(9, Future(symbol, "202606", exchange), 1), CancelMktDepth(9))


def rows(text):
    return [Row(float(price), "", float(size)) for price, size in (each.split("x") for each in text.split())]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("", "9x1 8x2", [(0, INSERT), (1, INSERT)]),
        ("9x1 8x2", "9x1 8x3", [(1, UPDATE)]),
        ("9x1 8x2 7x3", "10x5 9x1 8x2", [(2, DELETE), (0, INSERT)]),
        ("9x1 8x2 7x3", "8x2 7x3 6x1", [(0, DELETE), (2, INSERT)]),
        ("9x1 8x2 7x3", "9x1 7x4", [(1, DELETE), (1, UPDATE)]),
        ("9x1 8x2", "", [(1, DELETE), (0, DELETE)]),
    ],
)
def test_a_price_keeps_its_row(before, after, changes):
    assert [change[:2] for change in row_by_row(rows(before), rows(after))] == changes


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("9x1 8x2 7x3", "10x5 9x1 8x2", [(0, UPDATE), (1, UPDATE), (2, UPDATE)]),
        ("9x1 8x2 7x3", "9x1", [(2, DELETE), (1, DELETE)]),
        ("9x1", "9x1 8x1", [(1, INSERT)]),
    ],
)
def test_a_row_changes_in_place(before, after, changes):
    assert [change[:2] for change in in_place(rows(before), rows(after))] == changes


@st.composite
def sides(draw):
    """Two looks at a side of a book, each in order and without a row twice."""
    keys = sorted(draw(st.sets(st.tuples(st.integers(1, 9), st.sampled_from("AB")), max_size=12)))
    return [
        [Row(float(price), maker, float(draw(st.integers(1, 3)))) for price, maker in keys if draw(st.booleans())]
        for _ in range(2)
    ]


@given(sides())
def test_the_changes_lead_from_one_look_to_the_next(looks):
    before, after = looks
    for tell in (row_by_row, in_place):
        kept = list(before)
        for position, operation, row in tell(before, after):
            if operation == INSERT:
                kept.insert(position, row)
            elif operation == UPDATE:
                assert kept[position] != row
                kept[position] = row
            else:
                assert kept.pop(position) == row
            assert len(kept) <= max(len(before), len(after))
        assert kept == after


def test_one_seed_one_book(make_gateway):
    first, second = (make_gateway().connect(1).ask(ReqMktDepth(5, APPLE, 20, True)) for _ in range(2))
    assert first == second
