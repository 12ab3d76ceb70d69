"""IBKR's numeric codes of errors, warnings and notices, and what each does to the request or order that it names.

The table is `codes.json`: code -> kind, text, advice. A text is the one that a gateway was seen sending, otherwise the
one of IBKR's tables; names in braces stand for what varies. IBKR's texts of 460, 492, 2114, 2116 and 2174 are not
known, so these are our own. Codes from 501 to 589 are made by client libraries and never come from a gateway.

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
    """The code reports the state of the connection or of a data farm. It names no request and ends nothing."""

    ADVISORY = "advisory"
    """A request for data goes on, but brings other data than was asked for."""

    WARNING = "warning"
    """The order or request goes on, perhaps changed or held back."""

    ERROR = "error"
    """A request ends, and so does an order that the server has not acknowledged yet.

    If the server had already acknowledged the order, only a change of it is refused: the order itself stays as it was.
    """

    REFUSES_CANCEL = "refuses_cancel"
    """An order is not cancelled. It stays as it was, whether alive or done."""

    ENDS_ORDER = "ends_order"
    """The order has ended, even if it was alive."""


class Code(NamedTuple):
    """One row of the table. `advice` tells the user what to do; it is empty where the text is enough."""

    kind: Kind
    text: str
    advice: str


MEANINGS = {
    Kind.NOTICE: "reports the state of a connection, and ends nothing",
    Kind.ADVISORY: "the request goes on, with other data than was asked for",
    Kind.WARNING: "the order or request goes on, perhaps changed or held back",
    Kind.ERROR: "a request ends, and so does a new order; an order that is already alive stays as it was",
    Kind.REFUSES_CANCEL: "the order is not cancelled, and stays as it was",
    Kind.ENDS_ORDER: "the order has ended",
}
"""What each kind does, in a few words for a person."""

AMBIGUOUS_CONTRACT = "The contract description specified for {symbol} is ambiguous."
"""The second text of code 200, which the server sends when several contracts fit a description instead of none."""

_WARNINGS = range(2100, 2200)


@cache
def table() -> dict[int, Code]:
    """Return every known code with its row. The dict is shared by the whole process, and programs may change it."""
    # Imported here because these imports take longer than reading the table.
    import json
    from importlib import resources

    rows = json.loads(resources.files("ibdesk").joinpath("codes.json").read_text("utf-8"))
    return {int(code): Code(Kind(kind), text, advice) for code, (kind, text, advice) in rows.items()}


def find(code: int) -> Code:
    """Return the row of a code.

    An unknown code counts as an error, or as a warning between 2100 and 2199; its text and advice are empty.
    """
    unknown = Code(Kind.WARNING if code in _WARNINGS else Kind.ERROR, "", "")
    return table().get(code, unknown)


def kind(code: int) -> Kind:
    """Return what the code does to the request or order that it names."""
    return find(code).kind


def text(code: int, **values: object) -> str:
    """Return the text of a code, with `values` in place of the names in braces.

    Without any values the text is returned as it stands in the table. Raises KeyError when some of the names are
    missing from `values`.
    """
    template = find(code).text
    return template.format_map(values) if values else template


def is_warning(code: int) -> bool:
    """Return whether the request or order that the code names goes on."""
    return kind(code) in (Kind.NOTICE, Kind.ADVISORY, Kind.WARNING)


def refuses_order(code: int) -> bool:
    """Return whether the code says that an order which the server has not acknowledged yet is refused.

    An unknown code never says so: only asking the server for its orders can tell then.
    """
    return code in table() and kind(code) in (Kind.ERROR, Kind.ENDS_ORDER)


def ends_order(code: int) -> bool:
    """Return whether the code says that an order has ended, even if it was alive.

    Most orders end with a status only, without such a code.
    """
    return kind(code) is Kind.ENDS_ORDER


def explain(code: int) -> str:
    """Return code, kind, text and advice as a few lines for a person. Raises KeyError for an unknown code."""
    row = table()[code]
    lines = [f"{code}  {row.kind.value.replace('_', ' ')}: {MEANINGS[row.kind]}", *row.text.splitlines(), row.advice]
    return "\n    ".join(line for line in lines if line)


def search(words: str) -> list[int]:
    """Return the codes whose text or advice contains all of the words, or parts of words, in any case."""
    parts = words.lower().split()
    return [
        code
        for code, row in table().items()
        if parts and all(part in f"{row.text} {row.advice}".lower() for part in parts)
    ]
