"""The program behind `ibdesk demo`: twenty seconds of quotes, a chart, and a bracket order with its profit.

It uses only the public API, and connects over TCP to a paper gateway in the same process.
"""

import asyncio
import logging
from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ibdesk import IB, BarData, Contract, Fill, Forex, Future, Index, MarketOrder, Stock, Ticker, Trade
from ibdesk.paper import PaperGateway

SECONDS_OF_QUOTES = 6
SECONDS_OF_BRACKET = 10
QUANTITY = 200
SEED = 48
START = "2026-11-20T10:30:00-05:00"
"""A Friday morning in New York, when every market of the demo is open."""

_BLOCKS = " ▁▂▃▄▅▆▇█"


async def show(console: Console) -> None:
    """Run the whole demonstration."""
    async with PaperGateway(port=0, seed=SEED, start_time=START) as gateway:
        with IB() as ib:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
            console.print(
                f"[bold]ibdesk demo[/]: a paper gateway on port {gateway.port}, server version "
                f"{ib.client.serverVersion()}, account {ib.managedAccounts()[0]}"
            )
            contracts = await _contracts(ib)
            await _quotes(console, [ib.reqMktData(contract) for contract in contracts])
            await _chart(console, ib, contracts[0])
            await _bracket(console, ib, contracts[0])
    console.print("\nNow run your own program (to move one over from ib_async, change its import).")
    console.print("Start [bold]ibdesk paper[/], then:")
    console.print("    [green]from ibdesk import *; ib = IB(); ib.connect('127.0.0.1', 7497, clientId=1)[/]")


async def _contracts(ib: IB) -> list[Contract]:
    wanted: list[Contract] = [Stock(symbol, "SMART", "USD") for symbol in ("AAPL", "MSFT", "TSLA", "SPY")]
    wanted += [Forex("EURUSD"), Index("SPX", "CBOE", "USD")]
    futures = await ib.reqContractDetailsAsync(Future("ES", exchange="CME", currency="USD"))
    front = min((found.contract for found in futures if found.contract), key=lambda c: c.lastTradeDateOrContractMonth)
    await ib.qualifyContractsAsync(*wanted)
    return [*wanted, front]


# --- quotes -------------------------------------------------------------------------------------------------------


async def _quotes(console: Console, tickers: list[Ticker]) -> None:
    """Show a live table for some seconds, or one table at their end when the output is not a terminal."""
    if not console.is_terminal:
        await asyncio.sleep(SECONDS_OF_QUOTES)
        for ticker in tickers:
            console.print("  ".join(_row(ticker)))
        return
    with Live(_table(tickers), console=console, refresh_per_second=8) as live:
        for _ in range(SECONDS_OF_QUOTES * 4):
            await asyncio.sleep(0.25)
            live.update(_table(tickers))


def _table(tickers: list[Ticker]) -> Table:
    table = Table(title="Live quotes", title_justify="left")
    table.add_column("contract")
    for name in ("bid size", "bid", "ask", "ask size", "last", "change", "volume"):
        table.add_column(name, justify="right")
    for ticker in tickers:
        change = ticker.marketPrice() - ticker.close
        table.add_row(*_row(ticker), style="green" if change > 0 else "red" if change < 0 else "")
    return table


def _row(ticker: Ticker) -> tuple[str, ...]:
    contract = ticker.contract
    assert contract is not None
    digits = 5 if contract.secType == "CASH" else 2

    # Values that have not arrived yet are NaN, which does not equal itself. IBKR sends -1 for a missing price.
    def price(value: float) -> str:
        return f"{value:.{digits}f}" if value == value and value >= 0 else "-"

    def count(value: float) -> str:
        return f"{value:,.0f}" if value == value and value > 0 else "-"

    change = ticker.marketPrice() / ticker.close - 1
    return (
        f"{contract.localSymbol or contract.symbol:8}",
        f"{count(ticker.bidSize):>10}",
        f"{price(ticker.bid):>9}",
        f"{price(ticker.ask):>9}",
        f"{count(ticker.askSize):>10}",
        f"{price(ticker.last):>9}",
        f"{change:+.2%}" if change == change else "-",
        f"{count(ticker.volume):>12}",
    )


# --- bars ---------------------------------------------------------------------------------------------------------


async def _chart(console: Console, ib: IB, contract: Contract) -> None:
    bars = await ib.reqHistoricalDataAsync(contract, "", "1 D", "5 mins", "TRADES", useRTH=False)
    console.print(Panel(chart(bars, height=8), title=f"{contract.symbol}, a day of 5-minute bars", expand=False))


