"""What the exceptions say, and where they stand in Python's own tree."""

import pickle

import pytest
from hostile import HOSTILE, is_harmless

from ibdesk.errors import (
    DecodeError,
    EncodeError,
    HandshakeError,
    IBDeskError,
    ProtocolError,
    RequestError,
    RequestTimeout,
    ScenarioError,
)
from ibdesk.extras.flexreport import FlexError
from ibdesk.paper.instruments import Refusal

SAID = [
    (
        DecodeError("OpenOrder", 178, "order.minQty", 63, "is 'LMT', not an int", "order.allOrNone='0'"),
        "OpenOrder v178: order.minQty (field 63) is 'LMT', not an int; previous: order.allOrNone='0'",
    ),
    (DecodeError("Error", 220, "id", 0, "is missing"), "Error v220: id (field 0) is missing"),
    (DecodeError("Error", 220, "id", text="is missing"), "Error v220: id is missing"),
    (DecodeError("a text message", text="it does not end with NUL"), "a text message: it does not end with NUL"),
    (
        EncodeError("PlaceOrder", 178, "order.minQty", "LMT", "not an int"),
        "PlaceOrder v178: order.minQty='LMT': not an int",
    ),
    (EncodeError("ReqConfig", 178, "", None, "needs version 219"), "ReqConfig v178: needs version 219"),
    (ScenarioError("f.yaml", "faults[2] (cut)", "at=-1: no"), "f.yaml, faults[2] (cut): at=-1: no"),
    (ScenarioError("", "", "seed is\nno number"), r"seed is\nno number"),
    (RequestError(7, 200, "No security definition"), "[reqId 7] API error: 200: No security definition"),
    (RequestTimeout("reqContractDetails(Stock())", 60.0), "no answer to reqContractDetails(Stock()) within 60 s"),
    (ProtocolError("a frame of 2 GB"), "a frame of 2 GB"),
]


@pytest.mark.parametrize(("error", "said"), SAID)
def test_text(error: IBDeskError, said: str):
    assert str(error) == said


@pytest.mark.parametrize(("error", "said"), SAID)
def test_survives_pickling(error: IBDeskError, said: str):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == said
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (DecodeError, ValueError),
        (EncodeError, ValueError),
        (ProtocolError, ConnectionError),
        (HandshakeError, ProtocolError),
        (RequestTimeout, TimeoutError),
        (RequestError, IBDeskError),
    ],
)
def test_tree(error: type, parent: type):
    assert issubclass(error, parent)
    assert issubclass(error, IBDeskError)


def test_facts():
    error = DecodeError("OpenOrder", 178, "order.minQty", 63, "is 'LMT', not an int", "order.allOrNone='0'")
    assert (error.message, error.version, error.path, error.index) == ("OpenOrder", 178, "order.minQty", 63)
    assert (error.text, error.previous) == ("is 'LMT', not an int", "order.allOrNone='0'")
    refused = RequestError(7, 200, "No security definition")
    assert (refused.reqId, refused.code, refused.message) == (7, 200, "No security definition")
    late = RequestTimeout("reqCurrentTime()", 4)
    assert (late.request, late.seconds, late.errno) == ("reqCurrentTime()", 4, None)


def test_request_error_is_drop_in():
    from oracles import ib_async

    assert str(RequestError(7, 200, "text")) == str(ib_async().RequestError(7, 200, "text"))


@pytest.mark.parametrize(
    "error",
    [
        ProtocolError(HOSTILE),
        HandshakeError(HOSTILE),
        DecodeError("Error", 178, "x", 1, HOSTILE, HOSTILE),
        EncodeError("PlaceOrder", 178, "x", HOSTILE, HOSTILE),
        RequestError(7, 201, HOSTILE),
        RequestTimeout(HOSTILE, 1.0),
        FlexError(1001, HOSTILE),
        Refusal(201, HOSTILE),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_comes_from_outside_is_shown_on_one_line(error: Exception) -> None:
    assert "\n" not in str(error)
    assert is_harmless(str(error))


def test_a_program_gets_the_words_as_they_came() -> None:
    assert RequestError(7, 201, HOSTILE).message == HOSTILE
