"""What one domain of messages tells the conformance tests: how each message is held against the outside clients.

A module of `domains` stands for one of `ibdesk.wire.messages` and holds a `Domain`. It knows no bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.exceptions import Row, say
from conformance.strategies import Strategy
from oracles import Official

Arguments = Callable[[Official, Any, int], tuple[Any, ...]]
"""The arguments of an official method for (official client, our message, server version)."""

Callback = tuple[str, dict[str, Any]]
"""Its name, and its arguments in order, under our names."""

Callbacks = Callable[[Any, int], list[Callback]]
"""The callbacks that a client makes of (our message, server version)."""


@dataclass(frozen=True)
class Request:
    """The oracle of one request: `schema` is its protobuf message, for what may be spelled in several orders.

    `keywords`: attributes of the official client that it sends, such as its id.
    """

    method: str
    arguments: Arguments
    schema: str = ""
    keywords: Callable[[Any], dict[str, Any]] = field(default=lambda message: {})


@dataclass(frozen=True)
class Domain:
    """The tables of one domain."""

    requests: Mapping[type, Request] = field(default_factory=dict)
    """Our request -> how the official client is made to send it."""
    answers: Mapping[type, Callbacks] = field(default_factory=dict)
    """Our answer -> the callbacks of the newest official client, each with its arguments in order."""
    otherwise: Mapping[tuple[type, str], Callbacks] = field(default_factory=dict)
    """(our answer, client) -> the callbacks of that client, where they are others."""
    values: Mapping[type, Mapping[str, Strategy] | Strategy] = field(default_factory=dict)
    """Our message -> values of its fields that need more than their annotation says, or, where they depend on each
    other, the whole message."""
    schemas: Mapping[type, str] = field(default_factory=dict)
    """Our message -> its name in the official schema, where that is neither ours nor its request's `schema`."""
    not_described: Mapping[type, frozenset[str]] = field(default_factory=dict)
    """Our message -> what the schema has and nobody ever sends."""
    exceptions: tuple[Row, ...] = ()
    """Where a client differs, knowingly."""
    unverified: Mapping[type, str] = field(default_factory=dict)
    """Our message -> why no oracle exists."""


def fields(*names: str) -> Arguments:
    """The official method takes these fields of ours as they are."""
    return lambda oracle, message, version: tuple(getattr(message, name) for name in names)


def callback(name: str, *names: str) -> Callbacks:
    """One callback with these fields of the message, in the order of its parameters."""
    return lambda message, version: [(name, {field: getattr(message, field) for field in names})]


def contract(oracle: Official, ours: Any, version: int) -> Any:
    """The official contract of ours, in a request."""
    # A list, for 10.19.4 takes the length of it.
    legs = [oracle.build("ComboLeg", leg) for leg in ours.comboLegs]
    return oracle.contract(ours, comboLegs=legs, **say("contract", ours, oracle.version, version))
