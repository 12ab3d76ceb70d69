"""Decides what each of IBKR's numeric codes means for whoever receives it; must not know requests, orders or sockets.

The table is `codes.json`: code -> kind, text, what to do. Texts are those that a gateway sends, where one was seen
sending them, else those of IBKR's tables; `{names}` in braces stand for what varies. The texts of 460, 492, 2114,
2116 and 2174 are ours, because IBKR's are not known. Codes from 501 to 589 are made by client libraries and never come
from a gateway.

Client and gateway read the same table. A program that knows a code better changes the table for the whole process::

    codes.table()[10999] = codes.Code(codes.Kind.WARNING, "Order was improved.", "")

Sources: TWS API documentation, "Error Handling" and "Message Codes"; messages of real gateways, 2018 to 2026.
"""

from enum import Enum
from functools import cache
from typing import NamedTuple


class Kind(Enum):
    """What a code does to the request or the order that it names by its id."""

    NOTICE = "notice"
    """Nothing: it tells how the connection or a data farm is, and names no request."""

    ADVISORY = "advisory"
    """A request for data goes on, with other data than was asked for."""

    WARNING = "warning"
    """The order or request goes on, perhaps changed or held."""

    ERROR = "error"
    """It is refused: a request ends, and so does an order that the server has not acknowledged yet.

    Of an order that lives it refuses the change: the order itself stays as it was.
    """

    REFUSES_CANCEL = "refuses_cancel"
    """An order is not cancelled and stays as it was, be that alive or done."""

    ENDS_ORDER = "ends_order"
    """The order is at its end, even if it was alive."""


class Code(NamedTuple):
    """One row of the table. `advice`, for the user, is empty where the text says it all."""

    kind: Kind
    text: str
    advice: str


MEANINGS = {
    Kind.NOTICE: "it tells how a connection is, and ends nothing",
    Kind.ADVISORY: "the data goes on, but other data than was asked for",
    Kind.WARNING: "the order or request goes on, perhaps changed or held",
    Kind.ERROR: "a request ends, and so does a new order; an order that lives stays as it was",
    Kind.REFUSES_CANCEL: "the order is not cancelled, and stays as it was",
    Kind.ENDS_ORDER: "the order is at its end",
}
"""What each kind does, in a few words."""

AMBIGUOUS_CONTRACT = "The contract description specified for {symbol} is ambiguous."
"""The other text of code 200: not none but several contracts fit."""

_WARNINGS = range(2100, 2200)


@cache
def table() -> dict[int, Code]:
    """All codes that are known. The dict belongs to the whole process."""
    # They take longer to import than to read the table.
    import json
    from importlib import resources

    rows = json.loads(resources.files("ibdesk").joinpath("codes.json").read_text("utf-8"))
    return {int(code): Code(Kind(kind), text, advice) for code, (kind, text, advice) in rows.items()}


def find(code: int) -> Code:
    """The row of a code. One that nobody knows is an error, or a warning between 2100 and 2199, and has no text."""
    unknown = Code(Kind.WARNING if code in _WARNINGS else Kind.ERROR, "", "")
    return table().get(code, unknown)


def kind(code: int) -> Kind:
    """What the code does to the request or order that it names."""
    return find(code).kind


def text(code: int, **values: object) -> str:
    """The text of a code, with `values` put in the place of the names in braces.

    Without any values it is the text as the table has it. Raises KeyError when some of the names are not given.
    """
    template = find(code).text
    return template.format_map(values) if values else template


def is_warning(code: int) -> bool:
    """Whether everything goes on: the request that it names does not end, nor does an order."""
    return kind(code) in (Kind.NOTICE, Kind.ADVISORY, Kind.WARNING)


def refuses_order(code: int) -> bool:
    """Whether an order that the server has not acknowledged yet is dead.

    Never so for a code that nobody knows: then only a question to the server tells.
    """
    return code in table() and kind(code) in (Kind.ERROR, Kind.ENDS_ORDER)


def ends_order(code: int) -> bool:
    """Whether an order is at its end even if it was alive. Most ends come as a status only, without such a code."""
    return kind(code) is Kind.ENDS_ORDER


def explain(code: int) -> str:
    """Code, kind, text and advice in a few lines, for a person. Raises KeyError for a code that nobody knows."""
    row = table()[code]
    lines = [f"{code}  {row.kind.value.replace('_', ' ')}: {MEANINGS[row.kind]}", *row.text.splitlines(), row.advice]
    return "\n    ".join(line for line in lines if line)


def search(words: str) -> list[int]:
    """The codes whose text or advice has all of the words, or parts of words, in any case."""
    parts = words.lower().split()
    return [
        code
        for code, row in table().items()
        if parts and all(part in f"{row.text} {row.advice}".lower() for part in parts)
    ]
