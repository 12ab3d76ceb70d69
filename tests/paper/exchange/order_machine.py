"""Random programs of orders of every type that the exchange trades, with quotes and time that passes.

What is drawn is counted in ticks from the market, so that most orders are accepted; types and the fields that each of
them takes come from the exchange's own tables, so that new types join by themselves.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from paper.exchange.conftest import (
    ACCOUNT,
    EASTERN,
    Market,
    Trader,
    at,
    black_scholes,
    forex,
    future,
    option,
    published_hours,
    stock,
)
from paper.exchange.order_witness import CarefulLedger, Witness

from ibdesk.model.contract import Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.paper.exchange import Exchange, Fact
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.exchange.working import OrderType
from ibdesk.paper.like import Like

CASH = 500_000.0
DAYS = range(15, 18)
HOURS = {
    "timeZoneId": "US/Eastern",
    "tradingHours": ";".join(f"202604{day}:0400-202604{day}:2000" for day in DAYS),
    "liquidHours": ";".join(f"202604{day}:0930-202604{day}:1600" for day in DAYS),
}
AAPL = stock(**HOURS)
BENCHMARK = ContractDetails(
    contract=Stock("SPY", "SMART", "USD", conId=756733, primaryExchange="ARCA"), minTick=0.01, validExchanges="SMART"
)
TRADED = [
    AAPL,
    replace(option(), underConId=265598, underSymbol="AAPL", **HOURS),
    future(),
    forex(),
]
ALL = {details.contract.conId: details for details in [*TRADED, BENCHMARK]}
BEGINNINGS = {265598: 200.0, 494194134: 15.0, 620731015: 5000.0, 12087792: 1.1, 756733: 600.0}
SIZES = {"STK": 10, "OPT": 1, "FUT": 1, "CASH": 20_000}
"""A size of each product; orders are for 1 to 12 times as much."""

NEEDED = {
    "auxPrice",
    "trailStopPrice",
    "delta",
    "startingPrice",
    "volatility",
    "referenceContractId",
    "peggedChangeAmount",
    "referenceChangeAmount",
}
"""The fields that are always set where a type takes them; others only sometimes."""

SCALE = {"scaleInitLevelSize", "scaleSubsLevelSize", "scalePriceIncrement", "scaleProfitOffset", "scaleAutoReset"}
OPTIONAL = [
    "outsideRth",
    "triggerMethod",
    "trailingPercent",
    "percentOffset",
    "lmtPriceOffset",
    "discretionaryAmt",
    "postOnly",
    "isPeggedChangeAmountDecrease",
    "continuousUpdate",
    "deltaNeutralOrderType",
    "scale",
    "minQty",
    "allOrNone",
    "displaySize",
]
TERMS = st.fixed_dictionaries(
    {
        "buys": st.booleans(),
        "times": st.integers(1, 12),
        "limit": st.integers(-8, 8),
        "trigger": st.integers(-8, 8),
        "distance": st.integers(0, 6),
        "tif": st.sampled_from(["DAY", "DAY", "DAY", "GTC", "GTC", "IOC", "FOK", "OPG"]),
        "oca": st.sampled_from(["", "", "a", "b"]),
        "oca_type": st.integers(1, 3),
        "optional": st.sets(st.sampled_from(OPTIONAL), max_size=2),
    }
)
KINDS = st.sampled_from(sorted(ORDER_TYPES))
PRODUCTS = st.integers(0, len(TRADED) - 1)


@dataclass
class Floor:
    """An exchange in which the steps of a program are taken, each told to the witness."""

    witness: Witness = field(default_factory=lambda: Witness(CASH))
    quotes: dict[int, Market] = field(default_factory=dict)
    told: list[Fact] = field(default_factory=list)
    trader: Trader = field(init=False)

    def __post_init__(self) -> None:
        ledger = CarefulLedger(ACCOUNT, cash=CASH)
        exchange = Exchange(
            {ACCOUNT: ledger},
            first_perm_id=1426086040,
            exec_group=0xE0D5,
            hours_of=published_hours,
            details_of=ALL.get,
            option_model=black_scholes,
            like=Like.LIVE,
        )
        self.trader = Trader(exchange, ledger, AAPL, at(10))
        for con_id, price in BEGINNINGS.items():
            tick = ALL[con_id].minTick
            self.quote(con_id, round(price, 5), round(price + tick, 5), 1000, 1000)

    def take(self, name: str, *arguments: Any) -> None:
        getattr(self, name)(*arguments)

    def place(self, con_id: int, action: str, quantity: float, kind: str, fields: dict[str, Any]) -> None:
        self.trader.details = ALL[con_id]
        self.trader.place(action, quantity, kind, **fields)
        self.see()

    def cancel(self, order_id: int) -> None:
        self.trader.cancel(order_id)
        self.see()

    def cancel_all(self) -> None:
        self.trader.facts = self.trader.exchange.cancel_all(self.trader.now)
        self.see()

    def quote(self, con_id: int, bid: float, ask: float, bid_size: float, ask_size: float) -> None:
        self.quotes[con_id] = Market(bid, ask)
        contract = ALL[con_id].contract
        self.trader.ledger.mark(contract, round((bid + ask) / 2, 6))
        self.trader.quote(bid, ask, bid, con_id=con_id, bidSize=bid_size, askSize=ask_size)
        self.see()

    def until(self, moment: datetime) -> None:
        """Let time pass, with its midnights."""
        while self.trader.now.date() < moment.date():
            midnight = datetime.combine(self.trader.now.date() + timedelta(days=1), time(), EASTERN)
            self.trader.until(midnight)
            self.see()
            self.trader.exchange.start_day(midnight)
            self.trader.ledger.start_day()
            self.witness.start_day()
        self.trader.until(moment)
        self.see()

    def see(self) -> None:
        self.told += self.trader.facts
        self.witness.see(self.trader.facts)

    # What is drawn, in prices

    def near(self, con_id: int, ticks: int) -> float:
        tick = ALL[con_id].minTick
        return round(round(self.quotes[con_id].bid / tick + ticks) * tick, 6)

    def fields(self, con_id: int, kind: OrderType, terms: dict[str, Any]) -> dict[str, Any]:
        """The fields that an order of a type takes, with values that make sense."""
        tick, optional, size = ALL[con_id].minTick, terms["optional"], SIZES[ALL[con_id].contract.secType]
        distance = round(terms["distance"] * tick, 6)
        is_price = "triggerMethod" in kind.takes and "trailStopPrice" not in kind.takes
        values = {
            "auxPrice": self.near(con_id, terms["trigger"]) if is_price else distance,
            "trailStopPrice": self.near(con_id, terms["trigger"]),
            "trailingPercent": 0.1,
            "percentOffset": 0.001,
            "lmtPriceOffset": distance,
            "triggerMethod": 1 + terms["distance"] % 4,
            "outsideRth": True,
            "discretionaryAmt": distance,
            "postOnly": True,
            "delta": 50.0,
            "startingPrice": self.near(con_id, terms["limit"]),
            "volatility": 25.0 + terms["limit"],
            "continuousUpdate": True,
            "deltaNeutralOrderType": "MKT",
            "referenceContractId": BENCHMARK.contract.conId,
            "peggedChangeAmount": tick,
            "referenceChangeAmount": 0.01,
            "isPeggedChangeAmountDecrease": True,
            "scaleInitLevelSize": size,
            "scaleSubsLevelSize": size,
            "scalePriceIncrement": tick,
            "scaleProfitOffset": 2 * tick,
            "scaleAutoReset": True,
        }
        wanted = NEEDED | optional | (SCALE if "scale" in optional else set())
        chosen = {name: value for name, value in values.items() if name in wanted and kind.takes_field(name)}
        if {"trailingPercent", "percentOffset"} & chosen.keys():
            del chosen["auxPrice"]  # It is the one or the other.
        if kind.takes_field("lmtPrice") and "lmtPriceOffset" not in chosen:
            chosen["lmtPrice"] = self.near(con_id, terms["limit"])
        chosen |= {"allOrNone": True} if "allOrNone" in optional else {}
        chosen |= {name: size for name in ("minQty", "displaySize") if name in optional}
        if terms["oca"]:
            chosen |= {"ocaGroup": terms["oca"], "ocaType": terms["oca_type"]}
        return chosen | {"tif": terms["tif"]}


class Orders(RuleBasedStateMachine):
    """A client who trades four products for some days."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor()
        self.program: list[tuple[Any, ...]] = []
        # By order id: what was placed.
        self.placed: dict[int, tuple[int, str, float, str, dict[str, Any]]] = {}

    def do(self, *step: Any) -> None:
        note(f"{self.floor.trader.now:%d %H:%M} {step}")
        self.program.append(step)
        seen = len(self.floor.told)
        self.floor.take(*step)
        for fact in self.floor.told[seen:]:
            what = getattr(fact, "status", "") or getattr(fact, "text", "")
            note(f"    {type(fact).__name__} {fact.key.orderId} {what}")

    def order(self, con_id: int, kind: str, terms: dict[str, Any], **more: Any) -> int:
        fields = self.floor.fields(con_id, ORDER_TYPES[kind], terms) | more
        order_id = fields.setdefault("orderId", self.floor.trader.exchange.next_order_id(1))
        quantity = terms["times"] * SIZES[ALL[con_id].contract.secType]
        self.placed[order_id] = con_id, "BUY" if terms["buys"] else "SELL", quantity, kind, fields
        self.do("place", *self.placed[order_id])
        return order_id

    @rule(product=PRODUCTS, kind=KINDS, terms=TERMS)
    def place(self, product, kind, terms):
        self.order(_product(product, kind), kind, terms)

    @rule(product=PRODUCTS, kind=KINDS, terms=TERMS)
    def place_another(self, product, kind, terms):
        self.order(_product(product, kind), kind, terms)

    @rule(product=PRODUCTS, kind=KINDS, profit=st.sampled_from(["LMT", "LIT"]), loss=KINDS, terms=TERMS, stop=TERMS)
    def bracket(self, product, kind, profit, loss, terms, stop):
        con_id = _product(product, kind)
        if ALL[con_id].contract.secType not in ORDER_TYPES[loss].products:
            loss = "STP"
        plain = {"oca": "", "tif": "GTC", "optional": set()}
        other = {"buys": not terms["buys"], "times": terms["times"]}
        parent = self.order(con_id, kind, terms | plain | {"tif": terms["tif"]}, transmit=False)
        away = 4 + abs(terms["limit"])
        target = away if terms["buys"] else -away
        takes = self.order(con_id, profit, terms | plain | other | {"limit": target}, parentId=parent, transmit=False)
        stops = self.order(con_id, loss, stop | plain | other | {"trigger": -target}, parentId=parent)
        self.floor.witness.brackets.append((takes, stops))

    @rule(number=st.integers(0, 20), terms=TERMS)
    def change(self, number, terms):
        """Place an order again, with the same id and other terms."""
        if self.placed:
            order_id = sorted(self.placed)[-1 - number % len(self.placed)]
            con_id, action, _, kind, before = self.placed[order_id]
            family = {name: before[name] for name in ("parentId", "ocaGroup", "ocaType") if name in before}
            self.floor.witness.brackets = [pair for pair in self.floor.witness.brackets if order_id not in pair]
            terms = terms | {"buys": action == "BUY", "oca": "", "tif": before["tif"]}
            self.order(con_id, kind, terms, orderId=order_id, **family)

    @rule(number=st.integers(0, 20))
    def cancel(self, number):
        if self.placed:
            self.do("cancel", sorted(self.placed)[-1 - number % len(self.placed)])

    @rule()
    def cancel_all(self):
        self.do("cancel_all")

    @rule(
        con_id=st.sampled_from(list(ALL)),
        ticks=st.integers(-12, 12),
        spread=st.integers(1, 4),
        sizes=st.tuples(*[st.sampled_from([0, 1, 5, 40, 300, 100_000])] * 2),
    )
    def move(self, con_id, ticks, spread, sizes):
        bid = self.floor.near(con_id, ticks)
        ask = round(bid + spread * ALL[con_id].minTick, 6)
        self.do("quote", con_id, bid, ask, *sizes)

    @rule(minutes=st.sampled_from([1, 31, 120, 400]))
    def wait(self, minutes):
        self.do("until", self.floor.trader.now + timedelta(minutes=minutes))

    @rule(hour=st.sampled_from([9, 11, 16]), days=st.integers(0, 1))
    def go_on(self, hour, days):
        """Go on to an hour, of today if it is not over, or of tomorrow."""
        day = self.floor.trader.now.date() + timedelta(days=days)
        moment = datetime.combine(day, time(hour, 45), EASTERN)
        if moment > self.floor.trader.now:
            self.do("until", moment)

    @invariant()
    def holds(self):
        self.floor.witness.check(self.floor.trader)

    def teardown(self):
        """The same program gives the same facts, with another exchange."""
        again = Floor()
        for step in self.program:
            again.take(*step)
        assert list(map(repr, again.told)) == list(map(repr, self.floor.told))


def _product(number: int, kind: str) -> int:
    """One of the products for which there is the type."""
    offered = [each.contract.conId for each in TRADED if each.contract.secType in ORDER_TYPES[kind].products]
    return offered[number % len(offered)]
