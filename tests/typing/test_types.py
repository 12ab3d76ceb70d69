"""The files beside this one, which mypy and pyright check, name all that is public; every public name has a type."""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ibdesk import IB, Client, compat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXPECTATIONS = HERE / "public_api.py"
SUBMODULES = HERE / "submodules.py"
KEYWORDS = HERE / "keywords.py"


def test_there_are_expectations_of_every_method():
    text = EXPECTATIONS.read_text()
    methods = {name for name, value in inspect.getmembers(IB, callable) if not name.startswith("_")}
    assert {name for name in methods if not re.search(rf"\b(ib|IB)\.{name}\(", text)} == set()
    assert {name for name in IB.events if f"assert_type(ib.{name}, Event[" not in text} == set()


def test_every_name_of_every_module_is_imported():
    imported = {
        (node.module, alias.name)
        for file in (SUBMODULES, KEYWORDS)
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for part in set(compat.MODULES) - {"util"}:
        assert {name for name in compat._public(part) if (f"ibdesk.{part}", name) not in imported} <= {"FLEX_CODES"}


# What `wire` describes messages with says what it is by what it stands for; nobody outside uses it.
INSIDE = "ibdesk.wire."


def twins() -> set[str]:
    """Methods that are made of others, `reqTime = blocking(reqTimeAsync)`: their types stand in `public_api.py`."""
    return {
        f"{cls.__module__}.{cls.__qualname__}.{name}"
        for cls in (*IB.__mro__, Client)
        for name, value in vars(cls).items()
        if hasattr(cls, f"{name}Async") or isinstance(value, staticmethod)
    }


@pytest.mark.slow
def test_every_public_name_declares_its_type():
    # Pyright takes the first Python on the PATH for its imports.
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = [sys.executable, "-m", "pyright", "--verifytypes", "ibdesk", "--ignoreexternal", "--outputjson"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    symbols: list[dict[str, Any]] = json.loads(result.stdout)["typeCompleteness"]["symbols"]
    assert len(symbols) > 5000
    undeclared = {
        symbol["name"]
        for symbol in symbols
        for fault in symbol["diagnostics"]
        # What has a part of which the type is not known is no fault of its own.
        if fault["severity"] == "error" and "partially unknown" not in fault["message"]
    }
    assert {name for name in undeclared if not name.startswith(INSIDE)} - twins() == set()
