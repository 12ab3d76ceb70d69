"""What a subscription to market data is told, in which order, and when it ends."""

from datetime import datetime, timedelta
from random import Random

import pytest

from ibdesk.model.contract import Contract, Forex, Future, Index, Option, Stock
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.news_feed import NewsFeed
from ibdesk.wire import versions as V
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.market_data import (
    CancelMktData,
    MarketDataType,
    ReqMarketDataType,
    ReqMktData,
    TickGeneric,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
    TickString,
)
from ibdesk.wire.messages.news import HistoricalNews, ReqHistoricalNews, TickNews
from ibdesk.wire.messages.options import CalculateImpliedVolatility, CalculateOptionPrice, TickOptionComputation

APPLE = Stock("AAPL", "SMART", "USD")
EURO = Forex("EURUSD")
ES = Future("ES", "202606", "CME")
SPX = Index("SPX", "CBOE", "USD")
CALL = Option("SPY", "20260515", 600, "C", "SMART")
SATURDAY = datetime(2026, 4, 18, 12, 0, tzinfo=NEW_YORK)
MONDAY_MORNING = datetime(2026, 4, 20, 8, 29, 50, tzinfo=NEW_YORK)
TICKS = (TickPrice, TickSize, TickGeneric, TickString, TickOptionComputation)
SIZE_OF = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}


def kinds(messages):
    return [message.tickType for message in messages if isinstance(message, TICKS)]


