"""Option chains and calculations, as clients ask for them."""

import pytest

from ibdesk.model.contract import Contract, Option, Stock
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ContractData, ReqContractDetails
from ibdesk.wire.messages.options import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
    ReqSecDefOptParams,
    SecurityDefinitionOptionParameterEnd,
    TickOptionComputation,
)

CALL = Option("SPY", "20260515", 600, "C", "SMART")
LINE = "When the local symbol field is empty, please fill all option fields (right, strike, expiry)"


def texts(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


@pytest.mark.parametrize("version", [157, 178, 225])
def test_a_chain_is_told_line_by_line(gateway, version):
    *lines, end = gateway.connect(1, version).ask(ReqSecDefOptParams(5, "SPX", "", "IND", 416904))
    assert end == SecurityDefinitionOptionParameterEnd(5)
    places = [("SMART", "SPX"), ("CBOE", "SPX"), ("SMART", "SPXW"), ("CBOE", "SPXW")]
    assert [(line.exchange, line.tradingClass) for line in lines] == places
    assert {(line.underlyingConId, line.multiplier) for line in lines} == {(416904, "100")}
    assert all(line.strikes == sorted(line.strikes) for line in lines)
    assert all(line.expirations == sorted(line.expirations) for line in lines)


def test_what_a_line_tells_can_be_looked_up(client):
    line = client.ask(ReqSecDefOptParams(5, "AAPL", "", "STK", 265598))[0]
    wanted = Option("AAPL", line.expirations[3], line.strikes[-1], "P", line.exchange)
    found, _ = client.ask(ReqContractDetails(6, wanted))
    assert isinstance(found, ContractData)
    assert found.contractDetails.contract.strike == line.strikes[-1]


def test_a_stock_without_options_has_no_chain(client):
    assert client.ask(ReqSecDefOptParams(5, "EFA", "", "STK", 13002510)) == [SecurityDefinitionOptionParameterEnd(5)]


@pytest.mark.parametrize(
    ("request_", "code"),
    [(ReqSecDefOptParams(5, "SPY", "", "OPT", 756733), 321), (ReqSecDefOptParams(5, "SPY", "", "STK", 1), 200)],
)
def test_what_has_no_options_is_refused(client, request_, code):
    ((reqId, told, _),) = texts(client.ask(request_))
    assert (reqId, told) == (5, code)


@pytest.mark.parametrize("version", [157, 178, 225])
def test_a_price_and_back(gateway, version):
    client = gateway.connect(1, version)
    (priced,) = client.ask(CalculateOptionPrice(7, CALL, 0.25, 605.0))
    assert isinstance(priced, TickOptionComputation)
    assert (priced.reqId, priced.tickType) == (7, 53)
    assert (priced.impliedVol, priced.undPrice) == (0.25, 605.0)
    assert 0.5 < priced.delta < 0.65
    assert 15 < priced.optPrice < 30
    (back,) = client.ask(CalculateImpliedVolatility(8, CALL, priced.optPrice, 605.0))
    assert back.impliedVol == pytest.approx(0.25, abs=1e-6)
    assert (back.reqId, back.tickType, back.undPrice) == (8, 53, 605.0)


@pytest.mark.parametrize(
    "request_",
    [
        CalculateImpliedVolatility(8, CALL, 1.0, 700.0),
        CalculateImpliedVolatility(8, CALL, -1.0, 605.0),
        CalculateImpliedVolatility(8, CALL, 1.0, 0.0),
        CalculateOptionPrice(8, CALL, 0.0, 605.0),
        CalculateOptionPrice(8, CALL, 0.2, 0.0),
    ],
)
def test_what_cannot_be_calculated_is_told_as_such(client, request_):
    (told,) = client.ask(request_)
    assert (told.delta, told.gamma, told.theta) == (-2.0, -2.0, -2.0)
    assert -1.0 in (told.impliedVol, told.optPrice)


@pytest.mark.parametrize(
    ("contract", "code", "text"),
    [
        (Option("SPY", "20260515", 0, "C", "SMART"), 321, f"Error validating request.-'bI' : cause - {LINE}"),
        (Option("SPY", "20260516", 600, "C", "SMART"), 200, "No security definition has been found for the request"),
        (
            Stock("SPY", "SMART", "USD"),
            321,
            "Error validating request.-'bI' : cause - "
            "Calculation of Implied Volatility supported for option securities only",
        ),
    ],
)
def test_a_calculation_needs_an_option(client, contract, code, text):
    assert texts(client.ask(CalculateImpliedVolatility(8, contract, 5.0, 605.0))) == [(8, code, text)]
    ((_, told, _),) = texts(client.ask(CalculateOptionPrice(8, contract, 0.2, 605.0)))
    assert told == code


def test_an_option_is_known_by_its_symbol_or_conid(client):
    named = Contract(secType="OPT", localSymbol="SPY   260515C00600000", exchange="SMART")
    (first,) = client.ask(CalculateOptionPrice(8, named, 0.25, 605.0))
    (found, _) = client.ask(ReqContractDetails(6, CALL))
    numbered = Contract(conId=found.contractDetails.contract.conId, exchange="SMART")
    assert client.ask(CalculateOptionPrice(8, numbered, 0.25, 605.0)) == [first]


def test_a_cancel_says_nothing(client, gateway):
    client.ask(CalculateOptionPrice(7, CALL, 0.25, 605.0))
    assert client.ask(CancelCalculateOptionPrice(7), CancelCalculateImpliedVolatility(7)) == []
    assert not gateway.router.unsupported
