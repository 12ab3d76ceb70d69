"""Messages of profit and loss, of an account and of a single position."""

from typing import Annotated

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import untold
from ibdesk.wire.scalars import SHOWN_FLOAT, Quantity

Amount = Annotated[float, SHOWN_FLOAT]
"""An amount of money, or UNSET_DOUBLE while it is not known. Text then has that number, and protobuf no tag."""


@from_client(92, protobuf=V.PROTOBUF_SCAN_DATA)
class ReqPnL:
    """Subscribe to the profit and loss of an account, or of a model in it. There is about one update a second."""

    reqId: int
    account: str
    modelCode: str


@from_client(93, protobuf=V.PROTOBUF_SCAN_DATA)
class CancelPnL:
    """End a subscription to the profit and loss of an account."""

    reqId: int


@from_client(94, protobuf=V.PROTOBUF_SCAN_DATA)
class ReqPnLSingle:
    """Subscribe to the profit and loss of one position. An unknown `conId` gets no answer."""

    reqId: int
    account: str
    modelCode: str
    conId: int


@from_client(95, protobuf=V.PROTOBUF_SCAN_DATA)
class CancelPnLSingle:
    """End a subscription to the profit and loss of one position."""

    reqId: int


@from_server(94, protobuf=V.PROTOBUF_SCAN_DATA)
class PnL:
    """Profit and loss of an account in its base currency: of the day, unrealized and realized."""

    reqId: int
    dailyPnL: Amount = UNSET_DOUBLE
    unrealizedPnL: Amount = UNSET_DOUBLE
    realizedPnL: Amount = UNSET_DOUBLE


@from_server(95, protobuf=V.PROTOBUF_SCAN_DATA, absent=untold("position"))
class PnLSingle:
    """Profit and loss of one position, and its market `value`, in the base currency of the account."""

    reqId: int
    position: Quantity
    dailyPnL: Amount = UNSET_DOUBLE
    unrealizedPnL: Amount = UNSET_DOUBLE
    realizedPnL: Amount = UNSET_DOUBLE
    value: Amount = UNSET_DOUBLE