def chart(bars: Sequence[BarData], height: int) -> Text:
    """Return the closes of bars as a chart of block characters, with the highest and lowest price beside it."""
    closes = [bar.close for bar in bars]
    low, high = min(closes), max(closes)
    steps = height * 8
    levels = [round((close - low) / (high - low or 1) * (steps - 1)) + 1 for close in closes]
    lines = []
    for row in reversed(range(height)):
        line = "".join(_BLOCKS[min(max(level - row * 8, 0), 8)] for level in levels)
        label = high if row == height - 1 else low if row == 0 else None
        lines.append(f"{line} {label:.2f}" if label is not None else line)
    return Text("\n".join(lines), style="cyan", no_wrap=True)


# --- orders -------------------------------------------------------------------------------------------------------


async def _bracket(console: Console, ib: IB, contract: Contract) -> None:
    ticker = ib.ticker(contract)
    assert ticker is not None
    entry = round(ticker.ask + 0.03, 2)
    bracket = ib.bracketOrder("BUY", QUANTITY, entry, round(ticker.ask + 0.06, 2), round(ticker.bid - 0.08, 2))
    trades = [ib.placeOrder(contract, order) for order in bracket]
    console.print(
        f"\nA bracket: buy {QUANTITY} {contract.symbol} at {entry:.2f} or better, take profit at "
        f"{bracket.takeProfit.lmtPrice:.2f}, stop the loss at {bracket.stopLoss.auxPrice:.2f}"
    )
    if not console.is_terminal:
        await _done(trades, SECONDS_OF_BRACKET)
    else:
        with Live(_trades(trades), console=console, refresh_per_second=8) as live:
            for _ in range(SECONDS_OF_BRACKET * 4):
                await _done(trades, 0.25)
                live.update(_trades(trades))
                if all(trade.isDone() for trade in trades):
                    break
    if not all(trade.isDone() for trade in trades):
        await _close(console, ib, contract, trades)
    await asyncio.sleep(0.5)  # the last commission report comes after its fill
    console.print(_fills(ib.fills()) if console.is_terminal else "\n".join(_fill_lines(ib)))
    _profit(console, ib)


async def _done(trades: list[Trade], seconds: float) -> None:
    """Wait until all trades are done, but at most this long."""
    end = asyncio.get_running_loop().time() + seconds
    while not all(trade.isDone() for trade in trades) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)


async def _close(console: Console, ib: IB, contract: Contract, trades: list[Trade]) -> None:
    """Cancel open orders and sell the position, because the market has reached neither price in time."""
    console.print("Neither price was reached in time: the rest is cancelled and the position sold at the market.")
    for trade in trades:
        if not trade.isDone():
            ib.cancelOrder(trade.order)
    await _done(trades, 3)
    held = sum(position.position for position in ib.positions() if position.contract.conId == contract.conId)
    if held:
        await _done([ib.placeOrder(contract, MarketOrder("SELL" if held > 0 else "BUY", abs(held)))], 3)


def _trades(trades: list[Trade]) -> RenderableType:
    table = Table("order", "type", "price", "status", "filled", "held for", title="Orders", title_justify="left")
    for trade in trades:
        order, status = trade.order, trade.orderStatus
        price = order.auxPrice if order.orderType == "STP" else order.lmtPrice
        filled = f"{status.filled:.0f} of {order.totalQuantity:.0f}"
        table.add_row(order.action, order.orderType, f"{price:.2f}", status.status, filled, status.whyHeld)
    return Group(table)


def _fills(fills: Sequence[Fill]) -> RenderableType:
    table = Table("time", "side", "shares", "price", "exchange", "commission", title="Fills", title_justify="left")
    for line in _fill_rows(fills):
        table.add_row(*line)
    return Columns([table])


def _fill_lines(ib: IB) -> list[str]:
    return ["  ".join(row) for row in _fill_rows(ib.fills())]


def _fill_rows(fills: Sequence[Fill]) -> list[tuple[str, ...]]:
    return [
        (
            f"{fill.execution.time:%H:%M:%S}",
            fill.execution.side,
            f"{fill.execution.shares:.0f}",
            f"{fill.execution.price:.2f}",
            fill.execution.exchange,
            f"{fill.commissionReport.commission:.2f}",
        )
        for fill in fills
    ]


def _profit(console: Console, ib: IB) -> None:
    realized = sum(
        fill.commissionReport.realizedPNL
        for fill in ib.fills()
        if abs(fill.commissionReport.realizedPNL) < 1e300  # UNSET_DOUBLE when the fill closed nothing
    )
    commission = sum(fill.commissionReport.commission for fill in ib.fills())
    colour = "green" if realized > 0 else "red"
    console.print(f"Realized P&L [{colour}]{realized:+.2f} USD[/] after {commission:.2f} USD of commissions")


def run_demo() -> None:
    """Run the demonstration to its end."""
    logging.getLogger("ibdesk").setLevel(logging.ERROR)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    asyncio.run(show(console))
