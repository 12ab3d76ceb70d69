"""What clients learn of the gateway itself: its clock, its settings, its windows, and whose login it is."""

import pytest

from ibdesk.model.config import ApiConfig, ApiSettingsConfig, LockAndExitConfig, MessageConfig
from ibdesk.model.contract import Stock
from ibdesk.model.reference import WshEventData
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire import versions as V
from ibdesk.wire.messages.advisors import ReplaceFA, RequestFA, ReqUserInfo, UserInfo
from ibdesk.wire.messages.config import ReqConfig, UpdateConfig, UpdateConfigResponse
from ibdesk.wire.messages.connection import CurrentTimeInMillis, ReqCurrentTimeInMillis, SetServerLogLevel
from ibdesk.wire.messages.display_groups import (
    DisplayGroupList,
    DisplayGroupUpdated,
    QueryDisplayGroups,
    SubscribeToGroupEvents,
    UnsubscribeFromGroupEvents,
    UpdateDisplayGroup,
)
from ibdesk.wire.messages.fundamentals import (
    CancelFundamentalData,
    CancelWshEventData,
    CancelWshMetaData,
    ReqFundamentalData,
    ReqWshEventData,
    ReqWshMetaData,
)
from ibdesk.wire.messages.reference import (
    FamilyCode,
    FamilyCodes,
    ReqFamilyCodes,
    ReqSoftDollarTiers,
    SoftDollarTiers,
)

ACCOUNT = "DU1234567"
TEN_O_CLOCK = 1776261600
APPLE = Stock("AAPL", "SMART", "USD")
OLD_AND_NEW = [V.MIN, V.MAX]


def refused(answers):
    return [(each.reqId, each.errorCode, each.errorString) for each in answers]


# The gateway


@pytest.mark.parametrize("version", [V.CURRENT_TIME_IN_MILLIS, V.MAX])
def test_the_clock_in_milliseconds(gateway, version):
    client = gateway.connect(1, version)
    gateway.wait(0.25)
    assert client.ask(ReqCurrentTimeInMillis()) == [CurrentTimeInMillis(TEN_O_CLOCK * 1000 + 250)]


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_log_levels(gateway, version):
    client = gateway.connect(1, version)
    assert client.ask(*(SetServerLogLevel(level) for level in range(1, 6))) == []
    for level in (0, 6):
        assert refused(client.ask(SetServerLogLevel(level))) == [(-1, 319, "Invalid log level")]


def test_settings_can_be_read(make_gateway):
    (answer,) = make_gateway(master_client_id=9).connect(1).ask(ReqConfig(3))
    settings = answer.api.settings
    assert answer.reqId == 3
    assert (settings.readOnlyApi, settings.prepareDailyPnL, settings.masterClientId) == (False, True, 9)
    assert settings.socketPort == UNSET_INTEGER
    (answer,) = make_gateway().connect(1).ask(ReqConfig(3))
    assert answer.api.settings.masterClientId == UNSET_INTEGER


def test_settings_cannot_be_changed(client):
    (before,) = client.ask(ReqConfig(3))
    request = UpdateConfig(
        4,
        LockAndExitConfig(autoLogoffTime="11:00"),
        [MessageConfig(7, enabled=False)],
        ApiConfig(settings=ApiSettingsConfig(readOnlyApi=True, prepareDailyPnL=True, trustedIPs=["10.0.0.1"])),
        resetAPIOrderSequence=True,
    )
    names = (
        "lockAndExit.autoLogoffTime",
        "messages",
        "api.settings.readOnlyApi",
        "api.settings.trustedIPs",
        "resetAPIOrderSequence",
    )
    errors = [f"{name} cannot be changed: the settings of this gateway are read-only" for name in names]
    assert client.ask(request) == [UpdateConfigResponse(4, "error", "Nothing is changed.", errors=errors)]
    assert client.ask(ReqConfig(3)) == [before]


def test_what_is_as_wanted_is_no_change(client):
    (now,) = client.ask(ReqConfig(3))
    assert client.ask(UpdateConfig(4, api=now.api)) == [UpdateConfigResponse(4, "success", "Nothing is to change.")]


