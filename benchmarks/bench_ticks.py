"""How much CPU does a text tick cost, from the socket to the user's handler? ibdesk against ib_async.

The same bytes go over TCP to one process for each library: 100 tickers, each with a handler on its `updateEvent`,
server version 178, quotes that change price and size. What is measured is the CPU time of the client's process
over the number of tick messages that it took. Prints both and the ratio.

    python benchmarks/bench_ticks.py [--ticks 200000] [--rounds 3]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from ibdesk.session.connection import Connection
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages import accounts, connection, executions, market_data

ORACLE = Path(__file__).resolve().parent.parent / ".oracles" / "ib_async-2.1.0"
TICKERS, FRAMES_A_CHUNK = 100, 64

CHILD = """
import importlib, json, sys, time
library, port, ticks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
lib = importlib.import_module(library)
ib = lib.IB()
ib.connect("127.0.0.1", port, clientId=1, fetchFields=lib.StartupFetchNONE)
begin = first = 0
done = lib.util.getLoop().create_future()
def messages():
    return ib.client.connectionStats().numMsgRecv
def on_update(ticker):
    ticker.ticks  # what a handler would look at
def on_batch():
    global begin, first
    if not begin:
        begin, first = time.process_time(), messages()
    elif messages() - first >= ticks and not done.done():
        done.set_result(None)
for number in range({tickers}):
    contract = lib.Stock("S%d" % number, "SMART", "USD", conId=1000 + number)
    ib.reqMktData(contract).updateEvent += on_update
ib.reqMarketDataType(1)  # tells the server that all are subscribed
ib.updateEvent += on_batch
lib.util.run(done)
spent = time.process_time() - begin
print(json.dumps({{"ticks": messages() - first, "cpu": spent}}))
sys.stdout.flush()
import os; os._exit(0)
"""


def serve(listener: socket.socket, ticks: int) -> None:
    """Answer one client until it has subscribed to everything, then send it the ticks."""
    link, _ = listener.accept()
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = Connection(Sender.SERVER, max_version=178, time="20260102 10:00:00 EST")
    reqIds: list[int] = []
    while True:
        for event in server.receive_data(link.recv(65536)):
            match event:
                case connection.StartApi():
                    server.send(connection.ManagedAccounts("DU1"))
                    server.send(connection.NextValidId(1))
                case accounts.ReqPositions():
                    server.send(accounts.PositionEnd())
                case executions.ReqExecutions(reqId):
                    server.send(executions.ExecDetailsEnd(reqId))
                case market_data.ReqMktData(reqId):
                    reqIds.append(reqId)
                case market_data.ReqMarketDataType():
                    link.sendall(server.data_to_send())
                    blast(link, server, reqIds, ticks)
                    return
        link.sendall(server.data_to_send())


def blast(link: socket.socket, server: Connection, reqIds: list[int], ticks: int) -> None:
    """Send the ticks in chunks, as a busy gateway does."""
    chunks = []
    for start in range(0, 6400, FRAMES_A_CHUNK):
        for number in range(start, start + FRAMES_A_CHUNK):
            reqId, price = reqIds[number % len(reqIds)], 100 + number % 97 / 100
            if number % 4 == 3:
                server.send(market_data.TickSize(reqId, 8, 1000.0 + number))
            else:
                server.send(market_data.TickPrice(reqId, 1 + number % 2, price, 100.0 + number % 7, 1))
        chunks.append(server.data_to_send())
    sent = 0
    try:
        while sent < ticks * 3:  # more than enough: the client leaves when it has its share
            for chunk in chunks:
                link.sendall(chunk)
                sent += FRAMES_A_CHUNK
                time.sleep(0)
    except OSError:
        pass  # the client has enough
    link.close()


def measure(library: str, ticks: int) -> dict[str, float]:
    """Run one client process."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = threading.Thread(target=serve, args=(listener, ticks), daemon=True)
    server.start()
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), str(ORACLE)]))
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD.format(tickers=TICKERS), library, str(port), str(ticks)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    listener.close()
    if child.returncode:
        sys.exit(child.stderr)
    result: dict[str, float] = json.loads(child.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Alternate the two libraries and compare their best rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ticks", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    best: dict[str, float] = {}
    for round_number in range(options.rounds):
        for library in ("ib_async", "ibdesk"):
            result = measure(library, options.ticks)
            cost = result["cpu"] / result["ticks"] * 1e6
            best[library] = min(best.get(library, cost), cost)
            print(f"round {round_number + 1}  {library:9} {cost:6.2f} us CPU a tick")
    print(f"ib_async / ibdesk: {best['ib_async'] / best['ibdesk']:.2f} times less CPU a tick")


if __name__ == "__main__":
    main()
