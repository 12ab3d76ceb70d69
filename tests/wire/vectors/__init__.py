"""Literal messages, each with its bytes, of every domain; a vector serves both directions.

`VECTORS` are spelled as ibdesk spells. `CAPTURES` are spelled otherwise: what real gateways sent, or values of such
recordings put together, so that they serve decoding, and their messages encode to what decodes alike.
"""

from importlib import import_module
from pkgutil import iter_modules

from wire.vectors.vector import Vector

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

VECTORS: tuple[Vector, ...] = tuple(one for module in _MODULES for one in getattr(module, "VECTORS", ()))
CAPTURES: tuple[Vector, ...] = tuple(one for module in _MODULES for one in getattr(module, "CAPTURES", ()))
