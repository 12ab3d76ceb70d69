"""A month across two monthly expiries of options and the roll of a future, in which everything is booked twice.

`live_through` lets a program trade what ends: options on a fund, index options that are settled in the morning and in
the evening, and a future. The second books are kept by what the program is told of executions. What must become of
positions in a night is computed here from what was held, from the program's instructions, and from bars of the
underlyings: none of that asks the gateway's ledger or its clearing. `wrong` is what does not agree.
"""

import asyncio
from collections import Counter, defaultdict
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from ibdesk import (
    IB,
    Contract,
    Future,
    Index,
    LimitOrder,
    MarketOrder,
    Option,
    PriceCondition,
    StartupFetch,
    Stock,
    Trade,
)
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.market import mark_price
from ibdesk.simulation import World, simulation

from .second_books import Lot, SecondBooks, exact

START, END = date(2026, 11, 16), date(2026, 12, 21)
MONTHLY = (date(2026, 11, 20), date(2026, 12, 18))
"""The days on which monthly options end. The future ends with the second."""

DEALS = {date(2026, 11, 18): 2, date(2026, 12, 2): 1, date(2026, 12, 9): -1}
"""When how many futures are dealt in, of which a part is closed again; the seed decides on which side."""

ROLL = date(2026, 12, 14)
"""When one of the two futures is rolled to the next month. The other one is settled."""

MORNING, NOON, BEFORE_CLOSE, EVENING = time(9, 45), time(12, 30), time(15, 55), time(20, 30)
CENT = Decimal("0.01")
EXERCISE, LAPSE = 1, 2
DAY = timedelta(days=1)


