"""Which rows a contract finds: the examples of IB's documentation and of real replies."""

from datetime import date, timedelta

import pytest

from ibdesk.model.contract import ContFuture, Contract, Forex, Future, Index, Option, Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.paper.instruments import Ambiguous, Instrument, Instruments, Invalid, NoDefinition, Refusal
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.instruments.options import chain

TODAY = date(2026, 11, 20)


def anchor(instrument: Instrument) -> float:
    return instrument.pricing.anchor


@pytest.fixture(scope="module")
def instruments() -> Instruments:
    return Instruments(TODAY, anchor)


def places(rows: list[ContractDetails]) -> list[tuple[int, str]]:
    return [(row.contract.conId, row.contract.exchange) for row in rows if row.contract]


def symbols(rows: list[ContractDetails]) -> list[str]:
    return [row.contract.localSymbol for row in rows if row.contract]


def test_a_bare_symbol_gives_each_listing_on_smart_then_each_exchange(instruments: Instruments) -> None:
    rows = places(instruments.search(Stock("AAPL")))
    smart = [(265598, "SMART"), (273982664, "SMART"), (532640894, "SMART")]
    assert rows[:6] == [*smart, (265598, "AMEX"), (265598, "NYSE"), (265598, "CBOE")]
    assert rows[-2:] == [(273982664, "EBS"), (532640894, "TSE")]
    assert len(rows) == 3 + 20 + 1 + 1


def test_a_listing_that_smart_does_not_reach_comes_with_its_own_exchange(instruments: Instruments) -> None:
    rows = places(instruments.search(Stock("AMD")))
    assert [row for row in rows if row[0] == 48818298] == [(48818298, "MEXI")]
    assert [conId for conId, _ in rows[:4]] == [4391, 32596680, 172603743, 298633607]


@pytest.mark.parametrize(
    ("contract", "conId", "exchange"),
    [
        (Contract(conId=4391), 4391, "SMART"),
        (Contract(conId=265598, exchange="ISLAND"), 265598, "NASDAQ"),
        (Stock("AAPL", "SMART", "USD"), 265598, "SMART"),
        (Stock("AAPL", "SMART", primaryExchange="EBS"), 273982664, "SMART"),
        (Stock("INTC", "SMART", "USD", primaryExchange="ISLAND"), 270639, "SMART"),
        (Stock("GOOGL", "SMART", "USD"), 208813719, "SMART"),
        (Forex("EURUSD"), 12087792, "IDEALPRO"),
        (Contract(secType="CASH", localSymbol="USD.JPY"), 15016059, "IDEALPRO"),
        (Index("SPX", "CBOE"), 416904, "CBOE"),
        (Contract(secIdType="ISIN", secId="US45841N1072", exchange="SMART"), 43645865, "SMART"),
        (Contract(secType="STK", secIdType="CUSIP", secId="594918104", exchange="SMART"), 272093, "SMART"),
        (Future("ES", "202609", "CME", includeExpired=True), 649180671, "CME"),
    ],
)
def test_one_row_is_found(instruments: Instruments, contract: Contract, conId: int, exchange: str) -> None:
    assert places(instruments.search(contract)) == [(conId, exchange)]


@pytest.mark.parametrize(
    "contract",
    [
        Stock("XYZZY", "SMART", "USD"),
        Stock(" AAPL ", "SMART", "USD"),
        Contract(conId=265598, symbol="MSFT", exchange="SMART"),
        Contract(conId=1, exchange="SMART"),
        Stock("AAPL", "IDEALPRO", "USD"),
        Forex("EURUSD", exchange="SMART"),
        Future("ES", "202609", "CME"),
        Option("SPY", "20261121", 600, "C", "SMART"),
        Option("SPY", "20261120", 600.25, "C", "SMART"),
    ],
)
def test_nothing_is_found_where_one_field_differs(instruments: Instruments, contract: Contract) -> None:
    assert instruments.search(contract) == []


def test_futures_are_the_next_quarters(instruments: Instruments) -> None:
    rows = instruments.search(Future("ES", exchange="CME"))
    assert symbols(rows)[:9] == ["ESZ6", "ESH7", "ESM7", "ESU7", "ESZ7", "ESH8", "ESM8", "ESU8", "ESZ8"]
    assert len(rows) == 21
    details = rows[0]
    assert details.contract is not None
    assert (details.contract.lastTradeDateOrContractMonth, details.contract.multiplier) == ("20261218", "50")
    assert (details.underConId, details.minTick, details.marketRuleIds) == (11004968, 0.25, "67")
    assert (details.contractMonth, details.lastTradeTime, details.timeZoneId) == ("202612", "08:30:00", "US/Central")


