"""The command `ibdesk journal`."""

import json
import re
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.commands import answer_of

from ibdesk import Contract, Future, LimitOrder, MarketOrder, Order, Stock, StopLimitOrder
from ibdesk.journal import ClientJournal, Journal, Kind, database
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import OrderCancel, OrderState
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages import connection, executions, order_status, orders

VERSION = 178
AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
NOW = datetime.now(UTC).timestamp()
SERVER, CLIENT = Codec(Sender.CLIENT, VERSION), Codec(Sender.SERVER, VERSION)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return answer_of("journal", *arguments)


class Writer:
    """Writes the orders of one client."""

    def __init__(self, path: Path, client: int = 1) -> None:
        self.client = client
        self.file: ClientJournal = Journal(path).claim(client)

    def place(self, orderId: int, order: Order, contract: Contract = AAPL, time: float = NOW, key: str = "") -> int:
        payload = CLIENT.encode(orders.PlaceOrder(orderId, contract, order))
        if key:
            return self.file.place_with_key(orderId, time, VERSION, payload, key)
        number = self.file.placed(orderId, time, VERSION, payload)
        self.file.write()
        return number

    def told(self, number: int, *messages: Any, permId: int = 0, has_ended: bool = False, time: float = NOW) -> None:
        for message in messages:
            self.file.told(number, Kind.TOLD, time, VERSION, SERVER.encode(message), permId, has_ended)
        self.file.write()


def status(orderId: int, status: str, filled: float = 0.0, left: float = 100.0, permId: int = 77) -> Any:
    price = 1.5 if filled else 0.0
    return order_status.OrderStatus(orderId, status, filled, left, price, permId, 0, price, 1)


def execution(orderId: int, shares: float) -> Any:
    time = "20260413 15:27:04 US/Eastern"
    ids = {"orderId": orderId, "clientId": 1, "permId": 77}
    one = Execution("0001.01", time, "DU1", "IEX", "BOT", shares, 1.5, cumQty=shares, avgPrice=1.5, **ids)
    return executions.ExecDetails(-1, AAPL, one)


@pytest.fixture
def journal(path: Path):
    """An order that lives, one that is filled, one that was not acknowledged, and one that ended long ago."""
    writer = Writer(path)
    lives = writer.place(3, LimitOrder("BUY", 100, 1.5, tif="GTC"), key="a key")
    writer.told(lives, status(3, "Submitted"), permId=77)
    filled = writer.place(4, MarketOrder("BUY", 100))
    report = executions.CommissionAndFeesReport(CommissionReport("0001.01", 1.25, "USD"))
    writer.told(filled, execution(4, 100.0), report, permId=78)
    writer.told(filled, status(4, "Filled", 100.0, 0.0, 78), permId=78, has_ended=True)
    writer.place(5, StopLimitOrder("SELL", 2, 250.0, 251.0), Future("ES", "202612", "CME", localSymbol="ESZ6"))
    old = writer.place(2, LimitOrder("SELL", 1, 3.0), time=NOW - 3 * 86400)
    writer.told(old, status(2, "Cancelled", permId=76), permId=76, has_ended=True, time=NOW - 2 * 86400)
    writer.file.close()
    return path


def rows(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def test_it_shows_what_lives_and_what_ended_within_a_day(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    done = run(journal)
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = rows(done.stdout)
    assert head == "placed order permId what status filled"
    assert [re.sub(r"^[\d-]+ [\d:]+ ", "", line) for line in lines] == [
        "1/3 77 BUY 100 AAPL LMT 1.5 GTC Submitted",
        "key a key",
        "1/4 78 BUY 100 AAPL MKT Filled 100 @ 1.5",
        "cost 1.25 USD",
        "1/5 SELL 2 ESZ6 202612 STP LMT 250 251 PendingSubmit",
        "in doubt: no answer to the order yet",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits(journal: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(journal, "--all").stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert "in doubt: no" in "\n".join(lines)
    assert "…" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], [3, 4, 5]),
        (["--open"], [3, 5]),
        (["--all"], [2, 3, 4, 5]),
        (["--client", "1"], [3, 4, 5]),
        (["--client", "2"], []),
        (["--history", "a key"], [3]),
        (["--history", "78"], [4]),
        (["--history", "2"], [2]),
    ],
)
def test_it_chooses(journal: Path, options: list[str], ids: list[int]) -> None:
    assert [one["orderId"] for one in json.loads(run(journal, "--json", *options).stdout)] == ids


