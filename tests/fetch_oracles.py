"""Decides where the outside clients that the tests compare with are kept; must not know what is compared.

    python tests/fetch_oracles.py

places each of them, unpacked, in `.oracles/<name>-<version>/`, from the package index. They stay out of the
environment because they cannot live in one: every version of the official client installs as `ibapi`, ib_async 2.1.0
holds aeventkit below 3, and ib_insync 0.9.86 wants eventkit, which installs under the same name. What is there already
stays. Two runs at once do no harm: each unpacks into a folder of its own, and the first to finish gives it its name.

A test asks `oracle_path(name, version)` for the folder and puts it first on the `sys.path` of a process of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ORACLES_ROOT = Path(__file__).resolve().parents[1] / ".oracles"

ORACLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("ib_async", "2.1.0"): ("ib_async==2.1.0", "aeventkit==2.1.0", "nest_asyncio==1.6.0"),
    ("ib_insync", "0.9.86"): ("ib_insync==0.9.86", "eventkit==1.0.3", "nest_asyncio==1.6.0"),
    ("nautilus-ibapi", "10.19.4"): ("nautilus-ibapi==10.19.4",),
    ("nautilus-ibapi", "10.30.1"): ("nautilus-ibapi==10.30.1",),
    ("nautilus-ibapi", "10.37.2"): ("nautilus-ibapi==10.37.2",),
    ("nautilus-ibapi", "10.46.1"): ("nautilus-ibapi==10.46.1",),
}
"""(name, version) -> the requirements that go into its folder."""


def oracle_path(name: str, version: str) -> Path:
    """The folder to put on `sys.path`. Raises FileNotFoundError, with the cure, when it was not fetched."""
    requirements = ORACLES[name, version]
    folder = ORACLES_ROOT / f"{name}-{version}"
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} ({', '.join(requirements)}) is missing: run python tests/fetch_oracles.py")
    return folder


def fetch(root: Path = ORACLES_ROOT) -> None:
    """Place every oracle below `root`. Raises CalledProcessError when the installer fails."""
    root.mkdir(exist_ok=True)
    for (name, version), requirements in ORACLES.items():
        folder = root / f"{name}-{version}"
        if folder.is_dir():
            print(f"{folder.name}: there")
            continue
        print(f"{folder.name}: installing {', '.join(requirements)}", flush=True)
        place(folder, partial(install, requirements))


def place(folder: Path, fill: Callable[[Path], None]) -> None:
    """Make `folder` appear at once and complete, filled by `fill(temporary_folder)`."""
    scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        fill(scratch)
        try:
            scratch.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def install(requirements: tuple[str, ...], target: Path) -> None:
    """Unpack `requirements`, without what they depend on, into `target`."""
    uv = shutil.which("uv")
    installer = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    command = [*installer, "--quiet", "--no-deps", "--target", os.fspath(target), *requirements]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    fetch()
