"""Messages from the raw fields that ib_async's `Client.send` takes."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec, Unknown
from ibdesk.wire.scalars import OPTIONS, plain_text

_IB_ASYNC = V.PENDING_PRICE_REVISION
"""The newest server version that ib_async speaks."""


def from_fields(fields: Iterable[Any], version: int, make_empty: bool) -> Any:
    """Return the message with these values, of which the first is its id.

    With `make_empty`, an unset number becomes an empty field. Raises ValueError for values that are not a message.
    """
    return from_text("".join(f"{_spelled(field, make_empty)}\0" for field in fields), version)


def from_text(text: str, version: int) -> Any:
    """Return the message with these fields, each with a NUL after it. Raises ValueError if they are not a message.

    The fields are read as a server of `version` would read them, but at most as the newest server that ib_async knows.
    The message is then encoded for the real server, so that programs can also send their own messages to servers that
    want other fields, or protobuf.
    """
    message = Codec(Sender.CLIENT, min(version, _IB_ASYNC)).decode(text.encode())
    if isinstance(message, Unknown):
        raise ValueError(f"no message of a client has the id {message.id}")
    return message


def _spelled(field: Any, make_empty: bool) -> str:
    """Return a value as text, spelled as ib_async spells it: a contract is twelve fields, a list of options one."""
    match field:
        case Contract():
            return "\0".join(
                plain_text(value)
                for value in (
                    field.conId,
                    field.symbol,
                    field.secType,
                    field.lastTradeDateOrContractMonth,
                    field.strike,
                    field.right,
                    field.multiplier,
                    field.exchange,
                    field.primaryExchange,
                    field.currency,
                    field.localSymbol,
                    field.tradingClass,
                )
            )
        case list():
            return OPTIONS.encode_text(field)
        case float() if not isfinite(field):  # a price may be infinite; NaN is refused later
            return str(field)
        case int() | float() if not make_empty and field in (UNSET_DOUBLE, UNSET_INTEGER):
            return str(field)
    return plain_text(field)
