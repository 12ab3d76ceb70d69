"""The handlers of messages about accounts: positions, account values, and profit and loss."""

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Add, Effects, Finish
from ibdesk.client.handlers import Handler, answers
from ibdesk.client.state import pnl as profits
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.wire.messages import accounts
from ibdesk.wire.messages import pnl as messages


class AccountHandlers:
    """The handlers of messages about accounts.

    Messages with account values are by far the most frequent: methods of the state itself handle these.
    """

    def __init__(self, state: ClientState) -> None:
        self._state = state
        self._pnl = state.subscriptions.targets(PnL)
        self._pnl_single = state.subscriptions.targets(PnLSingle)

    def table(self) -> dict[type, Handler]:
        """Return the handler for each class of message."""
        known = self._state.accounts
        return {
            accounts.Position: self.position,
            accounts.PositionEnd: self.positions_end,
            accounts.UpdateAccountValue: known.account_value,
            accounts.UpdatePortfolio: known.portfolio_item,
            accounts.AccountDownloadEnd: self.downloaded,
            accounts.UpdateAccountTime: known.account_time,
            accounts.AccountUpdateMulti: known.account_value_multi,
            accounts.AccountSummary: known.account_summary,
            messages.PnL: self.pnl,
            messages.PnLSingle: self.pnl_single,
        }

    def downloaded(self, message: accounts.AccountDownloadEnd) -> Effects:
        """Complete the values and the portfolio of an account. What is not in it has been closed meanwhile."""
        return [*self._state.accounts.downloaded(message.accountName), *answers.end(message)]

    def position(self, message: accounts.Position) -> Effects:
        """Update a position, which has changed or was asked for."""
        position, emissions = self._state.accounts.position(message)
        if accounts.ReqPositions in self._state.requests:
            return [Add(accounts.ReqPositions, position, "Position"), *emissions]
        return emissions

    def positions_end(self, _: accounts.PositionEnd) -> Effects | None:
        """Complete the answer to a request for positions. Positions that are not in it have been closed."""
        asking = self._state.requests.get(accounts.ReqPositions)
        if asking is None:
            return None
        return [*self._state.accounts.positions_told(asking.results), Finish(asking.key)]

    def pnl(self, message: messages.PnL) -> Effects | None:
        """Update the profit and loss of an account."""
        target = self._pnl.get(message.reqId)
        return None if target is None else profits.pnl(message, target)

    def pnl_single(self, message: messages.PnLSingle) -> Effects | None:
        """Update the profit and loss of a position."""
        target = self._pnl_single.get(message.reqId)
        return None if target is None else profits.pnl_single(message, target)
