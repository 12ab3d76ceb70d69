"""The errors with which the paper gateway refuses a request or an order: IBKR's code, and the text as TWS words it."""

from ibdesk import codes
from ibdesk.printable import printable

ORDERS = "bH"
"""The name that TWS gives to the request that places an order."""


class Refusal(Exception):
    """A request or an order that is answered by an error.

    `code` is IBKR's number and `text` the message as TWS words it: without one, that of the table of codes, and in
    brackets what it is `about`, such as a field with its value.
    """

    def __init__(self, code: int, text: str = "", *, about: str = "") -> None:
        text = text or codes.text(code)
        if about:
            text = f"{text} ({printable(about)})"
        super().__init__(code, text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        return printable(f"{self.code}: {self.text}")


class NoDefinition(Refusal):
    """No instrument matches the contract."""

    def __init__(self) -> None:
        super().__init__(200, "No security definition has been found for the request")


class Ambiguous(Refusal):
    """Several instruments match where one is needed.

    `missing` is what would tell them apart: `""`, `"currency"` or `"multiplier or trading class"`.
    TWS gives a missing currency a code of its own.
    """

    def __init__(self, symbol: str, missing: str = "") -> None:
        hint = f"; you must specify the {missing}" if missing else ""
        text = f"The contract description specified for {symbol} is ambiguous{hint}."
        super().__init__(203 if missing == "currency" else 200, text)


class Invalid(Refusal):
    """A field of the request that fails validation, before anything is looked up.

    `tag` is the name that a TWS build gives to the request class (`bM` historical data, `bQ` market data,
    `ORDERS` ... in the build of September 2026).
    """

    def __init__(self, tag: str, cause: str) -> None:
        super().__init__(321, f"Error validating request.-'{tag}' : cause - {cause}")


class NoPrices(Refusal):
    """An instrument of which a gateway that serves recorded prices alone has none.

    The code is that of the kind of request: `QUOTES`, `HISTORY` or `ORDER`.
    """

    QUOTES = 354
    HISTORY = 162
    ORDER = 201

    def __init__(self, code: int, symbol: str, sec_type: str) -> None:
        told = f"this gateway serves its data alone (only data), and they have no prices of {symbol}/{sec_type}"
        super().__init__(code, codes.text(code, detail=f" {told}", reason=told))


class Unsupported(Refusal):
    """An order of a kind that its contract, or this gateway, does not trade."""

    def __init__(self) -> None:
        super().__init__(387, "Unsupported order type for this exchange and security type.")
