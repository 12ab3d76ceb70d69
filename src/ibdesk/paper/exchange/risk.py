"""What the exchange asks of the books of an account, and how it words the answer."""

from decimal import Decimal
from typing import Protocol

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import OrderState

from .working import order_state


class Margin(Protocol):
    """How much equity positions need: to be opened, and to be kept."""

    @property
    def initial(self) -> Decimal: ...
    @property
    def maintenance(self) -> Decimal: ...


class Equity(Protocol):
    """How much equity an account has to carry margin, and the margin that it has to carry."""

    @property
    def equity_with_loan(self) -> Decimal: ...
    @property
    def available_funds(self) -> Decimal: ...
    @property
    def margin(self) -> Margin: ...


class MarginPreview(Protocol):
    """What an order would do to an account, in `currency`."""

    @property
    def currency(self) -> str: ...
    @property
    def before(self) -> Equity: ...
    @property
    def after(self) -> Equity: ...
    @property
    def commission(self) -> float: ...
    @property
    def commission_currency(self) -> str: ...
    @property
    def takes(self) -> Decimal:
        """How much less there is of available funds afterwards."""
        ...

    @property
    def ties_up_more(self) -> bool:
        """Whether margin and premiums are higher afterwards; they are not where positions are closed."""
        ...


class Risk(Protocol):
    """The books of one account, as far as the exchange consults them."""

    def preview(self, contract: Contract, action: str, quantity: float, price: float) -> MarginPreview:
        """Return what buying or selling would do, at `price` or better; NaN where nothing tells a price."""
        ...

    def book(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book an execution, and return what it cost and earned."""
        ...

    def settle(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book what a position gets or gives without a trade, which is free, and return what it earned."""
        ...

    def margin_cushion(self) -> float:
        """Return the excess liquidity in percent of the net liquidation value."""
        ...


def shortfall(preview: MarginPreview, missing: Decimal) -> str:
    """Return why an order is refused for which so much is missing, in IBKR's words."""
    currency, equity = preview.currency, preview.after.equity_with_loan
    return (
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
        f"[{equity:.2f} {currency}] MUST EXCEED THE INITIAL MARGIN [{equity + missing:.2f} {currency}]"
    )


def what_if_state(status: str, preview: MarginPreview) -> OrderState:
    """Return the answer to a what-if order."""
    before, after = preview.before, preview.after
    amounts = {
        "initMargin": (before.margin.initial, after.margin.initial),
        "maintMargin": (before.margin.maintenance, after.margin.maintenance),
        "equityWithLoan": (before.equity_with_loan, after.equity_with_loan),
    }
    state = order_state(status)
    for name, (old, new) in amounts.items():
        told = {"Before": old, "Change": new - old, "After": new}
        state.update(**{f"{name}{when}": str(float(amount)) for when, amount in told.items()})
    state.commission = preview.commission
    state.commissionCurrency = preview.commission_currency
    state.marginCurrency = preview.currency
    return state
