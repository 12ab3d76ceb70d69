"""What the source may look like: sizes, names, docstrings, no circle of imports.

Each rule is a function from a source tree to a list of complaints, tried on made-up trees first and then on src.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"

FILE_LINES = 600
FUNCTION_LINES = 60

# What is over a limit for now: name -> its size. Entries may get smaller or go, never grow or be added.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}

# Packages whose modules are one thing in several files, and may import each other. No circle may lead out of them.
ONE_THING = {"ibdesk.events"}  # an operator is an event, and every event makes operators

# The circles that there are for now. Entries may get smaller or go, never grow or be added.
CIRCLES: list[list[str]] = []

# The room that alone asks the computer for the time and for connections, and what else would ask.
ASKING = "ibdesk.runtime"
ASKING_MODULES = {"select", "selectors", "socket", "socketserver", "ssl", "time"}
ASKING_CALLS = re.compile(
    r"(create|connect|open|start)_(unix_)?(connection|accepted_socket|server|datagram_endpoint)|sock_\w+"
)
ASKING_MOMENTS = {"now", "today", "utcnow"}

# Who may import a module by its name in a text: what stands in for other packages, and what tells of missing ones.
# Everybody else has an import statement, in the function that needs it where the import takes long.
BY_NAME = {"ibdesk.extras.compat", "ibdesk.optional"}

SHAPELESS_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "misc"}
SHAPELESS_NAMES_ALLOWED = {"ibdesk.extras.util", "ibdesk.util"}  # the name that programs written for ib_async import

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


IMPORTING_CALLS = re.compile(r"import_module|__import__|lazy\w*|later")
RELATIVE_NAME = re.compile(r"(?P<dots>\.*)(?P<name>[a-z_]\w*(\.\w+)*)")


def imported_names(module: str, path: Path) -> Iterator[str]:
    """The dotted names that a module imports, absolute: `from .a import b` in package p gives p.a.b.

    What is imported for type checkers counts, and what is imported inside functions.
    """
    package = package_of(module, path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*start, node.module] if node.module else start)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def package_of(module: str, path: Path) -> list[str]:
    """The names from which relative imports of a module start."""
    return module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]


def names_in_texts(module: str, path: Path) -> Iterator[str]:
    """What a module may import by a name in a text: "p.a", ".a", and "a" where it calls `import_module` or the like.

    A logger may have the name of a module, and a docstring may tell of others: these are no imports. Nor is "p" alone,
    which is a word.
    """
    tree, package = ast.parse(path.read_text()), package_of(module, path)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    imports = any(IMPORTING_CALLS.fullmatch(called_name(call)) for call in calls)
    skipped = {id(call.args[0]) for call in calls if called_name(call) in ("logger", "getLogger") and call.args}
    skipped |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
            continue
        if (found := RELATIVE_NAME.fullmatch(node.value)) is None:
            continue
        dots = len(found["dots"])
        if not dots and "." in found["name"]:
            yield found["name"]
        if dots or imports:
            yield ".".join([*package[: len(package) - max(dots, 1) + 1], found["name"]])


def called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def import_graph(root: Path, one_thing: Iterable[str] = ()) -> dict[str, set[str]]:
    """Module -> the modules of the tree that it names in its imports.

    `from p import x` leads to the module p.x where there is one and to p otherwise. That importing p.x also
    runs p is left out: every package whose `__init__` collects names from its modules would be a circle.
    The modules of a package in `one_thing` go by the package's name, and may import each other.
    """
    known = modules(root)
    graph: dict[str, set[str]] = {}
    wholes = {name: next((whole for whole in one_thing if f"{name}.".startswith(f"{whole}.")), name) for name in known}
    for module, path in known.items():
        names = {name if name in known else name.rpartition(".")[0] for name in imported_names(module, path)}
        names.update(names_in_texts(module, path))
        targets = {wholes[name] for name in names & known.keys()}
        if wholes[module] in one_thing:
            targets.discard(wholes[module])
        graph.setdefault(wholes[module], set()).update(targets)
    return graph


def import_circles(root: Path, one_thing: Iterable[str] = ()) -> list[list[str]]:
    """The largest groups of modules in which each imports all others, directly or through others of the group."""
    graph = import_graph(root, one_thing)
    reached = {module: reachable(graph, module) for module in graph}
    circles = {
        tuple(sorted(other for other in reached[module] if module in reached.get(other, ())))
        for module in graph
        if module in reached[module]
    }
    return sorted(map(list, circles))


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """What a module imports, and what that imports, and so on."""
    found: set[str] = set()
    new = [start]
    while new:
        added = graph.get(new.pop(), set()) - found
        found |= added
        new.extend(added)
    return found


def forbidden_circles(circles: list[list[str]], allowed: list[list[str]]) -> list[str]:
    complaints = [
        f"a circle of imports: {', '.join(circle)}"
        for circle in circles
        if not any(set(circle) <= set(each) for each in allowed)
    ]
    for each in allowed:
        left = [circle for circle in circles if set(circle) < set(each)]
        if left:
            now = "; ".join(", ".join(circle) for circle in left)
            complaints.append(f"say so in the list: of the circle {', '.join(each)} there is now {now}")
        elif not any(set(each) <= set(circle) for circle in circles):
            complaints.append(f"take it off the list: the circle {', '.join(each)} is gone")
    return complaints


def imports_by_name(root: Path) -> list[str]:
    """The modules that call `import_module` or `__import__`, those in `BY_NAME` aside."""
    return [
        name
        for name, path in modules(root).items()
        if name not in BY_NAME
        and any(
            isinstance(n, ast.Call) and called_name(n) in ("import_module", "__import__")
            for n in ast.walk(ast.parse(path.read_text()))
        )
    ]


# The computer


def asks_the_computer(root: Path) -> list[str]:
    """Where a module outside the one room has the computer's time or opens connections, called or only named."""
    return [
        f"{module}:{line}: {what}"
        for module, path in modules(root).items()
        if not f"{module}.".startswith(f"{ASKING}.")
        for line, what in sorted(questions(ast.parse(path.read_text())))
    ]


