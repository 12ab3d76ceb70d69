"""What the process of a program of the user is like, for the processes that it starts or forks, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = [sys.executable, "-m", "ibdesk", "run"]


def done(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


CHILDREN = """
import os, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import {0}
import eventkit

def where(_):
    from {0}.contract import Stock
    return Stock.__module__, eventkit.Event.__module__

if __name__ == "__main__":
    print(where(0), {0}.__version__)
    for method in ("spawn", "forkserver"):
        with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
            print(*pool.map(where, [0]))
    code = "import eventkit, {0} as i; print(i.IB.__module__, eventkit.Event.__module__)"
    subprocess.run([sys.executable, "-c", code], check=True)
    print(os.environ["PYTHONPATH"].split(os.pathsep)[0])
"""


@pytest.mark.parametrize("package", ["ib_async", "ib_insync"])
def test_processes_that_a_program_starts_find_ibdesk_too(tmp_path: Path, package: str):
    (tmp_path / "program.py").write_text(CHILDREN.format(package))
    found = done([*RUN, "--as", package, "program.py"], tmp_path)
    assert found.stderr == ""
    here, *children, process, folder = found.stdout.splitlines()
    where = "('ibdesk.model.contract', 'ibdesk.events.event')"
    assert here == f"{where} {'2.1.0' if package == 'ib_async' else '0.9.86'}"
    assert children == [where, where]
    home = "ibdesk.client.ib" if package == "ib_async" else "ibdesk.extras.ib_insync"
    assert process == f"{home} ibdesk.events.event"
    assert not os.path.exists(folder)


def test_a_fork_leaves_its_parent_alone(tmp_path: Path):
    (tmp_path / "program.py").write_text(
        "import os, sys\n"
        "if os.fork() == 0:\n    sys.exit(0)\n"
        "os.wait()\n"
        "print(os.path.exists(os.environ['PYTHONPATH'].split(os.pathsep)[0]))\n"
    )
    assert done([*RUN, "program.py"], tmp_path).stdout == "True\n"
