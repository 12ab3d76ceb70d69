"""Ticks of option computations (volatility, greeks) and of exchanges for physical, as values of a ticker."""

from dataclasses import fields
from typing import Any

from ibdesk.client.state.known import known
from ibdesk.model.quotes import EfpData, OptionComputation
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.options import TickEFP, TickOptionComputation

GREEKS = {
    10: "bidGreeks",
    80: "bidGreeks",
    11: "askGreeks",
    81: "askGreeks",
    12: "lastGreeks",
    82: "lastGreeks",
    13: "modelGreeks",
    83: "modelGreeks",
    53: "custGreeks",
}
"""Tick type -> attribute of a ticker. Types 80 to 83 are delayed; 53 is calculated on request."""

EFPS = {
    38: "bidEfp",
    39: "askEfp",
    40: "lastEfp",
    41: "openEfp",
    42: "highEfp",
    43: "lowEfp",
    44: "closeEfp",
}
"""Tick type -> attribute of a ticker."""

_NOT_COMPUTED = {
    "impliedVol": -1.0,
    "delta": -2.0,
    "optPrice": -1.0,
    "pvDividend": -1.0,
    "gamma": -2.0,
    "vega": -2.0,
    "theta": -2.0,
    "undPrice": -1.0,
}
"""The values by which servers say that they did not compute a number."""


def computation(message: TickOptionComputation) -> OptionComputation:
    """Return volatility, price and greeks, with None for what the server did not compute."""
    values = {name: getattr(message, name) for name in _NOT_COMPUTED}
    return OptionComputation(
        message.tickAttrib,
        **{name: value for name, value in values.items() if value != _NOT_COMPUTED[name] and value != UNSET_DOUBLE},
    )


def efp(message: TickEFP) -> EfpData:
    """Return the quote of an exchange for physical."""
    values: dict[str, Any] = {field.name: known(getattr(message, field.name)) for field in fields(EfpData)}
    return EfpData(**values)
