"""What is looked up, scanned, read and reported: every request ends, in all its ways."""

import datetime as dt
import logging
from typing import Any

import pytest
from client.asking import Case, answered, connected, each, late, lost, refused

from ibdesk import IB, RequestTimeout, TagValue
from ibdesk.client.api.deadlines import in_time
from ibdesk.model.accounts import PositionMulti
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.config import ApiConfig, ApiSettingsConfig, Config, ConfigUpdate, UpdateConfigWarning
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDescription, ContractDetails, ScanData
from ibdesk.model.reference import (
    FamilyCode,
    HistoricalNews,
    NewsArticle,
    NewsProvider,
    ScannerSubscription,
    WshEventData,
)
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import (
    accounts,
    advisors,
    config,
    connection,
    display_groups,
    fundamentals,
    news,
    reference,
    scanner,
)

IBM = Contract(conId=8314, symbol="IBM", secType="STK", primaryExchange="NYSE", currency="USD")
ROW = scanner.ScannerRow(0, Contract(conId=1, symbol="A", secType="STK"), "NMS", "d", "b", "p", "l")
SCANNED = ScanData(0, ContractDetails(contract=ROW.contract, marketName="NMS"), "d", "b", "p", "l")
GAINERS = ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN")
SETTINGS = Config(api=ApiConfig(settings=ApiSettingsConfig(readOnlyApi=True, socketPort=7496)))
WARNING = UpdateConfigWarning(5, "title", "message")
HEADLINE = HistoricalNews(dt.datetime(2019, 10, 17, 14, 46, 6, tzinfo=dt.UTC), "BRFG", "BRFG$1", "IBM is up")


async def scan(ib: IB) -> list[ScanData]:
    return list(await ib.reqScannerDataAsync(GAINERS, None, [TagValue("priceAbove", "5")]))


