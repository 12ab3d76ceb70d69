"""Where profits, scans, news and what is looked up go; it must not know methods, nor how a message travels."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ibdesk.client.mirror import news as headlines
from ibdesk.client.mirror import pnl as pnl_state
from ibdesk.client.mirror.emission import failure
from ibdesk.client.mirror.known import known
from ibdesk.client.mirror.scans import scanned
from ibdesk.errors import RequestError
from ibdesk.model.accounts import PositionMulti
from ibdesk.model.config import Config, ConfigUpdate
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDescription
from ibdesk.model.reference import FamilyCode, NewsArticle
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import (
    accounts,
    advisors,
    config,
    connection,
    display_groups,
    fundamentals,
    news,
    pnl,
    reference,
    scanner,
)

if TYPE_CHECKING:
    from ibdesk.client.session import Session

_NOTHING_FOUND = 165
"""A scan has no rows, or none any more."""

_ADVISOR_DATA = (1, 2, 3)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def handlers(session: "Session") -> dict[type, Callable[[Any], None]]:
    """Message class -> what to do with it."""
    return {**_followed(session), **_answers(session)}


def _followed(session: "Session") -> dict[type, Callable[[Any], None]]:
    """What comes again and again."""

    def scan(message: scanner.ScannerData) -> None:
        rows = session.followed.scans.get(message.reqId)
        if rows is None:
            session.requests.late["ScannerData"] += 1
            return
        session.emit_all(scanned(message.rows, rows))
        session.requests.finish(message.reqId)

    def calendar(message: fundamentals.WshMetaData | fundamentals.WshEventData, event: str) -> None:
        session.emit(event, message.dataJson)
        if message.reqId in session.requests or message.reqId not in session.followed.calendar.values():
            session.complete(message, message.dataJson)

    def group(message: display_groups.DisplayGroupUpdated) -> None:
        found = session.followed.groups.get(message.reqId)
        if found is not None:
            session.emit_all(found.shows(message.contractInfo))

    return {
        pnl.PnL: lambda m: session.emit_all(pnl_state.pnl(m, session.followed.pnl)),
        pnl.PnLSingle: lambda m: session.emit_all(pnl_state.pnl_single(m, session.followed.pnl_single)),
        scanner.ScannerData: scan,
        news.TickNews: lambda m: session.emit_all(session.news.tick_news(m, session.quotes.contract(m.reqId))),
        news.UpdateNewsBulletin: lambda m: session.emit_all(session.news.bulletin(m)),
        fundamentals.WshMetaData: lambda m: calendar(m, "wshMetaEvent"),
        fundamentals.WshEventData: lambda m: calendar(m, "wshEvent"),
        display_groups.DisplayGroupUpdated: group,
    }


def _answers(session: "Session") -> dict[type, Callable[[Any], None]]:
    """What is an answer, whole or in part."""
    complete, add = session.complete, session.add
    return {
        reference.SymbolSamples: lambda m: complete(m, [_description(one) for one in m.contractDescriptions]),
        reference.FamilyCodes: lambda m: complete(
            m, [FamilyCode(one.accountID, one.familyCodeStr) for one in m.familyCodes], reference.ReqFamilyCodes
        ),
        reference.SoftDollarTiers: lambda m: complete(m, m.tiers),
        scanner.ScannerParameters: lambda m: complete(m, m.xml, scanner.ReqScannerParameters),
        news.NewsProviders: lambda m: complete(m, m.newsProviders, news.ReqNewsProviders),
        news.NewsArticle: lambda m: complete(m, NewsArticle(m.articleType, m.articleText)),
        news.HistoricalNews: lambda m: add(m, headlines.headline(m)),
        fundamentals.FundamentalData: lambda m: complete(m, m.data),
        advisors.ReceiveFA: lambda m: complete(m, m.cxml, (advisors.RequestFA, m.faDataType)),
        advisors.ReplaceFAEnd: lambda m: complete(m, m.text),
        advisors.UserInfo: lambda m: complete(m, m.whiteBrandingId),
        accounts.PositionMulti: lambda m: add(m, _position(m)),
        connection.CurrentTimeInMillis: lambda m: complete(
            m, _EPOCH + dt.timedelta(milliseconds=m.timeInMillis), connection.ReqCurrentTimeInMillis
        ),
        config.ConfigResponse: lambda m: complete(m, Config(m.lockAndExit, m.messages, m.api, m.orders)),
        config.UpdateConfigResponse: lambda m: complete(
            m, ConfigUpdate(m.status, m.message, m.changedFields, m.errors, m.warnings)
        ),
        display_groups.DisplayGroupList: lambda m: complete(m, [int(one) for one in m.groups.split("|") if one]),
    }


def error(session: "Session", message: connection.Error, ends: bool) -> None:
    """What an error does, beside ending the request that it names. `ends`: what it names does not go on."""
    reqId = message.reqId
    if reqId == UNSET_INTEGER and ends:
        # So TWS names the requests without a reqId; which of them it was is in the text alone.
        failed = RequestError(reqId, message.errorCode, message.errorString)
        for kind in _ADVISOR_DATA:
            session.requests.fail((advisors.RequestFA, kind), failed)
        session.requests.fail(accounts.ReqAccountUpdates, failed)
    rows = session.followed.scans.get(reqId)
    if rows is not None and message.errorCode == _NOTHING_FOUND:
        session.emit_all(scanned([], rows))
        session.requests.finish(reqId)
    if ends:
        refused = RequestError(reqId, message.errorCode, message.errorString)
        for one in (session.followed.scans.get(reqId), session.followed.groups.get(reqId)):
            if one is not None:
                session.emit_all([failure(one.updateEvent, refused)])
        session.followed.end(reqId)


def _position(message: accounts.PositionMulti) -> PositionMulti:
    contract = Contract.recreate(message.contract)
    return PositionMulti(message.account, message.modelCode, contract, known(message.position), known(message.avgCost))


def _description(found: reference.ContractDescription) -> ContractDescription:
    return ContractDescription(found.contract, found.derivativeSecTypes)
