"""Decides how profit and loss from the wire become the objects that users hold; not who asked for them."""

from math import nan

from ibdesk.client.mirror.emission import Emission, Emissions
from ibdesk.client.mirror.subscriptions import Subscriptions
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.model.fields import dataclassUpdate
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages import profit


def pnl(message: profit.PnL, followed: Subscriptions[tuple[str, str], PnL]) -> Emissions:
    """The profit of an account."""
    target = followed.at(message.reqId)
    if target is None:
        return []
    target.dailyPnL = _known(message.dailyPnL)
    target.unrealizedPnL = _known(message.unrealizedPnL)
    target.realizedPnL = _known(message.realizedPnL)
    return [Emission("pnlEvent", (target,))]


def pnl_single(message: profit.PnLSingle, followed: Subscriptions[tuple[str, str, int], PnLSingle]) -> Emissions:
    """The profit of one position. Its size can have a fraction, whatever the annotation of ib_async says."""
    target = followed.at(message.reqId)
    if target is None:
        return []
    dataclassUpdate(
        target,
        dailyPnL=_known(message.dailyPnL),
        unrealizedPnL=_known(message.unrealizedPnL),
        realizedPnL=_known(message.realizedPnL),
        position=int(message.position) if message.position == int(message.position) else message.position,
        value=_known(message.value),
    )
    return [Emission("pnlSingleEvent", (target,))]


def _known(amount: float) -> float:
    """NaN for what TWS does not know yet: it sends the largest number that there is, which looks like a profit."""
    return nan if amount == UNSET_DOUBLE else amount
