"""What is looked up, scanned, read and reported has ib_async's names, parameters and defaults."""

import inspect

import pytest
from dropin.signatures import parameters
from oracles import ib_async

import ibdesk

METHODS = [
    "reqMatchingSymbols",
    "reqNewsProviders",
    "reqNewsArticle",
    "reqHistoricalNews",
    "reqScannerData",
    "reqScannerParameters",
    "reqFundamentalData",
    "getWshMetaData",
    "getWshEventData",
    "requestFA",
    "reqUserInfo",
]
AT_ONCE = [
    "newsTicks",
    "newsBulletins",
    "reqNewsBulletins",
    "cancelNewsBulletins",
    "reqScannerSubscription",
    "cancelScannerSubscription",
    "reqWshMetaData",
    "cancelWshMetaData",
    "reqWshEventData",
    "cancelWshEventData",
    "replaceFA",
    "pnl",
    "reqPnL",
    "cancelPnL",
    "pnlSingle",
    "reqPnLSingle",
    "cancelPnLSingle",
]
NEW = [
    "reqFamilyCodes",
    "reqSoftDollarTiers",
    "reqPositionsMulti",
    "reqCurrentTimeInMillis",
    "reqConfig",
    "updateConfig",
    "queryDisplayGroups",
]


@pytest.mark.parametrize("name", [*METHODS, *(f"{name}Async" for name in METHODS), *AT_ONCE])
def test_parameters_and_defaults(name: str) -> None:
    theirs, ours = (parameters(getattr(lib.IB, name)) for lib in (ib_async(), ibdesk))
    # None instead of a list that all calls share.
    assert [(*one[:2], [] if one[2] is None else one[2]) for one in ours[1:]] == theirs[1:]


@pytest.mark.parametrize("name", [*METHODS, *NEW])
def test_what_waits_can_be_awaited(name: str) -> None:
    awaited, blocking = (getattr(ibdesk.IB, one) for one in (f"{name}Async", name))
    assert inspect.iscoroutinefunction(awaited)
    assert parameters(blocking)[1:] == parameters(awaited)[1:]


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_acts_at_once_does_not_wait(name: str) -> None:
    assert not inspect.iscoroutinefunction(getattr(ibdesk.IB, name))
