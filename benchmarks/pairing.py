"""How programs are compared on a machine that does other things too: in turns, a process each, pair by pair.

Each turn runs every contender once, so that what slows the machine slows all of them; a ratio is taken inside of a
turn, and what counts is the median of the turns.
"""

import argparse
import atexit
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ORACLES = Path(__file__).resolve().parent.parent / ".oracles"
PACKAGES = {
    "ibdesk": "",
    "ib_async": str(ORACLES / "ib_async-2.1.0"),
    "official": str(ORACLES / "nautilus-ibapi-10.46.1"),
}
"""Each library -> where its package is to be found."""

BEFORE = "before"
"""The name under which the ibdesk of another commit takes part."""

Figures = Mapping[str, float]


def options(turns: int, **more: Any) -> argparse.Namespace:
    """The command line: how many turns, and numbers of the script's own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=turns)
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def child(library: str, program: str, *arguments: object, **environment: str) -> Figures:
    """Run a Python program with `library`, whose name is its first argument. Its last line of output is the figures."""
    paths = [PACKAGES[library], str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    module = "ibdesk" if library == BEFORE else library
    return _run(("-c", program, module, *map(str, arguments)), {"PYTHONPATH": path, **environment}, 300)


def versus(peer: str, revision: str) -> str:
    """Return whom ibdesk is compared with: a `peer`, or itself at the commit `revision` if that is not empty."""
    if not revision:
        return peer
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    PACKAGES[BEFORE] = str(source_of(revision, folder.name))
    return BEFORE


def script(name: str, source: Path, *arguments: object) -> Figures:
    """Run a script of this folder with the ibdesk in `source`. Its last line of output is the figures."""
    path = Path(__file__).resolve().parent / name
    return _run((str(path), *map(str, arguments)), {"PYTHONPATH": str(source)}, 600)


def _run(arguments: Sequence[str], environment: Mapping[str, str], timeout: float) -> Figures:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if done.returncode:
        sys.exit(done.stderr)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def source_of(revision: str, folder: str) -> Path:
    """Put the source of another commit into a folder, and return where it is to be imported from."""
    root = Path(__file__).resolve().parent.parent
    archive = subprocess.run(["git", "archive", revision, "src"], cwd=root, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return Path(folder) / "src"


def compare(contenders: Mapping[str, Callable[[], Figures]], turns: int) -> None:
    """Let them take turns, and print the median of each figure, and of its ratio to the first contender's."""
    taken: dict[str, list[Figures]] = {name: [] for name in contenders}
    for turn in range(turns):
        for name in list(contenders)[:: 1 if turn % 2 else -1]:
            taken[name].append(contenders[name]())
    first = next(iter(contenders))
    for figure in taken[first][0]:
        values = {name: [figures[figure] for figures in all_figures] for name, all_figures in taken.items()}
        print(f"{figure}:")
        for name, of_turns in values.items():
            ratios = sorted(value / ours for value, ours in zip(of_turns, values[first], strict=True))
            versus = f"  {median(ratios):5.2f} times {first}'s ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            print(f"  {name:9} {median(of_turns):10.2f}{'' if name == first else versus}", flush=True)
