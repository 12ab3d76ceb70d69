"""A Qt window with a table of live quotes. Type a stock's symbol, or a pair of currencies such as EURUSD, and Enter.

Needs PySide6: pip install PySide6-Essentials. Run `ibdesk paper` in another terminal first, or a TWS that listens on
port 7497. Another port: qt_ticker_table.py 4002
"""

import sys

from PySide6 import QtGui, QtWidgets

from ibdesk import IB, Contract, Forex, Stock, Ticker, util

COLUMNS = ["bidSize", "bid", "ask", "askSize", "last", "lastSize", "close"]
CURRENCIES = {"AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "NZD", "USD"}


def contract_of(text: str) -> Contract:
    """A pair of currencies, or else a US stock."""
    text = text.strip().upper()
    if len(text) == 6 and {text[:3], text[3:]} <= CURRENCIES:
        return Forex(text)
    return Stock(text, "SMART", "USD")


class TickerTable(QtWidgets.QTableWidget):
    """A row for each ticker."""

    def __init__(self) -> None:
        super().__init__(0, 1 + len(COLUMNS))
        self.setHorizontalHeaderLabels(["symbol", *COLUMNS])
        self.setAlternatingRowColors(True)
        self.rows: dict[int, int] = {}

    def add(self, contract: Contract) -> None:
        row = self.rows[contract.conId] = self.rowCount()
        self.insertRow(row)
        for column in range(self.columnCount()):
            self.setItem(row, column, QtWidgets.QTableWidgetItem("-"))
        self.item(row, 0).setText(contract.localSymbol)

    def show_tickers(self, tickers: set[Ticker]) -> None:
        for ticker in tickers:
            row = self.rows.get(ticker.contract.conId if ticker.contract else 0)
            if row is not None:
                for column, name in enumerate(COLUMNS, start=1):
                    self.item(row, column).setText(f"{getattr(ticker, name):g}")

    def clear_tickers(self) -> None:
        self.setRowCount(0)
        self.rows.clear()


class Window(QtWidgets.QWidget):
    """The table, a field to add to it, a button to connect and disconnect."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.ib = IB()
        self.table = TickerTable()
        self.field = QtWidgets.QLineEdit()
        self.field.returnPressed.connect(lambda: self.add(self.field.text()))
        self.button = QtWidgets.QPushButton("Connect")
        self.button.clicked.connect(self.toggle)
        layout = QtWidgets.QVBoxLayout(self)
        for widget in (self.field, self.table, self.button):
            layout.addWidget(widget)
        self.ib.pendingTickersEvent += self.table.show_tickers

    def add(self, text: str) -> None:
        [contract] = self.ib.qualifyContracts(contract_of(text))
        if contract is not None and contract.conId not in self.table.rows:
            self.table.add(contract)
            self.ib.reqMktData(contract)
        self.field.clear()

    def toggle(self) -> None:
        if self.ib.isConnected():
            self.ib.disconnect()
            self.table.clear_tickers()
        else:
            self.ib.connect(port=self.port, clientId=4)
            for text in ("EURUSD", "USDJPY", "GBPUSD", "AAPL", "TSLA"):
                self.add(text)
        self.button.setText("Disconnect" if self.ib.isConnected() else "Connect")

    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        self.ib.disconnect()
        util.getLoop().stop()


if __name__ == "__main__":
    util.startLoop()  # a button may be pressed while the event loop runs, and its call has to wait
    util.useQt("PySide6")
    window = Window(int(sys.argv[1]) if len(sys.argv) > 1 else 7497)
    window.resize(640, 400)
    window.show()
    IB.run()
