"""What a program gets for the same bytes of an answer: from ib_async's decoder and wrapper, and from our `IB`."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from client.api import test_depth, test_market_rules, test_options, test_past_data
from client.asking import Case, connected
from oracles import ib_async

from ibdesk.client.state.ticker import Ticker
from ibdesk.model.contract import Stock
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.reference import ReqMarketRule
from ibdesk.wire.text import split

THEIRS = ib_async()
VERSION = 178
CASES = [*test_past_data.CASES, *test_options.CASES, *test_market_rules.CASES, *test_depth.CASES]
REQ_ID = 7
_KEYS = {"ReqMktDepthExchanges": "mktDepthExchanges", "ReqMarketRule": "marketRule-26"}


async def theirs(case: Case) -> Any:
    """What ib_async makes of the answer."""
    codec = Codec(Sender.CLIENT, VERSION)
    wrapper = THEIRS.wrapper.Wrapper(SimpleNamespace())
    future = wrapper.startReq(_KEYS.get(case.request.__name__, REQ_ID))
    decoder = THEIRS.decoder.Decoder(wrapper, VERSION)
    request = ReqMarketRule(26) if case.request is ReqMarketRule else SimpleNamespace(reqId=REQ_ID)
    for message in case.answer(request):
        decoder.interpret(split(codec.encode(message)))
    return await future


@pytest.mark.parametrize("case", [case for case in CASES if VERSION in case.versions], ids=str)
async def test_answers(case: Case) -> None:
    async with connected({case.request: case.answer}, VERSION) as (ib, _):
        ours = await case.call(ib)
    expected = await theirs(case)
    if case.request.__name__ == "ReqSecDefOptParams":
        assert [chain.underlyingConId for chain in expected] == ["265598"]  # a text, though ib_async says int
        ours = [replace(chain, underlyingConId="265598") for chain in ours]
    if case.request.__name__ == "ReqHeadTimeStamp":
        assert expected.tzinfo is None  # ib_async does not know that the hyphen means UTC: see differences.md
        ours = ours.replace(tzinfo=None)
    assert repr(ours) == repr(expected)


def test_differs_a_ticker_has_the_list_of_generic_ticks() -> None:
    assert Ticker(Stock()).genericTickList == ""
    assert not hasattr(THEIRS.ticker.Ticker(), "genericTickList")
