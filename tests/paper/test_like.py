"""The gateway is like one of a paper account, or of a live one."""

import pytest

from ibdesk.model.contract import Stock
from ibdesk.paper import PaperGateway
from ibdesk.paper.like import Like


@pytest.mark.parametrize(("settings", "offers"), [({}, False), ({"like": "paper"}, False), ({"like": "live"}, True)])
def test_contract_details_offer_what_it_takes(settings, offers):
    gateway = PaperGateway(port=0, start_time="2026-11-02T10:00", **settings)
    (details,) = gateway.broker.market.instruments.search(Stock("AAPL", "SMART", "USD"))
    assert ("FOK" in details.orderTypes.split(",")) is offers


def test_it_is_like_nothing_else():
    with pytest.raises(ValueError, match="like is 'paper' or 'live', not 'demo'"):
        PaperGateway(port=0, like="demo")
    assert [*Like] == ["paper", "live"]
