"""Listeners of an event, against a plain list of them."""

import gc
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.events import Event

OBJECTS, FUNCTIONS = range(3), range(3)


class _Caller:
    """An object that listens by its methods and by being called."""

    def __init__(self, name: int, heard: list[Any]) -> None:
        self._name, self._heard = name, heard

    def one(self) -> None:
        self._heard.append((self._name, "one"))

    def two(self) -> None:
        self._heard.append((self._name, "two"))

    def __call__(self) -> None:
        self._heard.append((self._name, "called"))


NAMES = [(number, how) for number in OBJECTS for how in ("one", "two", "called")] + [("function", i) for i in FUNCTIONS]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "keep", "once", "remove", "emit", "leave", "die"]), st.integers(0, 11))
)


@given(STEPS)
def test_they_are_called_in_the_order_in_which_they_were_added_until_they_are_removed(
    steps: list[tuple[str, int]],
) -> None:
    heard: list[Any] = []
    objects: dict[int, _Caller] = {i: _Caller(i, heard) for i in OBJECTS}
    functions: list[Callable[[], None]] = [lambda i=i: heard.append(("function", i)) for i in FUNCTIONS]  # type: ignore[misc]
    event = Event[()]("one")
    model: list[tuple[Any, str]] = []  # who listens, and how

    def listener(name: Any) -> Any:
        if name[0] == "function":
            return functions[name[1]]
        if name[0] not in objects:
            objects[name[0]] = _Caller(name[0], heard)
        return objects[name[0]] if name[1] == "called" else getattr(objects[name[0]], name[1])

    for action, number in steps:
        name: Any = NAMES[number]
        if action in ("add", "keep"):
            event.connect(listener(name), keep_ref=action == "keep")
            model.append((name, action))
        elif action == "once":
            event.once(listener(name))
            model.append((name, action))
        elif action == "remove":
            event -= listener(name)
            model = [each for each in model if each[0] != name]
        elif action == "leave" and name[0] != "function":
            event.disconnect_obj(listener((name[0], "called")))
            model = [each for each in model if each[0][0] != name[0]]
        elif action == "die" and name[0] in objects and not any(n[0] == name[0] and how == "keep" for n, how in model):
            del objects[name[0]]
            gc.collect(0)
            model = [each for each in model if each[0][0] != name[0]]
        elif action == "emit":
            heard.clear()
            event.emit()
            assert heard == [each for each, _ in model]
            model = [each for each in model if each[1] != "once"]
        assert len(event) == len(model)
        if name[0] == "function" or name[0] in objects:
            assert (listener(name) in event) == any(each == name for each, _ in model)


def test_listeners_whose_objects_are_gone_do_not_pile_up() -> None:
    event = Event[()]("one")
    for i in range(1000):
        event += _Caller(i, []).one
    assert event._listeners is not None
    assert len(event._listeners._known) < 5
    assert len(event) == 0
