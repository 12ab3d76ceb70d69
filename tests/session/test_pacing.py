"""The budget, the lanes and their promises, on a clock that the test holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.session.pacing import Lane, Pacer


def drain(pacer: Pacer[str], now: float) -> list[tuple[float, str]]:
    """Sends all that waits, going from one next_time to the next."""
    sent = []
    while (at := pacer.next_time(now)) is not None:
        assert at >= now
        now = at
        items = pacer.pop(now)
        assert items, "next_time promised something to send"
        sent += [(now, item) for item in items]
    return sent


def test_nothing_waits():
    pacer: Pacer[str] = Pacer()
    assert pacer.next_time(5.0) is None
    assert pacer.pop(5.0) == []
    assert pacer.waiting == 0


def test_a_request_with_room_goes_out_at_once():
    pacer: Pacer[str] = Pacer()
    pacer.push(Lane.DATA, "quotes")
    assert pacer.waiting == 1
    assert pacer.next_time(5.0) == 5.0
    assert pacer.pop(5.0) == ["quotes"]
    assert pacer.waiting == 0


def test_data_waits_for_the_next_second():
    pacer: Pacer[int] = Pacer(max_requests=45)
    for number in range(100):
        pacer.push(Lane.DATA, number)
    assert pacer.pop(10.0) == list(range(45))
    assert pacer.next_time(10.0) == 11.0
    assert pacer.pop(10.999) == []
    assert pacer.pop(11.0) == list(range(45, 90))
    assert pacer.pop(12.5) == list(range(90, 100))


def test_a_cancel_passes_a_hundred_requests_for_data():
    pacer: Pacer[object] = Pacer()
    for number in range(100):
        pacer.push(Lane.DATA, number)
    pacer.pop(0.0)
    pacer.push(Lane.CANCEL, "cancel")
    assert pacer.next_time(0.001) == 0.001
    assert pacer.pop(0.001) == ["cancel"]


def test_the_head_room_is_for_the_urgent_and_has_an_end():
    pacer: Pacer[str] = Pacer(max_requests=9)
    for _ in range(10):
        pacer.push(Lane.DATA, "data")
        pacer.push(Lane.PLACE, "order")
    assert pacer.pop(0.0) == ["order"] * 10
    assert pacer.pop(0.5) == []
    assert pacer.next_time(0.5) == 1.0
    assert pacer.pop(1.0) == ["data"] * 9


@pytest.mark.parametrize(("budget", "urgent"), [(1, 1), (8, 8), (9, 10), (44, 48), (45, 50), (100, 111)])
def test_the_head_room_is_a_ninth(budget: int, urgent: int):
    for lane, expected in ((Lane.DATA, budget), (Lane.ACCOUNT, urgent), (Lane.CANCEL, urgent)):
        pacer: Pacer[int] = Pacer(budget)
        for number in range(200):
            pacer.push(lane, number)
        assert len(pacer.pop(0.0)) == expected


def test_data_waits_until_the_window_is_below_its_own_budget():
    pacer: Pacer[str] = Pacer(max_requests=9)
    for tenth in range(10):
        pacer.push(Lane.PLACE, "order")
        pacer.pop(tenth / 16)
    pacer.push(Lane.DATA, "data")
    assert pacer.next_time(0.75) == 1.0625
    assert pacer.pop(1.0) == []
    assert pacer.pop(1.0625) == ["data"]


def test_lanes_go_by_urgency():
    pacer: Pacer[str] = Pacer()
    for lane in reversed(Lane):
        pacer.push(lane, lane.name)
    assert pacer.pop(0.0) == ["CANCEL", "PLACE", "MODIFY", "ACCOUNT", "DATA"]


def test_a_cancel_does_not_overtake_its_own_order():
    pacer: Pacer[str] = Pacer()
    pacer.push(Lane.PLACE, "place 1", key=1)
    pacer.push(Lane.PLACE, "place 2", key=2)
    pacer.push(Lane.PLACE, "place 3", key=3)
    pacer.push(Lane.MODIFY, "modify 2", key=2)
    pacer.push(Lane.CANCEL, "cancel 9", key=9)
    pacer.push(Lane.CANCEL, "cancel 2", key=2)
    assert pacer.pop(0.0) == ["cancel 9", "place 2", "modify 2", "cancel 2", "place 1", "place 3"]


def test_the_end_of_a_connection_lets_out_what_must_not_be_lost():
    pacer: Pacer[str] = Pacer(max_requests=1)
    for lane in reversed(Lane):
        pacer.push(lane, f"{lane.name} 1")
        pacer.push(lane, f"{lane.name} 2")
    assert pacer.drain(Lane.PLACE, Lane.CANCEL) == ["CANCEL 1", "CANCEL 2", "PLACE 1", "PLACE 2"]
    assert pacer.drain(Lane.PLACE, Lane.CANCEL) == []
    assert pacer.waiting == 2 * (len(Lane) - 2)


def test_a_budget_of_nought_lets_everything_through():
    pacer: Pacer[int] = Pacer(max_requests=0)
    for number in range(500):
        pacer.push(Lane.DATA, number)
    assert pacer.next_time(0.0) == 0.0
    assert pacer.pop(0.0) == list(range(500))


def test_a_budget_without_end_lets_everything_through():
    pacer: Pacer[int] = Pacer(max_requests=float("inf"))
    for number in range(500):
        pacer.push(Lane.ACCOUNT, number)
    assert pacer.pop(0.0) == list(range(500))


@pytest.mark.parametrize(
    ("budget", "interval", "said"),
    [
        *[(wrong, 1, f"MaxRequests .* not {wrong!r}$") for wrong in (-1, float("nan"), None, "45")],
        *[
            (45, wrong, f"RequestsInterval .* not {wrong!r}$")
            for wrong in (-0.1, float("nan"), float("inf"), None, "1")
        ],
    ],
)
def test_what_is_no_budget_is_refused(budget, interval, said):
    with pytest.raises(ValueError, match=said):
        Pacer(budget, interval)
    pacer: Pacer[int] = Pacer(7, 2.0)
    with pytest.raises(ValueError, match=said):
        pacer.allow(budget, interval)
    assert (pacer.max_requests, pacer.interval) == (7, 2.0)


def test_a_budget_that_changes_counts_from_then_on_and_what_was_sent_before_too():
    pacer: Pacer[int] = Pacer(max_requests=0)
    for number in range(30):
        pacer.push(Lane.DATA, number)
    assert len(pacer.pop(0.0)) == 30
    pacer.allow(20, 1)
    pacer.push(Lane.DATA, 30)
    assert pacer.pop(0.9) == []
    assert pacer.next_time(0.9) == 1.0
    pacer.allow(20, 5)
    assert pacer.next_time(1.5) == 5.0
    pacer.allow(31, 5)
    assert pacer.pop(1.5) == [30]
    pacer.push(Lane.DATA, 31)
    assert pacer.pop(1.6) == []
    pacer.allow(31, 0.5)
    assert pacer.pop(1.6) == [31]


def test_an_interval_of_nought_holds_nothing_up():
    pacer: Pacer[int] = Pacer(2, 0)
    for number in range(6):
        pacer.push(Lane.DATA, number)
    assert [at for at, _ in drain(pacer, 3.0)] == [3.0] * 6


steps = st.lists(
    st.tuples(
        st.floats(0, 0.7, allow_nan=False),
        st.lists(st.tuples(st.sampled_from(Lane), st.sampled_from([None, None, 1, 2])), max_size=12),
    ),
    max_size=20,
)


@given(steps, st.integers(1, 20), st.floats(0.01, 3))
def test_promises(steps, budget, interval):
    pacer: Pacer[tuple[int, Lane, int | None]] = Pacer(budget, interval)
    now, pushed, sent = 1000.1, [], []
    for pause, requests in steps:
        now += pause
        for lane, key in requests:
            pushed.append((len(pushed), lane, key))
            pacer.push(lane, pushed[-1], key)
        sent += [(now, item) for item in pacer.pop(now)]
    sent += drain(pacer, now)

    items = [item for _, item in sent]
    assert sorted(items) == pushed, "nothing is lost, nothing comes twice"
    for index, (at, (_, lane, _)) in enumerate(sent):
        in_window = sum(1 for earlier, _ in sent[: index + 1] if earlier + interval > at)
        assert in_window <= (budget if lane is Lane.DATA else budget + budget // 9)
    for lane in Lane:
        for key in (None, 1, 2):
            numbers = [number for number, of_lane, of_key in items if (of_lane, of_key) == (lane, key)]
            assert numbers == sorted(numbers), "the order inside a lane is kept"
    for index, (number, lane, key) in enumerate(items):
        if lane is Lane.CANCEL and key is not None:
            late = [item for item in items[index:] if item[2] == key and item[1] in (Lane.PLACE, Lane.MODIFY)]
            assert all(item[0] > number for item in late), "no cancel before its order"


KEYED = st.lists(st.one_of(st.tuples(st.sampled_from(list(Lane)), st.integers(0, 4)), st.integers(1, 3)), max_size=60)


@given(KEYED)
def test_a_cancel_takes_along_all_that_waits_with_its_key(story):
    """Against plain lists that are searched. A number lets so many requests go, one in a second."""
    pacer: Pacer[int] = Pacer(max_requests=1)
    lanes: dict[Lane, list[tuple[int, int]]] = {lane: [] for lane in Lane}
    now = 0.0
    for item, step in enumerate(story):
        if isinstance(step, tuple):
            lane, key = step
            pacer.push(lane, item, key)
            if lane is Lane.CANCEL:
                for other in (Lane.PLACE, Lane.MODIFY):
                    lanes[Lane.CANCEL] += [each for each in lanes[other] if each[1] == key]
                    lanes[other] = [each for each in lanes[other] if each[1] != key]
            lanes[lane].append((item, key))
        else:
            for _ in range(step):
                now += 1.0
                first = next((lane for lane in Lane if lanes[lane]), None)
                assert pacer.pop(now) == ([] if first is None else [lanes[first].pop(0)[0]])
    assert pacer.drain(*Lane) == [item for lane in Lane for item, _ in lanes[lane]]


def test_what_has_been_sent_is_forgotten_though_orders_wait_for_ever():
    pacer: Pacer[int] = Pacer(max_requests=1)
    pacer.push(Lane.PLACE, 0, 0)
    for number in range(1, 1000):
        pacer.push(Lane.PLACE, number, number)
        assert pacer.pop(float(number)) == [number - 1]
    assert len(pacer._with_key) <= 3
