"""Sums of amounts are exact, whatever is added to what."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.ledger.amounts import NOTHING, Amounts

numbers = st.builds(lambda digits, places: Decimal(digits).scaleb(places), st.integers(0, 10**27), st.integers(-28, 3))
amounts = st.builds(Amounts, *[numbers] * len(Amounts._fields))


@given(st.lists(amounts, max_size=8), st.randoms(use_true_random=False))
def test_what_is_added_and_taken_away_again_leaves_nothing(parts, random):
    total = NOTHING
    for part in parts:
        total = total.with_other(NOTHING, part)
    for part in random.sample(parts, len(parts)):
        total = total.with_other(part, NOTHING)
    assert total == NOTHING


def test_a_sum_in_another_currency():
    total = Amounts(value=Decimal(3)).plus(Amounts(value=Decimal(3), initial=Decimal(6)), Decimal("1.25"))
    assert (total.value, total.initial) == (Decimal("6.75"), Decimal("7.5"))
    assert total.plus(Amounts(initial=Decimal(1))).initial == Decimal("8.5")
