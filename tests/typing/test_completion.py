"""What editors and notebooks offer while one types."""

from collections.abc import Iterator

import jedi
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

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


@pytest.fixture(scope="module")
def notebook() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_cell("import ibdesk\nfrom ibdesk import *")
    yield shell
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("text", "offered"),
    {
        "from ibdesk.order import Lim": "LimitOrder",
        "ibdesk.contract.ContF": "ContFuture",
        "ibdesk.order.Lim": "LimitOrder",
        "LimitOrder('BUY', 1, 2, outs": "outsideRth=",
        "order = MarketOrder('BUY', 1, ti": "tif=",
        "Stock('AMD', 'SMART', 'USD', prim": "primaryExchange=",
        "Bag(comboL": "comboLegs=",
        "Order(lmt": "lmtPrice=",
    }.items(),
)
def test_notebooks_complete(notebook: InteractiveShell, text: str, offered: str):
    with provisionalcompleter():
        assert offered in {found.text for found in notebook.Completer.completions(text, len(text))}
