"""What a real gateway sent, message by message, as third parties recorded it; see `wire.vectors`.

Where they hid the number of a request or an account it is 7 or DU9000001 here, and what they cut short is cut here.
What was recorded below server version 157 stands at 157: nothing in these layouts changed on the way.
"""

from wire.vectors.vector import CLIENT, SERVER, Vector, text

from ibdesk.model.bars import BarData
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.executions import CommissionReport
from ibdesk.model.reference import NewsProvider
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages import (
    accounts,
    advisors,
    connection,
    depth,
    display_groups,
    executions,
    history,
    history_summaries,
    market_data,
    news,
    order_status,
    pnl,
    reference,
    scanner,
)

FARMS = "The following farms are connected: usfarm; secdefnj. The following farms are not connected: ushmds."
NOT_SUBSCRIBED = (
    "Requested market data is not subscribed. Check API status by selecting the Account menu then under Management "
    "choose Market Data Subscription Manager and/or availability of delayed data.Delayed market data is available."
    "SPX S&P 500 Stock Index/TOP/ALL"
)


def notice(id: int, code: int, words: str) -> Vector:
    """An error or notice as of 2020 to 2025: a version, no time."""
    return Vector(
        f"{code}: {words[:40]}", 178, SERVER, text(f"4|2|{id}|{code}|{words}||"), connection.Error(id, code, words)
    )


CONNECTION = (
    Vector("accounts, 2020", 157, SERVER, text("15|1|DU332281|"), connection.ManagedAccounts("DU332281")),
    Vector("accounts, 2026", 200, SERVER, text("15|1|DU9000001|"), connection.ManagedAccounts("DU9000001")),
    Vector("next id of a client that has sent orders", 157, SERVER, text("9|1|6|"), connection.NextValidId(6)),
    notice(-1, 2106, "HMDS data farm connection is OK:ushmds"),
    notice(-1, 2107, "HMDS data farm connection is inactive but should be available upon demand.ushmds"),
    notice(-1, 2158, "Sec-def data farm connection is OK:secdefnj"),
    notice(-1, 2103, "Market data farm connection is broken:usfarm.nj"),
    notice(-1, 1100, "Connectivity between IB and Trader Workstation has been lost."),
    notice(-1, 1102, f"Connectivity between IB and Trader Workstation has been restored - data maintained. {FARMS}"),
    notice(7, 162, "Historical Market Data Service error message:API historical data query cancelled: 5"),
    notice(7, 165, "Historical Market Data Service query message:no items retrieved"),
    notice(7, 321, "Error validating request:-'cg' : cause - Not subscribed for 'BZ' provider"),
    notice(2147483647, 321, "Error validating request.-'bk' : cause - Invalid account code '1'."),
    notice(7, 354, NOT_SUBSCRIBED),
    notice(7, 10172, "Failed to request news article:Not allowed"),
    Vector(
        "the end of a cancelled order, whose reason is empty",
        200,
        SERVER,
        text("4|94|202|Order Canceled - reason:||1776270534000|"),
        connection.Error(94, 202, "Order Canceled - reason:", "", 1776270534000),
    ),
)

QUOTES = (
    Vector(
        "a mark price", 157, SERVER, text("1|6|1|37|118.51000214|0|0|"), market_data.TickPrice(1, 37, 118.51000214, 0.0)
    ),
    Vector(
        "the time of the last trade",
        157,
        SERVER,
        text("46|6|7|45|1580146404|"),
        market_data.TickString(7, 45, "1580146404"),
    ),
    Vector("easy to borrow", 157, SERVER, text("45|6|6|46|3.0|"), market_data.TickGeneric(6, 46, 3.0)),
    Vector(
        "how quotes will be, 2019",
        157,
        SERVER,
        text("81|10000001|0.01|9c|3|"),
        market_data.TickReqParams(10000001, 0.01, "9c", 3),
    ),
)

DEPTH = (
    Vector(
        "a bid at one exchange of the smart book, 2020",
        157,
        SERVER,
        text("13|1|20000001|0|AMEX|0|1|213.50|1|1|"),
        depth.UpdateMktDepthL2(
            20000001,
            depth.MarketDepthData(
                position=0, operation=0, side=1, price=213.5, size=1.0, marketMaker="AMEX", isSmartDepth=True
            ),
        ),
    ),
)

