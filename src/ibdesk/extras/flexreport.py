"""Downloads account statements from IBKR's Flex web service, and reads them.

The service works in two steps: a request returns a reference code and an address, and that address returns the
statement once it is made. Both steps are written once, in the generator `_statement`, which yields the address to fetch
or the time to wait; `download` and `downloadAsync` do that, one by blocking and one by awaiting.

Source: IBKR Campus, "Flex Web Service", version 3, and "Flex Web Service Version 3 Error Codes" of the Client Portal
guide.
"""

import asyncio
import logging
import os
import platform
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import ParseError

from ibdesk.client.blocking import sleep
from ibdesk.errors import IBDeskError
from ibdesk.logs import logger
from ibdesk.model.quotes import DynamicObject
from ibdesk.optional import require
from ibdesk.runtime.clocks import COMPUTER, stand_still
from ibdesk.runtime.loops import can_nest

from . import util
from .flex_numbers import value_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import pandas as pd

__all__ = ["FLEXREPORT_URL", "FLEX_CODES", "FlexError", "FlexReport"]

_log = logger("ibdesk.flexreport")

FLEXREPORT_URL: Final = "https://ndcdyn.interactivebrokers.com/AccountManagement/FlexWebService/SendRequest?"
"""Where statements are asked for, unless the environment variable `IB_FLEXREPORT_URL` names another place."""

FLEX_CODES: Final = {
    1001: "Statement could not be generated at this time. Please try again shortly.",
    1003: "Statement is not available.",
    1004: "Statement is incomplete at this time. Please try again shortly.",
    1005: "Settlement data is not ready at this time. Please try again shortly.",
    1006: "FIFO P/L data is not ready at this time. Please try again shortly.",
    1007: "MTM P/L data is not ready at this time. Please try again shortly.",
    1008: "MTM and FIFO P/L data is not ready at this time. Please try again shortly.",
    1009: "The server is under heavy load. Statement could not be generated at this time. Please try again shortly.",
    1010: "Legacy Flex Queries are no longer supported. Please convert over to Activity Flex.",
    1011: "Service account is inactive.",
    1012: "Token has expired.",
    1013: "IP restriction.",
    1014: "Query is invalid.",
    1015: "Token is invalid.",
    1016: "Account in invalid.",
    1017: "Reference code is invalid.",
    1018: "Too many requests have been made from this token. Please try again shortly.",
    1019: "Statement generation in progress. Please try again shortly.",
    1020: "Invalid request or unable to validate request.",
    1021: "Statement could not be retrieved at this time. Please try again shortly.",
}
"""The errors of the service and its words for them."""

_RATE = 1018
_NOT_NOW = frozenset({1001, 1004, 1005, 1006, 1007, 1008, 1009, 1019, 1021})

_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between two questions; the last one again and again. A token may ask once a second and ten times a minute."""
_RATE_PAUSE = 60.0
_TRIES = 3
"""How often in a row the network or the web server may fail."""

Progress = Callable[[float, str], object]
"""Is called before each wait, with the seconds since the start and the reason in words."""


class FlexError(IBDeskError):
    """There is no statement. `code` is the service's number (0 where it gave none), `message` its words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def _text(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message


