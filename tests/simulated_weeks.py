"""Lets the examples, and a program on ib_async 2.1.0 itself, live through a simulated trading week each.

    python tests/simulated_weeks.py [name ...]

prints how each ended, and fails if one did not end well. It takes minutes, so no test runs it. Programs with windows
are left out: their toolkits run event loops of their own. Of the notebooks it is the code that runs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fetch_oracles import oracle_path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WINDOWS = {"qt_ticker_table", "tk"}
WEEK = ["--from", "2026-11-02", "--to", "2026-11-06"]

OF_IB_ASYNC = """
from datetime import timedelta
from ib_async import *

ib = IB()
ib.connect(clientId=3)
contract = Stock("AAPL", "SMART", "USD")
ib.qualifyContracts(contract)
bars = ib.reqRealTimeBars(contract, 5, "TRADES", True)
updates = []
bars.updateEvent += lambda bars, new: updates.append(new)
for day in range(5):
    trade = ib.placeOrder(contract, MarketOrder("BUY", 100))
    while not trade.isDone():
        ib.waitOnUpdate()
    ib.sleep(3 * 3600)
    trade = ib.placeOrder(contract, MarketOrder("SELL", 100))
    while not trade.isDone():
        ib.waitOnUpdate()
    ib.sleep(21 * 3600)
assert len(ib.fills()) >= 2 and len(updates) > 20_000
ib.disconnect()
"""

OF_A_NOTEBOOK = """
import ast, inspect
from pprint import pprint
from ibdesk import util

names = {"__name__": "__main__", "display": pprint}
for cell in cells:
    # As in a notebook, a cell may await something.
    made = eval(compile(cell, "a cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(made):
        util.run(made)
"""


def programs(folder: Path) -> dict[str, Path]:
    """Name -> file, of every program that is run."""
    found = {path.stem: path for path in EXAMPLES.glob("*.py") if path.stem not in WINDOWS}
    for path in EXAMPLES.glob("*.ipynb"):
        cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        lines = [[line for line in "".join(cell["source"]).splitlines() if line[:1] != "%"] for cell in cells]
        texts = ["\n".join(cell) for cell in lines]
        (folder / f"{path.stem}_code.py").write_text(f"cells = {texts!r}\n{OF_A_NOTEBOOK}", "utf-8")
    (folder / "of_ib_async.py").write_text(OF_IB_ASYNC, "utf-8")
    return found | {path.stem: path for path in folder.glob("*.py")}


def main(names: list[str]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path in sorted(programs(Path(folder)).items()):
            if names and name not in names:
                continue
            paths = [str(oracle_path("ib_async", "2.1.0")), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "agg"}
            command = [sys.executable, "-W", "ignore", "-m", "ibdesk", "simulate", str(path), *WEEK]
            began = time.perf_counter()
            run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
            print(f"{name:24} exit code {run.returncode}, {time.perf_counter() - began:.1f} s", flush=True)
            if run.returncode:
                failed += 1
                print(run.stderr[-2000:], flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
