"""Decides what the source may look like: sizes, names, docstrings, no circle of imports. Knows no module by name.

Each rule is a function from a source tree to a list of complaints, tried on made-up trees first and then on src.
"""

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"

FILE_LINES = 600
FUNCTION_LINES = 60

# What is over a limit for now: name -> its size. Entries may get smaller or go, never grow or be added.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}

SHAPELESS_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "misc"}
SHAPELESS_NAMES_ALLOWED = {"ibdesk.extras.util", "ibdesk.util"}  # the name that programs written for ib_async import

TYPE_CHECKING_TEST = re.compile(r"(typing\.)?TYPE_CHECKING")
UNFINISHED = re.compile(r"\b(TODO|FIXME)\b")


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, of every module below `root`; a package goes by the package's name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


# Sizes


def file_lengths(root: Path) -> dict[str, int]:
    return {name: len(path.read_text().splitlines()) for name, path in modules(root).items()}


def function_lengths(root: Path) -> dict[str, int]:
    """`module:function` -> its lines, from `def` to the last; the longest where a module has several of one name."""
    lengths: dict[str, int] = {}
    for name, path in modules(root).items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                key = f"{name}:{node.name}"
                lengths[key] = max(lengths.get(key, 0), node.end_lineno - node.lineno + 1)
    return lengths


def oversized(lengths: dict[str, int], limit: int, allowed: dict[str, int]) -> list[str]:
    complaints = [
        f"{name} has {length} lines, {allowed.get(name, limit)} at most"
        for name, length in lengths.items()
        if length > allowed.get(name, limit)
    ]
    for name, size in allowed.items():
        length = lengths.get(name, 0)
        if length <= limit:
            complaints.append(f"{name} is within the limit: take it off the allow-list")
        elif length < size:
            complaints.append(f"{name} has shrunk to {length} lines: say so in the allow-list")
    return complaints


# Imports


