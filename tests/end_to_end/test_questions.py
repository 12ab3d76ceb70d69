"""What a program asks beside trading: profits, scans, news, settings. In text and in protobuf, by real clients."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import fromstring

import pytest
from client.asking import until
from end_to_end.test_third_parties import run
from fetch_oracles import oracle_path

from ibdesk import (
    IB,
    Contract,
    MarketOrder,
    NewsBulletin,
    RequestError,
    ScannerSubscription,
    Stock,
    TagValue,
    WshEventData,
)
from ibdesk.errors import EncodeError
from ibdesk.model.config import ApiConfig, ApiSettingsConfig, Config
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock

HALF_PAST_TEN = dt.datetime(2026, 11, 20, 10, 30, tzinfo=NEW_YORK)
ACCOUNT = "DU1234567"
ALL_NEWS = "BRFG+BRFUPDN+DJNL"
GAINERS = ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN")


class Setup(NamedTuple):
    """A gateway whose clock is moved by hand, a client on it, and AAPL."""

    gateway: PaperGateway
    clock: HandClock
    ib: IB
    apple: Contract

    def wait(self, seconds: float) -> None:
        """Lets so much of the gateway's time go by."""
        self.clock.advance(seconds)
        self.gateway.advance()


@pytest.fixture(params=[178, 225])
async def setup(request: pytest.FixtureRequest) -> AsyncIterator[Setup]:
    clock = HandClock(HALF_PAST_TEN)
    async with PaperGateway(port=0, seed=3, clock=clock, max_version=request.param) as gateway:
        with IB() as ib:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=3)
            ib.RaiseRequestErrors = True
            apple = Stock("AAPL", "SMART", "USD")
            await ib.qualifyContractsAsync(apple)
            yield Setup(gateway, clock, ib, apple)


async def buy(setup: Setup, quantity: float) -> None:
    trade = setup.ib.placeOrder(setup.apple, MarketOrder("BUY", quantity))
    await until(setup.ib, trade.isDone)


async def test_profits(setup: Setup) -> None:
    ib = setup.ib
    await buy(setup, 100)
    whole, one = ib.reqPnL(ACCOUNT), ib.reqPnLSingle(ACCOUNT, "", setup.apple.conId)
    await until(ib, lambda: whole.dailyPnL == whole.dailyPnL and one.value == one.value)
    assert one.position == 100
    assert one.dailyPnL == whole.dailyPnL == pytest.approx(whole.unrealizedPnL)
    before = one.value
    setup.wait(60)
    await until(ib, lambda: one.value != before and whole.dailyPnL == one.dailyPnL)
    assert whole.dailyPnL == pytest.approx(one.value - 100 * ib.fills()[0].execution.price, abs=1.1)
    trade = ib.placeOrder(setup.apple, MarketOrder("SELL", 100))
    await until(ib, trade.isDone)
    setup.wait(1)
    await until(ib, lambda: one.position == 0)
    earned = sum(fill.commissionReport.realizedPNL for fill in trade.fills)
    assert (one.unrealizedPnL, whole.unrealizedPnL) == (0, 0)
    assert one.realizedPnL == whole.realizedPnL == pytest.approx(whole.dailyPnL) == pytest.approx(earned)
    ib.cancelPnL(ACCOUNT)
    ib.cancelPnLSingle(ACCOUNT, "", setup.apple.conId)


async def test_positions_and_values_by_model(setup: Setup) -> None:
    await buy(setup, 10)
    (held,) = await setup.ib.reqPositionsMultiAsync(ACCOUNT)
    assert (held.contract.conId, held.position, held.account) == (setup.apple.conId, 10, ACCOUNT)
    await setup.ib.reqAccountUpdatesMultiAsync(ACCOUNT)
    assert {value.tag for value in setup.ib.accountValues()} >= {"NetLiquidation", "CashBalance"}


