"""What is kept, and how much of it."""

from ibdesk.client.mirror.held import Held


def test_the_newest_value_is_given_once():
    held: Held[str, int] = Held()
    held.put("a", 1)
    held.put("a", 2)
    assert (held.take("a"), held.take("a"), len(held)) == (2, None, 0)


def test_the_oldest_key_is_forgotten():
    held: Held[str, int] = Held(limit=2)
    for value, key in enumerate("abac"):
        held.put(key, value)
    assert [held.take(key) for key in "abc"] == [2, None, 3]
