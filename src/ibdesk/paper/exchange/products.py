"""The products that are traded here, by their `Contract.secType`."""

STOCK, OPTION, FUTURE, FOREX = "STK", "OPT", "FUT", "CASH"

PRODUCTS: tuple[str, ...] = (STOCK, OPTION, FUTURE, FOREX)
"""All of them, as tables show them. Orders for anything else, such as an index, are refused."""

NONE: frozenset[str] = frozenset()
ALL: frozenset[str] = frozenset(PRODUCTS)
STOCKS: frozenset[str] = frozenset({STOCK})
OPTIONS: frozenset[str] = frozenset({OPTION})
FUTURES: frozenset[str] = frozenset({FUTURE})
EXCHANGE_TRADED: frozenset[str] = frozenset({STOCK, OPTION, FUTURE})
"""What exchanges trade, unlike forex."""

AROUND_THE_CLOCK: frozenset[str] = frozenset({FUTURE, FOREX})
"""What trades outside regular hours without being told to."""
