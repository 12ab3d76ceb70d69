"""A web server on this machine that answers as IBKR's Flex web service does: what it says next is written down before.

The forms are those of IBKR Campus, "Flex Web Service"; the one of a statement is cut down to a few rows.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "123456789012345678901234"

STATEMENT = b"""<FlexQueryResponse queryName="all" type="AF">
<FlexStatements count="1">
<FlexStatement accountId="U1234567" fromDate="20260903" toDate="20261002" period="Last30CalendarDays">
<Trades>
<Trade accountId="U1234567" currency="USD" symbol="NAN" cusip="037833100" conid="265598" tradeID="4711"
 quantity="-100" tradePrice="257.95" ibCommission="-1.0E-4" dateTime="20261001;093000" notes="" strike="" />
<Trade accountId="U1234567" currency="USD" symbol="700" cusip="594918104" conid="272093" tradeID="4712"
 quantity="0.5" tradePrice="1" ibCommission="0" dateTime="20261001;093001" notes="00123" strike=".5"
 openCloseIndicator="O" />
</Trades>
<CashTransactions />
</FlexStatement>
</FlexStatements>
</FlexQueryResponse>
"""


def refusal(code: int, text: str, status: str = "Fail") -> bytes:
    return (
        f"<FlexStatementResponse timestamp='04 October, 2026 04:03 PM EDT'><Status>{status}</Status>"
        f"<ErrorCode>{code}</ErrorCode><ErrorMessage>{text}</ErrorMessage></FlexStatementResponse>"
    ).encode()


IN_PROGRESS = refusal(1019, "Statement generation in progress. Please try again shortly.", "Warn")
TOO_MANY = refusal(1018, "Too many requests have been made from this token. Please try again shortly.")


class FlexServer(ThreadingHTTPServer):
    """`requests` and `statements` are what the two steps answer, one after the other and the last one again:

    a body, or a number for an HTTP status, or None to hang up. `asked` is what came: path, queries and headers.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[bytes | int | None] = [self.success()]
        self.statements: list[bytes | int | None] = [STATEMENT]
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/FlexWebService"

    def success(self, place: str = "/GetStatement", tag: str = "Url") -> bytes:
        """The answer of the first step; the second is at `place`."""
        return (
            "<FlexStatementResponse timestamp='04 October, 2026 04:03 PM EDT'><Status>Success</Status>"
            f"<ReferenceCode>8936364590</ReferenceCode><{tag}>{self.url}{place}</{tag}></FlexStatementResponse>"
        ).encode()


class _Handler(BaseHTTPRequestHandler):
    server: FlexServer

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        self.server.asked.append((place.path, parse_qs(place.query), dict(self.headers)))
        answers = self.server.requests if place.path.endswith("SendRequest") else self.server.statements
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.close_connection = True
            return
        status, body = (200, answer) if isinstance(answer, bytes) else (answer, b"<html>no</html>")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def flex_server() -> Iterator[FlexServer]:
    with FlexServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