class FlexReport:
    """A statement of an account, as its Flex query defines it.

    For a token, open Client Portal, Performance & Reports, Flex Queries, and switch the Flex web service on. The format
    of the query must be XML.
    """

    Timeout: ClassVar[float] = 600
    """How long a download may take in all, in seconds: large statements take IBKR minutes."""

    RequestTimeout: ClassVar[float] = 30
    """How long the web server may stay silent, in seconds."""

    data: bytes
    root: "Element"

    def __init__(
        self, token: str | int | None = None, queryId: str | int | None = None, path: str | Path | None = None
    ) -> None:
        """Download the statement of a query, or load one from a file, or do neither yet.

        Raises what `download` and `load` raise, and ValueError for a token without a query or a query without a token.
        """
        if token and queryId:
            self.download(token, queryId)
        elif path:
            self.load(path)
        elif token or queryId:
            raise ValueError("A download needs both a token and a queryId")

    def __getattr__(self, name: str) -> Any:
        if name in ("data", "root"):
            raise AttributeError("There is no statement yet: call download() or load() first")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def topics(self) -> set[str]:
        """Return what can be extracted: `Trade`, `CashTransaction`, `OpenPosition` and so on."""
        return {node.tag for node in self.root.iter() if node.attrib}

    def extract(self, topic: str, parseNumbers: bool = True) -> list[Any]:
        """Return the items of a topic, as objects of a class of that name, with the attributes in the statement.

        Args:
            parseNumbers: Attributes that are numbers (prices, quantities, amounts, rates ...) become int or float, and
                so do IBKR's own identifiers (`conid`, `tradeID`, `ibOrderID` ...). All others stay text, even where
                they look like numbers: symbols, dates, references, other identifiers.
        """
        cls = type(topic, (DynamicObject,), {})
        rows = [dict(node.attrib) for node in self.root.iter(topic)]
        if not parseNumbers:
            return [cls(**row) for row in rows]
        return [cls(**{name: value_of(topic, name, text) for name, text in row.items()}) for row in rows]

    def df(self, topic: str, parseNumbers: bool = True) -> "pd.DataFrame | None":
        """Return the items of a topic as a pandas DataFrame, a row for each. See `extract`."""
        return util.df(self.extract(topic, parseNumbers))

    def get_url(self) -> str:
        """Return where statements are asked for. Raises FlexError if `IB_FLEXREPORT_URL` is set and is no address."""
        url = os.getenv("IB_FLEXREPORT_URL", FLEXREPORT_URL)
        if not _is_address(url):
            raise FlexError(0, f"Invalid URL, please check the environment variable IB_FLEXREPORT_URL: {url!r}")
        return url

    def download(self, token: str | int, queryId: str | int, progress: Progress | None = None) -> None:
        """Download a statement, waiting until IBKR has made it.

        The event loop of this thread runs meanwhile, if it can, so that an `IB` stays alive.

        Args:
            progress: Is called before each wait, with the seconds since the start and the reason in words.

        Raises FlexError for what the service refuses, for a statement that is no XML, when the network fails, and
        after `Timeout` seconds. Raises ImportError when httpx or defusedxml is not installed.
        """
        httpx = _httpx()
        course = _statement(str(token), str(queryId), self.get_url(), self.Timeout, progress)
        # Each step of the generator is an address to fetch or a time to wait. What came of a fetch is sent into it, a
        # failure of the network too, since the generator decides how often to try again.
        with httpx.Client(**_options(token, self.RequestTimeout)) as client:
            answer: _Answer | None = None
            while True:
                try:
                    step = course.send(answer)
                except StopIteration as end:
                    return self._read(*end.value)
                try:
                    if isinstance(step, float):
                        _pause(step)
                    else:
                        answer = _Answer.of(client.get(step))
                except httpx.HTTPError as error:
                    answer = _Answer.none(error)

    async def downloadAsync(self, token: str | int, queryId: str | int, progress: Progress | None = None) -> None:
        """Download a statement; the same as `download`, to be awaited."""
        httpx = _httpx()
        course = _statement(str(token), str(queryId), self.get_url(), self.Timeout, progress)
        async with httpx.AsyncClient(**_options(token, self.RequestTimeout)) as client:
            answer: _Answer | None = None
            while True:
                try:
                    step = course.send(answer)
                except StopIteration as end:
                    return self._read(*end.value)
                try:
                    if isinstance(step, float):
                        await asyncio.sleep(step)
                    else:
                        answer = _Answer.of(await client.get(step))
                except httpx.HTTPError as error:
                    answer = _Answer.none(error)

    def load(self, path: str | Path) -> None:
        """Load a statement from an XML file. Raises FlexError if it is no XML, OSError if it cannot be read."""
        data = Path(path).read_bytes()
        self._read(data, _parse(data))

    def save(self, path: str | Path) -> None:
        """Save the statement to an XML file, byte by byte as it came."""
        Path(path).write_bytes(self.data)

    def _read(self, data: bytes, root: "Element") -> None:
        self.data, self.root = data, root


class _Answer(NamedTuple):
    """What came of a fetch: the HTTP status, 0 without an answer, the body, and the status in words."""

    status: int
    body: bytes
    reason: str

    @classmethod
    def of(cls, response: Any) -> "_Answer":
        return cls(response.status_code, response.content, f"HTTP {response.status_code} {response.reason_phrase}")

    @classmethod
    def none(cls, error: Exception) -> "_Answer":
        return cls(0, b"", str(error) or type(error).__name__)


Course = Generator[str | float, _Answer | None, "tuple[bytes, Element]"]
"""Yields what to do next, an address to fetch or seconds to wait, and returns the statement."""


