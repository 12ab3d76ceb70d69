"""What is known of the accounts of a login: values, summary, portfolio and positions."""

from collections.abc import Iterable
from typing import TypeVar

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.known import known
from ibdesk.model.accounts import AccountValue, PortfolioItem, Position
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import accounts as messages

T = TypeVar("T")


class Accounts:
    """The accounts of one login.

    Methods that take an account return what belongs to it or, if it is "", to any account.
    """

    def __init__(self) -> None:
        self.values_by_key: dict[tuple[str, str, str, str], AccountValue] = {}
        """(account, tag, currency, modelCode) -> value."""
        self.summary_by_key: dict[tuple[str, str, str], AccountValue] = {}
        """(account, tag, currency) -> value of the summary."""
        self.portfolio_by_account: dict[str, dict[int, PortfolioItem]] = {}
        """Account -> conId -> position with its market value."""
        self.positions_by_account: dict[str, dict[int, Position]] = {}
        """Account -> conId -> position."""
        self.has_all_positions: bool = False
        """Whether the server has told all positions."""
        self._unconfirmed: dict[tuple[str, int], None] = {}
        """Account and conId of what is in the portfolio as of an earlier connection."""
        self.update_time: str = ""
        """The time of the values of the subscribed account, as `hh:mm`."""

    # --- what there is --------------------------------------------------------------------------------------------

    def values(self, account: str = "") -> list[AccountValue]:
        """Return the account values, including those of models."""
        return [value for value in self.values_by_key.values() if account in ("", value.account)]

    def summary(self, account: str = "") -> list[AccountValue]:
        """Return the values of the account summary."""
        return [value for value in self.summary_by_key.values() if account in ("", value.account)]

    def portfolio(self, account: str = "") -> list[PortfolioItem]:
        """Return the open positions with their market values."""
        return [item for items in _chosen(self.portfolio_by_account, account) for item in items.values()]

    def positions(self, account: str = "") -> list[Position]:
        """Return the open positions."""
        return [
            position for positions in _chosen(self.positions_by_account, account) for position in positions.values()
        ]

    # --- what arrives ---------------------------------------------------------------------------------------------

    def account_value(self, message: messages.UpdateAccountValue) -> Emissions:
        """Take in a value of the subscribed account."""
        account, tag, currency = message.accountName, message.key, message.currency
        value = AccountValue(account, tag, message.value, currency, modelCode="")
        self.values_by_key[account, tag, currency, ""] = value
        return [Emit("accountValueEvent", (value,))]

    def account_value_multi(self, message: messages.AccountUpdateMulti) -> Emissions:
        """Take in a value of one of several subscribed accounts, or of a model in one."""
        account, tag, currency, model = message.account, message.key, message.currency, message.modelCode
        value = AccountValue(account, tag, message.value, currency, model)
        self.values_by_key[account, tag, currency, model] = value
        return [Emit("accountValueEvent", (value,))]

    def account_summary(self, message: messages.AccountSummary) -> Emissions:
        """Take in a value of the account summary."""
        value = AccountValue(message.account, message.tag, message.value, message.currency, modelCode="")
        self.summary_by_key[value.account, value.tag, value.currency] = value
        return [Emit("accountSummaryEvent", (value,))]

    def account_time(self, message: messages.UpdateAccountTime) -> Emissions:
        """Take in the time of the values of the subscribed account."""
        self.update_time = message.timeStamp
        return []

    def portfolio_item(self, message: messages.UpdatePortfolio) -> Emissions:
        """Take in a position with its market value. One of size 0 has been closed."""
        item = PortfolioItem(
            Contract.recreate(message.contract),
            known(message.position),
            known(message.marketPrice),
            known(message.marketValue),
            known(message.averageCost),
            known(message.unrealizedPNL),
            known(message.realizedPNL),
            message.accountName,
        )
        self._unconfirmed.pop((item.account, item.contract.conId), None)
        items = self.portfolio_by_account.setdefault(item.account, {})
        if item.position:
            items[item.contract.conId] = item
        else:
            items.pop(item.contract.conId, None)
        return [Emit("updatePortfolioEvent", (item,))]

    def lose_sight(self) -> None:
        """Take note that the connection is lost: what is closed until the next one will not be told."""
        self._unconfirmed = {
            (account, conId): None for account, items in self.portfolio_by_account.items() for conId in items
        }

    def downloaded(self, account: str) -> Emissions:
        """Close what is missing in the portfolio of an account, as all of it has been told on this connection."""
        missing = [one for one in self._unconfirmed if one[0] == account]
        for one in missing:
            del self._unconfirmed[one]
        closed = [self.portfolio_by_account[account].pop(conId) for _, conId in missing]
        return [
            Emit(
                "updatePortfolioEvent",
                (item._replace(position=0.0, marketValue=0.0, averageCost=0.0, unrealizedPNL=0.0),),
            )
            for item in closed
        ]

    def position(self, message: messages.Position) -> tuple[Position, Emissions]:
        """Take in a position. One of size 0 has been closed."""
        contract = Contract.recreate(message.contract)
        position = Position(message.account, contract, known(message.position), known(message.avgCost))
        positions = self.positions_by_account.setdefault(position.account, {})
        if position.position:
            positions[contract.conId] = position
        else:
            positions.pop(contract.conId, None)
        return position, [Emit("positionEvent", (position,))]

    def positions_told(self, told: Iterable[Position]) -> Emissions:
        """Close the positions that are missing in a complete answer of the server."""
        self.has_all_positions = True
        still_open = {(position.account, position.contract.conId) for position in told}
        closed = [one for one in self.positions() if (one.account, one.contract.conId) not in still_open]
        for one in closed:
            del self.positions_by_account[one.account][one.contract.conId]
        return [Emit("positionEvent", (one._replace(position=0.0, avgCost=0.0),)) for one in closed]


def _chosen(by_account: dict[str, dict[int, T]], account: str) -> list[dict[int, T]]:
    return [by_account.get(account, {})] if account else list(by_account.values())
