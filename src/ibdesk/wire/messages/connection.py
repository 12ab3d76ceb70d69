"""The messages that begin and keep a connection: start, ids, accounts, errors, the clock; not what they lead to."""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import Fixed, Ref, since, spelled, until
from ibdesk.wire.scalars import ESCAPED, EXPLICIT_INT, Long

NO_REQUEST = -1
"""The reqId of what belongs to no request; in protobuf so does what has no tag for it (IBKR's client, NO_VALID_ID)."""


@from_client(71, version=2, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class StartApi:
    """The first message of a client: who it is."""

    clientId: int
    optionalCapabilities: str = ""


@from_client(8, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqIds:
    """Ask for the next order id. The argument is not looked at."""

    numIds: int = 1


@from_server(9, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class NextValidId:
    """The lowest order id that this client may use."""

    orderId: int


@from_client(17, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqManagedAccts:
    """Ask for the accounts of this login."""


@from_server(15, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ManagedAccounts:
    """The accounts of this login, separated by commas; some gateways end it with a comma."""

    accountsList: str

    @property
    def accounts(self) -> list[str]:
        """The accounts, one by one."""
        return [account for account in self.accountsList.split(",") if account]


@from_client(49, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqCurrentTime:
    """Ask for the server's clock."""


@from_server(49, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class CurrentTime:
    """The server's clock, in seconds of the epoch."""

    time: Long


@from_client(105, protobuf=V.PROTOBUF_REST_MESSAGES_3, first=V.CURRENT_TIME_IN_MILLIS)
class ReqCurrentTimeInMillis:
    """Ask for the server's clock in milliseconds."""


@from_server(109, protobuf=V.PROTOBUF_REST_MESSAGES_3, first=V.CURRENT_TIME_IN_MILLIS)
class CurrentTimeInMillis:
    """The server's clock, in milliseconds of the epoch."""

    timeInMillis: Long


@from_client(14, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class SetServerLogLevel:
    """How much TWS writes into its log of this client: 1 system, 2 error, 3 warning, 4 information, 5 detail."""

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
    """An error, a warning or a notice: of a request or order, or of none (`reqId` -1).

    It is 2147483647 for a request that has no id, such as for an advisor's data or the updates of an account.
    """

    reqId: int
    errorCode: int
    errorString: str
    advancedOrderRejectJson: str = ""
    errorTime: int = 0
    """Milliseconds of the epoch."""
