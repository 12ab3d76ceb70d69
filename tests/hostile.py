"""Texts that a hostile peer may send, and what of them must never reach a terminal or a log."""

from unicodedata import category

FORGED = "2026-11-20 15:30:00 ibdesk.ib ERROR all positions closed"

HOSTILE = (
    f"text\n{FORGED}\r\x1b[2J\x1b]0;title\x07\x9b31m\x7f\x00\u202e\u2066\u200b\u2028\u2029\ufeff\ud800\U000e0041é中"
)
"""Line ends, escape sequences, marks of direction, a lone surrogate; and letters, which stay."""


def unprintable(shown: str) -> list[str]:
    """The characters that a terminal obeys, but for line ends, and for the joiners that some languages need."""
    return [
        one
        for one in shown
        if one not in "\n\u200c\u200d" and category(one) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ]


def is_harmless(shown: str) -> bool:
    """Is there nothing that a terminal obeys, and no line that was forged?"""
    return not unprintable(shown) and not any(line.strip().startswith(FORGED) for line in shown.split("\n"))
