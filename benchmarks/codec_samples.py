"""What the benchmark of the codecs decodes and encodes: messages as a gateway sends them, each with values of its own.

The text of a gateway is not spelled like ours in all places (`1.7976931348623157E308`); `frames` gives it as it is.
"""

from collections.abc import Iterator
from typing import Any

from ibdesk.model.bars import BarData
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderState
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.contracts import ContractData
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickSize, TickString
from ibdesk.wire.messages.orders import OpenOrder

SYMBOLS = ("AAPL", "MSFT", "AMZN", "NVDA", "TSLA", "META", "JPM", "XOM", "SPY", "QQQ", "IBM", "KO", "F", "T", "BRK B")
EXCHANGES = (
    "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,EDGX,FOXRIVER,PEARL,NYSENAT,LTSE,"
    "MEMX,IBEOS,OVERNIGHT,TPLUS0,PSX,T24X"
)
ORDER_TYPES = (
    "ACTIVETIM,AD,ADJUST,ALERT,ALGO,ALLOC,AVGCOST,BASKET,CASHQTY,COND,CONDORDER,DARKONLY,DARKPOLL,DAY,DEACT,DEACTDIS,"
    "DEACTEOD,GAT,GTC,GTD,GTT,HID,IOC,LIT,LMT,MIT,MKT,MTL,NGCOMB,NONALGO,OCA,PEGBENCH,SCALE,SCALERST,SNAPMID,SNAPMKT,"
    "SNAPREL,STP,STPLMT,TRAIL,TRAILLIT,TRAILLMT,TRAILMIT,WHATIF"
)
HOURS = ";".join(f"2026010{day}:0400-2026010{day}:2000" for day in (5, 6, 7, 8, 9)) + ";20260110:CLOSED"
UNSET = "1.7976931348623157E308"
MARGINS = ("initMargin", "maintMargin", "equityWithLoan")


