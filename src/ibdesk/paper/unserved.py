"""Decides which request an unserved or unreadable message was, so that it can be refused; not what it asks for.

The messages here have no description, so nothing of them is read but the request id, of which the place is known.
"""

from typing import NamedTuple

from ibdesk.wire import versions as V
from ibdesk.wire.codec import PROTOBUF_IDS
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.protobuf import read_tags
from ibdesk.wire.scalars import INT, VARINT

_FIRST, _AFTER_VERSION = 0, 1


class Unserved(NamedTuple):
    """A request that the gateway knows by name only. ``place`` is where its text has the request id, None for nowhere.

    A quiet one needs no answer: it cancels or sets something.
    """

    name: str
    place: int | None
    is_quiet: bool = False


UNSERVED: dict[int, Unserved] = {
    10: Unserved("reqMktDepth", _AFTER_VERSION),
    11: Unserved("cancelMktDepth", _AFTER_VERSION, is_quiet=True),
    12: Unserved("reqNewsBulletins", None),
    13: Unserved("cancelNewsBulletins", None, is_quiet=True),
    14: Unserved("setServerLogLevel", None, is_quiet=True),
    18: Unserved("requestFA", None),
    19: Unserved("replaceFA", None),
    21: Unserved("exerciseOptions", _AFTER_VERSION),
    22: Unserved("reqScannerSubscription", _FIRST),
    23: Unserved("cancelScannerSubscription", _AFTER_VERSION, is_quiet=True),
    24: Unserved("reqScannerParameters", None),
    50: Unserved("reqRealTimeBars", _AFTER_VERSION),
    51: Unserved("cancelRealTimeBars", _AFTER_VERSION, is_quiet=True),
    52: Unserved("reqFundamentalData", _AFTER_VERSION),
    53: Unserved("cancelFundamentalData", _AFTER_VERSION, is_quiet=True),
    54: Unserved("calculateImpliedVolatility", _AFTER_VERSION),
    55: Unserved("calculateOptionPrice", _AFTER_VERSION),
    56: Unserved("cancelCalculateImpliedVolatility", _AFTER_VERSION, is_quiet=True),
    57: Unserved("cancelCalculateOptionPrice", _AFTER_VERSION, is_quiet=True),
    65: Unserved("verifyRequest", None),
    66: Unserved("verifyMessage", None),
    67: Unserved("queryDisplayGroups", _AFTER_VERSION),
    68: Unserved("subscribeToGroupEvents", _AFTER_VERSION),
    69: Unserved("updateDisplayGroup", _AFTER_VERSION),
    70: Unserved("unsubscribeFromGroupEvents", _AFTER_VERSION, is_quiet=True),
    72: Unserved("verifyAndAuthRequest", None),
    73: Unserved("verifyAndAuthMessage", None),
    74: Unserved("reqPositionsMulti", _AFTER_VERSION),
    75: Unserved("cancelPositionsMulti", _AFTER_VERSION, is_quiet=True),
    78: Unserved("reqSecDefOptParams", _FIRST),
    79: Unserved("reqSoftDollarTiers", _FIRST),
    80: Unserved("reqFamilyCodes", None),
    81: Unserved("reqMatchingSymbols", _FIRST),
    82: Unserved("reqMktDepthExchanges", None),
    83: Unserved("reqSmartComponents", _FIRST),
    84: Unserved("reqNewsArticle", _FIRST),
    85: Unserved("reqNewsProviders", None),
    86: Unserved("reqHistoricalNews", _FIRST),
    87: Unserved("reqHeadTimeStamp", _FIRST),
    88: Unserved("reqHistogramData", _FIRST),
    89: Unserved("cancelHistogramData", _FIRST, is_quiet=True),
    90: Unserved("cancelHeadTimeStamp", _FIRST, is_quiet=True),
    91: Unserved("reqMarketRule", None),
    92: Unserved("reqPnL", _FIRST),
    93: Unserved("cancelPnL", _FIRST, is_quiet=True),
    94: Unserved("reqPnLSingle", _FIRST),
    95: Unserved("cancelPnLSingle", _FIRST, is_quiet=True),
    96: Unserved("reqHistoricalTicks", _FIRST),
    97: Unserved("reqTickByTickData", _FIRST),
    98: Unserved("cancelTickByTickData", _FIRST, is_quiet=True),
    100: Unserved("reqWshMetaData", _FIRST),
    101: Unserved("cancelWshMetaData", _FIRST, is_quiet=True),
    102: Unserved("reqWshEventData", _FIRST),
    103: Unserved("cancelWshEventData", _FIRST, is_quiet=True),
    104: Unserved("reqUserInfo", _FIRST),
    105: Unserved("reqCurrentTimeInMillis", None),
    106: Unserved("cancelContractData", _FIRST, is_quiet=True),
    107: Unserved("cancelHistoricalTicks", _FIRST, is_quiet=True),
    108: Unserved("reqConfig", _FIRST),
    109: Unserved("updateConfig", _FIRST),
}
"""Message id -> the request."""

_ORDERS = {3: Unserved("placeOrder", _FIRST), 4: Unserved("cancelOrder", _FIRST)}
_ORDERS_OF_OLD = {**_ORDERS, 4: Unserved("cancelOrder", _AFTER_VERSION)}


def identify(message_id: int, payload: bytes, server_version: int) -> tuple[Unserved, int]:
    """What request a message was and its request id, -1 when there is none or it cannot be read."""
    is_protobuf = server_version >= V.PROTOBUF and message_id > PROTOBUF_IDS
    number = message_id - PROTOBUF_IDS if is_protobuf else message_id
    known = UNSERVED.get(number, Unserved(f"message {number}", None))
    return known, _request_id(known, payload, server_version, is_protobuf)


def order_id(payload: bytes, server_version: int) -> int:
    """The order that an unreadable message is about, -1 when it is about none or that cannot be read."""
    is_binary = server_version >= V.PROTOBUF
    head = payload[:4] if is_binary else payload.partition(b"\0")[0]
    try:
        number = int.from_bytes(head, "big") if is_binary else int(head)
    except ValueError:
        return NO_REQUEST
    is_protobuf = is_binary and number > PROTOBUF_IDS
    table = _ORDERS if server_version >= V.CME_TAGGING_FIELDS else _ORDERS_OF_OLD
    known = table.get(number - PROTOBUF_IDS if is_protobuf else number, Unserved("", None))
    return _request_id(known, payload, server_version, is_protobuf)


def _request_id(known: Unserved, payload: bytes, server_version: int, is_protobuf: bool) -> int:
    if known.place is None:
        return NO_REQUEST
    try:
        if is_protobuf:
            tag, wire_type, value = next(read_tags(payload[4:]))
            return INT.decode_tag(value) if (tag, wire_type) == (1, VARINT) else NO_REQUEST
        if server_version >= V.PROTOBUF:
            return int(payload[4:].split(b"\0")[known.place])
        return int(payload.split(b"\0")[1 + known.place])
    except (ValueError, IndexError, StopIteration):
        return NO_REQUEST