# Groups of windows


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_a_group_shows_what_a_client_has_it_show(gateway, version):
    client, other = gateway.connect(1, version), gateway.connect(2, version)
    assert client.ask(QueryDisplayGroups(5)) == [DisplayGroupList(5, "1|2|3|4|5|6|7")]
    assert client.ask(SubscribeToGroupEvents(6, 4)) == [DisplayGroupUpdated(6, "none")]
    other.ask(SubscribeToGroupEvents(8, 4), SubscribeToGroupEvents(9, 5))
    assert client.ask(UpdateDisplayGroup(6, "265598@SMART")) == [DisplayGroupUpdated(6, "265598@SMART")]
    assert other.heard() == [DisplayGroupUpdated(8, "265598@SMART")]
    assert client.ask(SubscribeToGroupEvents(7, 4)) == [DisplayGroupUpdated(7, "265598@SMART")]
    assert other.ask(UpdateDisplayGroup(8, "none")) == [DisplayGroupUpdated(8, "none")]
    assert client.ask(UnsubscribeFromGroupEvents(6)) == [DisplayGroupUpdated(6, "none"), DisplayGroupUpdated(7, "none")]
    gateway.router.disconnect(other.seat)
    client.ask(UpdateDisplayGroup(7, "8314@SMART"))
    assert other.heard() == []
    assert gateway.router.next_due is None


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (SubscribeToGroupEvents(7, 8), "Invalid display group - 8"),
        (SubscribeToGroupEvents(7, 0), "Invalid display group - 0"),
        (UpdateDisplayGroup(7, "none"), "Not subscribed to a display group - 7"),
        (UpdateDisplayGroup(6, "AAPL"), "Invalid contract info - AAPL"),
        (UpdateDisplayGroup(6, "1@SMART"), "Invalid contract info - 1@SMART"),
    ],
)
def test_what_a_group_cannot_show(client, request_, cause):
    client.ask(SubscribeToGroupEvents(6, 4))
    text = f"Error validating request.-'bU' : cause - {cause}"
    assert refused(client.ask(request_)) == [(request_.reqId, 321, text)]


# The login


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_the_login_is_one_customers_own(gateway, version):
    client = gateway.connect(1, version)
    assert client.ask(ReqFamilyCodes()) == [FamilyCodes([FamilyCode(ACCOUNT, "")])]
    assert client.ask(ReqSoftDollarTiers(4)) == [SoftDollarTiers(4, [])]
    head = "Error validating request.-"
    cause = " : cause - FA data operations ignored for non FA customers."
    assert refused(client.ask(RequestFA(1))) == [(2147483647, 321, f"{head}'b9'{cause}")]
    assert refused(client.ask(ReplaceFA(5, 1, "<xml/>"))) == [(5, 321, f"{head}'b1'{cause}")]


@pytest.mark.parametrize("version", [V.USER_INFO, V.MAX])
def test_the_login_has_no_broker_but_ibkr(gateway, version):
    assert gateway.connect(1, version).ask(ReqUserInfo(6)) == [UserInfo(6, "")]


# Companies


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_there_are_no_reports_on_companies(gateway, version):
    client = gateway.connect(1, version)
    text = "We are sorry, but fundamentals data for the security specified is not available."
    assert refused(client.ask(ReqFundamentalData(4, APPLE, "ReportSnapshot"))) == [(4, 430, text)]
    unknown = ReqFundamentalData(4, Stock("NOPE", "SMART", "USD"), "ReportSnapshot")
    assert refused(client.ask(unknown)) == [(4, 200, "No security definition has been found for the request")]
    assert client.ask(CancelFundamentalData(4)) == []


@pytest.mark.parametrize("version", [V.WSHE_CALENDAR, V.MAX])
def test_the_calendar_of_events_is_not_subscribed(gateway, version):
    client = gateway.connect(1, version)
    assert refused(client.ask(ReqWshMetaData(4))) == [(4, 10276, "News feed is not allowed")]
    events = ReqWshEventData(5, WshEventData(conId=265598))
    assert refused(client.ask(events)) == [(5, 10276, "News feed is not allowed")]
    assert client.ask(CancelWshMetaData(4), CancelWshEventData(5)) == []
