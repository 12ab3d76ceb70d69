"""A scan ranks the instruments of the paper market by its own facts."""

from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest

from ibdesk.model.contract import Contract, TagValue
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.ledger.ledger import US_DOLLARS
from ibdesk.paper.market import mark_price
from ibdesk.paper.scanner import parameters, ranking, scan
from ibdesk.paper.scanner.scan_catalogue import MOST_ROWS
from ibdesk.wire.messages.scanner import ScannerQuery

DOLLARS = {"USD": 1.0, "CAD": 0.71, "CHF": 1.25, "EUR": 1.16, "AUD": 0.65, "MXN": 0.054}.__getitem__


@pytest.fixture(scope="module")
def gateway(make_gateway):
    """One for all tests, which only look at its market: what every instrument has done today takes a second to make."""
    return make_gateway()


@pytest.fixture
def run(gateway):
    """Scans the market of `gateway` and gives the instruments that were found."""

    def found(code, instrument="STK", location="STK.US", filters=(), rows=-1, now=gateway.now, **fields):
        options = [TagValue(tag, str(value)) for tag, value in filters]
        query = ScannerQuery(rows, instrument, location, code, scannerSubscriptionFilterOptions=options, **fields)
        market = gateway.broker.market
        ranked = scan(query, market, now, DOLLARS)
        assert [row.rank for row in ranked] == list(range(len(ranked)))
        return [market.instruments.by_con_id(row.contract.conId) for row in ranked]

    return found


@pytest.fixture
def quote(gateway):
    """How an instrument stands."""
    return lambda instrument: gateway.broker.market.quote(instrument.conId, gateway.now)


def change(quote):
    return mark_price(quote) / quote.close - 1


RANKS = {
    "TOP_PERC_GAIN": lambda one, q: -change(q),
    "TOP_PERC_LOSE": lambda one, q: change(q),
    "MOST_ACTIVE": lambda one, q: -q.volume,
    "MOST_ACTIVE_USD": lambda one, q: -q.volume * mark_price(q),
    "HOT_BY_VOLUME": lambda one, q: -q.volume / one.pricing.volume,
    "TOP_PRICE_RANGE": lambda one, q: q.low - q.high,
    "TOP_OPEN_PERC_GAIN": lambda one, q: -mark_price(q) / q.open,
    "TOP_OPEN_PERC_LOSE": lambda one, q: mark_price(q) / q.open,
    "HIGH_OPEN_GAP": lambda one, q: -q.open / q.close,
    "LOW_OPEN_GAP": lambda one, q: q.open / q.close,
    "HIGH_OPT_IMP_VOLAT": lambda one, q: -one.pricing.volatility * abs(one.pricing.beta),
    "LOW_OPT_IMP_VOLAT": lambda one, q: one.pricing.volatility * abs(one.pricing.beta),
}


@pytest.mark.parametrize("code", RANKS)
def test_a_scan_ranks_by_what_it_is_named_after(run, quote, code):
    found = run(code)
    assert len(found) > 20
    assert {one.currency for one in found} == {"USD"}
    measured = [RANKS[code](one, quote(one)) for one in found]
    assert measured == pytest.approx(sorted(measured))


@pytest.mark.parametrize(
    ("code", "limit", "minutes"),
    [
        ("TOP_VOLUME_RATE", "volumeRateAbove", 1),
        ("HIGH_STVOLUME_3MIN", "stVolume3minAbove", 3),
        ("HIGH_STVOLUME_5MIN", "stVolume5minAbove", 5),
        ("HIGH_STVOLUME_10MIN", "stVolume10minAbove", 10),
    ],
)
def test_a_scan_of_the_last_minutes(run, gateway, code, limit, minutes):
    now = gateway.now - timedelta(milliseconds=250)  # what the quote of the last step shows, the bars until now hold
    found = run(code, now=now)
    end = gateway.now
    sums = [
        sum(
            bar.volume
            for bar in gateway.broker.market.bars(one.conId, end, f"{60 * minutes} S", "1 min", "TRADES", False)
        )
        for one in found
    ]
    assert sums == sorted(sums, reverse=True)
    assert sums[0] > sums[-1]
    some = run(code, filters=[(limit, sums[5])], now=now)
    assert some == found[: len(some)]
    assert 5 < len(some) < len(found)


