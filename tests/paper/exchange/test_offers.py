"""What contract details list as order types is what the exchange takes."""

from dataclasses import replace

from paper.exchange.conftest import HOURS, at, forex, future, make_trader, option, published_hours, stock

from ibdesk.paper.exchange import offered
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.exchange.products import PRODUCTS
from ibdesk.paper.exchange.times_in_force import TIMES_IN_FORCE
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.like import Like

DETAILS = {"STK": stock, "OPT": option, "FUT": future, "CASH": forex}


def test_lists_are_in_order_and_empty_for_what_is_not_traded():
    for product in PRODUCTS:
        words = offered(product).split(",")
        assert words == sorted(set(words))
        assert {"LMT", "MKT", "DAY", "GTC", "COND"} <= set(words)
    assert offered("IND") == ""
    assert {kind.secType for listed in (load().futures, load().options) for kind in (one.kind for one in listed)} <= {
        *PRODUCTS
    }


def test_a_live_gateway_offers_more():
    more = {each: set(offered(each, Like.LIVE).split(",")) - set(offered(each).split(",")) for each in PRODUCTS}
    assert more["STK"] == {"FOK", "ICE", "MIDPX", "PEGMID", "PEGMKT", "PEGPRI", "REL"}
    assert more["FUT"] == {"FOK", "ICE", "MKTPROT", "REL", "STPPROT"}


def test_each_word_of_a_type_or_a_time_in_force_is_one_that_is_taken_and_no_other_is():
    for product, details in DETAILS.items():
        for like in Like:
            words = offered(product, like).split(",")
            for tif, row in TIMES_IN_FORCE.items():
                trader = make_trader(details(), cash=1e9, like=like)
                when = {"goodTillDate": "20991231 12:00:00 US/Eastern"} if tif == "GTD" else {}
                trader.place("BUY", 1, "LMT", lmtPrice=1.0, tif=tif, **when)
                assert (387 not in [code for code, _ in trader.errors()]) is (row.word in words or tif == "GTX")
            for kind in ORDER_TYPES.values():
                trader = make_trader(replace(details(), **HOURS), published_hours, now=at(11), like=like)
                trader.place("BUY", 1, kind.name)
                assert (387 in [code for code, _ in trader.errors()]) is (kind.code not in words)
