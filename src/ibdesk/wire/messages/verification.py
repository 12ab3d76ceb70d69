"""Messages by which a program of one of IBKR's partners proves its identity to TWS.

Those with "Auth" in their name have no protobuf form. A server expects them only from a client that announced them in
its handshake.
"""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server


@from_client(65, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class VerifyRequest:
    """Ask to be verified as a program of this name and version."""

    apiName: str
    apiVersion: str


@from_client(66, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class VerifyMessage:
    """The answer to the server's challenge."""

    apiData: str


@from_server(65, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class VerifyMessageAPI:
    """The server's challenge."""

    apiData: str


@from_server(66, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class VerifyCompleted:
    """Whether the program is verified; if not, `errorText` tells why."""

    isSuccessful: bool
    errorText: str


@from_client(72, version=1)
class VerifyAndAuthRequest:
    """Ask to be verified and authenticated with a vendor's key."""

    apiName: str
    apiVersion: str
    opaqueIsvKey: str


@from_client(73, version=1)
class VerifyAndAuthMessage:
    """The answers to the server's two challenges."""

    apiData: str
    xyzResponse: str


@from_server(69, version=1)
class VerifyAndAuthMessageAPI:
    """The server's two challenges. The field's misspelling is IBKR's."""

    apiData: str
    xyzChallange: str


@from_server(70, version=1)
class VerifyAndAuthCompleted:
    """Whether the program is verified and authenticated; if not, `errorText` tells why."""

    isSuccessful: bool
    errorText: str
