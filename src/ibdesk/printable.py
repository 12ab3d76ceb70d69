"""Makes text from outside safe to show to a person.

A server, a client or a file can put anything into a text: line ends that look like further lines of a log, sequences
that move the cursor or clear the screen, marks that reverse the direction of what follows. What ibdesk prints, logs or
puts into the message of an exception therefore goes through `printable`. Programs get every text exactly as it came, in
`trade.log` and in the arguments of listeners.
"""

from unicodedata import category

_SPELLED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""The Unicode categories of invisible characters: controls, formats, surrogates, line separators and the like."""
_JOINERS = "\u200c\u200d"
"""Format characters that Persian, Hindi and other languages are written with. Terminals do nothing else with them."""


def printable(text: str) -> str:
    r"""Return the text on one line, with `\n`, `\x1b`, `\u202e` and the like for characters that a terminal obeys.

    Letters and signs of all languages stay. A backslash stays too, so `\n` in the result may also have been these two
    characters.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _JOINERS or category(one) not in _SPELLED else _spelled(one) for one in text
    )


def _spelled(character: str) -> str:
    return repr(character)[1:-1]
