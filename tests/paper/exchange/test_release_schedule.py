"""How much of an algo order has been released at which moment."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.exchange.release_schedule import ReleaseSchedule, whole_step

BEGIN = datetime(2026, 4, 15, 10, 0, tzinfo=ZoneInfo("US/Eastern"))


def schedule(minutes: float, quantity: int, step: int = 1) -> ReleaseSchedule:
    return ReleaseSchedule(BEGIN, BEGIN + timedelta(minutes=minutes), Decimal(quantity), Decimal(step))


def by_hand(seconds: int, quantity: int, step: int, after: Fraction) -> int:
    """The same from its definition: whole steps of the share of the parts that have begun after so many seconds."""
    parts = max(1, min((seconds + 59) // 60, quantity // step))
    begun = sum(1 for part in range(parts) if Fraction(seconds) * part / parts <= after)
    return quantity if begun == parts else int(Fraction(quantity * begun, parts) // step) * step


@given(
    seconds=st.integers(1, 30_000),
    quantity=st.integers(1, 100_000),
    step=st.sampled_from([1, 10, 100]),
    share=st.fractions(0, 2, max_denominator=997),
)
def test_the_share_of_the_parts_that_have_begun_is_released(
    seconds: int, quantity: int, step: int, share: Fraction
) -> None:
    plan = schedule(seconds / 60, quantity, step)
    # Whole seconds and a half: so far from any rounding to microseconds that both sides agree on what has begun.
    after = Fraction(int(seconds * share)) + Fraction(1, 2)
    parts = plan.releases
    near = any(abs(Fraction(seconds) * part / parts - after) < Fraction(1, 1000) for part in range(parts))
    if not near:
        assert plan.released(BEGIN + timedelta(seconds=float(after))) == by_hand(seconds, quantity, step, after)


@given(seconds=st.integers(0, 30_000), quantity=st.integers(1, 5_000), step=st.sampled_from([1, 7]))
def test_releases_follow_each_other_until_all_is_released(seconds: int, quantity: int, step: int) -> None:
    plan = schedule(seconds / 60, quantity, step)
    before = BEGIN - timedelta(microseconds=1)
    now, released = before, plan.released(before)
    assert released == 0
    moments = []
    while (due := plan.next_after(now)) is not None:
        assert due > now
        assert plan.released(due) > released, "each releases something"
        now, released = due, plan.released(due)
        moments.append(now)
    assert released == quantity
    assert len(moments) == plan.releases
    assert moments[0] == BEGIN
    assert moments[-1] <= plan.ends


def test_parts_are_whole_steps() -> None:
    plan = schedule(60, 100, step=30)
    assert plan.releases == 3
    assert [plan.released(BEGIN + timedelta(minutes=m)) for m in (0, 20, 40)] == [30, 60, 100]


def test_an_instrument_without_an_increment_is_traded_by_the_piece() -> None:
    assert (whole_step(0.0), whole_step(0.5)) == (1, Decimal("0.5"))
