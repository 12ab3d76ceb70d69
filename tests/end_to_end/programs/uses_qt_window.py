"""Presses the buttons of `examples/qt_ticker_table.py` as a user would, inside the running event loop."""

import asyncio
import runpy
import sys

from ibdesk import util


async def until(holds) -> None:
    while not holds():
        await asyncio.sleep(0.05)  # between looks at what Qt shows


def shown(table, row: int) -> list[str]:
    return [table.item(row, column).text() for column in range(table.columnCount())]


async def use(window) -> None:
    window.show()
    asyncio.get_running_loop().call_soon(window.button.click)
    await until(lambda: window.table.rowCount() == 5 and "-" not in shown(window.table, 3)[1:5])
    window.field.setText("msft")
    window.field.returnPressed.emit()
    await until(lambda: window.table.rowCount() == 6 and "-" not in shown(window.table, 5)[1:5])
    print(*(shown(window.table, row)[0] for row in range(6)))
    window.button.click()
    print(window.table.rowCount(), window.button.text())


example, port = sys.argv[1:]
util.startLoop()
util.useQt("PySide6")
window = runpy.run_path(example)["Window"](int(port))
util.run(use(window), timeout=60)
window.close()