def run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, but for those below `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(tree):
        yield child
        if isinstance(child, ast.If) and TYPE_CHECKING_TEST.fullmatch(ast.unparse(child.test)):
            for statement in child.orelse:
                yield statement
                yield from run_time_nodes(statement)
        else:
            yield from run_time_nodes(child)


def imported_names(module: str, path: Path) -> Iterator[str]:
    """The dotted names that a module imports, absolute: `from .a import b` in package p gives p.a.b."""
    for node in run_time_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start: list[str] = []
            if node.level:
                package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                start = package[: len(package) - node.level + 1]
            origin = ".".join([*start, node.module] if node.module else start)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def import_graph(root: Path) -> dict[str, set[str]]:
    """Module -> the modules of the tree that it names in its imports, at the top and inside functions.

    `from p import x` leads to the module p.x where there is one and to p otherwise. That importing p.x also
    runs p is left out: every package whose `__init__` collects names from its modules would be a circle.
    """
    known = modules(root)
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        graph[module] = set()
        for name in imported_names(module, path):
            target = name if name in known else name.rpartition(".")[0]
            if target in known:
                graph[module].add(target)
    return graph


def import_circles(root: Path) -> list[str]:
    """One circle of imports, where there is any."""
    try:
        graphlib.TopologicalSorter(import_graph(root)).prepare()
    except graphlib.CycleError as error:
        # graphlib lists each module before those that import it.
        return [" imports ".join(reversed(error.args[1]))]
    return []


# Words


def shapeless_names(root: Path) -> list[str]:
    return [
        name
        for name in modules(root)
        if name.rpartition(".")[2] in SHAPELESS_NAMES and name not in SHAPELESS_NAMES_ALLOWED
    ]


def without_docstring(root: Path) -> list[str]:
    return [name for name, path in modules(root).items() if not ast.get_docstring(ast.parse(path.read_text()))]


def unfinished_lines(root: Path) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, path in modules(root).items()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ]


# The house


def test_the_source_is_where_these_tests_look():
    assert "ibdesk" in modules(SRC)


def test_no_file_is_too_long():
    assert oversized(file_lengths(SRC), FILE_LINES, LONG_FILES) == []


def test_no_function_is_too_long():
    assert oversized(function_lengths(SRC), FUNCTION_LINES, LONG_FUNCTIONS) == []


@pytest.mark.parametrize("rule", [import_circles, shapeless_names, without_docstring, unfinished_lines])
def test_every_module_keeps(rule):
    assert rule(SRC) == []


# The rules themselves


def tree(root: Path, **files: str) -> Path:
    """Write `files` below `root`; the keyword a__b is the file a/b.py, and a__init is a/__init__.py."""
    for key, text in files.items():
        path = root.joinpath(*key.replace("__init", "____init__", 1).split("__", 1)).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_files_and_functions_are_measured(tmp_path):
    root = tree(tmp_path, p__init="def f():\n    def g():\n        pass\n\n\nclass C:\n    async def f(self): ...\n")
    assert file_lengths(root) == {"p": 7}
    assert function_lengths(root) == {"p:f": 3, "p:g": 2}


@pytest.mark.parametrize(
    ("length", "allowed", "complaint"),
    [
        (10, {}, None),
        (11, {}, "p has 11 lines, 10 at most"),
        (12, {"p": 12}, None),
        (13, {"p": 12}, "p has 13 lines, 12 at most"),
        (11, {"p": 12}, "p has shrunk to 11 lines: say so in the allow-list"),
        (10, {"p": 12}, "p is within the limit: take it off the allow-list"),
    ],
)
def test_the_allow_list_only_shrinks(length, allowed, complaint):
    assert oversized({"p": length}, 10, allowed) == ([complaint] if complaint else [])


def test_an_allowed_file_that_is_gone_leaves_the_list():
    assert oversized({}, 10, {"p": 12}) == ["p is within the limit: take it off the allow-list"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("import p.b", "import p.a"),
        ("from p import b", "from p.a import x"),
        ("from . import b", "from .a import x"),
        ("from ..p import b", "from ..p.a import x"),
        ("def f():\n    from . import b", "if f():\n    import p.a"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    from . import b", "import p.a"),
    ],
)
def test_a_circle_of_two_is_found(tmp_path, a, b):
    (circle,) = import_circles(tree(tmp_path, p__init="", p__a=a, p__b=b))
    assert circle in ("p.a imports p.b imports p.a", "p.b imports p.a imports p.b")


def test_a_circle_of_three_is_named_in_the_order_of_its_imports(tmp_path):
    root = tree(tmp_path, p__init="", p__a="from . import b", p__b="from . import c", p__c="from . import a")
    (circle,) = import_circles(root)
    assert circle.replace(" imports ", "").replace("p.", "") in ("abca", "bcab", "cabc")


def test_a_module_that_takes_names_from_its_own_package_is_in_a_circle(tmp_path):
    root = tree(tmp_path, p__init="from .a import x", p__a="from . import x")
    assert len(import_circles(root)) == 1


@pytest.mark.parametrize(
    "a",
    [
        "import asyncio",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import b",
        "import typing\nif typing.TYPE_CHECKING:\n    from . import b",
    ],
)
def test_imports_that_make_no_circle(tmp_path, a):
    assert import_circles(tree(tmp_path, p__init="from .a import x", p__a=a, p__b="from . import a")) == []


def test_names_that_say_nothing_are_found(tmp_path):
    root = tree(tmp_path, ibdesk__utils="", ibdesk__common="", ibdesk__base_price="")
    tree(tmp_path / "ibdesk", extras__util="", client__util="", misc__init="")
    assert shapeless_names(root) == ["ibdesk.client.util", "ibdesk.common", "ibdesk.misc", "ibdesk.utils"]


def test_a_missing_docstring_is_found(tmp_path):
    root = tree(tmp_path, p__a='"""Decides."""\n', p__b="# Decides.\n", p__c='""""""\n')
    assert without_docstring(root) == ["p.b", "p.c"]


def test_unfinished_work_is_found(tmp_path):
    root = tree(tmp_path, p__a="x = 1\ny = 2  # TODO: z\n", p__b="# FIXME\n", p__c="TODOS = 1\n")
    assert unfinished_lines(root) == ["p.a:2: y = 2  # TODO: z", "p.b:1: # FIXME"]
