"""The table of codes: that it is whole, and what it says of the codes on which money depends."""

import string
from collections.abc import Iterator

import pytest

from ibdesk import codes
from ibdesk.codes import Kind

UNKNOWN = 99_999


@pytest.fixture
def own_table() -> Iterator[dict[int, codes.Code]]:
    """The table, which the test may change."""
    before = dict(codes.table())
    yield codes.table()
    codes.table().clear()
    codes.table().update(before)


def test_the_table_is_whole():
    table = codes.table()
    assert len(table) > 467
    assert list(table) == sorted(table)
    for code, row in table.items():
        assert row.text, code
        assert row.text.isprintable() or "\n" in row.text, code
        assert "%" not in row.text.replace("0% and 100%", ""), code


def test_names_in_braces_are_names():
    for code, row in codes.table().items():
        for _, name, spec, conversion in string.Formatter().parse(row.text):
            assert name is None or (name.isidentifier() and not spec and not conversion), code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1100, Kind.NOTICE),
        (2104, Kind.NOTICE),
        (2158, Kind.NOTICE),
        (10167, Kind.ADVISORY),
        (10089, Kind.ADVISORY),
        (317, Kind.ADVISORY),
        (399, Kind.WARNING),
        (404, Kind.WARNING),
        (2109, Kind.WARNING),
        (10349, Kind.WARNING),
        (10311, Kind.WARNING),
        (110, Kind.ERROR),
        (200, Kind.ERROR),
        (201, Kind.ERROR),
        (321, Kind.ERROR),
        (354, Kind.ERROR),
        (2114, Kind.ERROR),
        (161, Kind.REFUSES_CANCEL),
        (10147, Kind.REFUSES_CANCEL),
        (10148, Kind.REFUSES_CANCEL),
        (202, Kind.ENDS_ORDER),
    ],
)
def test_kind(code: int, kind: Kind):
    assert codes.kind(code) is kind


def test_only_a_cancellation_ends_an_order_that_lives():
    assert [code for code in codes.table() if codes.ends_order(code)] == [202]


@pytest.mark.parametrize("code", [103, 110, 200, 201, 203, 321, 387, 434, 10006])
def test_a_new_order_that_is_refused_is_dead(code: int):
    assert codes.refuses_order(code)
    assert not codes.is_warning(code)


@pytest.mark.parametrize("code", [399, 2109, 10349, 10311, 10147, 161, 2102])
def test_an_order_that_goes_on(code: int):
    assert not codes.refuses_order(code)
    assert not codes.ends_order(code)


def test_unknown_codes():
    assert codes.kind(UNKNOWN) is Kind.ERROR
    assert not codes.is_warning(UNKNOWN)
    assert not codes.refuses_order(UNKNOWN)
    assert not codes.ends_order(UNKNOWN)
    assert codes.text(UNKNOWN) == ""
    assert 2199 not in codes.table()
    assert codes.is_warning(2199)


def test_every_warning_of_ib_async_that_says_nothing_went_wrong_is_one_here():
    """ib_async also has 105, 110, 321, 329 and 434 among its warnings, and all of 2100 to 2199.

    They refuse something. Here that does not end an order that lives, but it ends a request, which waits for ever in
    ib_async.
    """
    for code in (165, 399, 404, 492, 10167):
        assert codes.is_warning(code)
    refusals = [code for code in codes.table() if code in range(2100, 2200) and not codes.is_warning(code)]
    assert refusals == [2114, 2116]
    for code in (105, 110, 321, 329, 434, *refusals):
        assert not codes.is_warning(code)
        assert not codes.ends_order(code)


@pytest.mark.parametrize(
    ("code", "values", "text"),
    [
        (2104, {"farm": "usfarm"}, "Market data farm connection is OK:usfarm"),
        (
            2107,
            {"farm": "ushmds"},
            "HMDS data farm connection is inactive but should be available upon demand.ushmds",
        ),
        (202, {"reason": ""}, "Order Canceled - reason:"),
        (200, {}, "No security definition has been found for the request"),
        (10147, {"orderId": 141}, "OrderId 141 that needs to be cancelled is not found."),
        (
            10148,
            {"orderId": 141, "state": "Cancelled"},
            "OrderId 141 that needs to be cancelled can not be cancelled, state: Cancelled.",
        ),
        (
            321,
            {"tag": "bN", "cause": "The API interface is currently in Read-Only mode."},
            "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode.",
        ),
        (162, {"detail": "x"}, "Historical Market Data Service error message:x"),
        (366, {"reqId": 99}, "No historical data query found for ticker id:99"),
        (300, {"reqId": 99}, "Can't find EId with tickerId:99"),
        (
            100,
            {"max": 50, "received": 138, "violations": 1},
            "Max rate of messages per second has been exceeded:max=50 rec=138 (1)",
        ),
        (
            399,
            {"order": "BUY 1 SPY ARCA", "warning": "it waits"},
            "Order Message:\nBUY 1 SPY ARCA\nWarning: it waits",
        ),
    ],
)
def test_texts_that_gateways_send(code: int, values: dict[str, object], text: str):
    assert codes.text(code, **values) == text


def test_text_without_values_is_the_template():
    assert codes.text(202) == "Order Canceled - reason:{reason}"
    with pytest.raises(KeyError):
        codes.text(10148, orderId=1)


def test_ambiguous_contract():
    assert codes.AMBIGUOUS_CONTRACT.format(symbol="VIX") == "The contract description specified for VIX is ambiguous."


def test_a_program_may_know_better(own_table: dict[int, codes.Code]):
    own_table[UNKNOWN] = codes.Code(Kind.WARNING, "Order was improved.", "")
    assert codes.is_warning(UNKNOWN)
    assert codes.text(UNKNOWN) == "Order was improved."
