"""Profit and loss: each message updates the object that the program holds."""

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.known import known
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.model.fields import dataclassUpdate
from ibdesk.wire.messages import pnl as messages


def pnl(message: messages.PnL, target: PnL) -> Emissions:
    """Update the profit and loss of an account."""
    target.dailyPnL = known(message.dailyPnL)
    target.unrealizedPnL = known(message.unrealizedPnL)
    target.realizedPnL = known(message.realizedPnL)
    return [Emit("pnlEvent", (target,))]


def pnl_single(message: messages.PnLSingle, target: PnLSingle) -> Emissions:
    """Update the profit and loss of one position.

    The size of the position is an int if it is whole, else a float, whatever the annotation in ib_async says.
    """
    position = known(message.position)
    dataclassUpdate(
        target,
        dailyPnL=known(message.dailyPnL),
        unrealizedPnL=known(message.unrealizedPnL),
        realizedPnL=known(message.realizedPnL),
        position=int(position) if position.is_integer() else position,
        value=known(message.value),
    )
    return [Emit("pnlSingleEvent", (target,))]
