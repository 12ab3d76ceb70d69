"""What contract details say may be ordered: their `orderTypes`, made from the tables by which orders are judged."""

from collections.abc import Iterator
from functools import cache

from ..like import Like
from .field_table import RULES
from .order_types import ORDER_TYPES
from .times_in_force import TIMES_IN_FORCE


@cache
def offered(sec_type: str, like: Like = Like.PAPER) -> str:
    """Return the `orderTypes` of a product, in IBKR's form; empty for what is not traded here."""
    return ",".join(sorted(_words(sec_type, like)))


def _words(sec_type: str, like: Like) -> Iterator[str]:
    for kind in ORDER_TYPES.values():
        if sec_type in kind.products and like.takes(live_only=kind.live_only):
            yield kind.code
    for tif in TIMES_IN_FORCE.values():
        if tif.word and sec_type in tif.products and like.takes(live_only=tif.live_only):
            yield tif.word
    for rule in RULES.values():
        if rule.serves_product(sec_type, like):
            yield from rule.words
