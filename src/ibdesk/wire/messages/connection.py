"""Messages that start and maintain a connection: client id, order ids, accounts, errors, the server's clock."""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import Fixed, Ref, since, spelled, until
from ibdesk.wire.scalars import ESCAPED, EXPLICIT_INT, Long

NO_REQUEST = -1
"""The `reqId` of a message that belongs to no request.

In protobuf a missing tag means the same (`NO_VALID_ID` in IBKR's client).
"""


@from_client(71, version=2, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class StartApi:
    """The first message of a client. It tells the client id."""

    clientId: int
    optionalCapabilities: str = ""


@from_client(8, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqIds:
    """Ask for the next order id. Servers ignore `numIds`."""

    numIds: int = 1


@from_server(9, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class NextValidId:
    """The lowest order id that this client may use."""

    orderId: int


@from_client(17, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqManagedAccts:
    """Ask for the accounts of the user who is logged in."""


@from_server(15, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ManagedAccounts:
    """The accounts of the user, separated by commas. Some gateways add a comma at the end."""

    accountsList: str

    @property
    def accounts(self) -> list[str]:
        """The accounts as a list."""
        return [account for account in self.accountsList.split(",") if account]


@from_client(49, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqCurrentTime:
    """Ask for the server's clock."""


@from_server(49, answers=ReqCurrentTime, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class CurrentTime:
    """The server's clock, in seconds since 1970."""

    time: Long


@from_client(105, protobuf=V.PROTOBUF_REST_MESSAGES_3, first=V.CURRENT_TIME_IN_MILLIS)
class ReqCurrentTimeInMillis:
    """Ask for the server's clock in milliseconds."""


@from_server(109, answers=ReqCurrentTimeInMillis, protobuf=V.PROTOBUF_REST_MESSAGES_3, first=V.CURRENT_TIME_IN_MILLIS)
class CurrentTimeInMillis:
    """The server's clock, in milliseconds since 1970."""

    timeInMillis: Long


@from_client(14, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class SetServerLogLevel:
    """Set how much TWS logs about this client: 1 system, 2 error, 3 warning, 4 information, 5 detail."""

    logLevel: int


@from_server(4, version=until(V.ERROR_TIME, Fixed(2)), protobuf=V.PROTOBUF_PLACE_ORDER, text=(
    "reqId",
    "errorCode",
    spelled(ESCAPED, "errorString"),
    since(V.ADVANCED_ORDER_REJECT, spelled(ESCAPED, "advancedOrderRejectJson")),
    since(V.ERROR_TIME, "errorTime"),
), tags={
    1: spelled(EXPLICIT_INT, "reqId"),
    2: "errorTime",
    3: "errorCode",
    4: "errorString",
    5: "advancedOrderRejectJson",
}, absent={Ref(("reqId",), int): NO_REQUEST})  # fmt: skip
class Error:
    """An error, a warning or a notice about the request or order with the id `reqId`, or about none of them (-1).

    `reqId` is 2147483647 for a request that has no id, such as one for an advisor's data or for account updates.
    """

    reqId: int
    errorCode: int
    errorString: str
    advancedOrderRejectJson: str = ""
    errorTime: int = 0
    """Milliseconds since 1970."""
