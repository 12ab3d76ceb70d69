"""How ib_async 2.1.0 is driven without a socket; knows nothing of ibdesk."""

from functools import cache
from types import ModuleType
from typing import Any

from .errors import OracleFault
from .loading import load_ib_async
from .recording import Call, Recorder, StrictLogger

_SERVER_VERSIONS = range(157, 179)


@cache
def ib_async() -> ModuleType:
    """Give the package, which stays in `sys.modules` as `ib_async`."""
    return load_ib_async()


def ib_async_decode(server_version: int, fields: list[str]) -> list[Call]:
    """Give the callbacks that a message makes, from its text fields, the message id first.

    Raises OracleFault where ib_async would log an error and drop the message.
    """
    _check(server_version)
    recorder = Recorder(ib_async().wrapper.Wrapper)
    recorder.defaultTimezone = None  # type: ignore[attr-defined]  # no callback, but read by the decoder
    decoder = _decoder(server_version)
    decoder.wrapper = recorder
    decoder.interpret(list(fields))
    return recorder.calls


@cache
def _decoder(server_version: int) -> Any:
    """A decoder, of which making one takes as long as a few messages."""
    decoder = ib_async().decoder.Decoder(None, server_version)
    decoder.logger = StrictLogger(OracleFault)
    return decoder


def ib_async_encode(server_version: int, method: str, *args: Any, client_id: int = 0) -> bytes:
    """Give the frames, length prefixes included, that `Client.<method>(*args)` writes to its socket.

    Throttling, which needs an event loop, is left out.
    """
    _check(server_version)
    client = ib_async().client.Client(Recorder(ib_async().wrapper.Wrapper))
    client._serverVersion = server_version
    client.clientId = client_id
    client.connState = client.CONNECTED
    sent: list[bytes] = []
    client.sendMsg = lambda message: sent.append(client._prefix(message.encode()))
    try:
        getattr(client, method)(*args)
    except Exception as problem:
        raise OracleFault(f"ib_async cannot encode {method} at {server_version}: {problem!r}") from problem
    return b"".join(sent)


def _check(server_version: int) -> None:
    if server_version not in _SERVER_VERSIONS:
        first, last = _SERVER_VERSIONS[0], _SERVER_VERSIONS[-1]
        raise OracleFault(f"ib_async speaks server versions {first} to {last}, not {server_version}")
