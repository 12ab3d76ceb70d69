"""The fields of an order, filled in as gateways show them.

Source: openOrder messages of paper gateways, 2020 to 2026.
"""

from itertools import compress
from operator import is_not
from typing import Any

from ibdesk.model.fields import Noun, field_defaults
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER

from .facts import OrderKey

SERVER_DEFAULTS: dict[str, object] = {
    "tif": "DAY",
    "ocaType": 3,
    "lmtPrice": 0.0,
    "auxPrice": 0.0,
    "displaySize": UNSET_INTEGER,
    "volatilityType": 0,
    "referencePriceType": 0,
    "deltaNeutralOrderType": "None",
    "adjustedOrderType": "None",
    "clearingIntent": "IB",
    "cashQty": 0.0,
    "dontUseAutoPriceForHedge": True,
}
"""What an order has where it says nothing."""

SHOWN_AS_GTC = "GTX"

UNSAID = (None, "", 0, False, UNSET_DOUBLE, UNSET_INTEGER)


_LISTS = ("conditions", "algoParams", "smartComboRoutingParams", "orderComboLegs", "orderMiscOptions")


def said(noun: Noun, shown: Noun | None = None) -> dict[str, Any]:
    """Return the fields that a client has set, with their values: not the default, and not what it was `shown`."""
    # Every order comes here, and most of its many fields say nothing: these are passed over without a step in Python.
    values, defaults = vars(noun), field_defaults(type(noun))
    others = compress(defaults, map(is_not, map(values.__getitem__, defaults), defaults.values()))
    found = {name: values[name] for name in others if values[name] != defaults[name]}
    if shown is not None:
        found = {name: value for name, value in found.items() if value != getattr(shown, name)}
    return found


def given(price: float | None) -> bool:
    """Return whether a price field has a value."""
    return price is not None and price != UNSET_DOUBLE


def named(value: float | None) -> bool:
    """Return whether a price or a distance is given; clients and servers write 0 for one that is not."""
    return given(value) and value != 0


def counted(number: object) -> bool:
    """Return whether a field that counts something has a value."""
    return number not in UNSAID


def snapshot(order: Order) -> Order:
    """Return a copy that shares no list with its original."""
    # Several are made of each order, and `copy.copy` takes longer.
    twin = object.__new__(type(order))
    fields = twin.__dict__
    fields.update(order.__dict__)
    for name in _LISTS:
        fields[name] = list(fields[name])
    return twin


def normalize_order(order: Order, key: OrderKey, account: str, oca_group: str = "") -> Order:
    """Return the order as an openOrder shows it: a new one, the caller's is not touched.

    `oca_group` is the group that the exchange puts it in when it names none itself.
    """
    told = snapshot(order)
    told.clientId, told.orderId, told.permId = key
    told.account = order.account or account
    told.ocaGroup = order.ocaGroup or oca_group
    fields = vars(told)
    for name, value in SERVER_DEFAULTS.items():
        if fields[name] in UNSAID:
            fields[name] = value
    if told.tif == SHOWN_AS_GTC:
        told.tif = "GTC"
    return told
