"""What commands set for their process is put back after each test, for tests run many commands in one."""

import logging
import signal
from collections.abc import Iterator

import pytest

from ibdesk.cli.ending import ENDS

LOGGERS = ("", "asyncio", "ibdesk")


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Put back the handlers of signals, and which levels are logged."""
    handlers = {number: signal.getsignal(number) for number in ENDS}
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
