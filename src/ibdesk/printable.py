"""Decides how a text from outside is shown to a person; it must not know where: log, terminal or message of an error.

A server, a client or a file can put anything into a text: line ends that look like further lines of a log, sequences
that move the cursor or clear the screen, marks that turn the direction of what follows. Users get texts exactly as they
came (`trade.log`, the arguments of listeners). What ibdesk itself prints, logs or puts into the message of an exception
goes through `printable`.
"""

from unicodedata import category

_SPELLED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""The Unicode categories of what is no letter, sign or space: controls, formats, surrogates, separators of lines ..."""
_JOINERS = "\u200c\u200d"
"""Formats that Persian, Hindi and others are written with; a terminal does nothing else with them."""


def printable(text: str) -> str:
    r"""The text on one line, with `\n`, `\x1b`, `\u202e` and the like for what a terminal obeys instead of showing it.

    Letters and signs of all languages stay, and so does a backslash: `\n` may also have been two characters.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _JOINERS or category(one) not in _SPELLED else _spelled(one) for one in text
    )


def _spelled(character: str) -> str:
    return repr(character)[1:-1]
