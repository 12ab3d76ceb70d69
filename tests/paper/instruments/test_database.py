"""Which rows a contract finds: the examples of IB's documentation and of real replies."""

from datetime import date

import pytest

from ibdesk.model.contract import ContFuture, Contract, Forex, Future, Index, Option, Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.paper.instruments import Ambiguous, Instrument, Instruments, Invalid, NoDefinition, Refusal

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
    assert len(rows) == 3 + 25 + 1 + 1


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
    assert symbols(rows) == ["ESZ6", "ESH7", "ESM7", "ESU7", "ESZ7", "ESH8", "ESM8", "ESU8", "ESZ8"]
    details = rows[0]
    assert details.contract is not None
    assert (details.contract.lastTradeDateOrContractMonth, details.contract.multiplier) == ("20261218", "50")
    assert (details.underConId, details.minTick, details.marketRuleIds) == (11004968, 0.25, "67,67")
    assert (details.contractMonth, details.lastTradeTime, details.timeZoneId) == ("202612", "08:30:00", "US/Central")


def test_an_expiry_on_a_holiday_is_the_day_before() -> None:
    rows = Instruments(date(2026, 5, 1), anchor).search(Future("MES", "202606", "CME"))
    assert [(row.contract.conId, row.realExpirationDate) for row in rows if row.contract] == [(770561194, "20260618")]


@pytest.mark.parametrize(
    ("symbol", "exchange", "month", "conId", "expiry"),
    [
        ("CL", "NYMEX", "202212", 138979238, "20221121"),
        ("CL", "NYMEX", "202312", 174230596, "20231120"),
        ("GC", "COMEX", "202412", 347896248, "20241227"),
        ("GC", "COMEX", "202512", 397594951, "20251229"),
        ("ES", "CME", "202506", 620731015, "20250620"),
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
    assert strikes == [float(strike) for strike in range(540, 661)]
    assert len(rows) == 2 * len(strikes)


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
    assert len(details.marketRuleIds.split(",")) == len(details.validExchanges.split(",")) == 26
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