def _statement(token: str, query: str, url: str, limit: float, progress: Progress | None) -> Course:
    """Yield the steps of a download, and return the statement with its root element."""
    begin = COMPUTER.seconds()

    def wait_or_give_up(seconds: float, why: FlexError) -> float:
        waited = COMPUTER.seconds() - begin
        if waited + seconds > limit:
            raise FlexError(why.code, f"{why.message} (gave up after {waited:.0f} s)")
        _log.info("Waiting %g s: %s", seconds, why)
        if progress is not None:
            progress(waited, str(why))
        return seconds

    _, root = yield from _ask(_address(url, token, query), wait_or_give_up)
    parts = _parts(root)
    reference, place = parts.get("referencecode", ""), parts.get("url", "")
    if not reference or not place:
        raise FlexError(0, "The service gave no reference code, or no address, for the statement")
    # The answer decides where the token goes next. An answer that was tampered with must not send it in the clear.
    if url.startswith("https:") and not place.startswith("https:"):
        raise FlexError(0, f"The token is not sent unencrypted to {place}")
    _log.info("The statement is being prepared")
    data, root = yield from _ask(_address(place, token, reference), wait_or_give_up)
    if root.tag != "FlexQueryResponse":
        raise FlexError(0, f"This is no statement but <{root.tag}>")
    _log.info("The statement is here: %d bytes", len(data))
    return data, root


def _is_address(url: str) -> bool:
    try:
        return all(urlsplit(url)[:2])
    except ValueError:
        return False


def _address(place: str, token: str, query: str) -> str:
    mark = "" if place.endswith(("?", "&")) else "&" if "?" in place else "?"
    return f"{place}{mark}{urlencode({'t': token, 'q': query, 'v': 3})}"


def _ask(url: str, wait: Callable[[float, FlexError], float]) -> Course:
    """Fetch one address until there is an answer other than "not yet"."""
    # The service may say "not yet" for as long as `wait` allows, while the network and the web server may fail only a
    # few times in a row. After too many questions the pause is longer, since IBKR counts them by the minute.
    asked = failed = 0
    while True:
        answer = yield url
        assert answer is not None
        if answer.status == 200:
            failed = 0
            root = _parse(answer.body)
            error = _refusal(root)
            if error is None:
                return answer.body, root
            if error.code not in _NOT_NOW and error.code != _RATE:
                raise error
        else:
            failed += 1
            error = FlexError(0, f"The Flex web service cannot be asked: {answer.reason}")
            if failed == _TRIES or not (answer.status in (0, 429) or answer.status >= 500):
                raise error
        rated = error.code == _RATE or answer.status == 429
        yield wait(_RATE_PAUSE if rated else _PAUSES[min(asked, len(_PAUSES) - 1)], error)
        asked += 1


def _refusal(root: "Element") -> FlexError | None:
    """Return the error that an answer tells, if it tells one."""
    if root.tag != "FlexStatementResponse":
        return None
    parts = _parts(root)
    if parts.get("status") == "Success":
        return None
    digits = parts.get("errorcode", "")
    code = int(digits) if digits.isdecimal() else 0
    return FlexError(
        code, parts.get("errormessage") or FLEX_CODES.get(code, "The service refuses and does not say why")
    )


def _parts(root: "Element") -> dict[str, str]:
    # IBKR writes both Url and url.
    return {child.tag.lower(): (child.text or "").strip() for child in root}


def _parse(data: bytes) -> "Element":
    reader = require("defusedxml.ElementTree", "FlexReport", "ibdesk[flex]")
    try:
        root: Element = reader.fromstring(data)
    except (ParseError, ValueError) as error:
        raise FlexError(0, f"The statement is no XML, which the format of its Flex query must be: {error}") from None
    return root


def _pause(seconds: float) -> None:
    """Wait. The event loop of this thread runs meanwhile, if it can."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None or can_nest(loop):
        sleep(seconds)
    else:
        stand_still(seconds)


class _Hidden(logging.Filter):
    """Keeps tokens out of the log of httpx, which shows whole addresses, with their tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()  # as they stand in an address

    def filter(self, record: logging.LogRecord) -> bool:
        said = text = record.getMessage()
        for token in tuple(self.tokens):
            text = text.replace(token, "t=***")
        if text != said:
            record.msg, record.args = text, None
        return True


_hidden = _Hidden()


def _httpx() -> Any:
    httpx = require("httpx", "FlexReport.download", "ibdesk[flex]")
    for name in ("httpx", "httpcore.http11", "httpcore.proxy"):
        logging.getLogger(name).addFilter(_hidden)
    return httpx


def _options(token: str | int, timeout: float) -> dict[str, Any]:
    _hidden.tokens.add(urlencode({"t": token}))
    # IBKR wants a User-Agent that names a technology and its version.
    agent = f"Python/{platform.python_version()}"
    return {"timeout": timeout, "follow_redirects": True, "headers": {"User-Agent": agent}}
