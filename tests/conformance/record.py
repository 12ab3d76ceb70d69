"""Which outside clients verify each message: what the tests of this folder say, as the data that ibdesk shows.

python tests/conformance/record.py    writes src/ibdesk/wire/verified.json
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "src" / "ibdesk" / "wire" / "verified.json"


def record() -> str:
    """The file as it has to be."""
    from ibdesk.wire.catalogue import messages

    table = {f"{one.sender.value} {one.name}": _entry(one) for one in messages()}
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _entry(one: Any) -> dict[str, Any]:
    from conformance.domains import UNVERIFIED
    from conformance.exceptions import EXCEPTIONS, Skipped
    from conformance.versions import compared

    text: dict[str, None] = {}
    protobuf: dict[str, None] = {}
    for version in compared(one.cls):
        (protobuf if one.is_protobuf(version) else text).update(dict.fromkeys(clients(one, version)))
    rows = [row for row in EXCEPTIONS if one.cls in (row.message, *getattr(row, "also", ()))]
    entry = {
        "text": list(text),
        "protobuf": list(protobuf),
        "exceptions": [
            f"{row.place or 'all of it'} ({', '.join(row.clients)}): {row.reason}"
            for row in rows
            if not isinstance(row, Skipped)
        ],
        "reason": UNVERIFIED.get(one.cls, ""),
    }
    return {name: value for name, value in entry.items() if value}


def clients(one: Any, version: int) -> list[str]:
    """The outside clients that the tests hold against a message at a server version, newest first."""
    from conformance.domains import ANSWERS, REQUESTS
    from conformance.exceptions import is_skipped
    from oracles import oracles_for

    from ibdesk.wire import versions as V

    if one.cls not in REQUESTS and one.cls not in ANSWERS:
        return []
    spoken = [oracle.version for oracle in oracles_for(version)]
    if one.cls in ANSWERS and version <= V.PENDING_PRICE_REVISION:
        spoken.append("ib_async")
    return [name for name in spoken if not is_skipped(one.cls, name, version)]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    FILE.write_text(record())
    print(f"{FILE.relative_to(ROOT)} is written")
