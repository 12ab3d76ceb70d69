"""`ibdesk paper` as a user starts it: a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

USUAL_PORT = 7497


@contextmanager
def paper_on_the_usual_port(start_time: str) -> Iterator[None]:
    """Run the gateway, and see it end cleanly when it is told to. Of one file of tests only: others run beside it."""
    with _paper(start_time, USUAL_PORT):
        yield


@contextmanager
def paper_on_a_free_port(start_time: str) -> Iterator[int]:
    """The same, anywhere; gives the port."""
    with _paper(start_time, 0) as port:
        yield port


@contextmanager
def _paper(start_time: str, port: int) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ibdesk", "paper", "--start-time", start_time, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _port_of(process)
    finally:
        process.terminate()
        output = process.communicate(timeout=20)[0]
    assert process.returncode == 0, output


def _port_of(process: "subprocess.Popen[str]") -> int:
    """The port on which it says that it listens: another program may be what answers on the one that was asked for."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"gateway on [\d.]+:(\d+),", line):
            return int(found[1])
    raise RuntimeError(f"the gateway did not start:\n{said}")
