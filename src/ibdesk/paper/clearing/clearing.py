"""The nightly clearing: it finds out what becomes of positions, and changes nothing itself.

Sources: OCC Rules 803 to 805; IBKR, "FAQs - U.S. Securities Option Expiration". When short options are assigned early
is our guess: in life the holders decide, and there are none here.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from ..exchange import Cause, Instruction, Leg, Settlement
from ..instruments import Ending, Instrument, contract_of, ending_of, latest, next_clearing
from ..ledger import Holding
from ..market import Market, mark_price
from .instructions import ExerciseRequest, check_instruction, check_natural_action, pays

ASSIGNED_EARLY = 0.25
"""With which chance a short option is assigned in one night, while its holder would lose nothing by exercising it."""

_MOMENT = timedelta(microseconds=1)
_CLOSES = (Cause.EXPIRED, Cause.LAPSED)


class Clearing:
    """What becomes of positions in options and futures, by the market's prices; `seed` decides on assignments."""

    def __init__(self, market: Market, seed: int) -> None:
        self._market = market
        self._seed = seed

    def due(self, holding: Holding, now: datetime) -> datetime | None:
        """Return when a position is to be looked at; None if nothing ever happens to it by itself."""
        found = self._ending_of(holding)
        if found is None:
            return None
        _, ending = found
        # A holder may exercise any night what others have sold.
        may_be_assigned = ending.american and holding.position < 0 and now < ending.cleared
        return min(next_clearing(now), ending.cleared) if may_be_assigned else max(ending.cleared, now)

    def check(self, request: ExerciseRequest, option: Instrument, held: float, account: str, now: datetime) -> None:
        """Raise `Refusal` unless an instruction can be given now by an `account` that has `held` options left."""
        ending = ending_of(option)
        assert option.option is not None
        assert ending is not None
        check_instruction(request, ending, held, account, now)
        price = mark_price(self._market.quote(option.option.underlying.conId, now))
        check_natural_action(option, price, lapses=request.lapses, override=request.override)

    def settle(
        self, holdings: Iterable[Holding], instructions: Iterable[Instruction], now: datetime
    ) -> Iterator[Settlement]:
        """Yield what becomes of positions in the night that has come."""
        given: dict[int, list[Instruction]] = {}
        for each in instructions:
            given.setdefault(each.contract.conId, []).append(each)
        for holding in holdings:
            if found := self._ending_of(holding):
                instrument, ending = found
                mine = given.pop(instrument.conId, [])
                if instrument.option is None:
                    yield from self._end_future(holding, instrument, ending, now)
                elif holding.position < 0:
                    yield from self._end_short(holding, instrument, ending, now)
                    yield from map(_fails, mine)
                elif ending.cleared <= now or ending.american:
                    yield from self._end_long(holding, instrument, ending, mine, now)
        for orphans in given.values():
            yield from map(_fails, orphans)

    def _ending_of(self, holding: Holding) -> tuple[Instrument, Ending] | None:
        instrument = self._market.instruments.by_con_id(holding.contract.conId) if holding.position else None
        ending = ending_of(instrument) if instrument else None
        return (instrument, ending) if instrument and ending else None

    def _end_future(self, holding: Holding, future: Instrument, ending: Ending, now: datetime) -> Iterator[Settlement]:
        if ending.cleared <= now:
            price = self._market.settlement(future, ending)
            yield Settlement(Cause.FUTURE_ENDS, [Leg(holding.contract, -float(holding.position), price)])

    def _end_short(self, holding: Holding, option: Instrument, ending: Ending, now: datetime) -> Iterator[Settlement]:
        quantity, price = -float(holding.position), self._price(option, ending, now)
        if ending.cleared <= now:
            cause = Cause.ASSIGNED if pays(option, price) else Cause.EXPIRED
        elif ending.american and pays(option, price) and not self._is_worth_more_alive(option, price, now):
            cause, draw = Cause.ASSIGNED, Random(f"{self._seed} assigned {option.conId} {now:%Y%m%d}")
            quantity = float(sum(draw.random() < ASSIGNED_EARLY for _ in range(int(quantity))))
        else:
            return
        if quantity:
            yield self._settlement(cause, holding, option, ending, quantity, price)

    def _end_long(
        self, holding: Holding, option: Instrument, ending: Ending, instructions: list[Instruction], now: datetime
    ) -> Iterator[Settlement]:
        left, price = float(holding.position), self._price(option, ending, now)
        for each in instructions:
            quantity = min(left, float(each.remaining))
            is_natural = pays(option, price) != each.lapses
            if not quantity or not (is_natural or each.override):
                yield _fails(each)
                continue
            cause = Cause.LAPSED if each.lapses else Cause.EXERCISED
            yield self._settlement(cause, holding, option, ending, -quantity, price, each)
            left -= quantity
        if left and ending.cleared <= now:
            cause = Cause.EXERCISED_AUTOMATICALLY if pays(option, price) else Cause.EXPIRED
            yield self._settlement(cause, holding, option, ending, -left, price)

    def _price(self, option: Instrument, ending: Ending, now: datetime) -> float:
        """Return the price of the underlying that decides in this night."""
        assert option.option is not None
        underlying = option.option.underlying
        if ending.cleared <= now:
            return self._market.fixing_price(underlying, ending)
        return self._market.close_before(underlying, latest(underlying.kind.hours, now, regular=True).end)

    def _is_worth_more_alive(self, option: Instrument, price: float, now: datetime) -> bool:
        """Return whether somebody bid more for the option, as its market closed, than it pays when it is exercised."""
        assert option.option is not None
        close = latest(option.kind.hours, now).end
        return self._market.quote(option.conId, close - _MOMENT).bid > option.option.pays(price)

    @staticmethod
    def _settlement(
        cause: Cause,
        holding: Holding,
        option: Instrument,
        ending: Ending,
        quantity: float,
        price: float,
        instruction: Instruction | None = None,
    ) -> Settlement:
        """Return that so many options are gone, `quantity` negative for those that were long, and what they leave."""
        terms = option.option
        assert terms is not None
        is_exercised = cause not in _CLOSES
        paid = terms.pays(price) if is_exercised and not ending.delivers else 0.0
        legs = [Leg(holding.contract, quantity, paid)]
        if is_exercised and ending.delivers:
            under = terms.underlying
            units = 1.0 if under.secType == "FUT" else float(option.multiplier)
            delivered = units * (-quantity if terms.right == "C" else quantity)
            legs.append(Leg(contract_of(under, under.kind.exchanges[0]), delivered, terms.strike))
        return Settlement(cause, legs, instruction)


def _fails(instruction: Instruction) -> Settlement:
    """Return that an instruction is not carried out."""
    return Settlement(Cause.LAPSED if instruction.lapses else Cause.EXERCISED, [], instruction)
