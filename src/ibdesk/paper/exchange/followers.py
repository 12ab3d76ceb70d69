"""The orders whose price follows that of another instrument, and what they see of it."""

from collections.abc import Mapping
from datetime import datetime

from .instrument_market import InstrumentMarket
from .references import OptionModel, Reference
from .working import WorkingOrder


class Followers:
    """What shows orders the instruments that they follow. `markets` has that of each, by conId."""

    def __init__(self, markets: Mapping[int, InstrumentMarket], model: OptionModel) -> None:
        self._markets = markets
        self._model = model

    def look(self, entry: WorkingOrder, now: datetime) -> None:
        """Show an order how the instrument that it follows stands, if it follows one."""
        con_id = entry.kind.reference(entry.order, entry.details.underConId) if entry.kind.has_reference else 0
        prices = self._markets[con_id].liquidity.prices if con_id else None
        entry.reference = Reference(con_id, prices, now, self._model) if prices is not None else None

    def enter(self, entry: WorkingOrder, now: datetime) -> None:
        """Let each quote of the instrument that an order follows concern it from now on."""
        self.look(entry, now)
        if entry.reference is not None:
            self._markets[entry.reference.con_id].followers[entry.key.permId] = entry

    def leave(self, perm_id: int, con_id: int) -> None:
        """Let the instrument that an order follows concern it no more."""
        self._markets[con_id].followers.pop(perm_id, None)