def questions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The lines of a module that ask the computer, and how."""
    # What goes by another name in the module: `from datetime import datetime as D`, `D2 = dt.datetime`.
    names = {"datetime": "datetime"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update({alias.asname: alias.name for alias in node.names if alias.asname})
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value).rpartition(".")[2] in ("datetime", "date"):
            names.update({target.id: "datetime" for target in node.targets if isinstance(target, ast.Name)})
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in ASKING_MODULES)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if node.module in ASKING_MODULES:
                yield node.lineno, node.module
            if node.module and node.module.partition(".")[0] == "asyncio":
                yield from ((node.lineno, alias.name) for alias in node.names if ASKING_CALLS.fullmatch(alias.name))
        elif isinstance(node, ast.Attribute):
            of = ast.unparse(node.value).rpartition(".")[2]
            if ASKING_CALLS.fullmatch(node.attr) or (
                node.attr in ASKING_MOMENTS and names.get(of, of) in ("datetime", "date", "Timestamp")
            ):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ASKING_CALLS.fullmatch(node.value):
            yield node.lineno, node.value


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


def test_no_imports_form_a_circle():
    assert forbidden_circles(import_circles(SRC, ONE_THING), CIRCLES) == []


@pytest.mark.parametrize(
    "rule", [imports_by_name, asks_the_computer, shapeless_names, without_docstring, unfinished_lines]
)
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


FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("import p.b", "import p.a"),
        ("from p import b", "from p.a import x"),
        ("from . import b", "from .a import x"),
        ("from ..p import b", "from ..p.a import x"),
        ("def f():\n    from . import b", "if f():\n    import p.a"),
        (FOR_TYPES + "from . import b", "import p.a"),
        (FOR_TYPES + "pass\nelse:\n    from . import b", "import p.a"),
        ("import_module('p.b')", "import p.a"),
        ("importlib.import_module('.b', __package__)", "import p.a"),
        ("__import__(f'{__package__}.{names[0]}')\nnames = {1: 'b'}", "import p.a"),
        ("x = lazy('b', 'x')", "import p.a"),
        ("x = Proxy('p.b')", "import p.a"),
    ],
)
def test_a_circle_of_two_is_found(tmp_path, a, b):
    assert import_circles(tree(tmp_path, p__init="", p__a=a, p__b=b)) == [["p.a", "p.b"]]


def test_circles_are_told_from_each_other(tmp_path):
    root = tree(tmp_path, p__init="", p__a="from . import b", p__b="from . import c", p__c="from . import a, d")
    tree(root, p__d="from . import e", p__e="from . import d, f", p__f="")
    assert import_circles(root) == [["p.a", "p.b", "p.c"], ["p.d", "p.e"]]


def test_a_module_that_takes_names_from_its_own_package_is_in_a_circle(tmp_path):
    root = tree(tmp_path, p__init="from .a import x", p__a="from . import x")
    assert import_circles(root) == [["p", "p.a"]]


@pytest.mark.parametrize(
    "a",
    [
        "import asyncio",
        "'''See `p.b`.'''\nx = 'p'\n'p.b'",
        "_log = logger('p.b')",
        "x = 'b'",
        "x = 'see p.b'",
    ],
)
def test_imports_that_make_no_circle(tmp_path, a):
    assert import_circles(tree(tmp_path, p__init="from .a import x", p__a=a, p__b="from . import a")) == []


def test_the_modules_of_one_thing_may_import_each_other_but_not_by_way_of_others(tmp_path):
    root = tree(tmp_path, p__init="", q__a="from . import b", q__b="from . import a", q__init="from .a import x")
    tree(root, p__c="from q import a")
    assert import_circles(root, {"q"}) == []
    tree(root, q__b="from p import c")
    assert import_circles(root, {"q"}) == [["p.c", "q"]]


@pytest.mark.parametrize(
    ("circles", "complaint"),
    [
        ([["a", "b", "c"]], None),
        ([["a", "b", "c"], ["d", "e"]], "a circle of imports: d, e"),
        ([["a", "b", "c", "d"]], "a circle of imports: a, b, c, d"),
        ([["a", "b"]], "say so in the list: of the circle a, b, c there is now a, b"),
        ([], "take it off the list: the circle a, b, c is gone"),
    ],
)
def test_the_list_of_circles_only_shrinks(circles, complaint):
    assert forbidden_circles(circles, [["a", "b", "c"]]) == ([complaint] if complaint else [])


def test_an_import_by_name_is_found(tmp_path):
    root = tree(tmp_path, p__a="import_module('p.b')", p__b="importlib.import_module(x)", p__c="from . import a")
    tree(tmp_path, ibdesk__optional="import_module('json')")
    assert imports_by_name(root) == ["p.a", "p.b"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import time", "time"),
        ("import time as clock", "time"),
        ("from time import monotonic", "time"),
        ("def f():\n    from time import perf_counter as seconds", "time"),
        ("import socket", "socket"),
        ("import datetime as dt\nx = dt.datetime.now(dt.UTC)", "dt.datetime.now"),
        ("import datetime\nclock = datetime.datetime.now", "datetime.datetime.now"),
        ("from datetime import datetime\nclock = datetime.utcnow", "datetime.utcnow"),
        ("from datetime import datetime as D, date as E\nclock = E.today", "E.today"),
        ("from datetime import datetime as D\nx = D.now()", "D.now"),
        ("import datetime as dt\nD = dt.datetime\nx = D.now()", "D.now"),
        ("import pandas as pd\nx = pd.Timestamp.now()", "pd.Timestamp.now"),
        ("import asyncio\nx = asyncio.open_connection", "asyncio.open_connection"),
        ("from asyncio import start_server as begin", "start_server"),
        ("x = loop.create_connection(f)", "loop.create_connection"),
        ("x = self._loop.create_server(f)", "self._loop.create_server"),
        ("x = getattr(loop, 'create_connection')", "create_connection"),
    ],
)
def test_what_asks_the_computer_is_found(tmp_path, text, what):
    tree(tmp_path, ibdesk__runtime=text)
    assert asks_the_computer(tmp_path) == []
    tree(tmp_path / "ibdesk", client__time=text)
    number = len(text.splitlines())
    assert asks_the_computer(tmp_path) == [f"ibdesk.client.time:{number}: {what}"]


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import time, datetime\nx = datetime.combine(day, time())",
        "from ibdesk.runtime.clocks import clocks_here\nx = clocks_here().now(None)",
        "from .time import now\nx = self.world.now, clock.now()",
        "from ibdesk.runtime.connections import connect, listen\nx = connect(f), listen(f)",
    ],
)
def test_what_asks_the_loop_is_no_matter(tmp_path, text):
    assert asks_the_computer(tree(tmp_path, ibdesk__client=text)) == []


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