def errors(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


@pytest.mark.parametrize("version", [V.MIN, 178, V.MAX])
@pytest.mark.parametrize(
    ("contract", "step", "exchanges", "burst"),
    [
        (APPLE, 0.01, "9c0001", [1, 0, 2, 3, 4, 5, 8, 6, 7, 9, 49, 45, 14]),
        (ES, 0.25, "", [1, 0, 2, 3, 4, 5, 8, 6, 7, 9, 49, 45, 14]),
        (EURO, 1e-05, "", [1, 0, 2, 3, 6, 7, 9, 49]),
        (SPX, 0.01, "", [4, 5, 6, 7, 9, 45]),
        (CALL, 0.01, "", [1, 0, 2, 3, 4, 5, 8, 6, 7, 9, 49, 45, 14, 10, 11, 12, 13]),
    ],
)
def test_the_first_burst(gateway, version, contract, step, exchanges, burst):
    kind, parameters, *ticks = gateway.connect(1, version).ask(ReqMktData(3, contract))
    assert kind == MarketDataType(3, 1)
    assert parameters == TickReqParams(3, step, exchanges, 3)
    assert kinds(ticks) == burst
    assert all(tick.reqId == 3 for tick in ticks)


def test_the_burst_shows_the_quote_of_the_moment(client, gateway):
    quote = gateway.broker.market.quote(265598, gateway.now)
    told = client.ask(ReqMktData(3, APPLE))
    assert TickPrice(3, 1, quote.bid, quote.bidSize, attrMask=1) in told
    assert TickPrice(3, 2, quote.ask, quote.askSize, attrMask=1) in told
    assert TickPrice(3, 4, quote.last, quote.lastSize, attrMask=0) in told
    assert TickSize(3, 8, quote.volume) in told
    assert TickPrice(3, 9, quote.close, 0) in told


@pytest.mark.parametrize("contract", [APPLE, EURO, ES, SPX])
def test_changes_lead_from_quote_to_quote(client, gateway, contract):
    shown = {}
    messages = client.ask(ReqMktData(3, contract))
    for _ in range(120):
        for message, after in zip(messages, [*messages, None][1:], strict=True):
            if isinstance(message, TickPrice) and message.tickType in SIZE_OF:
                assert after == TickSize(3, SIZE_OF[message.tickType], message.size)
            if isinstance(message, TickPrice):
                shown[message.tickType] = message.price
            elif isinstance(message, TickSize):
                shown[message.tickType] = message.size
        conId = gateway.broker.market.instruments.resolve(contract).contract.conId
        quote = gateway.broker.market.quote(conId, gateway.now)
        expected = {1: quote.bid, 0: quote.bidSize, 2: quote.ask, 3: quote.askSize, 4: quote.last, 8: quote.volume}
        expected |= {6: quote.high, 7: quote.low}
        for kind in expected.keys() & shown.keys():
            assert shown[kind] == expected[kind], kind
        gateway.wait(0.25)
        messages = client.heard()
    assert len(shown) > 3


def test_no_change_is_no_message(client, gateway):
    client.ask(ReqMktData(3, APPLE))
    gateway.wait(0)
    assert client.heard() == []


def test_a_client_that_does_not_read_gets_the_newest_quote_later(client, gateway):
    client.ask(ReqMktData(3, APPLE))
    client.seat.is_congested = True
    gateway.wait(30)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    volumes = [tick.size for tick in client.heard() if isinstance(tick, TickSize) and tick.tickType == 8]
    assert volumes == [gateway.broker.market.quote(265598, gateway.now).volume]


@pytest.mark.parametrize("version", [178, V.MAX])
@pytest.mark.parametrize("contract", [APPLE, EURO, SPX])
def test_what_is_encoded_ahead_is_what_would_be_told(make_gateway, contract, version):
    """Ticks of a line with generic ticks are made when they are due, and those of other lines before."""
    gateway = make_gateway(datetime(2026, 4, 15, 15, 58, tzinfo=NEW_YORK))
    ahead, due = gateway.connect(1, version), gateway.connect(2, version)
    chance, length = Random(5), 0
    told = [ahead.ask(ReqMktData(3, contract)), due.ask(ReqMktData(3, contract, "236"))]
    for _ in range(60):
        match chance.randrange(6):
            case 0:
                gateway.wait(chance.choice([0.1, 1, 7.3, 40]))
            case 1:
                wanted = chance.randrange(1, 5)
                told = [told[0] + ahead.ask(ReqMarketDataType(wanted)), told[1] + due.ask(ReqMarketDataType(wanted))]
            case 2:
                ahead.seat.is_congested = due.seat.is_congested = True
                gateway.wait(chance.choice([0.25, 3]))
                ahead.seat.is_congested = due.seat.is_congested = False
        for _ in range(chance.choice([1, 5, 80])):
            gateway.now = gateway.router.next_due
            gateway.wait(0)
        told = [told[0] + ahead.heard(), told[1] + due.heard()]
        one, other = (
            [tick for tick in each if isinstance(tick, TICKS) and tick.tickType not in (46, 89)] for each in told
        )
        assert one == other
        length += len(one)
        told = [[], []]
    assert length > 1000


def test_a_line_of_another_kind_of_data_has_nothing_of_what_was_encoded(client, gateway):
    client.ask(ReqMktData(3, APPLE))
    for _ in range(20):
        gateway.now = gateway.router.next_due
        gateway.wait(0)
    client.heard()
    client.ask(ReqMarketDataType(3))
    gateway.wait(30)
    assert set(kinds(client.heard())) <= {66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 88, 90}


def test_a_snapshot_ends_and_leaves_nothing(client, gateway):
    messages = client.ask(ReqMktData(4, EURO, snapshot=True))
    assert kinds(messages) == [1, 0, 2, 3, 6, 7, 9, 49]
    assert messages[-1] == TickSnapshotEnd(4)
    assert {tick.attrMask for tick in messages if isinstance(tick, TickPrice)} == {0}
    gateway.wait(60)
    assert client.heard() == []
    assert errors(client.ask(CancelMktData(4))) == [(4, 300, "Can't find EId with tickerId:4")]


def test_a_cancelled_line_is_silent(client, gateway):
    client.ask(ReqMktData(3, APPLE), ReqMktData(4, EURO))
    assert client.ask(CancelMktData(3)) == []
    gateway.wait(60)
    assert {tick.reqId for tick in client.heard()} == {4}
    assert errors(client.ask(CancelMktData(3))) == [(3, 300, "Can't find EId with tickerId:3")]


def test_a_live_id_cannot_be_used_again(client):
    client.ask(ReqMktData(3, APPLE))
    text = "Error processing request.-'bQ' : cause - Duplicate ticker id"
    assert errors(client.ask(ReqMktData(3, EURO))) == [(3, 322, text)]


def test_ids_and_lines_belong_to_their_client(client, gateway):
    other = gateway.connect(2)
    client.ask(ReqMktData(3, APPLE))
    assert errors(other.ask(ReqMktData(3, EURO))) == []
    gateway.router.disconnect(client.seat)
    gateway.wait(30)
    assert client.heard() == []
    assert other.heard() != []
    assert gateway.router.next_due is not None
    gateway.router.disconnect(other.seat)
    assert gateway.router.next_due is None


@pytest.mark.parametrize(
    ("contract", "generic", "snapshot", "code", "text"),
    [
        (Stock("NOPE", "SMART", "USD"), "", False, 200, "No security definition has been found for the request"),
        (Stock("AAPL", "SMART"), "", False, 203, "for AAPL is ambiguous; you must specify the currency."),
        (Contract(secType="STK", symbol="AAPL"), "", False, 321, "'bQ' : cause - Please enter exchange"),
        (APPLE, "233,999", False, 321, "Incorrect generic tick list of 233,999.  Legal ones for (STK) are: 100(Option"),
        (APPLE, "mdoff", False, 321, "Incorrect generic tick list of mdoff."),
        (APPLE, "162", False, 321, "Incorrect generic tick list of 162."),
        (EURO, "456", False, 321, "Incorrect generic tick list of 456.  Legal ones for (CASH) are"),
        (APPLE, "233", True, 321, "Snapshot market data subscription is not applicable to generic ticks"),
    ],
)
def test_refusals(client, gateway, contract, generic, snapshot, code, text):
    (answer,) = client.ask(ReqMktData(9, contract, generic, snapshot))
    assert (answer.reqId, answer.errorCode) == (9, code)
    assert text in answer.errorString
    assert gateway.router.next_due is None


@pytest.mark.parametrize(
    ("generic", "added"),
    [
        ("233", [48]),
        ("375", [77]),
        ("236", [46, 89]),
        ("221", [37]),
        ("232", [37]),
        ("104", [23]),
        ("106", [24]),
        ("456", [59]),
        ("165", [15, 16, 17, 18, 19, 20, 21]),
        (" 106 ,233", [24, 48]),
        ("100,292:BRFG", []),
    ],
)
def test_generic_ticks_of_a_stock(client, generic, added):
    plain = kinds(client.ask(ReqMktData(3, APPLE)))
    assert kinds(client.ask(ReqMktData(4, APPLE, generic))) == plain + added


def test_the_top_of_the_book_can_be_left_out(client):
    assert kinds(client.ask(ReqMktData(3, APPLE, "MDOFF, 236"))) == [46, 89]


def test_a_pair_says_nothing_to_generic_ticks_of_stocks(client):
    assert kinds(client.ask(ReqMktData(3, EURO, "233,236,165,104"))) == [1, 0, 2, 3, 6, 7, 9, 49]


def test_each_trade_is_told_in_full(client, gateway):
    client.ask(ReqMktData(3, APPLE, "233"))
    for _ in range(80):
        gateway.wait(0.25)
    trades = [tick.value.split(";") for tick in client.heard() if isinstance(tick, TickString) and tick.tickType == 48]
    assert len(trades) > 3
    quote = gateway.broker.market.quote(265598, gateway.now)
    price, size, time, volume, average, single = trades[-1]
    assert (float(price), int(size), int(volume)) == (quote.last, quote.lastSize, quote.volume)
    assert int(time) == quote.lastTime.timestamp() * 1000
    assert quote.low <= float(average) <= quote.high
    assert single in ("true", "false")
    volumes = [int(trade[3]) for trade in trades]
    assert volumes == sorted(set(volumes))


# Kinds of data


@pytest.mark.parametrize("wanted", [3, 4])
def test_delayed_data_have_ids_of_their_own_and_are_a_quarter_of_an_hour_old(client, gateway, wanted):
    assert client.ask(ReqMarketDataType(wanted)) == []
    kind, _, *ticks = client.ask(ReqMktData(3, APPLE))
    assert kind == MarketDataType(3, 3)
    assert kinds(ticks) == [66, 69, 67, 70, 68, 71, 74, 72, 73, 75, 90, 88, 76]
    assert ticks[0].price == gateway.broker.market.quote(265598, gateway.now - timedelta(minutes=15)).bid


@pytest.mark.parametrize(("wanted", "announced"), [(1, 1), (2, 2), (3, 3), (4, 4)])
def test_on_a_closed_market(make_gateway, wanted, announced):
    gateway = make_gateway(SATURDAY)
    client = gateway.connect(1)
    client.ask(ReqMarketDataType(wanted))
    kind, _, price, size, *_ = client.ask(ReqMktData(3, EURO))
    assert kind == MarketDataType(3, announced)
    frozen = wanted in (2, 4)
    assert (price.price > 0) == frozen
    assert (price.price, price.size, size.size) == (-1.0, 0, 0) or frozen


def test_forex_while_closed_shows_its_close_and_no_volume(make_gateway):
    gateway = make_gateway(SATURDAY)
    messages = gateway.connect(1).ask(ReqMktData(3, EURO))
    assert kinds(messages) == [1, 0, 2, 3, 8, 9, 49]
    assert TickSize(3, 8, 0) in messages


def test_a_line_follows_the_kind_that_its_client_chooses(client, gateway):
    client.ask(ReqMktData(3, APPLE))
    kind, *ticks = client.ask(ReqMarketDataType(3))
    assert kind == MarketDataType(3, 3)
    assert kinds(ticks)[:2] == [66, 69]


def test_frozen_data_begin_when_the_market_closes(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 19, 59, 59, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqMarketDataType(2))
    assert client.ask(ReqMktData(3, APPLE))[0] == MarketDataType(3, 1)
    gateway.wait(2)
    kind, bid, *_ = client.heard()
    assert kind == MarketDataType(3, 2)
    assert bid.price > 0


@pytest.mark.parametrize("wanted", [0, 5, -1])
def test_an_unknown_kind_is_refused(client, wanted):
    text = "Error validating request.-'b0' : cause - Invalid market data type"
    assert errors(client.ask(ReqMarketDataType(wanted))) == [(-1, 321, text)]


# Options


def computed(messages):
    return {tick.tickType: tick for tick in messages if isinstance(tick, TickOptionComputation)}


@pytest.mark.parametrize("snapshot", [False, True])
@pytest.mark.parametrize("version", [V.MIN, 178, V.MAX])
def test_the_computations_of_an_option_agree_with_its_quote_and_with_those_on_request(gateway, version, snapshot):
    client = gateway.connect(1, version)
    found = computed(client.ask(ReqMktData(3, CALL, snapshot=snapshot)))
    option = gateway.broker.market.resolve(CALL, "bQ")[1]
    quote = gateway.broker.market.quote(option.conId, gateway.now)
    model = gateway.broker.market.greeks(option.conId, gateway.now)
    assert found[13] == TickOptionComputation(3, 13, 1, *model)
    assert [found[kind].optPrice for kind in (10, 11, 12)] == [quote.bid, quote.ask, quote.last]
    assert found[10].impliedVol < found[13].impliedVol < found[11].impliedVol
    assert {tick.undPrice for tick in found.values()} == {model.undPrice}
    (back,) = client.ask(CalculateImpliedVolatility(4, CALL, quote.bid, model.undPrice))
    assert (back.impliedVol, back.delta, back.vega) == (found[10].impliedVol, found[10].delta, found[10].vega)
    (priced,) = client.ask(CalculateOptionPrice(5, CALL, model.impliedVol, model.undPrice))
    assert (priced.optPrice, priced.gamma) == (found[13].optPrice, found[13].gamma)


def test_computations_follow_the_quote(client, gateway):
    client.ask(ReqMktData(3, CALL))
    option, told = gateway.broker.market.resolve(CALL, "bQ")[1], 0
    for _ in range(20):
        gateway.wait(0.25)
        if not (found := computed(client.heard())):
            continue
        told += 1
        model = gateway.broker.market.greeks(option.conId, gateway.now)
        assert found[13].undPrice == found[10].undPrice == model.undPrice
        assert found[10].optPrice == gateway.broker.market.quote(option.conId, gateway.now).bid
    assert told > 5
    gateway.wait(0)
    assert client.heard() == []


@pytest.mark.parametrize("wanted", [3, 4])
def test_delayed_computations_have_ids_of_their_own(client, gateway, wanted):
    client.ask(ReqMarketDataType(wanted))
    found = computed(client.ask(ReqMktData(3, CALL)))
    option = gateway.broker.market.resolve(CALL, "bQ")[1]
    model = gateway.broker.market.greeks(option.conId, gateway.now - timedelta(minutes=15))
    assert list(found) == [80, 81, 82, 83]
    assert found[83] == TickOptionComputation(3, 83, 1, *model)


def test_an_option_that_nobody_quotes_has_a_model_that_rests(make_gateway):
    gateway = make_gateway(SATURDAY)
    client = gateway.connect(1)
    found = computed(client.ask(ReqMktData(3, CALL)))
    assert list(found) == [12, 13]
    gateway.wait(3600)
    assert computed(client.heard()) == {}
    frozen = computed(client.ask(ReqMarketDataType(2)))
    assert list(frozen) == [10, 11, 12, 13]
    assert frozen[13] == found[13]


def test_computations_end_with_the_quote(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, 59, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    assert list(computed(client.ask(ReqMktData(3, CALL)))) == [10, 11, 12, 13]
    gateway.wait(2)
    found = computed(client.heard())
    assert (found[10], found[11]) == (TickOptionComputation(3, 10, 1), TickOptionComputation(3, 11, 1))


def test_a_price_that_no_volatility_gives_stands_by_itself(client):
    deep = Option("SPY", "20260417", 480, "C", "SMART")
    bid = computed(client.ask(ReqMktData(3, deep)))[10]
    assert (bid.impliedVol, bid.delta, bid.gamma) == (-1, -2, -2)
    assert bid.optPrice > 100
    assert bid.undPrice > 580


def test_without_the_top_of_the_book_there_are_no_computations(client):
    assert computed(client.ask(ReqMktData(3, CALL, "mdoff,100"))) == {}


# News


def headlines(messages):
    return [message for message in messages if isinstance(message, TickNews)]


@pytest.mark.parametrize("version", [V.MIN, 178, V.MAX])
def test_the_headlines_of_the_day_come_at_once_and_the_others_as_they_appear(make_gateway, version):
    gateway = make_gateway(MONDAY_MORNING)
    client = gateway.connect(1, version)
    assert headlines(client.ask(ReqMktData(3, APPLE, "mdoff,292"))) == []
    told = []
    for _ in range(16):
        gateway.wait(30)
        told += headlines(client.heard())
    gateway.wait(3600)
    told += headlines(client.heard())
    assert [tick.providerCode for tick in told] == ["BRFUPDN", "BRFG"]
    apple = gateway.broker.market.instruments.by_con_id(265598)
    for tick, story in zip(
        told, NewsFeed(gateway.broker.market).stories(apple, MONDAY_MORNING, gateway.now)[::-1], strict=True
    ):
        assert tick.timeStamp == story.published.timestamp() * 1000
        assert (tick.articleId, tick.headline) == (story.articleId, story.headline)
        assert tick.extraData == f"K:{story.sentiment:.2f}"
    assert headlines(gateway.connect(2, version).ask(ReqMktData(3, APPLE, "292"))) == told


@pytest.mark.parametrize(
    ("generic", "providers"),
    [("292:BRFG", {"BRFG"}), ("233, 292 : BRFG + DJNL", {"BRFG", "DJNL"}), ("292:DJNL", {"DJNL"}), ("233", set())],
)
def test_headlines_can_be_had_of_some_services_only(make_gateway, generic, providers):
    gateway = make_gateway(MONDAY_MORNING)
    client = gateway.connect(1)
    client.ask(ReqMktData(3, APPLE, generic))
    gateway.wait(24 * 3600)
    assert {tick.providerCode for tick in headlines(client.heard())} == providers


def test_a_headline_is_an_article_of_the_archive(make_gateway):
    client = make_gateway(MONDAY_MORNING + timedelta(hours=2)).connect(1)
    (*_, tick) = headlines(client.ask(ReqMktData(3, APPLE, "292")))
    past = client.ask(ReqHistoricalNews(4, 265598, "BRFG", "", "", 1))[0]
    assert isinstance(past, HistoricalNews)
    assert past.articleId == tick.articleId
    assert past.headline.endswith(tick.headline)


@pytest.mark.parametrize(
    ("contract", "generic", "text"),
    [
        (APPLE, "292:BZ", "API News error:Source code unchecked in API news Settings: BZ"),
        (
            ES,
            "292",
            "API News error:Derivative contracts cannot be used to subscribe to news, ",
        ),
    ],
)
def test_refused_news(client, gateway, contract, generic, text):
    ((reqId, code, told),) = errors(client.ask(ReqMktData(9, contract, generic)))
    assert (reqId, code) == (9, 10094)
    assert told.startswith(text)
    assert gateway.router.next_due is None
