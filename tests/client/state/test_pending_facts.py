"""What is kept, and how much of it."""

from ibdesk.client.state.pending_facts import PendingFacts


def test_the_newest_value_is_given_once():
    held: PendingFacts[str, int] = PendingFacts()
    held.put("a", 1)
    held.put("a", 2)
    assert (held.take("a"), held.take("a"), len(held)) == (2, None, 0)


def test_the_oldest_key_is_forgotten():
    held: PendingFacts[str, int] = PendingFacts(limit=2)
    for value, key in enumerate("abac"):
        held.put(key, value)
    assert [held.take(key) for key in "abc"] == [2, None, 3]
