#!/usr/bin/env bash
# In ib_async, a fill that the program hears of by asking is told by no event: execDetails in answer to reqExecutions puts
# it into trade.fills and ib.fills(), while ib.execDetailsEvent and trade.fillEvent stay silent. So what was filled while
# the connection was away, or while TWS was cut off from IBKR, is missing to a program that counts its fills in handlers,
# although connect() asks for the executions of the day: it has to compare ib.fills() after each connection. Messages
# that TWS sends by itself are told.
#
#     bash findings/fetched_fills_in_ib_async.sh
#
# Installs pinned packages in a temporary folder. Ends with 0 when it is still so, and 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ib_async==2.1.0 aeventkit==2.1.0 nest-asyncio==1.6.0
cat > "$folder/check.py" <<'PYTHON'
import asyncio
import logging
import struct
import sys
from importlib.metadata import version

from ib_async import IB, LimitOrder, StartupFetchNONE, Stock

logging.getLogger("ib_async").setLevel(logging.CRITICAL)


def message(*fields):
    payload = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(payload)) + payload


def exec_details(request, exec_id):
    """One share of AAPL bought by order 1, as TWS tells it in server version 178."""
    return message(
        11, request, 1, 265598, "AAPL", "STK", "", "0.0", "", "", "NASDAQ", "USD", "AAPL", "NMS", exec_id,
        "20261102 09:31:00 US/Eastern", "DU1", "NASDAQ", "BOT", 1, 270.0, 1001, 1, 0, 1, 270.0, "", "", "", "", 2, 0,
    )  # fmt: skip


async def serve(reader, writer):
    """Answer as TWS does."""
    await reader.readexactly(4)  # API and a zero byte
    while True:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        payload = (await reader.readexactly(length)).decode()
        kind, *fields = payload.split("\0")
        if payload.startswith("v"):
            writer.write(message(178, "20261102 09:30:00 US/Eastern"))
        elif kind == "71":  # startApi
            writer.write(message(15, 1, "DU1") + message(9, 1, 1))
        elif kind == "61":  # reqPositions
            writer.write(message(62, 1))
        elif kind == "3":  # placeOrder: a fill is told, as it happens
            writer.write(exec_details(-1, "0001.01.01"))
        elif kind == "7":  # reqExecutions: another one, which was not told before
            writer.write(exec_details(fields[1], "0001.01.01") + exec_details(fields[1], "0002.01.01"))
            writer.write(message(55, 1, fields[1]))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    ib, told = IB(), []
    await ib.connectAsync("127.0.0.1", server.sockets[0].getsockname()[1], 1, fetchFields=StartupFetchNONE)
    ib.execDetailsEvent += lambda trade, fill: told.append(fill.execution.execId)
    trade = ib.placeOrder(Stock("AAPL", "NASDAQ", "USD"), LimitOrder("BUY", 2, 270.0))
    await ib.execDetailsEvent
    await ib.reqExecutionsAsync()
    known = [fill.execution.execId for fill in trade.fills]
    ib.disconnect()
    print(f"trade.fills has       {known}")
    print(f"execDetailsEvent told {told}")
    return known, told


print(f"ib_async {version('ib_async')}, aeventkit {version('aeventkit')}", sys.version.split()[0])
if asyncio.run(main()) == (["0001.01.01", "0002.01.01"], ["0001.01.01"]):
    print("as seen before: the fill that was asked for is told by no event")
else:
    sys.exit("it has changed")
PYTHON
"$folder/venv/bin/python" "$folder/check.py" 2> "$folder/log" || { cat "$folder/log"; exit 1; }