def test_json_has_everything(journal: Path) -> None:
    (one,) = json.loads(run(journal, "--json", "--history", "78").stdout)
    events = one.pop("events")
    fills = one.pop("fills")
    moment = one.pop("placed")
    assert abs(datetime.fromisoformat(moment).timestamp() - NOW) < 1
    assert datetime.fromisoformat(one.pop("ended"))
    assert one == {
        "client": 1,
        "orderId": 4,
        "permId": 78,
        "key": "",
        "contract": {"secType": "STK", "conId": 265598, "symbol": "AAPL", "exchange": "SMART", "currency": "USD"},
        "order": {
            "orderId": 4,
            "clientId": 1,
            "permId": 77,
            "action": "BUY",
            "totalQuantity": 100.0,
            "orderType": "MKT",
        },
        "status": "Filled",
        "filled": 100.0,
        "avgFillPrice": 1.5,
        "commissions": {"USD": 1.25},
        "inDoubt": "",
    }
    assert [fill["execution"]["shares"] for fill in fills] == [100.0]
    assert [event["kind"] for event in events] == ["sent", "told", "told", "told"]


def test_the_history_of_an_order_has_a_line_for_each_event(path: Path) -> None:
    writer = Writer(path)
    order = LimitOrder("BUY", 100, 1.5, tif="DAY")
    number = writer.place(3, order, key="a key")
    shown = LimitOrder("BUY", 100, 1.5, orderId=3, clientId=1, permId=77)
    writer.told(number, orders.OpenOrder(AAPL, shown, OrderState(status="Submitted")), permId=77)
    writer.told(number, status(3, "Submitted", 40.0, 60.0), execution(3, 40.0))
    writer.told(number, executions.CommissionAndFeesReport(CommissionReport("0001.01", 1.25, "USD")))
    writer.told(number, connection.Error(3, 399, "a \x1b[2J warning"))
    cancel = CLIENT.encode(order_status.CancelOrder(3, OrderCancel()))
    writer.file.changed([number], NOW, VERSION, cancel)
    writer.file.begun([number], NOW, VERSION)
    writer.file.told(number, Kind.ANSWERED, NOW, VERSION, SERVER.encode(status(3, "PendingCancel", 40.0, 60.0)))
    ended = orders.CompletedOrder(AAPL, shown, OrderState(status="Cancelled", completedStatus="Cancelled by Trader"))
    writer.told(number, ended, has_ended=True)
    writer.file.told(number, Kind.UNKNOWN, NOW, VERSION)
    writer.file.told(number, Kind.TOLD, NOW, VERSION, b"3\0damaged\0")
    writer.file.close()
    done = run(path, "--history", "3")
    assert done.returncode == 0
    assert [re.sub(r"^[\d-]+ [\d:.]+  ", "", line) for line in done.stdout.splitlines()] == [
        "order 3 of client 1, permId 77, key a key",
        "->  PlaceOrder 3: BUY 100 AAPL LMT 1.5 DAY",
        "<-  OpenOrder Submitted: BUY 100 AAPL LMT 1.5",
        "<-  OrderStatus Submitted: filled 40 @ 1.5, 60 left",
        "<-  ExecDetails 0001.01: BOT 40 @ 1.5 IEX",
        "<-  CommissionAndFeesReport 0001.01: 1.25 USD",
        r"<-  Error 399: a \x1b[2J warning",
        "->  CancelOrder 3",
        "--  a connection began",
        "<?  OrderStatus PendingCancel: filled 40 @ 1.5, 60 left",
        "<-  CompletedOrder Cancelled: Cancelled by Trader",
        "--  the server does not know the order",
        "<-  OrderStatus v178: orderId (field 0) is 'damaged', not an int",
        "Cancelled",
    ]


