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


# IBKR's two tables ("Message Codes" of the TWS API documentation, 2023 and 2026), and what gateways were seen to send.
IBKRS = """
100-107 109-111 113-126 129 131-148 151-168 200-203 300-317 319-449 460 478 481 501-589 1100-1102 1300 2100-2111
2114 2116 2119 2130 2137 2152 2157-2158 2168-2169 2174 10000-10003 10005-10027 10089-10090 10094 10147-10148 10167
10172 10186-10187 10189 10197 10225 10230-10231 10233-10254 10268-10270 10276-10295 10297-10302 10304-10312
10314-10319 10321-10322 10324-10334 10336-10347 10349
"""

# What other clients treat in a way of their own: ib_async (warnings, and what its wrapper acts on), rust-ibapi
# (advisories, farms), stoqey/ib (not fatal).
SPECIAL = {
    "ib_async": "105 110 162 165 200 202 317 321 329 354 366 399 404 434 492 1100 1101 1102 10167 10225",
    "rust-ibapi": "2103 2104 2105 2106 2107 2108 2157 2158 10089 10167",
    "stoqey/ib": "399 492 10090 10167",
}


def numbers(text: str) -> set[int]:
    spans = (span.partition("-") for span in text.split())
    return {code for first, _, last in spans for code in range(int(first), int(last or first) + 1)}


def test_no_code_is_missing():
    assert len(numbers(IBKRS)) == 467
    assert sorted(numbers(IBKRS) - codes.table().keys()) == []


@pytest.mark.parametrize("client", SPECIAL)
def test_what_other_clients_treat_in_a_way_of_their_own_has_advice(client: str):
    assert [code for code in sorted(numbers(SPECIAL[client])) if not codes.find(code).advice] == []


def test_the_table_is_whole():
    table = codes.table()
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


def test_a_code_is_explained():
    assert codes.explain(10349) == (
        "10349  warning: the order or request goes on, perhaps changed or held back\n"
        "    Order TIF was set to DAY based on order preset.\n"
        "    The order works. Set tif yourself, or change the preset in TWS."
    )
    assert codes.explain(399).splitlines()[1:3] == ["    Order Message:", "    {order}"]
    assert codes.explain(114).splitlines()[1:] == ["    Relative orders are valid for stocks only."]
    with pytest.raises(KeyError):
        codes.explain(UNKNOWN)


def test_every_code_can_be_explained():
    assert set(codes.MEANINGS) == set(Kind)
    assert all(codes.explain(code).startswith(f"{code}  ") for code in codes.table())


def test_codes_are_found_by_words():
    assert 414 in codes.search("SNAPSHOT generic")
    assert codes.search("minimum price variation") == [110, 168]
    assert codes.search("no such words") == []
    assert codes.search("") == []


def test_a_code_of_the_programs_own_is_explained_and_found(own_table: dict[int, codes.Code]):
    own_table[UNKNOWN] = codes.Code(Kind.WARNING, "Order was improved.", "Enjoy.")
    assert codes.explain(UNKNOWN).endswith("\n    Order was improved.\n    Enjoy.")
    assert codes.search("improved") == [UNKNOWN]