def test_an_expiry_on_a_holiday_is_the_day_before() -> None:
    rows = Instruments(date(2026, 5, 1), anchor).search(Future("MES", "202606", "CME"))
    assert [(row.contract.conId, row.realExpirationDate) for row in rows if row.contract] == [(770561194, "20260618")]


@pytest.mark.parametrize(
    ("symbol", "exchange"),
    [(s, "CME") for s in ("NQ", "MES", "MNQ", "RTY", "M2K", "EUR")] + [("YM", "CBOT"), ("MYM", "CBOT")],
)
def test_nine_quarters_of_every_other_quarterly_future(symbol: str, exchange: str) -> None:
    rows = Instruments(date(2024, 3, 1), anchor).search(Future(symbol, exchange=exchange))
    months = [row.contractMonth for row in rows]
    assert months == ["202403", "202406", "202409", "202412", "202503", "202506", "202509", "202512", "202603"]


@pytest.mark.parametrize(("symbol", "exchange"), [("CL", "NYMEX"), ("MCL", "NYMEX"), ("GC", "COMEX"), ("MGC", "COMEX")])
def test_months_of_next_year_are_listed(symbol: str, exchange: str) -> None:
    [row] = Instruments(date(2024, 3, 1), anchor).search(Future(symbol, "202506", exchange))
    assert row.contract is not None and row.contract.localSymbol == f"{symbol}M5"


def test_a_symbol_with_two_sizes_of_contract_needs_one_of_them() -> None:
    database = Instruments(date(2025, 11, 3), anchor)
    with pytest.raises(Ambiguous, match="multiplier or trading class"):
        database.resolve(Future("SI", "202512", "COMEX"))
    row = database.resolve(Future("SI", "202512", "COMEX", multiplier="1000"))
    assert row.contract is not None
    assert (row.contract.localSymbol, row.contract.tradingClass) == ("SILZ5", "SIL")


@pytest.mark.parametrize(
    ("symbol", "exchange", "month", "conId", "expiry"),
    [
        ("CL", "NYMEX", "202212", 138979238, "20221121"),
        ("CL", "NYMEX", "202312", 174230596, "20231120"),
        ("GC", "COMEX", "202412", 347896248, "20241227"),
        ("GC", "COMEX", "202512", 397594951, "20251229"),
        ("ES", "CME", "202506", 620731015, "20250620"),
        ("MNQ", "CME", "202506", 691171685, "20250620"),
        ("M2K", "CME", "202606", 770561189, "20260618"),
        ("YM", "CBOT", "202412", 672387412, "20241220"),
        ("MCL", "NYMEX", "202412", 645904247, "20241119"),
        ("MGC", "COMEX", "202506", 639786536, "20250626"),
    ],
)
def test_expiries_of_real_futures(symbol: str, exchange: str, month: str, conId: int, expiry: str) -> None:
    year, number = int(month[:4]), int(month[4:])
    database = Instruments(date(year, number, 1).replace(month=number - 2), anchor)
    [row] = database.search(Future(symbol, month, exchange))
    assert row.contract is not None
    assert (row.contract.conId, row.contract.lastTradeDateOrContractMonth) == (conId, expiry)


def test_the_continuous_future_is_the_lead_month(instruments: Instruments) -> None:
    [row] = instruments.search(ContFuture("NQ", "CME"))
    assert row.contract is not None
    assert (row.contract.secType, row.contract.localSymbol) == ("CONTFUT", "NQZ6")
    both = instruments.search(Contract(secType="FUT+CONTFUT", symbol="NQ", exchange="CME"))
    assert [each.contract.secType for each in both if each.contract] == ["CONTFUT", *["FUT"] * 9]
    assert both[0].contract is not None and both[0].contract.conId == row.contract.conId
    [in_december] = Instruments(date(2026, 12, 14), anchor).search(ContFuture("NQ", "CME"))
    assert in_december.contract is not None and in_december.contract.localSymbol == "NQH7"


def test_conids_of_ours_lead_back_to_the_instrument(instruments: Instruments) -> None:
    for contract in (Future("NQ", exchange="CME"), Option("AAPL", exchange="SMART"), Option("SPX", exchange="SMART")):
        for row in instruments.search(contract):
            assert row.contract is not None
            known = instruments.by_con_id(row.contract.conId)
            assert known is not None and known.localSymbol == row.contract.localSymbol


