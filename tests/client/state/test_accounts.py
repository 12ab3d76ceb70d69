"""What accounts are known to have: values by their keys, positions until they are closed."""

from ibdesk.client.effects import Emit
from ibdesk.client.state.accounts import Accounts
from ibdesk.model.accounts import AccountValue, PortfolioItem, Position
from ibdesk.model.contract import Contract, Forex, Stock
from ibdesk.wire.messages import accounts as messages


def test_values():
    accounts = Accounts()
    value = AccountValue("DU1", "NetLiquidation", "10", "USD", "")
    message = messages.UpdateAccountValue("NetLiquidation", "10", "USD", "DU1")
    assert accounts.account_value(message) == [Emit("accountValueEvent", (value,))]
    message = messages.UpdateAccountValue("NetLiquidation", "11", "USD", "DU1")
    accounts.account_value(message)
    model = messages.AccountUpdateMulti(3, "DU2", "M", "NetLiquidation", "12", "USD")
    assert accounts.account_value_multi(model)[0].event == "accountValueEvent"
    assert accounts.values() == [value._replace(value="11"), AccountValue("DU2", "NetLiquidation", "12", "USD", "M")]
    assert accounts.values("DU2") == accounts.values()[1:]
    assert accounts.values("DU3") == []


def test_summary():
    accounts = Accounts()
    value = AccountValue("DU1", "BuyingPower", "300000.00", "EUR", "")
    message = messages.AccountSummary(1, "DU1", "BuyingPower", "300000.00", "EUR")
    assert accounts.account_summary(message) == [Emit("accountSummaryEvent", (value,))]
    assert accounts.summary() == accounts.summary("DU1") == [value]
    assert accounts.summary("DU2") == accounts.values() == []


def test_positions():
    accounts = Accounts()
    contract = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="NASDAQ", currency="USD")
    position, emissions = accounts.position(messages.Position("DU1", contract, 100.0, 150.0))
    assert position == Position("DU1", Stock("AAPL", "NASDAQ", "USD", conId=265598), 100.0, 150.0)
    assert type(position.contract) is Stock
    assert emissions == [Emit("positionEvent", (position,))]
    euro = Contract(secType="CASH", conId=12087792, symbol="EUR", currency="USD")
    other, _ = accounts.position(messages.Position("DU2", euro, -5.0, 1.1))
    assert accounts.positions() == [position, other]
    assert accounts.positions("DU2") == [other]
    assert type(other.contract) is Forex
    for _ in range(2):
        closed, emissions = accounts.position(messages.Position("DU1", contract, 0.0, 0.0))
        assert emissions == [Emit("positionEvent", (closed,))]
    assert accounts.positions("DU1") == []
    assert accounts.positions("DU3") == []


def test_portfolio():
    accounts = Accounts()
    contract = Contract(secType="STK", conId=265598, symbol="AAPL", primaryExchange="NASDAQ", currency="USD")
    message = messages.UpdatePortfolio(contract, 100.0, 151.0, 15100.0, 150.0, 100.0, 5.0, "DU1")
    (emission,) = accounts.portfolio_item(message)
    item = PortfolioItem(contract, 100.0, 151.0, 15100.0, 150.0, 100.0, 5.0, "DU1")
    assert emission == Emit("updatePortfolioEvent", (item,))
    assert type(accounts.portfolio()[0].contract) is Stock
    assert accounts.portfolio("DU1") == [item]
    message.position = 0.0
    accounts.portfolio_item(message)
    accounts.portfolio_item(message)
    assert accounts.portfolio() == []


def test_time():
    accounts = Accounts()
    assert accounts.account_time(messages.UpdateAccountTime("15:27")) == []
    assert accounts.update_time == "15:27"
