"""Writes the pages of the documentation that the source itself tells: the messages, the server versions, and orders.

One more is made of data: what programs lose in days of trouble, of which `tests/simulated_peer_days.py` keeps a record.

    python docs/generate.py

The tests fail where a page is not what this would write.
"""

import json
import re
from pathlib import Path

from ibdesk.paper import order_reference
from ibdesk.wire import listing
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages

ROOT = Path(__file__).resolve().parent.parent
_NAMED = re.compile(r"^([A-Z_0-9]+) = (\d+)  # (.+)$", re.MULTILINE)

_MESSAGES = """\
# The messages of the protocol

Every message of the TWS protocol, as ibdesk describes it for server versions {first} to {last}: its fields in order as
text, its tags as protobuf, and what verified the description. `ibdesk messages` shows the same, and `ibdesk explain`
reads any payload with it. This page is made from the source by `docs/generate.py`.

{legend}

{summary}

| from | id | message | text | verified by | protobuf | verified by | fields change at |
|---|---|---|---|---|---|---|---|
"""

_VERSIONS = """\
# The server versions

A client and a server agree on one version when they connect: the highest that both speak. ibdesk speaks {first} to
{last}. The names are IBKR's. This page is made from the source by `docs/generate.py`.

| version | name | what changed | messages that are new, change their fields or become protobuf |
|---|---|---|---|
"""


def messages_page() -> str:
    """`docs/reference/messages.md`."""
    rows = listing.rows()
    page = _MESSAGES.format(first=V.MIN, last=V.MAX, legend=listing.LEGEND, summary=listing.summary(rows))
    page += "".join(
        f"| {row.sender} | {row.id} | [{row.name}](#{row.name.lower()}) | {row.text} | {row.text_verified_by} "
        f"| {row.protobuf} | {row.protobuf_verified_by} | {row.changes} |\n"
        for row in rows
    )
    for one in messages():
        page += f"\n## {one.name}\n\n```text\n{listing.page(one)}```\n"
    return page


def versions_page() -> str:
    """`docs/reference/versions.md`."""
    page = _VERSIONS.format(first=V.MIN, last=V.MAX)
    named = _NAMED.findall((ROOT / "src/ibdesk/wire/versions.py").read_text())
    for name, number, reason in named:
        changed = ", ".join(_changed_at(int(number)))
        page += f"| {number} | `{name}` | {reason} | {changed} |\n"
    return page


def _changed_at(version: int) -> list[str]:
    found = []
    for sender in Sender:
        for one in messages():
            if one.sender is sender and (version in one.changes() or version == one.first != V.MIN):
                found.append(one.name)
    return found


_LOSSES = """\
# What days of trouble cost

A program trades through {days} days at the paper gateway, from 09:30 to {close} of simulated time, on ib_async
{ib_async} and on ibdesk: brackets, limit and market orders, changes and cancellations, on bars, quotes and profits that
are kept up to date. Each day has faults that are drawn from its number ([faults](faults.md)): connections that are cut,
stall or swallow everything, messages that come late, twice or in another order, orders that are dropped, farms, links
and gateways that go and come back, programs that are killed. In the end an auditor who knows the broker's books looks
at both sides. What he finds, and on how many days:

{table}

These are the days {first} to {last}. Prices and faults are the same for all, and so is what the program draws its
orders from. What a fault hits differs, since it may wait for a message or a byte, and each library sends its own; so
orders and fills differ by a few.

```sh
python tests/fetch_oracles.py
python tests/simulated_peer_days.py --first {first} --days {days} --close {close} --record
python docs/generate.py
```

## The programs

They are in `tests/simulation/peer_program.py` and `trading_day.py`. A program that was killed begins anew.

- **ib_async, its Watchdog**: `Watchdog` with its defaults, as ib_async's documentation shows it. It connects again when
  the connection is lost, on codes 100 and 1100, and when TWS does not answer after 20 seconds of silence. When it has
  started, the program subscribes to everything. Others run the gateway, so the Watchdog does not start it anew, and has
  no `appStartupTime`. While the link to IBKR is down, the paper gateway holds back orders and positions too, until it
  is there again; how TWS does is not known to us.
- **ib_async, with all care**: about 80 lines more. The same, and: `raiseSyncErrors=True`, so that no account is taken
  for whole that is not; ten seconds for each part of it; pauses that grow; a new connection after 1101 as well, and
  when something cannot be subscribed.
- **ibdesk**: `IB(reconnect=True)`. It subscribes once. On odd days, and where programs are killed, it has a journal.

Both programs on ib_async put a limit of 90 seconds on all that they await, and keep what their five-second bars told
over all connections. They take their orders from `ib.trades()` anew, since those that they hold are dead after a
connection. They know when they were away, so what is missing from that time is not missing without a word.
"""

_NOTES = {
    "orders at the broker that the program does not know": "Yes: the Watchdog took an account for whole whose parts "
    "had not come in time",
    "orders whose status is wrong in the end": "By taking an order that stays `PendingSubmit` for lost; ib_async does "
    "not tell it from one that is on its way",
    "orders in doubt for too long": "By a timer for each order. It counts after a minute on its way, and on ibdesk "
    "after three minutes in doubt",
    "fills that no event tells": "By comparing `ib.fills()` after each connection: what ib_async fetches comes by no "
    "event",
    "fills and commissions that events tell twice": "By keeping every `execId`: whenever executions are asked for, "
    "`commissionReportEvent` tells those of the whole day",
    "positions or portfolio wrong": "Yes: as the orders that it does not know",
    "bars missing without a word": "Yes: the Watchdog does nothing about code 1101, nor about bars that did not come",
    "changes of the quote missed without a word": "By taking code 10197 for the begin of a gap, which ends with "
    "the next quote",
    "subscriptions dead in the end": "Yes: as the bars",
    "five-second bars that the program does not have, and knows it": "By asking for their history, and putting it "
    "in between by hand",
}
"""A loss -> whether a program on ib_async could have avoided it."""


def losses_page() -> str:
    """`docs/reference/lost_in_days.md`."""
    kept = json.loads((ROOT / "docs/lost_in_days.json").read_text("utf-8"))
    rows = [
        "| | ib_async, its Watchdog | ib_async, with all care | ibdesk | could the program have avoided it? |",
        "|---|---|---|---|---|",
    ]
    for what, each in kept["happened"].items():
        rows.append(f"| {what} | {each['watchdog']:,} | {each['careful']:,} | {each['ibdesk']:,} | |")
    for loss, each in kept["losses"].items():
        cells = [_lost(*each[who]) for who in ("watchdog", "careful", "ibdesk")]
        rows.append(f"| {loss} | {' | '.join(cells)} | {_NOTES.get(loss, '')} |")
    last = kept["first"] + kept["days"] - 1
    return _LOSSES.format(**kept, last=last, table="\n".join(rows))


def _lost(count: int, days: int) -> str:
    return f"**{count:,}** ({days} day{'s' if days > 1 else ''})" if count else "0"


PAGES = {
    "docs/reference/messages.md": messages_page,
    "docs/reference/versions.md": versions_page,
    "docs/reference/orders.md": order_reference.page,
    "docs/reference/algos.md": order_reference.algos_page,
    "docs/reference/lost_in_days.md": losses_page,
}
"""File -> what makes it."""


if __name__ == "__main__":
    for file, make in PAGES.items():
        (ROOT / file).write_text(make())
        print(f"{file} is written")
