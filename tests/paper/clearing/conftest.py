"""A trader of options and futures on a gateway in memory, near the end of their lives."""

from datetime import datetime, timedelta

import pytest

from ibdesk.model.contract import Contract, Future, Option
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import MarketOrder
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire.messages.accounts import Position, ReqPositions
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

SPY, SPX = 756733, 416904
FRIDAY = datetime(2026, 4, 17, 15, 0, tzinfo=NEW_YORK)


class OptionTrader:
    """Client 1 of a gateway. `told` has what it was told since it was asked last, `watched` that of client 0."""

    def __init__(self, make_gateway, now=FRIDAY, **kwargs):
        self.gateway = make_gateway(now, now, **kwargs)
        self.broker = self.gateway.broker
        self.client = self.gateway.connect(1)
        self.watcher = self.gateway.connect(0)
        self.client.ask(ReqPositions())
        self.next_id = 0

    def price(self, con_id=SPY):
        """The last price of an underlying now."""
        return self.broker.market.quote(con_id, self.gateway.now).last

    def trade(self, contract, quantity):
        """Trades at the market until it is filled; a negative quantity is sold."""
        sign = 1 if quantity > 0 else -1
        left = abs(quantity)
        while left:
            self.next_id += 1
            part = min(left, 2)
            order = MarketOrder("BUY" if quantity > 0 else "SELL", part)
            wanted = self.held(contract) + sign * part
            self.client.ask(PlaceOrder(self.next_id, contract, order))
            while self.held(contract) != wanted:
                self.gateway.wait(0.5)
            left -= part
        self.told()
        self.watcher.heard()
        return self.held(contract)

    def held(self, contract):
        """The position of the ledger in a contract."""
        instruments = self.broker.market.instruments
        if contract.secType == "OPT":
            return self.broker.ledger.position(instruments.option(contract).conId)
        return self.broker.ledger.position(instruments.search(contract, include_expired=True)[0].contract.conId)

    def exercise(self, contract, quantity=1, action=1, override=False, account="", **fields):
        """What the client is told at once of an instruction."""
        self.next_id += 1
        request = ExerciseOptions(self.next_id, contract, action, quantity, account, override, **fields)
        return story(self.client.ask(request))

    def until(self, moment):
        """Lets time pass. Nobody looks in between."""
        self.gateway.wait((moment - self.gateway.now).total_seconds())

    def told(self):
        return story(self.client.heard())

    def watched(self):
        return story(self.watcher.heard())


def story(messages):
    """Messages in short."""
    told = []
    for message in messages:
        match message:
            case ExecDetails(contract=contract, execution=Execution() as execution):
                sign = 1 if execution.side == "BOT" else -1
                kind = execution.optExerciseOrLapseType
                told.append((contract.secType, sign * execution.shares, execution.price, kind))
            case CommissionAndFeesReport(commissionReport=CommissionReport() as report):
                told.append(("costs", report.commission))
            case OrderStatus():
                told.append((message.status, message.filled, message.remaining))
            case OpenOrder(order=order):
                told.append((order.action, order.totalQuantity, order.orderType, order.lmtPrice))
            case Position():
                told.append(("position", message.contract.secType, message.position))
            case Error():
                told.append((message.errorCode, message.errorString))
    return told


def at(day, hour, minute=0, month=4):
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture
def make_trader(make_gateway):
    """Makes a trader at another moment."""

    def make(now=FRIDAY, **kwargs):
        return OptionTrader(make_gateway, now, **kwargs)

    return make


@pytest.fixture
def trader(make_trader):
    """A trader an hour before the close of Friday, 17 April 2026."""
    return make_trader()


def spy(strike, right, expiry="20260417") -> Contract:
    return Option("SPY", expiry, strike, right, "SMART", tradingClass="SPY")


def spx(strike, right, expiry="20260417", trading_class="SPXW") -> Contract:
    return Option("SPX", expiry, strike, right, "SMART", tradingClass=trading_class)


def es(month="202606") -> Contract:
    return Future("ES", month, "CME")


NIGHT = at(18, 2)
A_MOMENT = timedelta(seconds=1)
