"""Every domain of messages, and their tables joined; importing it fills the table of exceptions."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from conformance.domain import Callback, Callbacks, Domain, Request
from conformance.exceptions import EXCEPTIONS
from conformance.strategies import Strategy

DOMAINS: tuple[Domain, ...] = tuple(
    import_module(f"{__name__}.{module.name}").DOMAIN for module in iter_modules(__path__)
)


def _joined(table: Callable[[Domain], Mapping[Any, Any]]) -> dict[Any, Any]:
    return {key: value for domain in DOMAINS for key, value in table(domain).items()}


REQUESTS: Mapping[type, Request] = _joined(lambda domain: domain.requests)
ANSWERS: Mapping[type, Callbacks] = _joined(lambda domain: domain.answers)
NOT_DESCRIBED: Mapping[type, frozenset[str]] = _joined(lambda domain: domain.not_described)
VALUES: Mapping[type, Mapping[str, Strategy] | Strategy] = _joined(lambda domain: domain.values)
UNVERIFIED: Mapping[type, str] = _joined(lambda domain: domain.unverified)
SCHEMAS: Mapping[type, str] = {
    **{cls: how.schema for cls, how in REQUESTS.items() if how.schema},
    **_joined(lambda domain: domain.schemas),
}
_OTHERWISE: Mapping[tuple[type, str], Callbacks] = _joined(lambda domain: domain.otherwise)

EXCEPTIONS.extend(row for domain in DOMAINS for row in domain.exceptions)


def callbacks(client: str, message: Any, version: int) -> list[Callback]:
    """The callbacks that this client makes of our answer."""
    make = _OTHERWISE.get((type(message), client)) or ANSWERS[type(message)]
    return make(message, version)
