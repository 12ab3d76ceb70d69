"""How long orders may be good: the times in force, and the products that have them."""

from dataclasses import dataclass

from .products import ALL, EXCHANGE_TRADED, NONE, STOCKS


@dataclass(frozen=True)
class TimeInForce:
    """A time in force. Products without it are refused, and one that is `live_only` by gateways of paper accounts.

    `word` is the one in `ContractDetails.orderTypes`, where there is one.
    """

    meaning: str
    products: frozenset[str] = NONE
    word: str = ""
    live_only: bool = False


TIMES_IN_FORCE: dict[str, TimeInForce] = {
    "DAY": TimeInForce("until the end of the day's trading", ALL, "DAY"),
    "GTC": TimeInForce("until it is cancelled", ALL, "GTC"),
    "GTX": TimeInForce("until it is cancelled; gateways show GTC", ALL),
    "GTD": TimeInForce("until `goodTillDate`", ALL, "GTD"),
    "IOC": TimeInForce("at once; what is not filled is cancelled", ALL, "IOC"),
    "FOK": TimeInForce("at once; wholly or not at all", EXCHANGE_TRADED, "FOK", live_only=True),
    "OPG": TimeInForce("for the opening auction; after it, for that of the next day", STOCKS, "OPG"),
    "AUC": TimeInForce("for an auction"),
    "DTC": TimeInForce("until the end of the day, when it is deactivated"),
    "Minutes": TimeInForce("for some minutes"),
}
"""Those that IBKR knows; the ones without products are not served."""
