"""What does it cost to read and to write messages? ibdesk against ib_async 2.1.0 and the official client 10.46.1.

From a payload to the message (in the others, to the call of a wrapper that does nothing), and from an order to its
frame: no socket, no event loop, no queue. Each library has a process of its own and gets the same payloads (see
`codec_samples`); the processes take turns, and what counts is the best turn, in microseconds of CPU a message. In
brackets: how many times as long as ibdesk. Text is server version 178, the highest of ib_async; protobuf is 225.

    python benchmarks/bench_codec.py [--turns 7] [--only placeOrder] [--library ibdesk]
    python benchmarks/bench_codec.py --before COMMIT               against the ibdesk of another commit
    python benchmarks/bench_codec.py --profile "openOrder 225"     where ibdesk's time goes
"""

import argparse
import cProfile
import os
import pickle
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from codec_contenders import CONTENDERS, IBDesk, make_work
from codec_samples import MESSAGES, ORDERS, frames
from pairing import BEFORE, PACKAGES, versus

from ibdesk.wire.catalogue import Sender, find
from ibdesk.wire.codec import Codec
from ibdesk.wire.compiled import source_of

TEXT, PROTOBUF = 178, 225


def make_tasks(only: str) -> dict[str, tuple[str, int, list[Any]]]:
    """The name of each row whose name has `only` in it -> what is to be done."""
    rows = [(f"{row} {version}", row, version) for version in (TEXT, PROTOBUF) for row in (*MESSAGES, "placeOrder")]
    return {
        name: (row, version, ORDERS if row == "placeOrder" else frames(row, version))
        for name, row, version in rows
        if only in name
    }


def compare(tasks: dict[str, tuple[str, int, list[Any]]], libraries: list[str], turns: int) -> None:
    """Let the processes take turns, row by row, and print what each row takes."""
    with tempfile.NamedTemporaryFile() as file:
        pickle.dump(tasks, file)
        file.flush()
        command = [sys.executable, str(Path(__file__).with_name("codec_contenders.py"))]
        pipe = subprocess.PIPE
        processes = {
            name: subprocess.Popen(
                [*command, "ibdesk" if name == BEFORE else name, file.name],
                stdin=pipe,
                stdout=pipe,
                text=True,
                env={**os.environ, "PYTHONPATH": PACKAGES[name] or os.environ.get("PYTHONPATH", "")},
            )
            for name in libraries
        }
        print(f"{'us CPU a message':28}" + "".join(f"{name:>18}" for name in libraries))
        for task, (_, version, _) in tasks.items():
            best: dict[str, float] = {}
            for _ in range(turns):
                for name, process in processes.items():
                    if name != "ib_async" or version == TEXT:
                        best[name] = min(best.get(name, float("inf")), ask(process, task))
            base = best[libraries[0]]
            cells = [f"{value:10.2f} ({value / base:4.1f})" for value in best.values()]
            if len(cells) < len(libraries):
                cells.insert(1, "-")
            print(f"{task:28}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
        for process in processes.values():
            assert process.stdin
            process.stdin.close()
            process.wait()


def ask(process: subprocess.Popen[str], task: str) -> float:
    """One turn of one process."""
    assert process.stdin
    assert process.stdout
    print(task, file=process.stdin, flush=True)
    answer = process.stdout.readline()
    if not answer:
        sys.exit(f"{process.args} has died")
    return float(answer)


def profile(row: str, version: int, data: list[Any]) -> None:
    """Print where ibdesk's time goes, and the generated source that does the work."""
    work = make_work(IBDesk(), row, version, data)
    work()
    with cProfile.Profile() as taken:
        work()
    pstats.Stats(taken).sort_stats("tottime").print_stats(15)
    if row == "placeOrder":
        codec, description = Codec(Sender.SERVER, version), find(Sender.CLIENT, "PlaceOrder")
    else:
        codec = Codec(Sender.SERVER, version)
        description = find(Sender.SERVER, type(codec.decode(data[0])).__name__)
    assert description is not None
    from ibdesk.wire import compiled_protobuf, compiled_text

    is_protobuf = description.is_protobuf(version)
    engine = compiled_protobuf if is_protobuf else compiled_text
    if row == "placeOrder":
        print(source_of(engine.encoder(description, version, b"head")))
    else:
        print(source_of(engine.decoder(description, version, 4 if is_protobuf else 1)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--only", default="", help="only rows with this in their name")
    parser.add_argument("--library", choices=list(CONTENDERS), action="append", help="only this one")
    parser.add_argument("--before", default="", metavar="COMMIT", help="against the ibdesk of this commit")
    parser.add_argument("--profile", metavar="ROW", help='such as "openOrder 178"')
    options = parser.parse_args()
    if options.profile:
        (task,) = make_tasks(options.profile).values()
        profile(*task)
        return
    libraries = options.library or list(CONTENDERS)
    if options.before:
        libraries = ["ibdesk", versus("", options.before)]
    compare(make_tasks(options.only), libraries, options.turns)


if __name__ == "__main__":
    main()