def test_volume_of_the_day_before_does_not_count(run, make_gateway, gateway):
    early = make_gateway(gateway.now.replace(hour=4, minute=1))
    query = ScannerQuery(1, "STK", "STK.US", "HIGH_STVOLUME_10MIN")
    (row,) = scan(query, early.broker.market, early.now, DOLLARS)
    (most,) = scan(ScannerQuery(1, "STK", "STK.US", "MOST_ACTIVE"), early.broker.market, early.now, DOLLARS)
    assert row == most


def test_a_scan_by_the_number_of_trades(run, gateway, make_gateway):
    found = run("TOP_TRADE_COUNT")
    days = [gateway.broker.market.current_bar(one.conId, gateway.now, "1 day", "TRADES", False) for one in found]
    counts = [day.barCount for day in days]
    assert counts == sorted(counts, reverse=True)
    assert run("TOP_TRADE_COUNT", filters=[("tradeCountAbove", counts[3])]) == found[:4]
    night = make_gateway(gateway.now.replace(hour=22))
    query = ScannerQuery(
        -1, "STK", "STK.US", "TOP_TRADE_COUNT", scannerSubscriptionFilterOptions=[TagValue("tradeCountAbove", "1")]
    )
    assert scan(query, night.broker.market, night.now, DOLLARS) == []


def test_every_currency_has_a_value_in_dollars():
    assert {one.currency for one in load().instruments} <= set(US_DOLLARS)


@pytest.mark.parametrize("code", ["HOT_BY_PRICE", "HOT_BY_PRICE_RANGE"])
def test_a_hot_scan_weighs_moves_by_volatility(run, quote, code):
    found = run(code)
    assert sorted(one.symbol for one in found) == sorted(one.symbol for one in run("MOST_ACTIVE"))
    assert found != run("TOP_PERC_GAIN")


@pytest.mark.parametrize(
    ("instrument", "location", "primary"),
    [
        ("STK", "STK.NYSE", {"NYSE"}),
        ("STK", "STK.NASDAQ", {"NASDAQ"}),
        ("STK", "STK.NYSE,STK.ARCA", {"NYSE", "ARCA"}),
        ("STOCK.NA", "STK.NA", {"TSE", "MEXI"}),
        ("STOCK.EU", "STK.EU.EBS", {"EBS"}),
        ("STOCK.HK", "STK.HK.ASX", {"ASX"}),
    ],
)
def test_a_place_has_what_is_listed_there(run, instrument, location, primary):
    assert {one.primaryExchange for one in run("MOST_ACTIVE", instrument, location)} == primary


def test_futures_and_indexes(run):
    assert {one.secType for one in run("MOST_ACTIVE", "FUT.US", "FUT.US")} == {"FUT"}
    energy = run("TOP_PERC_GAIN", "FUT.US", "FUT.NYMEX")
    assert {one.kind.exchanges[0] for one in energy} == {"NYMEX"}
    assert "CL" in {one.symbol for one in energy}
    assert {"SPX", "NDX", "VIX"} <= {one.symbol for one in run("TOP_PERC_GAIN", "IND.US", "IND.US")}


def test_small_caps_are_a_class_of_their_own(run):
    small = run("MOST_ACTIVE", location="STK.NASDAQ.SCM")
    assert {one.tradingClass for one in small} == {"SCM"}
    assert not set(small) & set(run("MOST_ACTIVE", location="STK.NASDAQ.NMS"))


LIMITS = {
    "priceAbove": (100, lambda q: mark_price(q) >= 100),
    "priceBelow": (100, lambda q: mark_price(q) <= 100),
    "usdPriceAbove": (100, lambda q: mark_price(q) >= 100),
    "changePercAbove": (0.5, lambda q: 100 * change(q) >= 0.5),
    "changePercBelow": (-0.5, lambda q: 100 * change(q) <= -0.5),
    "changeOpenPercAbove": (0, lambda q: mark_price(q) >= q.open),
    "openGapPercBelow": (0, lambda q: q.open <= q.close),
    "priceRangeAbove": (3, lambda q: q.high - q.low >= 3),
    "volumeAbove": (1_000_000, lambda q: q.volume >= 1_000_000),
    "usdVolumeBelow": (1e9, lambda q: q.volume * mark_price(q) <= 1e9),
}


@pytest.mark.parametrize("code", LIMITS)
def test_a_filter_lets_through_what_it_says(run, quote, code):
    limit, holds = LIMITS[code]
    everything = run("MOST_ACTIVE")
    found = run("MOST_ACTIVE", filters=[(code, limit)])
    assert found == [one for one in everything if holds(quote(one))]
    assert 0 < len(found) < len(everything)