def test_what_was_not_moved_from_the_outbox_is_told(journal: Path) -> None:
    writer = Writer(journal)
    payload = CLIENT.encode(orders.PlaceOrder(9, AAPL, LimitOrder("BUY", 7, 1.0)))
    writer.file.send(NOW, VERSION, payload)
    writer.file._closing()
    done = run(journal)
    assert done.stderr == (
        "client 1 was about to send this when it ended, or sends it now: PlaceOrder 9: BUY 7 AAPL LMT 1\n"
    )


def test_it_can_be_read_while_it_is_written(path: Path) -> None:
    writer = Writer(path)
    writer.place(3, LimitOrder("BUY", 1, 1.0))
    assert "BUY 1 AAPL LMT 1" in run(path).stdout
    writer.file.close()


def test_the_file_is_opened_once_however_many_orders_there_are(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    open_to_read = database.open_to_read

    def counted(path: Path) -> sqlite3.Connection:
        opened.append(path)
        return open_to_read(path)

    monkeypatch.setattr(database, "open_to_read", counted)
    assert len(json.loads(run(journal, "--all", "--json").stdout)) > 1
    assert opened == [journal]


def test_texts_of_others_are_shown_with_their_control_characters_spelled(path: Path) -> None:
    writer = Writer(path)
    writer.place(3, LimitOrder("BUY", 1, 1.0), Stock("A\x1b[2J", "SMART", "USD"))
    writer.file.close()
    assert r"A\x1b[2J" in run(path).stdout.replace("\n", "")
    assert "\x1b" not in run(path, "--json").stdout


def test_an_order_that_cannot_be_read_is_left_out(journal: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = Writer(journal)
    writer.file.placed(8, NOW, VERSION, b"no message")
    writer.file.close()
    assert [one["orderId"] for one in json.loads(run(journal, "--json").stdout)] == [3, 4, 5]
    assert "Order 5 of the journal" in caplog.text


def test_pruned_orders_are_not_shown(journal: Path) -> None:
    file = Journal(journal)
    writer = Writer(journal)
    number = writer.place(6, LimitOrder("BUY", 1, 1.0), key="gone")
    writer.told(number, status(6, "Cancelled", permId=79), permId=79, has_ended=True)
    writer.file.close()
    file.prune(datetime.now(UTC) + timedelta(days=1))
    assert [one["orderId"] for one in json.loads(run(journal, "--json", "--all").stdout)] == [3, 5]
    done = run(journal, "--history", "gone")
    assert done.returncode == 2
    assert "has been pruned" in done.stderr


def test_an_empty_journal_says_so(path: Path) -> None:
    Journal(path)
    assert run(path).stdout == "no orders\n"
    writer = Writer(path)
    number = writer.place(2, LimitOrder("SELL", 1, 3.0), time=NOW - 3 * 86400)
    writer.told(number, status(2, "Cancelled"), has_ended=True, time=NOW - 2 * 86400)
    writer.file.close()
    assert run(path).stdout == "none of 1 orders; --all shows all\n"
    assert json.loads(run(path, "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--history", "\x1b[2J"], r"no order has the orderId, permId or key '\x1b[2J'"),
        (["--open", "--all"], "--open shows less, and --all shows more: choose one"),
    ],
)
def test_what_cannot_be_shown_is_refused(journal: Path, arguments: list[str], text: str) -> None:
    done = run(journal, *arguments)
    assert done.returncode == 2
    assert text in re.sub(r"[\s│]+", " ", done.stderr)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "none.db").stderr == f"the journal {tmp_path}/none.db: No such file or directory\n"
    assert run(tmp_path / "none.db").returncode == 1
    (tmp_path / "text.db").write_text("words " * 200)
    assert "it is no journal, nor any other database" in run(tmp_path / "text.db").stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "text.db"]
