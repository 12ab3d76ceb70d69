"""How many requests for small bars the server accepts, and when the next one."""

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.client.history_limits import HistoryLimits


def made(limits: HistoryLimits, wishes: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """When requests are made that are wanted so many seconds after each other."""
    now, times = 0.0, []
    for pause, subject in wishes:
        now += pause
        while (seconds := limits.wait(now, subject)) > 0:
            now += seconds
        limits.note(now, subject)
        times.append((now, subject))
    return times


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.3, 1.9, 700.0]), st.sampled_from("AB")), max_size=150))
def test_never_more_than_it_accepts(wishes: list[tuple[float, str]]) -> None:
    times = made(HistoryLimits(), wishes)
    for now, subject in times:
        # A hair less than the window, since sums of times are rounded.
        assert sum(now - 599.999 < time <= now for time, _ in times) <= 60
        assert sum(now - 1.999 < time <= now and other == subject for time, other in times) <= 5


def test_it_does_not_wait_in_vain() -> None:
    times = made(HistoryLimits(), [(0.0, str(number)) for number in range(130)])
    assert [now for now, _ in times] == [0.0] * 60 + [600.0] * 60 + [1200.0] * 10
    times = made(HistoryLimits(), [(0.0, "A")] * 12)
    assert [now for now, _ in times] == [0.0] * 5 + [2.0] * 5 + [4.0] * 2
