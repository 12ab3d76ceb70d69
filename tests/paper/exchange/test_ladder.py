"""The components of a scale order, against a second account of them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.exchange.ladder import Ladder


@given(
    st.integers(1, 30),
    st.integers(1, 12),
    st.integers(1, 12),
    st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(1, 12)), max_size=40),
)
def test_the_nearest_component_that_is_not_filled_is_at_the_market(
    total: int, first: int, size: int, steps: list[tuple[bool, int, int]]
) -> None:
    """`left` is the plain list of all components, made beforehand."""
    first, left = min(first, total), list[int]()
    while sum(left) < total:
        left.append(min(first if not left else size, total - sum(left)))
    ladder = Ladder(Decimal(100), Decimal(-1), Decimal(first), Decimal(size), waiting=Decimal(total))
    filled = [0] * len(left)
    for gives_back, which, amount in steps:
        at_market = next((level for level, open_ in enumerate(left) if open_), None)
        assert ladder.working == (0 if at_market is None else left[at_market])
        assert ladder.working + ladder.waiting == sum(left)
        if at_market is not None:
            assert ladder.price == 100 - at_market
        candidates = [level for level, done in enumerate(filled) if done]
        if gives_back and candidates:
            level = candidates[which % len(candidates)]
            part = min(amount, filled[level])
            ladder.give_back(level, Decimal(part))
            left[level] += part
            filled[level] -= part
        elif at_market is not None:
            part = min(amount, left[at_market])
            complete = ladder.take(Decimal(part))
            left[at_market] -= part
            filled[at_market] += part
            assert (complete is None) == bool(left[at_market])
