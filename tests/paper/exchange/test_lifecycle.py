"""The table of status transitions, and the book's shelves."""

import pytest

from ibdesk.model.order import OrderStatus
from ibdesk.paper.exchange.lifecycle import FINAL, FOLLOWS, successor


def test_final_states_are_the_models_done_states():
    assert OrderStatus.DoneStates - {"ApiCancelled"} == FINAL


@pytest.mark.parametrize("status", FOLLOWS)
def test_a_status_may_be_repeated(status):
    assert successor(status, status) == status


@pytest.mark.parametrize(
    ("status", "following"), [("Filled", "Submitted"), ("Cancelled", "Filled"), ("Submitted", "Inactive")]
)
def test_what_cannot_happen_raises(status, following):
    with pytest.raises(ValueError, match=f"{status} cannot become {following}"):
        successor(status, following)
