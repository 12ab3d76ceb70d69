"""Decides how every test runs: event loops in debug mode, Hypothesis without a clock. Knows nothing of the package."""

import os
from pathlib import Path
from typing import NoReturn

import fetch_oracles
import pytest
from hypothesis import settings

# Every loop, not only those of pytest-asyncio: also the ones of asyncio.run and of child processes.
os.environ["PYTHONASYNCIODEBUG"] = "1"

# A deadline measures the machine, not the code. In CI the examples are the same on every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def _skip(name: str, version: str) -> NoReturn:
    pytest.skip(f"{name} {version}: fetch it by python tests/fetch_oracles.py", allow_module_level=True)


# Who builds a package from the source distribution may have no network. In a checkout nothing is left out.
if (Path(__file__).parents[1] / "PKG-INFO").exists() and not fetch_oracles.ORACLES_ROOT.exists():
    fetch_oracles.oracle_path = _skip  # type: ignore[assignment]
