"""How the messages of TWS's settings are held against the official client, which hands over raw protobuf messages."""

from typing import Any

from conformance.domain import Callback, Domain, Request
from conformance.strategies import BOOLS, WORDS, Strategy, few, noun
from hypothesis import strategies as st
from oracles import Official

from ibdesk.model import config
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.layout import fields_of
from ibdesk.wire.messages import config as messages


def as_protobuf(oracle: Official, schema: str, ours: Any) -> Any:
    """Google's message of this schema with our values, told by their names; None and UNSET_INTEGER are not set."""
    theirs = getattr(oracle.module(f"protobuf.{schema}_pb2"), schema)()
    for field in theirs.DESCRIPTOR.fields:
        value = getattr(ours, field.name)
        if field.is_repeated:
            parts = [as_protobuf(oracle, field.message_type.name, one) if field.message_type else one for one in value]
            getattr(theirs, field.name).extend(parts)
        elif field.message_type and value is not None:
            getattr(theirs, field.name).CopyFrom(as_protobuf(oracle, field.message_type.name, value))
        elif value not in (None, UNSET_INTEGER):
            setattr(theirs, field.name, value)
    return theirs


def _request(method: str, schema: str) -> Request:
    return Request(method, lambda oracle, message, version: (as_protobuf(oracle, schema, message),), schema)


def _raw(message: Any, version: int) -> list[Callback]:
    """The one callback has the raw protobuf message, which is compared in `test_config`."""
    return []


def _often(part: Strategy) -> Strategy:
    """A part that is left out at times."""
    return st.one_of(part, part, part, st.none())


def _settings(cls: type, **special: Strategy) -> Strategy:
    """A noun in which any setting may be left out."""
    kinds: dict[Any, Strategy] = {
        bool | None: st.sampled_from([None, False, True]),
        str | None: st.sampled_from([None, "", "A", "11:45", "x y"]),
        int: st.sampled_from([UNSET_INTEGER, 0, 7496, -1]),
    }
    plain = {name: kinds[hint] for name, (_, hint) in fields_of(cls).items() if name not in special}
    return noun(cls, **plain, **special)


_CONFIG: dict[str, Strategy] = {
    "lockAndExit": _often(_settings(config.LockAndExitConfig)),
    "messages": few(_settings(config.MessageConfig, id=st.integers(0, 300))),
    "api": _often(
        noun(
            config.ApiConfig,
            precautions=_often(_settings(config.ApiPrecautionsConfig)),
            settings=_often(_settings(config.ApiSettingsConfig, trustedIPs=few(WORDS))),
        )
    ),
    "orders": _often(noun(config.OrdersConfig, smartRouting=_often(_settings(config.OrdersSmartRoutingConfig)))),
}
_WARNINGS = few(_settings(config.UpdateConfigWarning, messageId=st.integers(0, 300)))

DOMAIN = Domain(
    requests={
        messages.ReqConfig: _request("reqConfigProtoBuf", "ConfigRequest"),
        messages.UpdateConfig: _request("updateConfigProtoBuf", "UpdateConfigRequest"),
    },
    answers={
        messages.ConfigResponse: _raw,
        messages.UpdateConfigResponse: _raw,
    },
    values={
        messages.ConfigResponse: _CONFIG,
        messages.UpdateConfig: {
            **_CONFIG,
            "acceptedWarnings": _WARNINGS,
            "resetAPIOrderSequence": st.none() | BOOLS,
        },
        messages.UpdateConfigResponse: {
            "status": WORDS,
            "message": WORDS,
            "changedFields": few(WORDS),
            "errors": few(WORDS),
            "warnings": _WARNINGS,
        },
    },
)