def test_an_option_bears_its_occ_symbol(instruments: Instruments) -> None:
    [row] = instruments.search(Option("SPY", "20261120", 600, "CALL", "SMART"))
    assert row.contract is not None
    assert row.contract.localSymbol == "SPY   261120C00600000"
    assert (row.contract.multiplier, row.underConId, row.underSecType) == ("100", 756733, "STK")
    [same] = instruments.search(Contract(secType="OPT", localSymbol="SPY   261120C00600000", exchange="SMART"))
    assert same.contract is not None and same.contract.conId == row.contract.conId


def test_a_morning_option_settles_on_the_day_after_it_stops_trading(instruments: Instruments) -> None:
    [row] = instruments.search(Option("SPX", "202612", 6000, "P", "SMART", tradingClass="SPX"))
    assert row.contract is not None
    assert row.contract.lastTradeDateOrContractMonth == "20261217"
    assert row.contract.localSymbol == "SPX   261218P06000000"


def test_what_is_left_open_in_an_option_gives_the_chain(instruments: Instruments) -> None:
    rows = instruments.search(Option("SPY", "20261218", exchange="SMART"))
    strikes = sorted({row.contract.strike for row in rows if row.contract})
    assert strikes == [*range(240, 540, 5), *range(540, 661), *range(665, 965, 5)]
    assert len(rows) == 2 * len(strikes)


def test_the_expirations_of_a_chain(instruments: Instruments) -> None:
    spy, aapl, spx = (instruments.option_chain(*each)[0] for each in CHAINS[:3])
    days = ["1120", "1123", "1124", "1125", "1127", "1130", "1201", "1202", "1203", "1204"]
    assert [day[4:] for day in spy.expirations[:10]] == days  # Thanksgiving is left out
    assert [day[4:] for day in aapl.expirations[:7]] == ["1120", "1127", "1204", "1211", "1218", "1224", "0115"]
    assert spy.expirations[-2:] == aapl.expirations[-2:] == ("20271015", "20280121")
    assert spx.expirations[:2] == ("20261217", "20270114")


@pytest.mark.parametrize("number", [0, 1, 4], ids=["daily", "weekly", "monthly"])
def test_an_expiration_stays_listed_until_its_day(number: int) -> None:
    klass, today = load().options[number], date(2024, 1, 1)
    listed = set(chain(klass, today, 100.0).expiries)
    for _ in range(400):
        today += timedelta(days=1)
        now = set(chain(klass, today, 100.0).expiries)
        assert {day for day in listed if day >= today} <= now
        listed = now


CHAINS = [
    ("SPY", "", "STK", 756733),
    ("AAPL", "", "STK", 265598),
    ("SPX", "", "IND", 416904),
    ("NVDA", "", "STK", 4815747),
]


@pytest.mark.parametrize("under", CHAINS, ids=lambda under: under[0])
def test_a_chain_is_what_can_be_looked_up(instruments: Instruments, under: tuple[str, str, str, int]) -> None:
    """On the exchanges, days and strikes of each line, and on no other, there is a call and a put."""
    for line in instruments.option_chain(*under):
        day, other = line.expirations[1], "20261128"
        wanted = Option(under[0], day, exchange=line.exchange, tradingClass=line.tradingClass)
        found = [row.contract for row in instruments.search(wanted) if row.contract]
        assert sorted((each.strike, each.right) for each in found) == [(k, r) for k in line.strikes for r in "CP"]
        assert {each.exchange for each in found} == {line.exchange}
        assert {each.multiplier for each in found} == {line.multiplier}
        assert other not in line.expirations
        assert not instruments.search(Option(under[0], other, exchange=line.exchange, tradingClass=line.tradingClass))
    [line, *_] = instruments.option_chain(*under)
    every = instruments.search(Option(under[0], exchange=line.exchange, tradingClass=line.tradingClass))
    days = {row.contract.lastTradeDateOrContractMonth for row in every if row.contract}
    assert days == set(line.expirations)


@pytest.mark.parametrize(
    "symbol",
    [
        *("SPY   261128C00600000", "SPY   261120C00599500", "SPY   261120C09000000"),
        *("SPY   261132C00600000", "SPY   261120X00600000", "NOPE  261120C00600000", "SPY 20NOV26 600 C"),
    ],
)
def test_a_local_symbol_outside_the_chain_is_unknown(instruments: Instruments, symbol: str) -> None:
    assert instruments.search(Contract(secType="OPT", localSymbol=symbol, exchange="SMART")) == []


