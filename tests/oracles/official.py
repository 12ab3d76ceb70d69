"""How one published version of the official client (`ibapi`) is driven without a socket; knows nothing of ibdesk."""

import inspect
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import Any

from . import nouns
from .errors import OracleError, OracleFault, OracleRefused
from .loading import load_ibapi
from .recording import Call, Recorder, StrictLogger

OFFICIAL_VERSIONS = ("10.46.1", "10.37.2", "10.30.1", "10.19.4")
"""The published versions at hand, newest first."""

_BINARY_IDS_FROM = 201
_PROTOBUF_ID_OFFSET = 200


class _CapturedConnection:
    """Takes the place of the client's socket and keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def isConnected(self) -> bool:
        return True

    def sendMsg(self, message: bytes) -> int:
        self.sent.append(message)
        return len(message)


class Official:
    """One version of the official client, with a set of modules of its own.

    Its `modules` are the real ones: `module("client").EClient` connects to a gateway as ever.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.modules = load_ibapi(version)
        self.modules["decoder"].logger = StrictLogger(OracleFault)  # type: ignore[attr-defined]
        self._classes: dict[str, Callable[[], Any]] = {}
        self._decoders: dict[int, Any] = {}
        self.max_server_version: int = self.module("server_versions").MAX_CLIENT_VER
        # From 10.37.2 on the message loop takes the id off before the decoder sees the fields.
        self._splits_ids = hasattr(self.module("comm"), "make_msg_proto")

    def __repr__(self) -> str:
        return f"Official({self.version!r})"

    def module(self, name: str) -> ModuleType:
        """Give the module `ibapi.<name>` of this version."""
        return self.modules[name]

    def find_class(self, name: str) -> Callable[[], Any]:
        """Give the class of this name in the package's own modules, the generated protobuf ones aside."""
        if name in self._classes:
            return self._classes[name]
        for path, module in self.modules.items():
            found = getattr(module, name, None)
            if "." not in path and inspect.isclass(found) and found.__module__ == module.__name__:
                self._classes[name] = found
                return found
        raise OracleFault(f"ibapi {self.version} has no class {name}")

    def encode(
        self, server_version: int, method: str, *args: Any, client_id: int = 0, optional_capabilities: str = ""
    ) -> bytes:
        """Give the frames, length prefixes included, that `EClient.<method>(*args)` writes to its socket.

        Raises OracleRefused where the client reports an error to its user instead, and OracleFault where it raises,
        writes nothing at all, or is too old for the server version.
        """
        self._check(server_version)
        recorder = self._recorder()
        connection = _CapturedConnection()
        client = self.module("client").EClient(recorder)
        client.conn = connection
        client.serverVersion_ = server_version
        client.clientId = client_id
        client.optCapab = optional_capabilities
        client.extraAuth = True  # else the messages of verification are not sent
        client.setConnState(client.CONNECTED)
        try:
            getattr(client, method)(*args)
        except Exception as problem:
            raise OracleFault(f"{self} cannot encode {method} at {server_version}: {problem!r}") from problem
        for call in recorder.calls:
            if call.name == "error":
                raise OracleRefused(call.named["errorCode"], call.named["errorString"])
        if not connection.sent:
            raise OracleFault(f"{self} sends nothing for {method} at {server_version}")
        return b"".join(connection.sent)

    def decode(self, server_version: int, payload: bytes) -> list[Call]:
        """Give the callbacks that one message, without its length prefix, makes in the client's message loop.

        From 10.37.2 on a protobuf message makes two: `<name>ProtoBuf` with the raw message and `<name>`. The raw
        one is left out where there is another. Raises OracleFault where the client would raise, or drop the message
        because of its id or of its number of fields.
        """
        self._check(server_version)
        recorder = self._recorder()
        decoder = self._decoders.get(server_version)
        if decoder is None:  # making one takes longer than decoding
            decoder = self._decoders[server_version] = self.module("decoder").Decoder(recorder, server_version)
        decoder.wrapper = recorder
        try:
            self._interpret(decoder, server_version, payload)
        except OracleError:
            raise
        except Exception as problem:
            raise OracleFault(f"{self} cannot decode at {server_version}: {problem!r}") from problem
        cooked = [call for call in recorder.calls if not call.name.endswith("ProtoBuf")]
        return cooked or recorder.calls

    def contract(self, ours: object, **overrides: Any) -> Any:
        """Make the official Contract, with its legs and its delta-neutral part.

        Here and below, `overrides` sets official attributes by hand, where ours mean something else.
        """
        return self.build("Contract", ours, **overrides)

    def order(self, ours: Any, **overrides: Any) -> Any:
        """Make the official Order, with its conditions, tag values, leg prices and soft dollar tier."""
        conditions = [self.condition(condition) for condition in ours.conditions or ()]
        return self.build("Order", ours, **{"conditions": conditions, **overrides})

    def condition(self, ours: Any) -> Any:
        """Make the official order condition of the same `condType`."""
        return nouns.build_condition(self.find_class, self.module("order_condition"), ours)

    def order_cancel(self, ours: Any, **overrides: Any) -> Any:
        """Make what this version's `cancelOrder` takes: an OrderCancel, or in 10.19.4 the manual cancel time."""
        if "order_cancel" not in self.modules:
            return ours.manualOrderCancelTime
        return self.build("OrderCancel", ours, **overrides)

    def execution_filter(self, ours: object, **overrides: Any) -> Any:
        """Make the official ExecutionFilter."""
        return self.build("ExecutionFilter", ours, **overrides)

    def scanner_subscription(self, ours: object, **overrides: Any) -> Any:
        """Make the official ScannerSubscription."""
        return self.build("ScannerSubscription", ours, **overrides)

    def tag_values(self, ours: Iterable[Any]) -> list[Any]:
        """Make a list of official TagValues."""
        return nouns.build_tag_values(self.find_class, ours)

    def build(self, class_name: str, ours: object, **overrides: Any) -> Any:
        """Make any official object from ours, attribute by attribute (see the module `nouns`)."""
        return nouns.override(nouns.build(self.find_class, class_name, ours), overrides)

    def _check(self, server_version: int) -> None:
        if server_version > self.max_server_version:
            raise OracleFault(f"{self} speaks server versions up to {self.max_server_version}, not {server_version}")

    def _recorder(self) -> Recorder:
        return Recorder(self.module("wrapper").EWrapper)

    def _interpret(self, decoder: Any, server_version: int, payload: bytes) -> None:
        message_id, body = _split_id(server_version, payload)
        read_fields = self.module("comm").read_fields
        arguments: tuple[Any, ...]
        if message_id > _PROTOBUF_ID_OFFSET:
            message_id -= _PROTOBUF_ID_OFFSET
            handlers, process, arguments = decoder.msgId2handleInfoProtoBuf, decoder.processProtoBuf, (body, message_id)
        elif self._splits_ids:
            handlers, process, arguments = decoder.msgId2handleInfo, decoder.interpret, (read_fields(body), message_id)
        else:
            handlers, process, arguments = decoder.msgId2handleInfo, decoder.interpret, (read_fields(payload),)
        if message_id not in handlers:
            raise OracleFault(f"{self} does not know message {message_id} at {server_version}")
        process(*arguments)


def _split_id(server_version: int, payload: bytes) -> tuple[int, bytes]:
    if server_version >= _BINARY_IDS_FROM:
        return int.from_bytes(payload[:4], "big"), payload[4:]
    text, _, body = payload.partition(b"\0")
    return int(text), body


@cache
def official(version: str) -> Official:
    """Give the official client of that version (one of OFFICIAL_VERSIONS); each is loaded once a process."""
    return Official(version)


def oracles_for(server_version: int) -> list[Official]:
    """Give the official clients that speak this server version, newest first.

    Every one keeps the branches for older servers, so the newest speaks them all, in text up to 200 too.
    """
    every = [official(version) for version in OFFICIAL_VERSIONS]
    return [oracle for oracle in every if server_version <= oracle.max_server_version]
