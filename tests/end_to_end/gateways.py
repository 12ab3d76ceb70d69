"""`ibdesk paper` as a user starts it: a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection, socket

USUAL_PORT = 7497


@contextmanager
def paper_on_the_usual_port(start_time: str) -> Iterator[None]:
    """Run the gateway, and see it end cleanly when it is told to. Of one file of tests only: others run beside it."""
    with _paper(start_time, USUAL_PORT):
        yield


@contextmanager
def paper_on_a_free_port(start_time: str) -> Iterator[int]:
    """The same, anywhere; gives the port."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with _paper(start_time, port):
        yield port


@contextmanager
def _paper(start_time: str, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ibdesk", "paper", "--start-time", start_time, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(process, port)
        yield
    finally:
        process.terminate()
        output = process.communicate(timeout=20)[0]
    assert process.returncode == 0, output


def _wait_for(process: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the gateway did not start:\n{process.communicate()[0]}") from None
            time.sleep(0.05)  # between looks at a port that another process opens
