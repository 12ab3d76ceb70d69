"""ib_async 2.1.0 itself, unmodified, trades in simulated time. Whole weeks: tests/simulated_weeks.py."""

import os
import subprocess
import sys
from pathlib import Path

from fetch_oracles import oracle_path

PROGRAM = """
import ib_async, time
from datetime import datetime
from ib_async import *
from zoneinfo import ZoneInfo

def now():
    return f"{datetime.now(ZoneInfo('US/Eastern')):%H:%M:%S}"

print(ib_async.__version__, ib_async.IB.__module__)
ib = IB()
ib.connect(port=4002, clientId=3)
contract = Stock("AAPL", "SMART", "USD")
ib.qualifyContracts(contract)
bars = ib.reqHistoricalData(contract, "", "1 D", "5 mins", "TRADES", useRTH=True, keepUpToDate=True)
updates = []
bars.updateEvent += lambda bars, new: updates.append(new)
ticker = ib.reqMktData(contract)
trade = ib.placeOrder(contract, MarketOrder("BUY", 100))
while not trade.isDone():
    ib.waitOnUpdate()
print(trade.orderStatus.status, now(), ticker.bid < ticker.ask)
ib.sleep(600)
time.sleep(60)
print(len(updates), sum(updates), now(), ib.positions()[0].position)
ib.cancelMktData(contract)
ib.disconnect()
"""


def test_ib_async_itself_lives_in_simulated_time(tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-W", "ignore", "-m", "ibdesk", "simulate", "program.py"]
    paths = [str(oracle_path("ib_async", "2.1.0")), *filter(None, [os.environ.get("PYTHONPATH")])]
    found = subprocess.run(
        [*command, "--from", "2026-11-02T10:00", "--to", "2026-11-02T11:00"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONASYNCIODEBUG": ""},
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")
    itself, filled, updated, *table = found.stdout.splitlines()
    assert itself == "2.1.0 ib_async.ib"
    assert filled == "Filled 10:00:00 True"
    # An update each five seconds, of which two begin a bar; in the last minute the program sleeps.
    assert updated == "119 2 10:11:00 100.0"
    assert any(line.split()[:3] == ["2026-11-02", "1", "1"] for line in table)