def test_the_parameters_of_a_chain_agree_with_it(instruments: Instruments) -> None:
    lines = instruments.option_chain("SPX", "", "IND", 416904)
    assert [(line.exchange, line.tradingClass) for line in lines] == [
        ("SMART", "SPX"),
        ("CBOE", "SPX"),
        ("SMART", "SPXW"),
        ("CBOE", "SPXW"),
    ]
    rows = instruments.search(Option("SPX", exchange="CBOE", tradingClass="SPXW"))
    assert len(rows) == 2 * len(lines[3].expirations) * len(lines[3].strikes)
    with pytest.raises(Invalid, match="Invalid security type - OPT"):
        instruments.option_chain("SPX", "", "OPT", 416904)
    with pytest.raises(NoDefinition):
        instruments.option_chain("SPX", "", "IND", 265598)


@pytest.mark.parametrize(
    ("contract", "refused", "code", "text"),
    [
        (Stock("XYZZY", "SMART", "USD"), NoDefinition, 200, "No security definition has been found for the request"),
        (
            Stock("AAPL", "SMART"),
            Ambiguous,
            203,
            "The contract description specified for AAPL is ambiguous; you must specify the currency.",
        ),
        (
            Option("SPX", "202612", 6000, "P", "SMART"),
            Ambiguous,
            200,
            "The contract description specified for SPX is ambiguous; "
            "you must specify the multiplier or trading class.",
        ),
        (
            Option("SPY", "20261218", 600, "", "SMART"),
            Ambiguous,
            200,
            "The contract description specified for SPY is ambiguous.",
        ),
        (
            Stock("AAPL", "", "USD"),
            Invalid,
            321,
            "Error validating request.-'bQ' : cause - Please enter exchange",
        ),
        (
            Future("ES", "", "CME"),
            Invalid,
            321,
            "Error validating request.-'bQ' : cause - Please enter a local symbol or an expiry",
        ),
        (
            Contract(symbol="AAPL", exchange="SMART"),
            Invalid,
            321,
            "Error validating request.-'bQ' : cause - Please enter a valid security type",
        ),
    ],
)
def test_a_contract_that_is_not_one_instrument_is_refused(
    instruments: Instruments, contract: Contract, refused: type[Refusal], code: int, text: str
) -> None:
    with pytest.raises(refused) as caught:
        instruments.resolve(contract)
    assert (caught.value.code, caught.value.text) == (code, text)


def test_an_expiry_of_another_form_is_refused(instruments: Instruments) -> None:
    with pytest.raises(Refusal) as caught:
        instruments.search(Future("ES", "Dec 26", "CME"))
    assert caught.value.code == 10330


def test_details_are_complete(instruments: Instruments) -> None:
    details = instruments.resolve(Stock("AAPL", "SMART", "USD"))
    assert details.longName == "APPLE INC"
    assert details.secIdList == [("ISIN", "US0378331005")]
    assert len(details.marketRuleIds.split(",")) == len(details.validExchanges.split(",")) == 21
    assert (details.minSize, details.sizeIncrement, details.suggestedSizeIncrement) == (0.0001, 0.0001, 100)
    assert (details.timeZoneId, details.aggGroup, details.stockType) == ("US/Eastern", 1, "COMMON")
    assert instruments.market_rule(26) == ((0, 0.01),)


def test_every_instrument_of_the_list_can_be_resolved(instruments: Instruments) -> None:
    for conId in (265598, 12087792, 12087820, 416843, 13455763, 72539702, 39039301):
        known = instruments.by_con_id(conId)
        assert known is not None
        details = instruments.resolve(Contract(conId=conId, exchange=known.kind.exchanges[0]))
        assert details.contract is not None and details.contract.symbol == known.symbol
        for rule in details.marketRuleIds.split(","):
            assert instruments.market_rule(int(rule))


@pytest.mark.parametrize(
    ("symbol", "month", "expiry"),
    [("ZN", "202403", "20240319"), ("ZB", "202409", "20240919"), ("ZF", "202403", "20240328")],
)
def test_treasury_futures_end_where_cme_says(symbol: str, month: str, expiry: str) -> None:
    [row] = Instruments(date(2024, 3, 1), anchor).search(Future(symbol, month, "CBOT"))
    assert row.realExpirationDate == expiry


def test_every_number_and_rule_of_the_list_is_known() -> None:
    database, numbers = Instruments(date(2024, 3, 1), anchor), set()
    for klass in load().futures:
        for row in database.search(Future(klass.symbol, exchange=klass.kind.exchanges[0], multiplier=klass.multiplier)):
            assert row.contract is not None
            known = database.by_con_id(row.contract.conId)
            assert known is not None and known.localSymbol == row.contract.localSymbol
            numbers.add(row.contract.conId)
            assert {database.market_rule(int(rule))[0][1] for rule in row.marketRuleIds.split(",")} == {row.minTick}
    numbers.update(instrument.conId for instrument in load().instruments)
    assert len(numbers) == sum(klass.listed for klass in load().futures) + len(load().instruments)
