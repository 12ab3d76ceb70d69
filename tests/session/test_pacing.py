"""The budget, the lanes and their promises, on a clock that the test holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.session.pacing import WINDOW, Lane, Pacer


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
    pacer: Pacer[int] = Pacer(max_per_second=45)
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
    pacer: Pacer[str] = Pacer(max_per_second=3, head_room=2)
    for _ in range(5):
        pacer.push(Lane.DATA, "data")
        pacer.push(Lane.PLACE, "order")
    assert pacer.pop(0.0) == ["order"] * 5
    assert pacer.pop(0.5) == []
    assert pacer.next_time(0.5) == 1.0
    assert pacer.pop(1.0) == ["data"] * 3


def test_data_waits_until_the_window_is_below_its_own_budget():
    pacer: Pacer[str] = Pacer(max_per_second=2, head_room=1)
    for at in (0.0, 0.25, 0.5):
        pacer.push(Lane.PLACE, "order")
        pacer.pop(at)
    pacer.push(Lane.DATA, "data")
    assert pacer.next_time(0.75) == 1.25
    assert pacer.pop(1.0) == []
    assert pacer.pop(1.25) == ["data"]


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


def test_a_budget_of_nought_lets_everything_through():
    pacer: Pacer[int] = Pacer(max_per_second=0)
    for number in range(500):
        pacer.push(Lane.DATA, number)
    assert pacer.next_time(0.0) == 0.0
    assert pacer.pop(0.0) == list(range(500))


@pytest.mark.parametrize(("budget", "room"), [(-1, 5), (45, -1)])
def test_a_negative_budget_is_refused(budget: int, room: int):
    with pytest.raises(ValueError, match="negative"):
        Pacer(budget, room)


steps = st.lists(
    st.tuples(
        st.floats(0, 0.7, allow_nan=False),
        st.lists(st.tuples(st.sampled_from(Lane), st.sampled_from([None, None, 1, 2])), max_size=12),
    ),
    max_size=20,
)


@given(steps, st.integers(1, 6), st.integers(0, 3))
def test_promises(steps, budget, room):
    pacer: Pacer[tuple[int, Lane, int | None]] = Pacer(budget, room)
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
        in_window = sum(1 for earlier, _ in sent[: index + 1] if earlier + WINDOW > at)
        assert in_window <= (budget if lane is Lane.DATA else budget + room)
    for lane in Lane:
        for key in (None, 1, 2):
            numbers = [number for number, of_lane, of_key in items if (of_lane, of_key) == (lane, key)]
            assert numbers == sorted(numbers), "the order inside a lane is kept"
    for index, (number, lane, key) in enumerate(items):
        if lane is Lane.CANCEL and key is not None:
            late = [item for item in items[index:] if item[2] == key and item[1] in (Lane.PLACE, Lane.MODIFY)]
            assert all(item[0] > number for item in late), "no cancel before its order"
