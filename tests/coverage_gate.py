"""Decides how much of each room the tests must run through, in statements, and in branches where they are measured.

    coverage json --quiet --include='src/*' -o - | python tests/coverage_gate.py

fails where a room is below its gate, and names the lines that no test runs and the branches that none takes.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

GATES: dict[str, float] = {"model": 100, "session": 100, "wire": 100}
"""Room -> the least percentage."""
ELSEWHERE = 95.0

NOT_YET: dict[str, float] = {}
"""The rooms that do not reach their gate, and what they must keep for now. Entries may rise or go, never be added."""


def shortfalls(report: Mapping[str, Any]) -> list[str]:
    """What is below its gate in a report of `coverage json`: a line for each room, then one for each of its files."""
    counted = "statements and branches" if report["meta"]["branch_coverage"] else "statements"
    rooms: dict[str, dict[str, Any]] = {}
    for path, file in sorted(report["files"].items()):
        rooms.setdefault(room_of(path), {})[path] = file
    # Of what was not measured at all, nothing is missing.
    told = [f"{room}: none of its files was measured" for room in sorted({*GATES, *NOT_YET} - rooms.keys())]
    for room, files in rooms.items():
        least = NOT_YET.get(room, GATES.get(room, ELSEWHERE))
        reached = percentage(files)
        if reached < least:
            told.append(f"{room}: {shown(reached)} % of its {counted}, and {least:g} % are needed")
            told += [f"  {path}: {missing}" for path, file in files.items() if (missing := gaps(file))]
    return told


def room_of(path: str) -> str:
    """The room of a source file; the modules beside the rooms are one together, named after the package."""
    inside = path.replace("\\", "/").rpartition("src/ibdesk/")[2]
    return inside.partition("/")[0] if "/" in inside else "ibdesk"


def percentage(files: Mapping[str, Any]) -> float:
    def total(name: str) -> int:
        return sum(file["summary"].get(name, 0) for file in files.values())

    there = total("num_statements") + total("num_branches")
    return 100 * (total("covered_lines") + total("covered_branches")) / there if there else 100.0


def shown(reached: float) -> str:
    """Two digits, cut off: 99.999 is not shown as the 100 that it does not reach."""
    return f"{int(reached * 100) / 100:.2f}"


def gaps(file: Mapping[str, Any]) -> str:
    """The lines that were not run, as `5, 7-9`, and the branches that were not taken, as `12->15`."""
    lines = set(file["missing_lines"])
    texts = [f"{first}-{last}" if last > first else f"{first}" for first, last in spans(file)]
    # A branch from a line that was not run says no more than that line.
    missing = file.get("missing_branches", [])
    texts += [f"{start}->{'exit' if end < 0 else end}" for start, end in missing if start not in lines]
    return ", ".join(texts)


def spans(file: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The missing lines, joined where no line that was run stands between them."""
    run, found = set(file["executed_lines"]), list[tuple[int, int]]()
    for line in file["missing_lines"]:
        if found and run.isdisjoint(range(found[-1][1], line)):
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found


if __name__ == "__main__":
    if complaints := shortfalls(json.load(sys.stdin)):
        sys.exit("\n".join(["Too little of the source is tested:", *complaints]))
