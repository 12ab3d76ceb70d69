"""The outside implementations of the protocol that conformance tests compare ibdesk with; knows nothing of ibdesk.

Four published versions of the official client (`official`) and ib_async 2.1.0 (`ib_async`) are loaded side
by side from `.oracles/` and driven without a socket: `encode` gives the bytes that a client sends, `decode` the
callbacks that a message makes. `plain` and `differences` compare their values with ours by name.

FileNotFoundError means that `tests/fetch_oracles.py` has not run.
"""

from .compare import differences, is_unset, plain
from .errors import OracleError, OracleFault, OracleRefused
from .ib_async_client import ib_async, ib_async_decode, ib_async_encode
from .official import OFFICIAL_VERSIONS, Official, official, oracles_for
from .recording import Call

__all__ = [
    "OFFICIAL_VERSIONS",
    "Call",
    "Official",
    "OracleError",
    "OracleFault",
    "OracleRefused",
    "differences",
    "ib_async",
    "ib_async_decode",
    "ib_async_encode",
    "is_unset",
    "official",
    "oracles_for",
    "plain",
]
