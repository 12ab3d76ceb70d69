#!/usr/bin/env bash
# In ib_async, whoever awaits an answer when the program calls ib.disconnect() waits for ever: the table of futures is
# emptied, and nobody ends them. If it is the server that ends the connection, they raise ConnectionError. So a program
# that gives up a silent connection, as ib_async's own Watchdog does by way of the gateway, has to put a limit on
# everything that it awaits; most requests have none of their own.
#
#     bash findings/requests_after_disconnect_in_ib_async.sh
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

from ib_async import IB, StartupFetchNONE

logging.getLogger("ib_async").setLevel(logging.CRITICAL)
asked, writers = [], []


def message(*fields):
    payload = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(payload)) + payload


async def serve(reader, writer):
    """Answer as TWS does what a connection needs, and nothing else."""
    writers.append(writer)
    await reader.readexactly(4)  # API and a zero byte
    while True:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        payload = (await reader.readexactly(length)).decode()
        kind = payload.split("\0")[0]
        if payload.startswith("v"):
            writer.write(message(178, "20261102 09:30:00 US/Eastern"))
        elif kind == "71":  # startApi
            writer.write(message(15, 1, "DU1") + message(9, 1, 1))
        elif kind == "61":  # reqPositions
            writer.write(message(62, 1))
        else:
            asked.append(kind)


async def ended_by(end, server):
    ib = IB()
    port = server.sockets[0].getsockname()[1]
    await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
    request = asyncio.ensure_future(ib.reqCurrentTimeAsync())
    while "49" not in asked:
        await asyncio.sleep(0.01)
    asked.clear()
    end(ib)
    await asyncio.wait([request], timeout=3)
    ib.disconnect()
    return repr(request.exception()) if request.done() else "still waits after 3 seconds"


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    by_server = await ended_by(lambda ib: writers[-1].close(), server)
    by_program = await ended_by(lambda ib: ib.disconnect(), server)
    print(f"the server ends the connection:  {by_server}")
    print(f"the program calls disconnect():  {by_program}")
    return by_server.startswith("ConnectionError"), by_program.startswith("still waits")


print(f"ib_async {version('ib_async')}, aeventkit {version('aeventkit')}", sys.version.split()[0])
if asyncio.run(main()) == (True, True):
    print("as seen before: disconnect() leaves callers waiting")
else:
    sys.exit("it has changed")
PYTHON
"$folder/venv/bin/python" "$folder/check.py" 2> "$folder/log" || { cat "$folder/log"; exit 1; }
