"""What the exchange asks of the books of an account, and how it words the answer."""

from typing import Protocol

from ibdesk.model.contract import Contract
from ibdesk.model.order import OrderState

from .working import order_state


class MarginPreview(Protocol):
    """What an order would do to an account, in `currency`."""

    @property
    def currency(self) -> str: ...
    @property
    def init_margin_before(self) -> float: ...
    @property
    def init_margin_after(self) -> float: ...
    @property
    def maint_margin_before(self) -> float: ...
    @property
    def maint_margin_after(self) -> float: ...
    @property
    def equity_before(self) -> float: ...
    @property
    def equity_after(self) -> float: ...
    @property
    def commission(self) -> float: ...
    @property
    def commission_currency(self) -> str: ...
    @property
    def acceptable(self) -> bool: ...


class Risk(Protocol):
    """The books of one account, as far as the exchange consults them."""

    def preview(self, contract: Contract, action: str, quantity: float, price: float) -> MarginPreview:
        """Return what buying or selling would do, at `price` or better; NaN where nothing tells a price."""
        ...

    def margin_cushion(self) -> float:
        """Return the excess liquidity in percent of the net liquidation value."""
        ...


def shortfall(preview: MarginPreview) -> str:
    """Return why an order is refused that the account cannot carry, in IBKR's words."""
    currency = preview.currency
    return (
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
        f"[{preview.equity_after:.2f} {currency}] MUST EXCEED THE INITIAL MARGIN "
        f"[{preview.init_margin_after:.2f} {currency}]"
    )


def what_if_state(status: str, preview: MarginPreview) -> OrderState:
    """Return the answer to a what-if order."""
    amounts = {
        "initMargin": (preview.init_margin_before, preview.init_margin_after),
        "maintMargin": (preview.maint_margin_before, preview.maint_margin_after),
        "equityWithLoan": (preview.equity_before, preview.equity_after),
    }
    state = order_state(status)
    for name, (before, after) in amounts.items():
        state.update(**{f"{name}Before": str(before), f"{name}Change": str(after - before), f"{name}After": str(after)})
    state.commission = preview.commission
    state.commissionCurrency = preview.commission_currency
    state.marginCurrency = preview.currency
    return state
