"""Vectors of the messages with which a program trades: connection, quotes, orders, executions, contracts, bars."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.bars import BarData
from ibdesk.model.contract import ComboLeg, Contract, DeltaNeutralContract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter
from ibdesk.model.order import Order, OrderCancel
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, order_status, orders

PAIR = Contract(
    secType="BAG",
    symbol="SPY,QQQ",
    exchange="SMART",
    currency="USD",
    comboLegs=[ComboLeg(756733, 1, "BUY", "SMART"), ComboLeg(320227571, 1, "SELL", "SMART")],
    deltaNeutralContract=DeltaNeutralContract(265598, 0.5, 150.0),
)
FILL = Execution(
    orderId=94,
    execId="0000e0d5.69dd7411.01.01",
    time="20260413 15:27:04 US/Eastern",
    acctNumber="DUP770846",
    exchange="IEX",
    side="BOT",
    shares=1.0,
    price=257.95,
    permId=389211034,
    clientId=94,
    cumQty=1.0,
    avgPrice=257.95,
    lastLiquidity=2,
)
FILLED = Contract(
    secType="STK", conId=265598, symbol="AAPL", exchange="IEX", currency="USD", localSymbol="AAPL", tradingClass="NMS"
)

VECTORS = (
    Vector("start", 178, CLIENT, text("71|2|7||"), connection.StartApi(7)),
    Vector("start with capabilities", 201, CLIENT, raw(71, "2|7|x|"), connection.StartApi(7, "x")),
    Vector("start in protobuf", 213, CLIENT, tagged(71, "08 07 12 01 78"), connection.StartApi(7, "x")),
    Vector("accounts", 200, SERVER, text("15|1|DU9000001|"), connection.ManagedAccounts("DU9000001")),
    Vector("next id", 200, SERVER, text("9|1|1|"), connection.NextValidId(1)),
    Vector("next id in protobuf", 225, SERVER, tagged(9, "08 01"), connection.NextValidId(1)),
    Vector("clock", 178, SERVER, text("49|1|1775425766|"), connection.CurrentTime(1775425766)),
    Vector("clock in protobuf", 213, SERVER, tagged(49, "08 e6 b1 cb ce 06"), connection.CurrentTime(1775425766)),
    Vector("ask for the clock", 213, CLIENT, tagged(49, ""), connection.ReqCurrentTime()),
    Vector(
        "notice",
        165,
        SERVER,
        text("4|2|-1|2104|Market data farm connection is OK:usfarm|"),
        connection.Error(-1, 2104, "Market data farm connection is OK:usfarm"),
    ),
    Vector(
        "error with escapes",
        178,
        SERVER,
        text(r"4|2|7|200|caf\xe9 \u20ac|{}|"),
        connection.Error(7, 200, "café €", "{}"),
    ),
    Vector(
        "notice with its time",
        200,
        SERVER,
        text("4|-1|2104|Market data farm connection is OK:usfarm||1775425766350|"),
        connection.Error(-1, 2104, "Market data farm connection is OK:usfarm", "", 1775425766350),
    ),
    Vector(
        "error in protobuf",
        203,
        SERVER,
        tagged(4, "08 ff ff ff ff ff ff ff ff ff 01 10 00 18 c8 01 22 05 63 61 66 c3 a9"),
        connection.Error(-1, 200, "café"),
    ),
    Vector("price", 178, SERVER, text("1|6|7|1|150.25|300|5|"), market_data.TickPrice(7, 1, 150.25, 300.0, 5)),
    Vector(
        "price with a binary id", 201, SERVER, raw(1, "6|7|1|150.25|300|0|"), market_data.TickPrice(7, 1, 150.25, 300.0)
    ),
    Vector(
        "price in protobuf",
        206,
        SERVER,
        tagged(1, "08 07 10 01 19 00 00 00 00 00 c8 62 40 22 03 33 30 30 28 05"),
        market_data.TickPrice(7, 1, 150.25, 300.0, 5),
    ),
    Vector(
        "price without a size",
        206,
        SERVER,
        tagged(1, "08 07 10 01 19 00 00 00 00 00 c8 62 40 28 00"),
        market_data.TickPrice(7, 1, 150.25),
    ),
    Vector("size", 178, SERVER, text("2|6|10000001|8|69980|"), market_data.TickSize(10000001, 8, 69980.0)),
    Vector(
        "fraction of a share",
        225,
        SERVER,
        tagged(2, "08 07 10 05 1a 06 30 2e 30 30 30 31"),
        market_data.TickSize(7, 5, 0.0001),
    ),
    Vector("text of a quote", 178, SERVER, text("46|6|24|84|Q|"), market_data.TickString(24, 84, "Q")),
    Vector("number of a quote", 178, SERVER, text("45|6|97|49|0.0|"), market_data.TickGeneric(97, 49, 0.0)),
    Vector(
        "how quotes will be",
        178,
        SERVER,
        text("81|17|0.01|a60001|3|"),
        market_data.TickReqParams(17, 0.01, "a60001", 3),
    ),
    Vector(
        "how quotes will be, with precisions",
        225,
        SERVER,
        tagged(81, "08 11 12 04 30 2e 30 31 1a 01 61 20 03 2a 01 32 32 01 30"),
        market_data.TickReqParams(17, 0.01, "a", 3, 2.0, 0.0),
    ),
    Vector(
        "ask for quotes",
        178,
        CLIENT,
        text("1|11|7|0|AAPL|STK||0.0|||SMART||USD|||0|233|0|0||"),
        market_data.ReqMktData(7, STOCK, "233"),
    ),
    Vector(
        "ask for quotes of a pair",
        202,
        CLIENT,
        raw(
            1,
            "11|7|0|SPY,QQQ|BAG|||||SMART||USD|||2|756733|1|BUY|SMART|320227571|1|SELL|SMART|1|265598|0.5|150.0||1|0|a=1;|",
        ),
        market_data.ReqMktData(7, PAIR, snapshot=True, mktDataOptions=[TagValue("a", "1")]),
    ),
    Vector(
        "ask for quotes in protobuf",
        206,
        CLIENT,
        tagged(
            1,
            "08 07 12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "1a 03 32 33 33 32 06 0a 01 61 12 01 31",
        ),
        market_data.ReqMktData(7, STOCK, "233", mktDataOptions=[TagValue("a", "1")]),
    ),
    Vector(
        "ask for executions",
        200,
        CLIENT,
        text("7|3|7|0||||||BUY|2|1|20250620|"),
        executions.ReqExecutions(7, ExecutionFilter(side="BUY", lastNDays=2, specificDates=[20250620])),
    ),
    Vector(
        "ask for executions in protobuf: a packed list",
        201,
        CLIENT,
        tagged(7, "08 07 12 0c 08 00 4a 08 fc ff d3 09 fd ff d3 09"),
        executions.ReqExecutions(7, ExecutionFilter(specificDates=[20250620, 20250621])),
    ),
    Vector(
        "status",
        200,
        SERVER,
        text("3|91|PreSubmitted|0|100|0.0|2024247308|0|0.0|182||0.0|"),
        order_status.OrderStatus(91, "PreSubmitted", 0.0, 100.0, 0.0, 2024247308, 0, 0.0, 182),
    ),
    Vector(
        "fill",
        200,
        SERVER,
        text(
            "11|-1|94|265598|AAPL|STK||0.0|||IEX|USD|AAPL|NMS|0000e0d5.69dd7411.01.01|20260413 15:27:04 US/Eastern|"
            "DUP770846|IEX|BOT|1|257.95|389211034|94|0|1|257.95|||0.0||2|0||"
        ),
        executions.ExecDetails(-1, FILLED, FILL),
    ),
    Vector(
        "commission",
        178,
        SERVER,
        text("59|1|e.1|0.364507|USD|1.7976931348623157e+308|1.7976931348623157e+308|0|"),
        executions.CommissionAndFeesReport(CommissionReport("e.1", 0.364507, "USD", UNSET_DOUBLE, UNSET_DOUBLE)),
    ),
    Vector("cancel", 168, CLIENT, text("4|1|7|"), order_status.CancelOrder(7, OrderCancel())),
    Vector(
        "cancel with a time", 178, CLIENT, text("4|1|7|20250620|"), order_status.CancelOrder(7, OrderCancel("20250620"))
    ),
    Vector("cancel all", 200, CLIENT, text("58||2147483647|"), order_status.ReqGlobalCancel(OrderCancel())),
    Vector("cancel all in protobuf", 203, CLIENT, tagged(58, "0a 00"), order_status.ReqGlobalCancel(OrderCancel())),
    Vector(
        "place",
        157,
        CLIENT,
        text(
            "3|7|0|AAPL|STK||0.0|||SMART||USD|||||BUY|100|LMT|150.25|||||O|0||1|0|0|0|0|0|0|0||0.0||||||||0||-1|0|||0|||0|0||"
            "0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0||1.7976931348623157e+308|1.7976931348623157e+308|"
            "1.7976931348623157e+308|1.7976931348623157e+308|1.7976931348623157e+308|0||||1.7976931348623157e+308|||||0|0|0|0|"
        ),
        orders.PlaceOrder(7, STOCK, Order(action="BUY", totalQuantity=100.0, orderType="LMT", lmtPrice=150.25)),
    ),
    Vector(
        "bars",
        178,
        SERVER,
        text("17|7|20250619|20250620|1|20250620|1.0|2.0|0.5|1.5|100|1.25|9|"),
        history.HistoricalData(7, [BarData("20250620", 1.0, 2.0, 0.5, 1.5, 100.0, 1.25, 9)], "20250619", "20250620"),
    ),
    Vector(
        "bars without their span",
        200,
        SERVER,
        text("17|7|1|20250620|1.0|2.0|0.5|1.5|100|1.25|9|"),
        history.HistoricalData(7, [BarData("20250620", 1.0, 2.0, 0.5, 1.5, 100.0, 1.25, 9)]),
    ),
    Vector(
        "the newest bar",
        178,
        SERVER,
        text("90|7|9|20250620|1.0|1.5|2.0|0.5|1.25|100|"),
        history.HistoricalDataUpdate(7, BarData("20250620", 1.0, 2.0, 0.5, 1.5, 100.0, 1.25, 9)),
    ),
    Vector(
        "value of an account",
        178,
        SERVER,
        text("6|2|NetLiquidation|68000.00|EUR|DU1|"),
        accounts.UpdateAccountValue("NetLiquidation", "68000.00", "EUR", "DU1"),
    ),
    Vector("end of the values", 178, SERVER, text("54|1|DU1|"), accounts.AccountDownloadEnd("DU1")),
    Vector("end of the positions", 225, SERVER, tagged(62, ""), accounts.PositionEnd()),
)

AAPL = ContractDetails(
    contract=Contract(
        secType="STK",
        conId=265598,
        symbol="AAPL",
        exchange="SMART",
        primaryExchange="NASDAQ",
        currency="USD",
        localSymbol="AAPL",
        tradingClass="NMS",
    ),
    marketName="NMS",
    minTick=0.01,
    orderTypes="ACTIVETIM,LMT,MKT",
    validExchanges="SMART,AMEX,NYSE",
    priceMagnifier=1,
    longName="APPLE INC",
    industry="Technology",
    category="Computers",
    subcategory="Computers",
    timeZoneId="US/Eastern",
    tradingHours="20260405:CLOSED;20260406:0400-20260406:2000",
    liquidHours="20260405:CLOSED;20260406:0930-20260406:1600",
    aggGroup=1,
    marketRuleIds="26,26,26",
    secIdList=[TagValue("ISIN", "US0378331005")],
    stockType="COMMON",
    minSize=0.0001,
    sizeIncrement=0.0001,
    suggestedSizeIncrement=100.0,
)

CAPTURES = (
    Vector(
        "AAPL, April 2026, its lists cut short",
        200,
        SERVER,
        text(
            "10|1001|AAPL|STK|||0||SMART|USD|AAPL|NMS|NMS|265598|0.01||ACTIVETIM,LMT,MKT|SMART,AMEX,NYSE|1|0|"
            "APPLE INC|NASDAQ||Technology|Computers|Computers|US/Eastern|20260405:CLOSED;20260406:0400-20260406:2000|"
            "20260405:CLOSED;20260406:0930-20260406:1600|||1|ISIN|US0378331005|1|||26,26,26||COMMON|0.0001|0.0001|100|0|"
        ),
        contracts.ContractData(1001, AAPL),
    ),
    Vector(
        "a price without decimals",
        157,
        SERVER,
        text("1|6|24|4|186.40|2|0|"),
        market_data.TickPrice(24, 4, 186.4, 2.0),
    ),
    Vector(
        "how quotes will be, with an exponent",
        178,
        SERVER,
        text("81|30|1.0E-4||3|"),
        market_data.TickReqParams(30, 0.0001, "", 3),
    ),
    Vector(
        "status of an order of another origin",
        200,
        SERVER,
        text("3|0|PreSubmitted|0|1|0|1518189976|0|0|0||0|"),
        order_status.OrderStatus(0, "PreSubmitted", 0.0, 1.0, 0.0, 1518189976, 0, 0.0, 0),
    ),
    Vector(
        "commission",
        178,
        SERVER,
        text("59|1|0000e0d5.69dd7411.01.01|0.364507|USD|1.7976931348623157E308|1.7976931348623157E308||"),
        executions.CommissionAndFeesReport(
            CommissionReport("0000e0d5.69dd7411.01.01", 0.364507, "USD", UNSET_DOUBLE, UNSET_DOUBLE)
        ),
    ),
    Vector(
        "fill without its empty numbers",
        200,
        SERVER,
        text(
            "11|-1|94|265598|AAPL|STK||0.0|||IEX|USD|AAPL|NMS|0000e0d5.69dd7411.01.01|20260413 15:27:04 US/Eastern|"
            "DUP770846|IEX|BOT|1|257.95|389211034|94|0|1|257.95|||||2|0||"
        ),
        executions.ExecDetails(-1, FILLED, FILL),
    ),
    Vector(
        "a future's last trade date, 2025",
        178,
        SERVER,
        text(
            "10|7|ES|FUT|20250620 08:30 US/Central|0||CME|USD|ESM5|ES|ES|620731015|0.25|50|LMT|CME|1|11004968|"
            "E-mini S&P 500||||||US/Central||||0|0|2147483647|ES|IND|67|||1|1|1|"
        ),
        contracts.ContractData(
            7,
            ContractDetails(
                contract=Contract(
                    secType="FUT",
                    conId=620731015,
                    symbol="ES",
                    lastTradeDateOrContractMonth="20250620",
                    multiplier="50",
                    exchange="CME",
                    currency="USD",
                    localSymbol="ESM5",
                    tradingClass="ES",
                ),
                lastTradeTime="08:30",
                marketName="ES",
                minTick=0.25,
                orderTypes="LMT",
                validExchanges="CME",
                priceMagnifier=1,
                underConId=11004968,
                longName="E-mini S&P 500",
                timeZoneId="US/Central",
                aggGroup=2147483647,
                underSymbol="ES",
                underSecType="IND",
                marketRuleIds="67",
                minSize=1.0,
                sizeIncrement=1.0,
                suggestedSizeIncrement=1.0,
            ),
        ),
    ),
)
