"""What a missing protobuf tag means where an amount belongs: that it was not told, which is not zero."""

from collections.abc import Iterator

import pytest

from ibdesk.model.conditions import PercentChangeCondition, PriceCondition
from ibdesk.model.contract import Contract, DeltaNeutralContract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import Execution
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender, messages
from ibdesk.wire.layout import Embed, Field, Record, Repeat, RepeatTogether, RepeatVariants
from ibdesk.wire.messages.history_summaries import HistogramDataEntry
from ibdesk.wire.messages.options import TickOptionComputation
from ibdesk.wire.messages.reference import PriceIncrement
from ibdesk.wire.scalars import Float, Size

IS_A_DEFAULT: dict[type, str] = {
    Contract: "strike",  # none
    DeltaNeutralContract: "delta price",
    # These go back to the server with a modification, and are zero in IBKR's order and in ib_async's.
    Order: "totalQuantity discretionaryAmt peggedChangeAmount referenceChangeAmount",
    # What an instrument has or has not: no coupon, no event.
    ContractDetails: "minTick evMultiplier coupon",
    Execution: "evMultiplier",
    HistogramDataEntry: "price",
    PriceIncrement: "lowEdge increment",
    PriceCondition: "price",
    PercentChangeCondition: "changePercent",
    # Its own numbers say that nothing was computed.
    TickOptionComputation: "impliedVol delta optPrice pvDividend gamma vega theta undPrice",
}
"""Amounts whose missing tag is the default of the noun, as in the official client; by what holds them."""

DEFAULTS = {name for names in IS_A_DEFAULT.values() for name in names.split()}


def records(record: Record) -> Iterator[Record]:
    """A record with those inside it."""
    yield record
    for item in record.tags.values():
        match item:
            case Embed(_, inner) | Repeat(_, Record() as inner) | RepeatTogether(_, Record() as inner):
                yield from records(inner)
            case RepeatVariants(cases=cases):
                for inner in cases.values():
                    yield from records(inner)


ANSWERS = [one for one in messages() if one.sender is Sender.SERVER and one.make_record is not None]


@pytest.mark.parametrize("description", ANSWERS, ids=lambda one: one.name)
def test_a_missing_tag_tells_no_amount(description: Description) -> None:
    for record in records(description.tags(V.MAX)):
        for item in record.tags.values():
            if isinstance(item, Field) and isinstance(item.scalar, Float | Size) and item.path[-1] not in DEFAULTS:
                assert record.absent[item.path] == UNSET_DOUBLE, (record.cls, item.path)


def test_the_exceptions_are_needed() -> None:
    """Each is an amount that is zero, or a number of its own, where it is missing."""
    found = {
        name
        for description in ANSWERS
        for record in records(description.tags(V.MAX))
        for path, means in record.absent.items()
        for name in path[-1:]
        if isinstance(means, int | float) and not isinstance(means, bool) and means != UNSET_DOUBLE
    }
    assert found >= DEFAULTS
