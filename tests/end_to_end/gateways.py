"""`ibdesk paper` as a user starts it: a process of its own on port 7497."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection

PORT = 7497


@contextmanager
def paper_on_the_usual_port(start_time: str) -> Iterator[None]:
    """Run the gateway, and see it end cleanly when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ibdesk", "paper", "--start-time", start_time],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(process)
        yield
    finally:
        process.terminate()
        output = process.communicate(timeout=20)[0]
    assert process.returncode == 0, output


def _wait_for(process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            create_connection(("127.0.0.1", PORT), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the gateway did not start:\n{process.communicate()[0]}") from None
            time.sleep(0.05)  # between looks at a port that another process opens
