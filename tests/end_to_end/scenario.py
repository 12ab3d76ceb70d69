"""One trading session with ibdesk's own client, told as plain values, so that sessions can be compared."""

from dataclasses import dataclass

from client.asking import until

from ibdesk import IB, LimitOrder, MarketOrder, Stock, Trade


@dataclass(frozen=True)
class Outcome:
    """What the session came to. Nothing in it depends on the moment at which it ran."""

    conId: int
    longName: str
    bars: int
    first_bar: tuple[float, ...]
    modified_price: bool
    kept_perm_id: bool
    cancelled: str
    filled: tuple[str, float]
    commission: bool
    position: tuple[tuple[str, float], ...]
    net_liquidation: bool
    refused: tuple[int, str]
    what_if: tuple[str, bool, bool]
    bracket: tuple[str, ...]
    completed: tuple[str, ...]
    executed: float


async def trade(ib: IB) -> Outcome:
    """Quote, ask, place, modify, cancel, fill, count."""
    contract = Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    (details,) = await ib.reqContractDetailsAsync(contract)
    ticker = ib.reqMktData(contract)
    await until(ib, lambda: ticker.hasBidAsk() and ticker.last == ticker.last)
    bars = await ib.reqHistoricalDataAsync(contract, "", "1 D", "5 mins", "TRADES", True)

    # The prices of the orders come from a bar: a quote may have changed by the time a recording is played again.
    traded = bars[0].close
    far = ib.placeOrder(contract, LimitOrder("BUY", 100, round(traded * 0.9, 2)))
    await until(ib, lambda: far.orderStatus.status == "Submitted")
    perm_id = far.order.permId
    price = far.order.lmtPrice = round(traded * 0.92, 2)
    ib.placeOrder(contract, far.order)
    (shown,) = [one for one in await ib.reqOpenOrdersAsync() if one.order.orderId == far.order.orderId]
    modified, kept = shown.order.lmtPrice == price, shown.order.permId == perm_id
    ib.cancelOrder(far.order)
    await until(ib, far.isDone)

    what_if = await ib.whatIfOrderAsync(contract, MarketOrder("BUY", 100))
    buy = await _fill(ib, contract, MarketOrder("BUY", 100))
    refused: list[tuple[int, str]] = []
    ib.errorEvent += lambda reqId, code, text, _: refused.append((code, text))
    nothing = await ib.reqContractDetailsAsync(Stock("NOSUCHSTOCK", "SMART", "USD"))
    assert nothing == []

    entry, profit, loss = (
        ib.placeOrder(contract, order)
        for order in ib.bracketOrder("SELL", 100, round(traded * 0.98, 2), 1.0, round(traded * 1.2, 2))
    )
    await until(ib, lambda: entry.isDone() and loss.orderStatus.status == "PreSubmitted" and profit.isWorking())
    bracket = (entry.orderStatus.status, profit.orderStatus.status, loss.orderStatus.status)
    for child in (profit, loss):
        ib.cancelOrder(child.order)
    await until(ib, lambda: profit.isDone() and loss.isDone())

    fills = await ib.reqExecutionsAsync()
    positions = await ib.reqPositionsAsync()
    summary = await ib.accountSummaryAsync()
    completed = await ib.reqCompletedOrdersAsync(False)
    return Outcome(
        conId=contract.conId,
        longName=details.longName,
        bars=len(bars),
        first_bar=(bars[0].open, bars[0].high, bars[0].low, bars[0].close, bars[0].volume),
        modified_price=modified,
        kept_perm_id=kept,
        cancelled=far.orderStatus.status,
        filled=(buy.orderStatus.status, buy.filled()),
        commission=sum(fill.commissionReport.commission for fill in buy.fills) >= 1.0,
        position=tuple((one.contract.symbol, one.position) for one in positions),
        net_liquidation=any(
            one.tag == "NetLiquidation" and abs(float(one.value) / 1_000_000 - 1) < 0.01 for one in summary
        ),
        refused=refused[0],
        what_if=(what_if.status, float(what_if.initMarginChange) > 0, what_if.commission < 10),
        bracket=bracket,
        completed=tuple(sorted(one.orderStatus.status for one in completed)),
        executed=sum(fill.execution.shares for fill in fills),
    )


async def _fill(ib: IB, contract: Stock, order: MarketOrder) -> Trade:
    placed = ib.placeOrder(contract, order)
    await until(ib, lambda: placed.isDone() and all(fill.commissionReport.execId for fill in placed.fills))
    return placed
