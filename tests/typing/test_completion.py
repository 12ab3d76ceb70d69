"""What editors and notebooks offer while one types."""

import jedi
import pytest

SOURCE = {
    "from ibdesk.ord": {"order"},
    "from ibdesk.order import Lim": {"LimitOrder"},
    "from ibdesk.client import Cli": {"Client"},
    "from ibdesk.util import formatI": {"formatIBDatetime"},
    "from ibdesk.flexreport import FlexR": {"FlexReport"},
    "import ibdesk\nibdesk.order.Lim": {"LimitOrder"},
    "from ibdesk.contract import Stock\nStock('AMD').primary": {"primaryExchange"},
    "from ibdesk.ib import IB\nIB().reqMktDa": {"reqMktData"},
    "from ibdesk.order import LimitOrder\nLimitOrder(lmt": {"lmtPrice="},
    "from ibdesk.order import Order\nOrder(lmtPriceO": {"lmtPriceOffset="},
}


@pytest.mark.parametrize(("text", "offered"), SOURCE.items())
def test_jedi_completes(text: str, offered: set[str]):
    assert {found.name for found in jedi.Script(text).complete()} >= offered


def test_jedi_goes_to_the_definition():
    (found,) = jedi.Script("from ibdesk.order import LimitOrder\nLimitOrder").goto(2, 3, follow_imports=True)
    assert found.module_name == "ibdesk.model.order"