CASES = [
    Case(
        lambda ib: ib.reqMatchingSymbolsAsync("IBM"),
        reference.ReqMatchingSymbols,
        lambda m: [reference.SymbolSamples(m.reqId, [reference.ContractDescription(IBM, ["OPT", "WAR"])])],
        [ContractDescription(IBM, ["OPT", "WAR"])],
        [],
    ),
    Case(
        lambda ib: ib.reqFamilyCodesAsync(),
        reference.ReqFamilyCodes,
        lambda m: [reference.FamilyCodes([reference.FamilyCode("DU1", "F1A")])],
        [FamilyCode("DU1", "F1A")],
        [],
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqSoftDollarTiersAsync(),
        reference.ReqSoftDollarTiers,
        lambda m: [reference.SoftDollarTiers(m.reqId, [SoftDollarTier("a", "b", "c")])],
        [SoftDollarTier("a", "b", "c")],
        [],
    ),
    Case(
        scan,
        scanner.ReqScannerSubscription,
        lambda m: [scanner.ScannerData(m.reqId, [ROW])],
        [SCANNED],
        [],
        cancel=scanner.CancelScannerSubscription,
    ),
    Case(
        lambda ib: ib.reqScannerParametersAsync(),
        scanner.ReqScannerParameters,
        lambda m: [scanner.ScannerParameters("<xml/>")],
        "<xml/>",
        "",
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqNewsProvidersAsync(),
        news.ReqNewsProviders,
        lambda m: [news.NewsProviders([NewsProvider("BRFG", "Briefing.com")])],
        [NewsProvider("BRFG", "Briefing.com")],
        [],
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqNewsArticleAsync("BRFG", "BRFG$1"),
        news.ReqNewsArticle,
        lambda m: [news.NewsArticle(m.reqId, 0, "<html>")],
        NewsArticle(0, "<html>"),
        None,
    ),
    Case(
        lambda ib: ib.reqHistoricalNewsAsync(8314, "BRFG", "", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), 10),
        news.ReqHistoricalNews,
        lambda m: [
            news.HistoricalNews(m.reqId, "2019-10-17 14:46:06.0", "BRFG", "BRFG$1", "IBM is up"),
            news.HistoricalNewsEnd(m.reqId, True),
        ],
        [HEADLINE],
        [],
    ),
    Case(
        lambda ib: ib.reqFundamentalDataAsync(IBM, "ReportSnapshot"),
        fundamentals.ReqFundamentalData,
        lambda m: [fundamentals.FundamentalData(m.reqId, "<report/>")],
        "<report/>",
        "",
        cancel=fundamentals.CancelFundamentalData,
    ),
    Case(
        lambda ib: ib.getWshMetaDataAsync(),
        fundamentals.ReqWshMetaData,
        lambda m: [fundamentals.WshMetaData(m.reqId, "{}")],
        "{}",
        "",
        cancel=fundamentals.CancelWshMetaData,
    ),
    Case(
        lambda ib: ib.getWshEventDataAsync(WshEventData(conId=8314)),
        fundamentals.ReqWshEventData,
        lambda m: [fundamentals.WshEventData(m.reqId, "[]")],
        "[]",
        "",
        cancel=fundamentals.CancelWshEventData,
    ),
    Case(
        lambda ib: ib.requestFAAsync(1),
        advisors.RequestFA,
        lambda m: [advisors.ReceiveFA(m.faDataType, "<groups/>")],
        "<groups/>",
        "",
        refused_as=UNSET_INTEGER,
    ),
    Case(
        lambda ib: ib.replaceFAAsync(1, "<groups/>"),
        advisors.ReplaceFA,
        lambda m: [advisors.ReplaceFAEnd(m.reqId, "done")],
        "done",
        "",
    ),
    Case(
        lambda ib: ib.reqUserInfoAsync(),
        advisors.ReqUserInfo,
        lambda m: [advisors.UserInfo(m.reqId, "broker")],
        "broker",
        "",
    ),
    Case(
        lambda ib: ib.reqPositionsMultiAsync("DU1", "M"),
        accounts.ReqPositionsMulti,
        lambda m: [
            accounts.PositionMulti(m.reqId, "DU1", "M", Contract(conId=8314, secType="STK"), 10.0, 1.5),
            accounts.PositionMultiEnd(m.reqId),
        ],
        [PositionMulti("DU1", "M", Contract.recreate(Contract(conId=8314, secType="STK")), 10.0, 1.5)],
        [],
        cancel=accounts.CancelPositionsMulti,
    ),
    Case(
        lambda ib: ib.queryDisplayGroupsAsync(),
        display_groups.QueryDisplayGroups,
        lambda m: [display_groups.DisplayGroupList(m.reqId, "3|1|2")],
        [3, 1, 2],
        [],
    ),
    Case(
        lambda ib: ib.reqCurrentTimeInMillisAsync(),
        connection.ReqCurrentTimeInMillis,
        lambda m: [connection.CurrentTimeInMillis(1767366000123)],
        dt.datetime(2026, 1, 2, 15, 0, 0, 123000, dt.UTC),
        None,
        can_be_refused=False,
        versions=(200, 225),
    ),
    Case(
        lambda ib: ib.reqConfigAsync(),
        config.ReqConfig,
        lambda m: [config.ConfigResponse(m.reqId, api=SETTINGS.api)],
        SETTINGS,
        None,
        versions=(225,),
    ),
    Case(
        lambda ib: ib.updateConfigAsync(SETTINGS, [WARNING]),
        config.UpdateConfig,
        lambda m: [config.UpdateConfigResponse(m.reqId, "OK", "fine", ["readOnlyApi"], ["e"], m.acceptedWarnings)],
        ConfigUpdate("OK", "fine", ["readOnlyApi"], ["e"], [WARNING]),
        None,
        versions=(225,),
    ),
]
REFUSABLE = [case for case in CASES if case.can_be_refused]


@each(CASES)
async def test_an_answer(case: Case, version: int) -> None:
    await answered(case, version)


@each(REFUSABLE)
async def test_a_refusal(case: Case, version: int) -> None:
    await refused(case, version)


@each(CASES)
async def test_a_loss_of_the_connection(case: Case, version: int) -> None:
    await lost(case, version)


@each(CASES)
async def test_silence(case: Case, version: int) -> None:
    await late(case, version)


async def test_without_a_timeout_of_the_user_a_late_request_ends_empty_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as (ib, server):
        request = reference.ReqMatchingSymbols(ib.client.getReqId(), "IBM")
        with caplog.at_level(logging.ERROR):
            assert await in_time(ib, request, 0.05) == []
        assert f"no answer to {request} within 0.05 s" in caplog.text
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestTimeout):
            await in_time(ib, request, 0.05)
        assert len(server.of(reference.ReqMatchingSymbols)) == 2


async def test_a_late_request_gives_what_has_come_of_its_answer() -> None:
    def begin(message: Any) -> list[Any]:
        return [news.HistoricalNews(message.reqId, "2019-10-17 14:46:06.0", "BRFG", "BRFG$1", "IBM is up")]

    async with connected({news.ReqHistoricalNews: begin}) as (ib, _):
        request = news.ReqHistoricalNews(ib.client.getReqId(), 8314, "BRFG", "", "", 10)
        assert await in_time(ib, request, 0.3) == begin(request)
