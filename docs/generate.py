"""Writes the pages of the documentation that the source itself tells: the messages, the server versions, and orders.

    python docs/generate.py

The tests fail where a page is not what this would write.
"""

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


PAGES = {
    "docs/reference/messages.md": messages_page,
    "docs/reference/versions.md": versions_page,
    "docs/reference/orders.md": order_reference.page,
}
"""File -> what makes it."""


if __name__ == "__main__":
    for file, make in PAGES.items():
        (ROOT / file).write_text(make())
        print(f"{file} is written")