class Month:
    """The program, the second books, and what is wrong."""

    def __init__(self, world: World, ib: IB, seed: int) -> None:
        self.world = world
        self.ib = ib
        self.random = Random(seed)
        self.books = SecondBooks(exact(world.result().cash))
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self.left: list[Trade] = []
        self.future = Future("ES", "202612", "CME")
        self.next_future = Future("ES", "202703", "CME")
        self.fund = Stock("SPY", "SMART", "USD", conId=756733, primaryExchange="ARCA")
        self.index = Index("SPX", "CBOE", "USD", conId=416904)
        self._instructed: dict[int, Counter[int]] = defaultdict(Counter)
        self._ended_at: dict[tuple[int, date], Decimal] = {}

    async def run(self) -> None:
        await self.ib.qualifyContractsAsync(self.future, self.next_future)
        side = self.random.choice((-1, 1))
        day = START
        while day <= END:
            before = deepcopy(self.books)
            await self.world.until(datetime.combine(day, MORNING, NEW_YORK))
            await self._read_executions()
            await self._check_night(day - DAY, before)
            await self._check_what_lives(day)
            if await self._is_open(day):
                await self._trade(day)
                await self._trade_futures(day, side)
                await self.world.until(datetime.combine(day, NOON, NEW_YORK))
                await self._instruct(day)
                if day in MONTHLY:
                    await self.world.until(datetime.combine(day, BEFORE_CLOSE, NEW_YORK))
                    await self._leave_orders(day)
            await self.world.until(datetime.combine(day, EVENING, NEW_YORK))
            await self._read_executions()
            await self._check_evening(day)
            day += DAY

    # Trading

    async def _trade(self, day: date) -> None:
        spot, level = await self._last(self.fund), await self._last(self.index)
        friday = day + timedelta(days=(4 - day.weekday()) % 7)
        weekly = await self._expiry(self.fund, "SPY", friday)
        right = self.random.choice("CP")
        await self._deal(self._option(self.fund, weekly, round(spot) + self.random.randint(-6, 6), right))
        strike = round(level / 25) * 25 + self.random.choice((-50, -25, 0, 25, 50))
        if day.weekday() in (1, 3):
            await self._deal(self._option(self.index, await self._expiry(self.index, "SPXW", friday), strike, right))
        if day.weekday() == 0:
            monthly = await self._expiry(self.index, "SPX", day)
            await self._deal(self._option(self.index, monthly, strike, right, "SPX"))
            if day < MONTHLY[1]:
                # So deep in the money that it is assigned before its end.
                await self._deal(self._option(self.fund, f"{MONTHLY[1]:%Y%m%d}", round(spot / 5) * 5 + 45, "P"), -3)

    async def _trade_futures(self, day: date, side: int) -> None:
        if day in DEALS:
            await self._deal(self.future, side * DEALS[day])
        if day == ROLL:
            await self._deal(self.future, -side)
            await self._deal(self.next_future, side)

    @staticmethod
    def _option(under: Contract, expiry: str, strike: float, right: str, trading_class: str = "") -> Option:
        trading_class = trading_class or {"SPY": "SPY", "SPX": "SPXW"}[under.symbol]
        return Option(under.symbol, expiry, strike, right, "SMART", tradingClass=trading_class)

    async def _expiry(self, under: Contract, trading_class: str, day: date) -> str:
        """Return the first expiry from that day on."""
        chains = await self.ib.reqSecDefOptParamsAsync(under.symbol, "", under.secType, under.conId)
        (found,) = [each for each in chains if (each.tradingClass, each.exchange) == (trading_class, "SMART")]
        return min(each for each in found.expirations if each >= f"{day:%Y%m%d}")

    async def _deal(self, contract: Contract, quantity: int = 0) -> None:
        quantity = quantity or self.random.choice((-2, -1, 1, 2))
        if not contract.conId:
            await self.ib.qualifyContractsAsync(contract)
        trade = self.ib.placeOrder(contract, MarketOrder("BUY" if quantity > 0 else "SELL", abs(quantity)))
        await self.world.advance(60)
        self.counts[trade.orderStatus.status] += 1

    async def _leave_orders(self, day: date) -> None:
        """Leave orders, a condition and a subscription on options that end today."""
        spot = await self._last(self.fund)
        bought, sold = [
            self._option(self.fund, f"{day:%Y%m%d}", round(spot) + distance, right)
            for distance, right in ((-25, "C"), (20, "C"))
        ]
        await self.ib.qualifyContractsAsync(bought, sold)
        never = PriceCondition(conId=bought.conId, exch="SMART", isMore=True, price=9999.0)
        self.left += [
            self.ib.placeOrder(bought, LimitOrder("BUY", 1, 1.0, tif="GTC")),
            self.ib.placeOrder(sold, LimitOrder("SELL", 1, 99.0)),
            self.ib.placeOrder(self.fund, LimitOrder("BUY", 1, 10.0, tif="GTC", conditions=[never])),
        ]
        self.ib.reqMktData(bought)
        await self.world.advance(60)
        self.counts["left"] += sum(trade.isActive() for trade in self.left[-3:])

    async def _instruct(self, day: date) -> None:
        """Give some instructions on what ends today, also against what would happen by itself."""
        for lot in list(self.books.lots.values()):
            is_ours = lot.contract.symbol == "SPY" and lot.last == f"{day:%Y%m%d}" and lot.quantity > 0
            if is_ours and self.random.random() < 0.5:
                action, quantity = self.random.choice((EXERCISE, LAPSE)), self.random.randint(1, int(lot.quantity))
                self.ib.exerciseOptions(lot.contract, action, quantity, "", 1)
                self._instructed[lot.contract.conId][action] += quantity
                self.counts["instructed"] += 1
        await self.world.advance(5)

    # Prices

    async def _is_open(self, day: date) -> bool:
        (details,) = await self.ib.reqContractDetailsAsync(self.fund)
        return any(each.start.date() == day for each in details.liquidSessions())

    async def _last(self, contract: Contract) -> float:
        bars = await self.ib.reqHistoricalDataAsync(contract, "", "60 S", "1 min", "TRADES", useRTH=True)
        return bars[-1].close

    async def _price_at_the_end(self, contract: Contract, day: date) -> Decimal | None:
        """Return the price that decides on what ends on a day or has ended before; None for anything else.

        Of an option it is that of its underlying. It is asked for in the evening, while the contract is known.
        """
        if contract.secType not in ("OPT", "FUT"):
            return None
        last = _settled_on(contract)
        if last > day:
            return None
        key = contract.conId, last
        if key not in self._ended_at:
            self._ended_at[key] = exact(await self._deciding_price(contract, last))
        return self._ended_at[key]

    async def _deciding_price(self, contract: Contract, last: date) -> float:
        if contract.secType == "FUT":
            end = datetime.combine(last, time(9, 30), NEW_YORK)
            bars = await self.ib.reqHistoricalDataAsync(contract, end, "600 S", "1 min", "TRADES", useRTH=False)
            return bars[-1].close
        opened, closed = await self._day(self.fund if contract.symbol == "SPY" else self.index, last)
        return opened if contract.tradingClass == "SPX" else closed

    async def _day(self, contract: Contract, day: date) -> tuple[float, float]:
        """Return the first and the last price of a trading day, or of the one before it."""
        end = datetime.combine(day, time(23), NEW_YORK)
        bars = await self.ib.reqHistoricalDataAsync(contract, end, "1 D", "1 day", "TRADES", useRTH=True)
        return bars[-1].open, bars[-1].close

    # Looking

    async def _read_executions(self) -> None:
        for fill in await self.ib.reqExecutionsAsync():
            if self.books.take(fill) and fill.execution.optExerciseOrLapseType > 0:
                self.counts[f"type {fill.execution.optExerciseOrLapseType}"] += 1

    async def _check_night(self, evening: date, before: SecondBooks) -> None:
        """What became of positions in the night is what had to become of them."""
        held, cash, after = before.held(), before.cash, self.books.held()
        shares = held.pop(self.fund.conId, Decimal(0))
        for con_id, quantity in list(held.items()):
            lot = before.lots[con_id]
            price = await self._price_at_the_end(lot.contract, evening)
            if price is None:
                gone = quantity - after.get(con_id, Decimal(0))
                if not gone:
                    continue
                price = exact((await self._day(self.fund, evening))[1])
                self._check_early(evening, lot, gone, price)
                exercised = gone
            else:
                gone = quantity
                exercised = self._exercised(lot, price)
            held[con_id] -= gone
            if lot.contract.secType == "FUT":
                cash += quantity * price * lot.multiplier - lot.cost
            elif lot.contract.symbol == "SPX":
                cash += exercised * _pays(lot.contract, price) * lot.multiplier
            else:
                delivered = exercised * lot.multiplier * (1 if lot.contract.right == "C" else -1)
                shares += delivered
                cash -= delivered * exact(lot.contract.strike)
        held[self.fund.conId] = shares
        held = {con_id: quantity for con_id, quantity in held.items() if quantity}
        if (held, cash) != (after, self.books.cash):
            self.wrong.append(f"night after {evening}: {after} and {self.books.cash}, and should be {held} and {cash}")

    def _exercised(self, lot: Lot, price: Decimal) -> Decimal:
        """Return how many of an option that has ended are exercised, or fewer than none assigned."""
        natural = lot.quantity if _pays(lot.contract, price) >= CENT else Decimal(0)
        asked = self._instructed[lot.contract.conId]
        if lot.quantity < 0 or not asked:
            return natural
        return asked[EXERCISE] + (natural and natural - asked[EXERCISE] - asked[LAPSE])

    def _check_early(self, evening: date, lot: Lot, gone: Decimal, price: Decimal) -> None:
        """Only what was sold, can be exercised any day, and pays, can be assigned before its end."""
        self.counts["assigned early"] += 1
        if not (lot.quantity <= gone < 0 and lot.contract.symbol == "SPY" and _pays(lot.contract, price) >= CENT):
            self.wrong.append(f"night after {evening}: {gone} of {lot.quantity} {lot.contract.localSymbol} are gone")

    async def _check_what_lives(self, day: date) -> None:
        """Of what has ended before a day nothing is held, ordered or quoted."""
        for con_id in self.books.held():
            contract = self.books.lots[con_id].contract
            if contract.secType != "STK" and _settled_on(contract) < day:
                self.wrong.append(f"{day}: {contract.localSymbol} is held, and has ended")
        # Every order that was left waited for something that ended on its day, and all others were filled.
        for trade in [*self.ib.openTrades(), *await self.ib.reqAllOpenOrdersAsync()]:
            self.wrong.append(f"{day}: order {trade.order.orderId} for {trade.contract.localSymbol} lives on")
        for ticker in self.ib.tickers():
            contract = ticker.contract
            if contract and contract.secType != "STK" and _settled_on(contract) < day and ticker.bid > 0:
                self.wrong.append(f"{day}: {contract.localSymbol} is quoted")

    async def _check_evening(self, day: date) -> None:
        """Positions, cash and equity are told as the second books have them."""
        positions = {each.contract.conId: exact(each.position) for each in await self.ib.reqPositionsAsync()}
        if positions != self.books.held():
            self.wrong.append(f"{day}: positions are {positions}, and should be {self.books.held()}")
        rows = await self.ib.reqAccountSummaryAsync(tags="TotalCashValue,NetLiquidation")
        told = {row.tag: Decimal(row.value) for row in rows}
        worth = self.books.cash + await self._value(day)
        for tag, should in (("TotalCashValue", self.books.cash), ("NetLiquidation", worth)):
            if abs(told[tag] - should) > CENT:
                self.wrong.append(f"{day}: {tag} is {told[tag]}, and should be {should}")
        self.counts["evenings"] += 1

    async def _value(self, day: date) -> Decimal:
        """Return what the positions are worth, by quotes and by what is paid for those that have ended."""
        moment, total = datetime.now(NEW_YORK), Decimal(0)
        marks = {each.contract.conId: each.marketPrice for each in self.world.result().portfolio}
        for con_id, quantity in self.books.held().items():
            lot = self.books.lots[con_id]
            price = await self._price_at_the_end(lot.contract, day)
            if price is None:
                price = exact(mark_price(self.world.gateway.broker.market.quote(con_id, moment)))
                # A last trade at 0.00, as those of options far out of the money are, is no mark: an older one stands.
                price = price or exact(marks[con_id])
            elif lot.contract.secType == "OPT":
                price = _pays(lot.contract, price)
            total += quantity * price * lot.multiplier - (lot.cost if lot.contract.secType == "FUT" else 0)
        return total


def _settled_on(contract: Contract) -> date:
    """Return the day of the price that decides."""
    last = datetime.strptime(contract.lastTradeDateOrContractMonth, "%Y%m%d").date()
    # Options of the class SPX are traded until Thursday, and settled by the opening on Friday.
    return last + DAY if contract.tradingClass == "SPX" else last


def _pays(option: Contract, price: Decimal) -> Decimal:
    gain = price - exact(option.strike)
    return max(gain if option.right == "C" else -gain, Decimal(0))


async def live_through(seed: int) -> Month:
    """Let the month pass, and return it."""
    async with simulation(f"{START}T09:30", seed=seed, cash=5_000_000) as world:
        # Account values all day long are not what this is about, and would take most of the time.
        ib = await IB().connectAsync(port=world.port, clientId=1, fetchFields=StartupFetch(0))
        month = Month(world, ib, seed)
        await month.run()
        ib.disconnect()
    await asyncio.sleep(0)
    return month
