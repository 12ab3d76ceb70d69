"""In which order timers are due, and that what is done does not depend on how often anybody looks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.timers import RETRY, Timers, last_beat, next_beat

START = datetime(2026, 4, 15, 14, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Diary:
    """Timers whose work is written down with the time at which it was done."""

    def __init__(self):
        self.timers = Timers(START)
        self.now = START
        self.done = []

    def timer(self, name, rank=0, every=None):
        def act():
            self.done.append((name, (self.now - START) / SECOND))
            if every:
                timer.set(self.now + every * SECOND)

        timer = self.timers.new(rank, act)
        return timer

    def run(self, seconds, most=None):
        self.timers.run(START + seconds * SECOND, self._go_to, most)
        return self.done

    def _go_to(self, moment):
        assert moment >= self.now, "time does not go back"
        self.now = moment


@pytest.fixture
def diary():
    return Diary()


def test_nothing_is_due_at_first(diary):
    assert diary.timers.next_due is None
    assert diary.run(10) == []


def test_what_is_due_is_done_at_its_own_time_however_late_it_is(diary):
    for name, seconds in (("c", 3), ("a", 1), ("b", 2)):
        diary.timer(name).set(START + seconds * SECOND)
    assert diary.timers.next_due == START + SECOND
    assert diary.run(60) == [("a", 1), ("b", 2), ("c", 3)]
    assert diary.timers.next_due is None


def test_at_one_moment_the_lower_rank_comes_first_and_then_the_older_timer(diary):
    for name, rank in (("a", 1), ("b", 0), ("c", 1), ("d", 0)):
        diary.timer(name, rank).set(START + SECOND)
    assert [name for name, _ in diary.run(1)] == ["b", "d", "a", "c"]


def test_a_timer_that_is_set_again_forgets_the_moment_before(diary):
    early, late = diary.timer("early"), diary.timer("late")
    early.set(START + 5 * SECOND)
    early.set(START + SECOND)
    late.set(START + SECOND)
    late.set(START + 5 * SECOND)
    late.set(START + 3 * SECOND)
    assert diary.run(60) == [("early", 1), ("late", 3)]


def test_a_timer_that_is_stopped_is_never_due(diary):
    timer = diary.timer("a")
    timer.set(START + SECOND)
    timer.stop()
    timer.set(START + 2 * SECOND)
    timer.set_to_now()
    assert diary.timers.next_due is None
    assert diary.run(60) == []


def test_moments_of_any_zone_are_compared_as_they_are(diary):
    """The clocks of New York show this half hour twice, on a day in autumn."""
    zone = ZoneInfo("US/Eastern")
    second = datetime(2026, 11, 1, 1, 10, fold=1, tzinfo=zone)
    first = datetime(2026, 11, 1, 1, 30, fold=0, tzinfo=zone)
    for name, moment in (("second", second), ("first", first)):
        diary.timer(name).set(moment)
    diary.timers.run(second, diary._go_to)
    assert [name for name, _ in diary.done] == ["first", "second"]


def test_the_rest_can_be_left_for_the_next_time(diary):
    for seconds in range(5):
        diary.timer(seconds).set(START + seconds * SECOND)
    assert diary.run(60, most=2) == [(0, 0), (1, 1)]
    assert (diary.timers.next_due, diary.timers.reached) == (START + 2 * SECOND, START + SECOND)
    assert diary.run(60, most=99)[2:] == [(2, 2), (3, 3), (4, 4)]


def test_who_is_late_can_see_it(diary):
    seen = []
    timer = diary.timers.new(0, lambda: seen.append(timer.until))
    timer.set(START + SECOND)
    diary.run(60)
    assert seen == [START + 60 * SECOND]


def test_what_is_due_at_once_is_done_at_the_moment_that_is_reached(diary):
    diary.run(10)
    diary.timer("a").set_to_now()
    assert diary.run(60) == [("a", 10)]


def test_what_is_set_later_leaves_others_their_turn(diary):
    ahead, behind = diary.timer("ahead"), diary.timer("behind")
    diary.run(5)
    ahead.set_later(START + 9 * SECOND)
    behind.set_later(START + 2 * SECOND)
    assert (ahead.due, behind.due) == (START + 9 * SECOND, START + 5 * SECOND + timedelta(microseconds=1))


def test_a_timer_is_postponed_to_a_moment_that_is_ahead(diary):
    timer = diary.timer("any")
    diary.run(5)
    assert not timer.postpone(START + 5 * SECOND)
    assert timer.due is None
    assert timer.postpone(START + 6 * SECOND)
    assert timer.due == START + 6 * SECOND


def test_what_was_due_before_is_done_now(diary):
    diary.run(10)
    diary.now = START + 10 * SECOND
    diary.timer("a").set(START + 3 * SECOND)
    assert diary.run(60) == [("a", 10)]


def test_what_fails_is_logged_and_tried_again_and_no_other_suffers(diary, caplog):
    failures = [RuntimeError("broken")]

    def act():
        if failures:
            raise failures.pop()
        diary.done.append(("again", (diary.now - START) / SECOND))

    diary.timers.new(0, act).set(START + SECOND)
    diary.timer("other").set(START + SECOND)
    assert diary.run(60) == [("other", 1), ("again", 1 + RETRY / SECOND)]
    assert "RuntimeError: broken" in caplog.text


def test_timers_that_are_set_and_stopped_again_and_again_take_no_room(diary):
    kept = diary.timer("kept")
    for number in range(10_000):
        timer = diary.timer(number)
        timer.set(START + number * SECOND)
        timer.stop()
        kept.set(START + (20_000 - number) * SECOND)
    assert len(diary.timers._heap) < 100
    assert diary.run(30_000) == [("kept", 10_001)]


@given(
    dues=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.none() | st.integers(1, 9)), max_size=8),
    stops=st.lists(st.integers(0, 30), max_size=6),
)
def test_looks_in_between_change_nothing(dues, stops):
    """In one go, at each due time, or whenever: the same things are done at the same times in the same order."""

    def done(moments):
        diary = Diary()
        for name, (seconds, rank, every) in enumerate(dues):
            diary.timer(name, rank, every).set(START + seconds * SECOND)
        for seconds in moments(diary):
            diary.run(seconds)
        return diary.done

    def at_each_due_time(diary):
        while (due := diary.timers.next_due) is not None and due <= START + 30 * SECOND:
            yield (due - START) / SECOND
            assert diary.timers.next_due is None or diary.timers.next_due > due

    at_once = done(lambda _: [30])
    assert at_once == sorted(at_once, key=lambda each: each[1])
    assert done(at_each_due_time) == done(lambda _: [*sorted(stops), 30]) == at_once


@given(moment=st.integers(-50, 50), interval=st.integers(1, 7))
def test_beats(moment, interval):
    beats = [START + beat * interval * SECOND for beat in range(-60, 60)]
    now = START + moment * SECOND
    assert next_beat(START, interval * SECOND, now) == min(beat for beat in beats if beat >= now)
    assert last_beat(START, interval * SECOND, now) == max(beat for beat in beats if beat <= now)
