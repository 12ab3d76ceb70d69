"""Symbols, price steps and the exchanges behind a quote, as clients ask for them."""

import pytest

from ibdesk.model.contract import Forex, Stock
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ContractData, ReqContractDetails
from ibdesk.wire.messages.market_data import ReqMktData, TickReqParams
from ibdesk.wire.messages.reference import (
    MarketRule,
    PriceIncrement,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSmartComponents,
    SmartComponent,
    SmartComponents,
    SymbolSamples,
)


def texts(messages):
    return [(m.reqId, m.errorCode, m.errorString) for m in messages if isinstance(m, Error)]


@pytest.mark.parametrize("version", [157, 178, 225])
def test_symbols_are_found(gateway, version):
    (answer,) = gateway.connect(1, version).ask(ReqMatchingSymbols(4, "app"))
    assert isinstance(answer, SymbolSamples)
    first = answer.contractDescriptions[0]
    contract = first.contract
    assert (answer.reqId, first.derivativeSecTypes) == (4, ["OPT"])
    assert (contract.conId, contract.symbol, contract.secType) == (265598, "AAPL", "STK")
    assert (contract.primaryExchange, contract.currency) == ("NASDAQ", "USD")
    assert contract.description == ("APPLE INC" if version >= 178 else "")


def test_a_pair_is_on_its_exchange(client):
    (answer,) = client.ask(ReqMatchingSymbols(4, "EUR"))
    assert answer.contractDescriptions[0].contract.primaryExchange == "IDEALPRO"


def test_nothing_found_is_an_answer_too(client):
    assert client.ask(ReqMatchingSymbols(4, "XYZZY")) == [SymbolSamples(4, [])]


@pytest.mark.parametrize("contract", [Stock("AAPL", "SMART", "USD"), Forex("USDJPY")])
def test_the_rules_of_a_contract_are_known(client, contract):
    (found, _) = client.ask(ReqContractDetails(1, contract))
    assert isinstance(found, ContractData)
    details = found.contractDetails
    for rule in {int(each) for each in details.marketRuleIds.split(",")}:
        assert client.ask(ReqMarketRule(rule)) == [MarketRule(rule, [PriceIncrement(0, details.minTick)])]


def test_a_rule_with_steps(client):
    steps = [PriceIncrement(0, 0.05), PriceIncrement(3, 0.1)]
    assert client.ask(ReqMarketRule(110)) == [MarketRule(110, steps)]


def test_an_unknown_rule_is_an_error_of_no_request(client):
    ((reqId, code, _),) = texts(client.ask(ReqMarketRule(4242)))
    assert (reqId, code) == (-1, 322)


@pytest.mark.parametrize(("symbol", "letter"), [("AAPL", "Q"), ("IBM", "T"), ("SPY", "T")])
def test_the_code_of_a_quote_leads_to_its_exchanges(client, symbol, letter):
    told = client.ask(ReqMktData(3, Stock(symbol, "SMART", "USD")))
    (code,) = (each.bboExchange for each in told if isinstance(each, TickReqParams))
    (answer,) = client.ask(ReqSmartComponents(5, code))
    assert isinstance(answer, SmartComponents)
    (nasdaq,) = (each for each in answer.smartComponents if each.exchange == "NASDAQ")
    assert nasdaq.exchangeLetter == letter
    assert answer.smartComponents[0] == SmartComponent(0, "AMEX", "A")
    bits = [each.bitNumber for each in answer.smartComponents]
    assert bits == sorted(set(bits))


@pytest.mark.parametrize("code", ["", "9c0002"])
def test_an_unknown_code_is_refused(client, code):
    text = "Error validating request.-'V' : cause - Invalid BBO exchange/security type code"
    assert texts(client.ask(ReqSmartComponents(5, code))) == [(5, 321, text)]