COMPONENTS = (
    reference.SmartComponent(0, "AMEX", "A"),
    reference.SmartComponent(1, "BEX", "B"),
    reference.SmartComponent(2, "NYSENAT", "C"),
    reference.SmartComponent(3, "FINRA", "D"),
    reference.SmartComponent(4, "ISE", "I"),
    reference.SmartComponent(5, "EDGEA", "J"),
    reference.SmartComponent(6, "DRCTEDGE", "K"),
    reference.SmartComponent(7, "CHX", "M"),
    reference.SmartComponent(8, "ARCA", "P"),
    reference.SmartComponent(9, "ISLAND", "Q"),
    reference.SmartComponent(10, "IEX", "V"),
    reference.SmartComponent(12, "PSX", "X"),
    reference.SmartComponent(13, "BYX", "Y"),
    reference.SmartComponent(14, "BATS", "Z"),
    reference.SmartComponent(15, "NYSE", "N"),
    reference.SmartComponent(16, "LTSE", "L"),
)

LOOKED_UP = (
    Vector(
        "who makes the consolidated quote 9c0001, 2020",
        157,
        SERVER,
        text(
            "82|7|16|0|AMEX|A|1|BEX|B|2|NYSENAT|C|3|FINRA|D|4|ISE|I|5|EDGEA|J|6|DRCTEDGE|K|7|CHX|M|8|ARCA|P|9|ISLAND|Q|"
            "10|IEX|V|12|PSX|X|13|BYX|Y|14|BATS|Z|15|NYSE|N|16|LTSE|L|"
        ),
        reference.SmartComponents(7, list(COMPONENTS)),
    ),
    Vector(
        "accounts without a family",
        157,
        SERVER,
        text("78|3|U3372058||U1564932||U2234582||"),
        reference.FamilyCodes([reference.FamilyCode(name) for name in ("U3372058", "U1564932", "U2234582")]),
    ),
    Vector("no soft dollar tiers", 200, SERVER, text("77|7|0|"), reference.SoftDollarTiers(7, [])),
    Vector("the user of a private account", 200, SERVER, text("107|7||"), advisors.UserInfo(7, "")),
    Vector(
        "display groups, joined by bars",
        157,
        SERVER,
        b"67\x001\x007\x001|2|3|4|5|6|7\x00",
        display_groups.DisplayGroupList(7, "1|2|3|4|5|6|7"),
    ),
    Vector(
        "what a display group shows",
        157,
        SERVER,
        text("68|1|7|265598@SMART|"),
        display_groups.DisplayGroupUpdated(7, "265598@SMART"),
    ),
)

NEWS = (
    Vector(
        "news services",
        157,
        SERVER,
        text(
            "85|4|BRFG|Briefing.com General Market Columns|BRFUPDN|Briefing.com Analyst Actions|"
            "DJNL|Dow Jones Newsletters|BZ|Benzinga|"
        ),
        news.NewsProviders(
            [
                NewsProvider("BRFG", "Briefing.com General Market Columns"),
                NewsProvider("BRFUPDN", "Briefing.com Analyst Actions"),
                NewsProvider("DJNL", "Dow Jones Newsletters"),
                NewsProvider("BZ", "Benzinga"),
            ]
        ),
    ),
    Vector(
        "a headline, with its sentiment",
        157,
        SERVER,
        text(
            "84|7|1578657239000|BRFUPDN|BRFUPDN$0c2d715e|Bernstein initiated Facebook (FB) coverage with Outperform|"
            "K:1.00|"
        ),
        news.TickNews(
            7,
            1578657239000,
            "BRFUPDN",
            "BRFUPDN$0c2d715e",
            "Bernstein initiated Facebook (FB) coverage with Outperform",
            "K:1.00",
        ),
    ),
    Vector(
        "a headline of the past, its sentiment in front",
        157,
        SERVER,
        text("86|7|2019-10-17 14:46:06.0|BRFG|BRFG$0bc6e1ef|{K:1.00}IBM is wearing a Red Hat|"),
        news.HistoricalNews(7, "2019-10-17 14:46:06.0", "BRFG", "BRFG$0bc6e1ef", "{K:1.00}IBM is wearing a Red Hat"),
    ),
    Vector("there are older headlines", 157, SERVER, text("87|7|1|"), news.HistoricalNewsEnd(7, True)),
    Vector("an article in HTML", 157, SERVER, text("83|7|0|<html>|"), news.NewsArticle(7, 0, "<html>")),
)

