"""What a simulation came to: orders, fills, costs and profits, day by day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from ibdesk.model.accounts import PortfolioItem
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Fill
from ibdesk.model.order import Order, OrderState
from ibdesk.optional import require
from ibdesk.printable import printable

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table

_WIDTH = 100
"""Columns of the tables that `str` gives."""

PLACE_ORDER = "placeOrder"
"""IB's name of the request that places an order, or changes one."""

_SHOWN_LINES = 10
"""How many lines a table has at most of each kind of what may be many."""

_COLUMNS = ("day", "orders", "fills", "traded", "costs", "realized", "unrealized", "P&L", "equity")


class _Layout(NamedTuple):
    """How a table is drawn: the blanks between columns, the decimals of amounts, and the columns that are left out."""

    blanks: int
    decimals: int
    left_out: tuple[str, ...] = ()


_LAYOUTS = (
    _Layout(2, 2),
    _Layout(1, 2),
    _Layout(1, 0),
    _Layout(1, 0, ("traded",)),
    _Layout(1, 0, ("traded", "orders", "unrealized")),
)
"""From the widest on; the first that fits the console is drawn, or else the last."""


class DayResult(NamedTuple):
    """What one day came to. Amounts are in US dollars.

    `orders` were placed and `fills` executed on this day; `traded` is what the fills were worth, and `commissions` what
    they cost. `realized` is the profit of what was closed, `unrealized` that of what is still open, both after
    commissions. `equity` is the net liquidation value, and `pnl` how much it changed. A day of the gateway ends at
    midnight in New York; the last one when the simulation does.
    """

    day: date
    orders: int
    fills: int
    traded: float
    commissions: float
    realized: float
    unrealized: float
    pnl: float
    equity: float


class Drawdown(NamedTuple):
    """The deepest fall of the equity from a peak: by `amount` US dollars, which were `fraction` of the peak.

    The peak was at `since`, and the lowest point after it at `until`. Without a fall, both are the start.
    """

    amount: float
    fraction: float
    since: datetime
    until: datetime


class OpenOrder(NamedTuple):
    """An order that was still working at the end."""

    contract: Contract
    order: Order
    state: OrderState


class Refused(NamedTuple):
    """Requests or orders that the gateway refused for the same reason.

    `request` is IB's name of it, `placeOrder` for an order or a change of one; `code` and `reason` are what the program
    was told, and `times` says how often.
    """

    request: str
    code: int
    reason: str
    times: int