async def test_a_scan(setup: Setup) -> None:
    ib = setup.ib
    rows = await ib.reqScannerDataAsync(GAINERS)
    assert [row.rank for row in rows] == list(range(10))
    found = [row.contractDetails.contract for row in rows]
    assert all(one and one.conId and one.symbol for one in found)
    dear = await ib.reqScannerDataAsync(
        GAINERS, [], [TagValue("priceAbove", "200"), TagValue("changePercAbove", "-50")]
    )
    tickers = await ib.reqTickersAsync(*(row.contractDetails.contract for row in dear if row.contractDetails.contract))
    assert tickers
    assert all(ticker.marketPrice() > 199 for ticker in tickers)
    changes = [ticker.marketPrice() / ticker.close for ticker in tickers]
    assert changes == pytest.approx(sorted(changes, reverse=True), abs=1e-3)


async def test_a_scan_is_kept_up_to_date_until_it_is_cancelled(setup: Setup) -> None:
    ib = setup.ib
    scan = ib.reqScannerSubscription(GAINERS)
    await until(ib, lambda: len(scan) == 10)
    seen: list[list[Contract | None]] = []
    scan.updateEvent += lambda rows: seen.append([row.contractDetails.contract for row in rows])
    for _ in range(20):
        setup.wait(30)
    await until(ib, lambda: len(seen) == 20)
    assert any(each != seen[0] for each in seen)
    ib.cancelScannerSubscription(scan)
    await ib.reqCurrentTimeAsync()
    setup.wait(60)
    await ib.reqCurrentTimeAsync()
    assert len(seen) == 20


async def test_scans_that_cannot_be(setup: Setup) -> None:
    ib = setup.ib
    assert not await ib.reqScannerDataAsync(ScannerSubscription(10, "STK", "STK.US.MAJOR", "HALTED"))
    for wrong, words in (
        (ScannerSubscription(10, "STK", "STK.US.MAJOR", "NO_SUCH"), "Scanner type with code NO_SUCH is disabled"),
        (ScannerSubscription(10, "STK", "STK.MARS", "MOST_ACTIVE"), "not configured for one of the chosen locations"),
        (ScannerSubscription(10, "STK", "STK.US", "MOST_ACTIVE", marketCapAbove=1.0), "is disabled"),
    ):
        with pytest.raises(RequestError, match=words) as caught:
            await ib.reqScannerDataAsync(wrong)
        assert caught.value.code == 162


async def test_what_can_be_scanned(setup: Setup) -> None:
    root = fromstring(await setup.ib.reqScannerParametersAsync())  # it comes from the test's own gateway
    codes = {one.text for one in root.iter("scanCode")}
    assert {"TOP_PERC_GAIN", "TOP_PERC_LOSE", "MOST_ACTIVE", "HOT_BY_VOLUME"} <= codes
    assert "STK.US.MAJOR" in {one.text for one in root.iter("locationCode")}


async def test_news(setup: Setup) -> None:
    ib = setup.ib
    assert [provider.code for provider in await ib.reqNewsProvidersAsync()] == ["BRFG", "BRFUPDN", "DJNL"]
    news = await ib.reqHistoricalNewsAsync(setup.apple.conId, ALL_NEWS, "", "", 10)
    assert len(news) == 10
    assert news[0].time == dt.datetime(2026, 11, 20, 14, 32, tzinfo=dt.UTC)
    some = await ib.reqHistoricalNewsAsync(setup.apple.conId, ALL_NEWS, news[5].time, news[1].time, 300)
    assert some == news[1:5]
    article = await ib.reqNewsArticleAsync(news[0].providerCode, news[0].articleId)
    assert article is not None
    assert article.articleType == 0
    assert news[0].headline.partition("}")[2] in article.articleText
    with pytest.raises(RequestError, match="Not subscribed for 'BZ' provider"):
        await ib.reqHistoricalNewsAsync(setup.apple.conId, "BZ", "", "", 10)
    with pytest.raises(RequestError, match="Failed to request news article:Not allowed"):
        await ib.reqNewsArticleAsync("BZ", "BZ$1")


async def test_bulletins(setup: Setup) -> None:
    ib = setup.ib
    ib.reqNewsBulletins(True)
    await until(ib, ib.newsBulletins)
    told: list[NewsBulletin] = []
    ib.newsBulletinEvent += told.append
    setup.wait(6 * 3600)
    await until(ib, lambda: told)
    ib.cancelNewsBulletins()
    assert [bulletin.msgType for bulletin in ib.newsBulletins()] == [1, 1]
    assert told[0].message == "Regular trading of US stocks has ended on Friday, 20 November 2026."