def ticks(number: int) -> Iterator[Any]:
    """The quotes of a hundred stocks. Of ten ticks five are prices, four are sizes, and one is something else."""
    for i in range(number):
        ticker = i * 7 % 100
        price = round(20 + ticker * 37 % 97 * 4 + i * 7919 % 41 / 100, 2)
        if i % 10 < 5:
            yield TickPrice(1000 + ticker, (1, 2, 4)[i % 3], price, float(i * 13 % 40 * 100), i % 2)
        elif i % 10 < 8:
            yield TickSize(1000 + ticker, (0, 3, 5)[i % 3], float(i * 13 % 40 * 100))
        elif i % 10 < 9:
            yield TickSize(1000 + ticker, 8, float(10_000 * ticker + i))
        elif i % 20 < 10:
            yield TickString(1000 + ticker, 45, str(1775425766 + i // 1000))
        else:
            yield TickGeneric(1000 + ticker, 49, float(i % 30 == 19))


def contract(i: int) -> Contract:
    """A stock, as an order names it."""
    symbol = SYMBOLS[i % len(SYMBOLS)]
    return Contract(
        conId=265598 + i * 997,
        symbol=symbol,
        secType="STK",
        exchange="SMART",
        currency="USD",
        localSymbol=symbol,
        tradingClass="NMS",
    )


def order_values(i: int) -> dict[str, Any]:
    """What a program fills in of an order."""
    limit = round(20 + i * 37 % 9973 / 20, 2)
    kinds: tuple[dict[str, Any], ...] = (
        {"orderType": "LMT", "lmtPrice": limit, "tif": "GTC"},
        {"orderType": "LMT", "lmtPrice": limit, "tif": "DAY", "outsideRth": True},
        {"orderType": "STP", "auxPrice": limit, "tif": "GTC", "parentId": 90 + i, "ocaGroup": f"OCA {i}", "ocaType": 1},
        {"orderType": "STP LMT", "lmtPrice": limit, "auxPrice": limit - 0.25, "tif": "DAY"},
    )
    return {
        "action": ("BUY", "SELL")[i % 2],
        "totalQuantity": float(1 + i * 7 % 900),
        "account": "DU1234567",
        "orderRef": f"strategy {i % 5}",
        **kinds[i % 4],
    }


def open_order(i: int) -> OpenOrder:
    """A working order, with what a gateway fills in of its own."""
    values = {"lmtPrice": 0.0, "auxPrice": 0.0, **order_values(i)}
    order = Order(
        **values,
        orderId=100 + i,
        clientId=i % 3,
        permId=1_389_211_034 + i,
        openClose="",
        trailStopPrice=values["lmtPrice"] - 1 if values["lmtPrice"] else UNSET_PRICE,
        clearingIntent="IB",
        deltaNeutralOrderType="None",
        deltaNeutralOpenClose="?",
        referencePriceType=0,
        volatilityType=0,
        adjustedOrderType="None",
        softDollarTier=SoftDollarTier("", "", ""),
        cashQty=0.0,
        autoCancelParent=False,
        usePriceMgmtAlgo=False,
    )
    named = Contract(**{**vars(contract(i)), "right": "?"})
    state = OrderState(status=("PreSubmitted", "Submitted")[i % 2])
    for margin in MARGINS:
        for suffix in ("Before", "Change", "After"):
            setattr(state, margin + suffix, UNSET)
    return OpenOrder(named, order, state)


UNSET_PRICE = Order().lmtPrice


def contract_data(i: int) -> ContractData:
    """A row of an option chain, and every tenth time a stock."""
    symbol, months = SYMBOLS[i % len(SYMBOLS)], ("202601", "202602", "202603", "202606")
    names: dict[str, Any] = {"symbol": symbol, "exchange": "SMART", "currency": "USD", "conId": 600_000_000 + i * 31}
    shared: dict[str, Any] = {
        "validExchanges": EXCHANGES,
        "orderTypes": ORDER_TYPES,
        "minTick": 0.01,
        "priceMagnifier": 1,
        "timeZoneId": "US/Eastern",
        "tradingHours": HOURS,
        "liquidHours": HOURS.replace("0400", "0930").replace("2000", "1600"),
        "marketRuleIds": ",".join(["26"] * 26),
        "aggGroup": 1 + i % 2,
        "longName": f"{symbol} INC",
    }
    if i % 10 == 0:
        stock = Contract(**names, secType="STK", localSymbol=symbol, tradingClass="NMS", primaryExchange="NASDAQ")
        more: dict[str, Any] = {
            "marketName": "NMS",
            "industry": "Technology",
            "category": "Computers",
            "subcategory": "Computers",
            "secIdList": [TagValue("ISIN", f"US{37833100 + i:010}")],
            "stockType": "COMMON",
            "minSize": 0.0001,
            "sizeIncrement": 0.0001,
            "suggestedSizeIncrement": 100.0,
        }
        return ContractData(1001, ContractDetails(contract=stock, **shared, **more))
    month, strike, right = months[i // 10 % 4], 50 + i % 400 * 2.5, "CP"[i % 2]
    option = Contract(
        **names,
        secType="OPT",
        lastTradeDateOrContractMonth=f"{month}16",
        strike=strike,
        right=right,
        multiplier="100",
        localSymbol=f"{symbol:6}{month[2:]}16{right}{int(strike * 1000):08}",
        tradingClass=symbol,
    )
    more = {
        "marketName": symbol,
        "underConId": 265598 + i % 15,
        "contractMonth": month,
        "underSymbol": symbol,
        "underSecType": "STK",
        "realExpirationDate": f"{month}16",
        "minSize": 1.0,
        "sizeIncrement": 1.0,
        "suggestedSizeIncrement": 1.0,
    }
    return ContractData(1001, ContractDetails(contract=option, **shared, **more))


def history(number: int) -> HistoricalData:
    """Bars of a minute."""
    bars = []
    for i in range(number):
        price = 150 + i * 37 % 997 / 100
        prices = [round(price + step, 2) for step in (0, 0.31, -0.27, 0.11)]
        date = f"202601{5 + i // 390 % 20:02} {9 + (i % 390 + 30) // 60:02}:{(i + 30) % 60:02}:00 US/Eastern"
        bars.append(BarData(date, *prices, float(i * 131 % 90_000), round(price + 0.137, 3), i * 17 % 900))  # type: ignore[arg-type]
    return HistoricalData(7, bars, "20260105 09:30:00 US/Eastern", "20260130 16:00:00 US/Eastern")


MESSAGES = {
    "ticks": [*ticks(20_000)],
    "openOrder": [open_order(i) for i in range(1000)],
    "contractDetails": [contract_data(i) for i in range(5000)],
    "10,000 bars": [history(10_000)],
}
"""What is decoded: the name of the row -> its messages."""

ORDERS = [(vars(contract(i)), order_values(i)) for i in range(500)]
"""What is encoded: the fields of a contract and of an order."""


def frames(name: str, version: int) -> list[bytes]:
    """The payloads of a row of `MESSAGES`, as a gateway of this server version spells them."""
    codec = Codec(Sender.CLIENT, version)
    return [codec.encode(message).replace(b"7e+308\0", b"7E308\0") for message in MESSAGES[name]]
