"""Messages of financial advisors, and about the user who is logged in."""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server


@from_client(18, key="faDataType", version=1, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class RequestFA:
    """Ask for an advisor's groups (`faDataType` 1), profiles (2, up to server version 177) or account aliases (3)."""

    faDataType: int


@from_server(16, answers=RequestFA, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class ReceiveFA:
    """An advisor's groups, profiles or account aliases, as XML."""

    faDataType: int
    cxml: str


@from_client(19, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_1, text=("faDataType", "cxml", "reqId"))
class ReplaceFA:
    """Replace all of an advisor's groups by those in the XML. TWS refuses other kinds of data (error 585)."""

    reqId: int
    faDataType: int
    cxml: str


@from_server(103, answers=ReplaceFA, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class ReplaceFAEnd:
    """An advisor's data has been replaced."""

    reqId: int
    text: str


@from_client(104, protobuf=V.PROTOBUF_REST_MESSAGES_2, first=V.USER_INFO)
class ReqUserInfo:
    """Ask about the user who is logged in."""

    reqId: int


@from_server(107, answers=ReqUserInfo, protobuf=V.PROTOBUF_REST_MESSAGES_2, first=V.USER_INFO)
class UserInfo:
    """The broker under whose brand the user is logged in. It is empty for IBKR's own customers."""

    reqId: int
    whiteBrandingId: str