async def test_what_this_login_may_not(setup: Setup) -> None:
    ib = setup.ib
    assert await ib.reqFamilyCodesAsync() != []
    assert await ib.reqSoftDollarTiersAsync() == []
    assert await ib.reqUserInfoAsync() == ""
    asked: list[tuple[Any, int]] = [
        (ib.requestFAAsync(1), 321),
        (ib.replaceFAAsync(1, "<ListOfGroups/>"), 321),
        (ib.reqFundamentalDataAsync(setup.apple, "ReportSnapshot"), 430),
        (ib.getWshMetaDataAsync(), 10276),
        (ib.getWshEventDataAsync(WshEventData(conId=setup.apple.conId)), 10276),
    ]
    for request, code in asked:
        with pytest.raises(RequestError) as caught:
            await request
        assert caught.value.code == code


async def test_groups_of_windows(setup: Setup) -> None:
    ib = setup.ib
    assert await ib.queryDisplayGroupsAsync() == [1, 2, 3, 4, 5, 6, 7]
    group = ib.subscribeToGroupEvents(2)
    await until(ib, lambda: group.contractInfo == "none")
    ib.updateDisplayGroup(group, f"{setup.apple.conId}@SMART")
    await until(ib, lambda: group.contractInfo == "265598@SMART")
    ib.unsubscribeFromGroupEvents(group)


async def test_the_gateway_itself(setup: Setup) -> None:
    ib = setup.ib
    ib.setServerLogLevel(5)
    assert await ib.reqCurrentTimeAsync() == HALF_PAST_TEN
    if ib.client.serverVersion() < 197:
        with pytest.raises(EncodeError):
            await ib.reqCurrentTimeInMillisAsync()
        return
    setup.wait(0.125)
    assert await ib.reqCurrentTimeInMillisAsync() == HALF_PAST_TEN + dt.timedelta(milliseconds=125)
    config = await ib.reqConfigAsync()
    assert config is not None
    assert config.api is not None
    assert config.api.settings is not None
    assert config.api.settings.readOnlyApi is False
    changed = await ib.updateConfigAsync(Config(api=ApiConfig(settings=ApiSettingsConfig(readOnlyApi=True))))
    assert changed is not None
    assert (changed.status, changed.changedFields) == ("error", [])
    assert changed.errors == ["api.settings.readOnlyApi cannot be changed: the settings of this gateway are read-only"]


def check(result: dict[str, Any]) -> None:
    """A client that knows nothing of ibdesk was told what it must be told."""
    daily, unrealized, realized = result["pnl"]
    position, single_daily, _, _, value = result["pnlSingle"]
    assert (position, realized) == (100, 0)
    assert daily == pytest.approx(unrealized) == pytest.approx(single_daily)
    assert value > 1000
    assert result["scan"][0][0] == 0
    assert len(result["scan"]) == 10
    assert len({symbol for _, symbol, _ in result["scan"]}) == 10
    assert {market for _, _, market in result["scan"]} <= {"NMS", "SCM"} | {symbol for _, symbol, _ in result["scan"]}
    assert "TOP_PERC_GAIN" in result["scanCodes"]
    assert result["badScan"][0] == 162
    assert result["providers"] == ["BRFG", "BRFUPDN", "DJNL"]
    assert len(result["news"]) == 5
    assert result["news"][0][:2] == ["2026-11-20 14:32:00", "BRFG"]
    assert result["news"][0][2].partition("}")[2] in result["article"]
    assert result["bulletins"] == ["Regular trading of US stocks has begun on Friday, 20 November 2026."]
    assert result["fundamentals"] == 430
    assert result["advisor"] == 321


@pytest.mark.slow
async def test_ib_async_asks() -> None:
    check(await run("ib_async_asks.py", oracle_path("ib_async", "2.1.0")))


@pytest.mark.slow
@pytest.mark.parametrize("max_version", [178, 225])
async def test_the_official_client_asks(max_version: int) -> None:
    result = await run("official_asks.py", oracle_path("nautilus-ibapi", "10.46.1"), max_version)
    assert result["serverVersion"] == max_version
    check(result)
