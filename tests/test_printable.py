"""How texts from outside look: nothing that a terminal obeys, and all the letters."""

import pytest
from hostile import HOSTILE, is_harmless, unprintable
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Order rejected - reason: 中文 é ñ 😀", "Order rejected - reason: 中文 é ñ 😀"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("C:\\new", "C:\\new"),
        ("\u0645\u06cc\u200c\u062e \U0001f468\u200d\U0001f469", "\u0645\u06cc\u200c\u062e \U0001f468\u200d\U0001f469"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x07\x9b\x7f\x00", "\\x1b[2J\\x07\\x9b\\x7f\\x00"),
        ("\u202eabc\u2066\u200b\ufeff", "\\u202eabc\\u2066\\u200b\\ufeff"),
        ("\u2028\u2029\ud800\U000e0041", "\\u2028\\u2029\\ud800\\U000e0041"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


@given(st.text(st.characters()))
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert not unprintable(shown)
    assert "\n" not in shown
    assert len(shown) >= len(text)


def test_the_hostile_text_is_one() -> None:
    assert not is_harmless(HOSTILE)
    assert is_harmless(printable(HOSTILE))
