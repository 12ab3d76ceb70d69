"""Fuzzes the decoders for as long as one likes, and shows the smallest bytes that each of them does not stand.

    python tests/fuzz_decoders.py --minutes 10 --entry all --seed 1 [--jobs 2] [--findings findings.txt]

An entry is a way into a decoder: `text` and `protobuf` (the codec, from both ends, at every version), `frames` and
`handshake` (a connection, in both roles), `explain`, `tape`. What must hold of each stands in `wire/fuzzing.py`; the
suite tries 100,000 cases of the same (`wire/test_fuzz.py`). The minutes are those of each entry. A finding is printed,
and written to the file, as a row for `wire/fuzz_findings.py`, where it belongs once it is mended.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from wire.fuzzing import ENTRIES, Case, Entry, Fault
from wire.mutation import is_protobuf, join_tags, split_tags

from ibdesk.wire.protobuf import read_varint
from ibdesk.wire.scalars import BYTES, encode_bytes

EVERY = 10.0  # seconds between two lines of progress
STUCK = 20  # seconds after which a case is given up
LONGEST = 3000  # characters of a finding that are printed; the file has all
SLOW = ("stuck", "Slow in fuzzing.py:in_time")  # kinds of faults for which there is no time to try as many
TRIES = 3000  # smaller cases that are tried for each finding


class Stuck(BaseException):
    """A case takes too long. No decoder catches it."""


class Result(NamedTuple):
    """What came of one entry."""

    entry: str
    cases: int
    seconds: float
    found: list[str]

    def __str__(self) -> str:
        return (
            f"{self.entry:10}{self.cases:12,} cases{self.seconds:8.0f} s{self.cases / self.seconds:10,.0f} cases/s"
            f"{len(self.found):6} findings"
        )


def judged(entry: Entry, case: Case) -> Fault | None:
    """The fault of a case; also one that takes for ever."""
    signal.alarm(STUCK)
    try:
        return entry.judge(case)
    except Stuck:
        return Fault("stuck", f"more than {STUCK} s for {len(case.data)} bytes")
    finally:
        signal.alarm(0)


def shrunk(entry: Entry, case: Case, fault: Fault) -> tuple[Case, Fault]:
    """A case with fewer bytes and a fault of the same kind: what is left out is a tag with all it holds, or a piece."""
    tries = 20 if fault.kind in SLOW else TRIES
    again = True
    while again:
        again = False
        for data in smaller(case.data):
            if tries <= 0:
                return case, fault
            tries -= 1
            found = judged(entry, case._replace(data=data))
            if found is not None and found.kind == fault.kind:
                case, fault, again = case._replace(data=data), found, True
                break
    return case, fault


def smaller(data: bytes) -> Iterator[bytes]:
    """The same without each of its tags, inner ones too, then without each half, quarter ... and byte."""
    if is_protobuf(data):
        yield from (data[:4] + body for body in without_a_tag(data[4:]))
    size = len(data) // 2
    while size:
        yield from (data[:at] + data[at + size :] for at in range(0, len(data), size))
        size //= 2


def without_a_tag(message: bytes) -> Iterator[bytes]:
    """The message without each of its tags, and without each of those inside it."""
    tags = split_tags(message) or []
    for at in range(len(tags)):
        yield join_tags(tags[:at] + tags[at + 1 :])
    for at, (key, value) in enumerate(tags):
        if key & 7 == BYTES and len(value) > 1:
            for inner in without_a_tag(value[read_varint(value, 0)[1] :]):
                yield join_tags([*tags[:at], (key, encode_bytes(inner)), *tags[at + 1 :]])


def row(name: str, case: Case, fault: Fault) -> str:
    """A finding as it stands in `fuzz_findings`."""
    cut = f", {case.pieces}" if case.pieces else ""
    what = f"Case({case.sender}, {case.version}, {case.data!r}{cut})"
    return f'    Found("{name}", {fault.kind!r}, {what}),\n    # {fault.words}\n'


def run(name: str, seconds: float, seed: int, findings: str) -> Result:
    """Fuzz one entry for so long."""
    signal.signal(signal.SIGALRM, _give_up)
    entry, found, known = ENTRIES[name], [], set()
    start = shown = time.monotonic()
    number = 0
    for number, case in enumerate(entry.cases(Random(f"{name} {seed}")), 1):
        fault = judged(entry, case)
        if fault is not None and fault.kind not in known:
            known.add(fault.kind)
            found.append(row(name, *shrunk(entry, case, fault)))
            print(f"\nFound in {name}, seed {seed}, case {number}:\n{found[-1][:LONGEST]}", flush=True)
            with Path(findings).open("a") as file:
                file.write(found[-1])
        now = time.monotonic()
        if now - shown > EVERY:
            shown = now
            print(Result(name, number, now - start, found), flush=True)
        if now - start > seconds:
            break
    return Result(name, number, time.monotonic() - start, found)


def _give_up(number: int, where: FrameType | None) -> None:
    raise Stuck


def main() -> int:
    """Fuzz what the command line says; 1 when there are findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="of each entry")
    parser.add_argument("--entry", choices=[*ENTRIES, "all"], default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes; each has a seed of its own")
    parser.add_argument("--findings", default="build/fuzz_findings.txt", help="the file to which they are added")
    options = parser.parse_args()
    Path(options.findings).parent.mkdir(parents=True, exist_ok=True)
    names = list(ENTRIES) if options.entry == "all" else [options.entry]
    tasks = [
        (name, options.minutes * 60 / options.jobs, options.seed * 1000 + job, options.findings)
        for name in names
        for job in range(options.jobs)
    ]
    if options.jobs == 1:
        results = [run(*task) for task in tasks]
    else:
        with ProcessPoolExecutor(options.jobs) as pool:
            results = list(pool.map(run, *zip(*tasks, strict=True)))
    print("\nIn all")
    for result in results:
        print(result)
    return 1 if any(result.found for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
