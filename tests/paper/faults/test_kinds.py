"""What each kind of fault refuses."""

import pickle
import re
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, time

import numpy as np
import pytest
from hypothesis import given
from paper.faults.plans import ANY

from ibdesk.paper.faults import (
    After,
    Before,
    Byte,
    ConnectivityLost,
    Cut,
    Delay,
    DropOrder,
    Duplicate,
    FarmDown,
    KillClient,
    NightlyReset,
    Refuse,
    Reorder,
    Restart,
    Split,
    Stall,
    Swallow,
)


@given(ANY)
def test_faults_are_values(fault):
    again = pickle.loads(pickle.dumps(fault))
    assert again == fault and hash(again) == hash(fault)
    with pytest.raises(FrozenInstanceError):
        fault.at = 1.0


def test_numbers_are_plain():
    fault = Delay(np.int64(3), by=np.float32(0.5), client=np.int8(2))
    assert [type(each) for each in (fault.at, fault.by, fault.client)] == [float, float, int]
    assert fault == Delay(3, 0.5, client=2)


def test_the_same_moment_in_two_zones_is_one():
    one = datetime(2026, 11, 2, 15, tzinfo=UTC)
    assert Cut(one) == Cut(one.astimezone())


AT = "a fault of this kind comes at "


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Cut(-1), "at=-1: it is a number of seconds from 0 to 31622400"),
        (lambda: Cut(float("nan")), "at=nan: it is a number of seconds"),
        (lambda: Cut("10:00"), "at='10:00': it is a number of seconds"),
        (lambda: Cut(datetime(2026, 11, 2)), "at=datetime.datetime(2026, 11, 2, 0, 0): a moment has a time zone"),
        (lambda: Cut(time(10, tzinfo=UTC)), "a time of day is that of New York, and names no zone"),
        (lambda: Cut(1, byte=3), "byte=3: bytes of a message of the gateway pass, which `at` names with before"),
        (lambda: Cut(Before("PlaceOrder"), byte=3), "byte=3: bytes of a message of the gateway pass"),
        (lambda: Cut(1, client=True), "client=True: it is a client id"),
        (lambda: Cut(1, linger=-1), "linger=-1: it is a number of seconds"),
        (lambda: Cut(1, reset=1), "reset=1: it is true or false"),
        (lambda: Stall(1, direction="up"), "direction='up': it is one of both, to_client, from_client"),
        (lambda: Stall(1, seconds="long"), "seconds='long': it is a number of seconds"),
        (lambda: Delay(1, jitter=-0.5), "jitter=-0.5: it is a number of seconds"),
        (lambda: Delay(Byte(3)), AT + "a number of seconds after the start, a moment, a time of day, before a message"),
        (lambda: Split(1, size=0), "size=0: it is a whole number from 1 to"),
        (lambda: Split(1, size=1.5), "size=1.5: it is a whole number from 1 to"),
        (lambda: Split(1, pause=None), "pause=None: it is a number of seconds"),
        (lambda: Swallow(1), "seconds=0: it is more than 0, or `at` names one message"),
        (lambda: Swallow(Before("OrderStatus"), 3), "seconds=3: it is 0 for the one message of `at`"),
        (lambda: Swallow(After("OrderStatus"), 3), "a fault of this kind comes before a message, which it is about"),
        (lambda: Swallow(1, 3, share=2), "share=2: it is a number from 0 to 1"),
        (lambda: Swallow(1, 3, "No"), "message='No': it is the name of a message"),
        (lambda: Swallow(Before("OpenOrder"), message="OpenOrder"), "message='OpenOrder': it is for a span of time"),
        (lambda: Duplicate(1, 3, "HistoricalData"), "message='HistoricalData': it is one of OpenOrder, OrderStatus"),
        (lambda: Duplicate(Before("PlaceOrder")), "at='PlaceOrder': it is one of OpenOrder, OrderStatus"),
        (lambda: Reorder(Before("TickPrice")), "at='TickPrice': it is one of OpenOrder, OrderStatus"),
        (lambda: DropOrder(1), AT + "before a message, after a message"),
        (lambda: DropOrder(Before("ReqMktData")), "at='ReqMktData': it is one of PlaceOrder, CancelOrder"),
        (lambda: Refuse(1, how="kindly"), "how='kindly': it is one of refuse, hang_up, silence"),
        (lambda: Restart(1, seconds=1e9), "seconds=1000000000.0: it is a number of seconds"),
        (lambda: KillClient(1, None), "client=None: it is a client id"),
        (lambda: ConnectivityLost(1, restored=1100), "restored=1100: it is one of 1101, 1102"),
        (lambda: FarmDown(1, "moonfarm"), "farm='moonfarm': it is one of usfarm, "),
        (lambda: NightlyReset(1, 20, 3), "times=3: each of them needs 10 seconds, and there are 20"),
        (lambda: Byte(0), "byte=0: it is a whole number from 1 to"),
        (lambda: Byte(1, "both"), "direction='both': it is to_client or from_client"),
        (lambda: Before(3), "message=3: it is the name of a message"),
        (lambda: After("OrderStatus", 1, -3), "client=-3: it is a client id"),
    ],
)
def test_what_cannot_be_meant(make, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        make()