OVER_THE_COUNTER = Contract(
    conId=131342699,
    symbol="ADGS",
    secType="STK",
    exchange="SMART",
    currency="USD",
    localSymbol="ADGS",
    tradingClass="NOINFO",
)
MOST_ACTIVE = scanner.ScannerQuery(
    numberOfRows=5,
    instrument="STK",
    locationCode="STK.US",
    scanCode="MOST_ACTIVE",
    stockTypeFilter="ALL",
    scannerSubscriptionFilterOptions=[TagValue("marketCapAbove1e6", "10000"), TagValue("marketCapBelow1e6", "1000000")],
)

SCANS = (
    Vector(
        "a scan by capitalization, as a client sent it",
        157,
        CLIENT,
        text("22|7|5|STK|STK.US|MOST_ACTIVE||||||||||||||0|||ALL|marketCapAbove1e6=10000;marketCapBelow1e6=1000000;||"),
        scanner.ReqScannerSubscription(7, MOST_ACTIVE),
    ),
    Vector(
        "a row of a scan: a stock over the counter",
        157,
        SERVER,
        text("20|3|7|1|0|131342699|ADGS|STK||0||SMART|USD|ADGS|NOINFO|NOINFO|||||"),
        scanner.ScannerData(7, [scanner.ScannerRow(0, OVER_THE_COUNTER, "NOINFO")]),
    ),
)

HISTORY = (
    Vector(
        "the first hourly bar of a day, 2026",
        200,
        SERVER,
        text("17|7|1|20260402 09:30:00 US/Eastern|254.20|254.80|250.65|252.53|2829736|252.266|13633|"),
        history.HistoricalData(
            7,
            [BarData("20260402 09:30:00 US/Eastern", 254.2, 254.8, 250.65, 252.53, 2829736.0, 252.266, 13633)],
        ),
    ),
    Vector(
        "where the history of AAPL begins, 2020",
        157,
        SERVER,
        text("88|7|19801212  14:30:00|"),
        history_summaries.HeadTimestamp(7, "19801212  14:30:00"),
    ),
    Vector(
        "where the history of AAPL begins, as seconds",
        178,
        SERVER,
        text("88|7|345479400|"),
        history_summaries.HeadTimestamp(7, "345479400"),
    ),
)

ACCOUNTS = (
    Vector(
        "a value of a summary",
        200,
        SERVER,
        text("63|1|7|DU9000001|BuyingPower|300000.00|EUR|"),
        accounts.AccountSummary(7, "DU9000001", "BuyingPower", "300000.00", "EUR"),
    ),
    Vector("the end of a summary", 200, SERVER, text("64|1|7|"), accounts.AccountSummaryEnd(7)),
    Vector(
        "profit and loss of an account",
        157,
        SERVER,
        text("94|600065159|-81.00009719999798|6053.1747039|0.0|"),
        pnl.PnL(600065159, -81.00009719999798, 6053.1747039, 0.0),
    ),
    Vector(
        "status of a new order, 2020: numbers without decimals",
        157,
        SERVER,
        text("3|91|PreSubmitted|0|100|0|2024247308|0|0|182||0|"),
        order_status.OrderStatus(91, "PreSubmitted", 0.0, 100.0, 0.0, 2024247308, 0, 0.0, 182),
    ),
    Vector(
        "commission of a sale, with its profit",
        157,
        SERVER,
        text("59|1|0000e0d5.69dd7411.01.01|0.841411|USD|958.590689|1.7976931348623157E308||"),
        executions.CommissionAndFeesReport(
            CommissionReport("0000e0d5.69dd7411.01.01", 0.841411, "USD", 958.590689, UNSET_DOUBLE)
        ),
    ),
    Vector("the end of completed orders", 200, SERVER, text("102|"), order_status.CompletedOrdersEnd()),
)

CAPTURES = (*CONNECTION, *QUOTES, *DEPTH, *LOOKED_UP, *NEWS, *SCANS, *HISTORY, *ACCOUNTS)