class WithoutPrices(NamedTuple):
    """A time in which nobody quoted an instrument of the files, because they begin later or end earlier.

    `symbol` is IB's local symbol.
    """

    symbol: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class SimulationResult:
    """What a simulation came to. Amounts are in US dollars.

    `returned` is what the program returned, None if the end came first. `start` and `end` are the first and the last
    moment, in New York's zone. `days` has the days on which New York's stock market was open or something happened;
    `fills` has every execution with its commission, oldest first; `portfolio` and `open_orders` are what was left at
    the end. `refused` has what the gateway refused, the most frequent reason first, and `without_prices` the times in
    which files had no prices. The account began with `cash`.

    `str` and `print` show it as a table, and rich's `Console.print` in colour.
    """

    account: str
    start: datetime
    end: datetime
    cash: float
    days: Sequence[DayResult]
    fills: Sequence[Fill]
    portfolio: Sequence[PortfolioItem]
    open_orders: Sequence[OpenOrder]
    max_drawdown: Drawdown
    refused: Sequence[Refused] = ()
    without_prices: Sequence[WithoutPrices] = ()
    returned: Any = None

    @property
    def orders(self) -> int:
        """How many orders were placed."""
        return sum(day.orders for day in self.days)

    @property
    def refused_orders(self) -> int:
        """How many orders, and changes of orders, were refused."""
        return sum(each.times for each in self.refused if each.request == PLACE_ORDER)

    @property
    def traded(self) -> float:
        """What all fills were worth."""
        return sum(day.traded for day in self.days)

    @property
    def commissions(self) -> float:
        """What all fills cost."""
        return sum(day.commissions for day in self.days)

    @property
    def realized(self) -> float:
        """The profit of all that was closed, after commissions."""
        return sum(day.realized for day in self.days)

    @property
    def unrealized(self) -> float:
        """The profit of what is open at the end, after commissions."""
        return self.days[-1].unrealized if self.days else 0.0

    @property
    def equity(self) -> float:
        """The net liquidation value at the end."""
        return self.days[-1].equity if self.days else self.cash

    @property
    def pnl(self) -> float:
        """How much the equity changed from start to end."""
        return self.equity - self.cash

    def to_frame(self) -> "DataFrame":
        """Return the days as a pandas frame, whose index is the day. Raises ImportError without pandas."""
        pandas = require("pandas", "to_frame", "ibdesk[pandas]")
        frame: DataFrame = pandas.DataFrame(list(self.days), columns=list(DayResult._fields))
        return frame.set_index(pandas.DatetimeIndex(frame.pop("day"), name="day"))

    def __str__(self) -> str:
        from rich.console import Console

        console = Console(file=StringIO(), width=_WIDTH, color_system=None, highlight=False, legacy_windows=False)
        with console.capture() as text:
            console.print(self)
        return "\n".join(line.rstrip() for line in text.get().splitlines())

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "Iterator[RenderableType]":
        """Yield what rich prints: a table as wide as the console allows, and what it does not tell."""
        from rich.text import Text

        tables = [self._table(layout) for layout in _LAYOUTS]
        wide = options.update(width=_WIDTH * 2)
        fitting = (table for table in tables if console.measure(table, options=wide).maximum <= options.max_width)
        title = f"{_shown(self.start)} to {_shown(self.end)} New York time, account {self.account}"
        yield Text(title, style="bold")
        yield next(fitting, tables[-1])
        yield from (Text(line) for line in self._lines())

    def _table(self, layout: _Layout) -> "Table":
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD)
        table.show_edge, table.pad_edge, table.padding = False, False, (0, layout.blanks - 1, 0, 0)
        table.show_footer = len(self.days) > 1
        names = [name for name in _COLUMNS if name not in layout.left_out]
        totals = self._totals(layout.decimals)
        for name in names:
            table.add_column(name, totals[name], justify="left" if name == "day" else "right", no_wrap=True)
        for day in self.days:
            cells = _cells(day, layout.decimals)
            cents = round(day.pnl, 2)
            style = "green" if cents > 0 else "red" if cents < 0 else ""
            table.add_row(*(cells[name] for name in names), style=style)
        return table

    def _totals(self, decimals: int) -> dict[str, str]:
        amounts = (self.traded, self.commissions, self.realized, self.unrealized, self.pnl, self.equity)
        whole = DayResult(self.end.date(), self.orders, len(self.fills), *amounts)
        return {**_cells(whole, decimals), "day": "total"}

    def _lines(self) -> Iterable[str]:
        """Yield what the table does not tell."""
        if not self.days:
            yield "No trading hours of New York's stock market in this time, and no orders."
        fall = self.max_drawdown
        if fall.amount:
            when = f"from {_shown(fall.since)} to {_shown(fall.until)}"
            yield f"Max drawdown {fall.amount:,.2f} USD ({fall.fraction:.2%}), {when}"
        yield from _refusals(self.refused)
        for symbol, since, until in self.without_prices[:_SHOWN_LINES]:
            yield f"No prices of {printable(symbol)} from {_shown(since)} to {_shown(until)}"
        if (left := len(self.without_prices) - _SHOWN_LINES) > 0:
            yield f"No prices of {left:,} more at times"
        for item in self.portfolio:
            if item.position:
                name = printable(item.contract.localSymbol or item.contract.symbol)
                yield (
                    f"Still open: {item.position:+,.10g} {name} at {item.averageCost:,.8g}, worth "
                    f"{item.marketValue:,.2f} {item.contract.currency}, unrealized {item.unrealizedPNL:+,.2f}"
                )
        for contract, order, state in self.open_orders:
            name = printable(contract.localSymbol or contract.symbol)
            yield f"Still working: {order.action} {order.totalQuantity:,.10g} {name} {order.orderType}, {state.status}"


def _refusals(refused: Sequence[Refused]) -> Iterator[str]:
    """Yield what was refused, orders first."""
    told = sorted(refused, key=lambda each: each.request != PLACE_ORDER)
    for request, code, reason, times in told[:_SHOWN_LINES]:
        what = f"order{'s' if times > 1 else ''}" if request == PLACE_ORDER else f"x {printable(request)}"
        yield f"Refused: {times:,} {what}, {code}: {printable(' '.join(reason.split()))}"
    if left := sum(each.times for each in told[_SHOWN_LINES:]):
        yield f"Refused: {left:,} more, for {len(told) - _SHOWN_LINES} other reasons"


def _cells(day: DayResult, decimals: int) -> dict[str, str]:
    amounts = (day.commissions, day.realized, day.unrealized, day.equity)
    commissions, realized, unrealized, equity = (f"{round(amount, decimals) + 0.0:,.{decimals}f}" for amount in amounts)
    return {
        "day": f"{day.day}",
        "orders": f"{day.orders}",
        "fills": f"{day.fills}",
        "traded": f"{day.traded:,.0f}",
        "costs": commissions,
        "realized": realized,
        "unrealized": unrealized,
        "P&L": f"{round(day.pnl, decimals) + 0.0:+,.{decimals}f}",
        "equity": equity,
    }


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
