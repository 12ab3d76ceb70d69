"""Which combination a contract of type BAG describes, by IB's rules.

What IBKR says of faulty legs is known from gateways of 2026: see docs/reference/combinations.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from ibdesk.model.contract import ComboLeg, Contract

from ..refusals import Invalid, NoDefinition, Refusal
from .endings import ending_of
from .instrument import Instrument

COMBINATION = "BAG"
"""The `Contract.secType` of combinations."""

FEWEST_LEGS, MOST_LEGS = 2, 6

_PRODUCTS = frozenset({"STK", "OPT", "FUT"})
_SIGNS = {"BUY": 1, "SELL": -1}


@dataclass(frozen=True, slots=True)
class Leg:
    """So many units of an `instrument` in one combination; `ratio` is negative where a purchase sells them.

    The leg's price counts `weight` times in that of the combination, with the sign of `ratio`.
    """

    instrument: Instrument
    ratio: int
    weight: int


def combination_legs(contract: Contract, by_con_id: Callable[[int], Instrument | None], tag: str) -> tuple[Leg, ...]:
    """Return the legs of a combination. `by_con_id` finds instruments, and `tag` names the request in refusals.

    Raises `Refusal` for a combination that does not exist.
    """
    if not contract.comboLegs:
        raise Invalid(tag, "Security type 'BAG' requires combo leg details.")
    if not contract.exchange:
        raise Invalid(tag, "Please enter exchange")
    if not FEWEST_LEGS <= len(contract.comboLegs) <= MOST_LEGS:
        raise Invalid(tag, "The combo details are invalid.")
    instruments: list[Instrument] = []
    for number, leg in enumerate(contract.comboLegs):
        found = by_con_id(leg.conId)
        if found is None:
            raise NoDefinition
        _check_leg(contract, leg, found, f"The combo details for leg '{number}' are invalid.", tag)
        instruments.append(found)
    if len(set(instruments)) < len(instruments):
        raise Invalid(tag, "The combo details are invalid.")
    ratios = [leg.ratio for leg in contract.comboLegs]
    if min(ratios) < 1 or gcd(*ratios) > 1:
        raise Invalid(tag, "Invalid leg ratio.")
    _check_common(contract, instruments)
    signed = [_SIGNS[leg.action] * leg.ratio for leg in contract.comboLegs]
    return tuple(map(Leg, instruments, signed, _weights(instruments, signed)))


def ends_first(legs: Sequence[Leg]) -> Instrument:
    """Return the instrument of the leg that leaves the contract database first; of the first leg where none does."""
    ending = {leg.instrument: end.delisted for leg in legs if (end := ending_of(leg.instrument))}
    return min(ending, key=ending.__getitem__, default=legs[0].instrument)


def _check_leg(contract: Contract, leg: ComboLeg, found: Instrument, wrong: str, tag: str) -> None:
    if leg.action == "SSHORT":
        raise Invalid(tag, f"{wrong} - Not an institutional account, or an away clearing order")
    exchange = leg.exchange or contract.exchange
    if leg.action not in _SIGNS or found.secType not in _PRODUCTS or exchange not in found.kind.exchanges:
        raise Invalid(tag, wrong)
    if found.secType == "STK" and contract.exchange != "SMART":
        raise Refusal(315, "Stock combo legs are restricted to SMART order routing.")


def _check_common(contract: Contract, instruments: Sequence[Instrument]) -> None:
    if {contract.currency or "USD"} != {each.currency for each in instruments}:
        raise Refusal(10000, "Cross currency combo error.")
    symbols = sorted({each.symbol for each in instruments})
    named = ",".join(symbols)
    if contract.symbol not in ("", named, *symbols):
        conflict = f"Requested symbol {contract.symbol}, in legs {named}"
        raise Refusal(
            478, f"Parameters in request conflicts with contract parameters received by contract id:{conflict}"
        )


def _weights(instruments: Sequence[Instrument], ratios: Sequence[int]) -> list[int]:
    """Return how often the price of each leg counts: in the smallest whole numbers, by what one unit is worth."""
    amounts = [ratio * Fraction(each.multiplier or 1) for each, ratio in zip(instruments, ratios, strict=True)]
    whole = [int(amount * lcm(*(each.denominator for each in amounts))) for amount in amounts]
    return [each // gcd(*whole) for each in whole]