def test_the_fields_of_a_query_are_filters_too(run):
    both = [("priceAbove", 50), ("priceBelow", 300), ("volumeAbove", 500_000)]
    found = run("TOP_PERC_GAIN", filters=both)
    assert found
    assert run("TOP_PERC_GAIN", abovePrice=50.0, belowPrice=300.0, aboveVolume=500_000) == found


@pytest.mark.parametrize(
    ("fields", "types"),
    [
        ({"stockTypeFilter": "ALL"}, {"COMMON", "ETF"}),
        ({"stockTypeFilter": "CORP"}, {"COMMON"}),
        ({"stockTypeFilter": "STOCK"}, {"COMMON"}),
        ({"stockTypeFilter": "ETF"}, {"ETF"}),
        ({"filters": [("stkTypes", "inc:ETF")]}, {"ETF"}),
        ({"filters": [("stkTypes", "exc:ETF")]}, {"COMMON"}),
        ({"filters": [("stkTypes", "inc:CORP,inc:ETF")]}, {"COMMON", "ETF"}),
        ({"stockTypeFilter": "ADR"}, set()),
    ],
)
def test_sorts_of_stock(run, fields, types):
    assert {one.kind.stockType for one in run("MOST_ACTIVE", **fields)} == types


def test_nothing_is_halted(run):
    assert run("HALTED") == run("MOST_ACTIVE", filters=[("haltedIs", "true")]) == []
    assert run("MOST_ACTIVE", filters=[("haltedIs", "false")]) == run("MOST_ACTIVE")


@pytest.mark.parametrize(("rows", "count"), [(3, 3), (-1, 20), (0, 20), (1000, 20)])
def test_no_more_rows_than_there_may_be(run, monkeypatch, rows, count):
    assert MOST_ROWS == 50
    monkeypatch.setattr(ranking, "MOST_ROWS", 20)
    assert len(run("MOST_ACTIVE", rows=rows)) == count


def test_a_future_is_looked_at_in_the_months_that_come_next(run, gateway):
    found = run("MOST_ACTIVE", "FUT.US", "FUT.CME", rows=50)
    listed = gateway.broker.market.instruments.search(Contract(secType="FUT", exchange="CME", symbol="ES"))
    dates = sorted(row.realExpirationDate for row in listed)
    assert len(dates) > 4
    assert sorted(one.realExpirationDate for one in found if one.symbol == "ES") == dates[:4]


def test_the_same_seed_scans_the_same(run, make_gateway, gateway):
    other = make_gateway()
    query = ScannerQuery(10, "STK", "STK.US", "TOP_PERC_GAIN")
    assert scan(query, other.broker.market, other.now, DOLLARS) == scan(
        query, gateway.broker.market, gateway.now, DOLLARS
    )


def test_ranks_follow_the_market(run, gateway):
    before = run("TOP_PERC_GAIN")
    after = run("TOP_PERC_GAIN", now=gateway.now + timedelta(hours=1))
    assert before != after
    assert set(before) == set(after)


def test_the_offer_is_shaped_as_that_of_tws():
    root = fromstring(parameters())  # it is this package's own
    assert root.tag == "ScanParameterResponse"
    lists = {child.tag: child.get("varName") for child in root}
    assert lists == {
        "InstrumentList": "instrumentList",
        "LocationTree": "locationTree",
        "ScanTypeList": "scanTypeList",
        "FilterList": "filterList",
    }
    assert {one.findtext("type") for one in root.iter("Instrument")} == {
        "STK",
        "FUT.US",
        "IND.US",
        "STOCK.NA",
        "STOCK.EU",
        "STOCK.HK",
    }
    (major,) = [one for one in root.iter("Location") if one.findtext("locationCode") == "STK.US.MAJOR"]
    parts = [one.findtext("locationCode") for one in major.find("LocationTree")]
    assert {"STK.NYSE", "STK.NASDAQ"} <= set(parts)
    codes = {code.text for code in root.iter("code")}
    assert {"priceAbove", "priceBelow", "volumeAbove", "stkTypes", "haltedIs"} <= codes
    ids = {one.findtext("id") for one in root.find("FilterList")}
    assert ids == set(root.findtext("InstrumentList/Instrument/filters").split(","))
