"""Stands in for IBC and the app that it starts: `app` is what the script of IBC starts, as a process of its own.

The script and the file that says how the app behaves are put into a folder by `make_ibc`.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

# The script of IBC does not become the app: ending it alone leaves the app behind.
SCRIPT = """#!/bin/sh
{python} {here} {folder} "$@"
status=$?
exit $status
"""


def make_ibc(folder: Path, behaviour: str, port: int = 0) -> Path:
    """An installation of IBC whose app does what `behaviour` says:

    `serve` is a paper gateway; `deaf` takes connections and never answers; `idle` does not listen; `stubborn`
    does not end when it is told to; `chatty` prints a very long line; `exit` ends at once.
    """
    script = folder / "scripts" / "ibcstart.sh"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(SCRIPT.format(python=sys.executable, here=Path(__file__).resolve(), folder=folder))
    script.chmod(0o755)
    change(folder, behaviour, port)
    return folder


def change(folder: Path, behaviour: str, port: int = 0) -> None:
    """What the app does from its next start on."""
    (folder / "new").write_text(json.dumps([behaviour, port]))
    (folder / "new").replace(folder / "behaviour")


def starts(folder: Path) -> list[tuple[int, list[str]]]:
    """Of each start of the app: its process id and its arguments."""
    log = folder / "starts"
    return [tuple(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def app(folder: Path, arguments: list[str]) -> None:
    behaviour, port = json.loads((folder / "behaviour").read_text())
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with (folder / "starts").open("a") as log:
        log.write(json.dumps([os.getpid(), arguments]) + "\n")
    print("The app is starting", flush=True)
    match behaviour:
        case "exit":
            sys.exit(3)
        case "serve":
            from ibdesk.cli import main

            sys.argv = ["ibdesk", "paper", "--port", str(port), "--start-time", "2026-11-20T10:30"]
            main()
        case "deaf":
            with socket.create_server(("127.0.0.1", port)):
                time.sleep(600)
        case "chatty":
            print("x" * 300_000, flush=True)
            print("after it", flush=True)
            time.sleep(600)
        case _:
            time.sleep(600)


if __name__ == "__main__":
    app(Path(sys.argv[1]), sys.argv[2:])
