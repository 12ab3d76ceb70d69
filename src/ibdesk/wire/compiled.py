"""How the source of a compiled codec is put together, and new objects in it; not what either encoding looks like.

`compiled_text` and `compiled_protobuf` write one function for each message, version and direction, with this. What
they write must give what the reference codecs give. Whoever calls it runs the reference codec after any exception: so
the source has no words for errors, and may raise whatever comes.
"""

import linecache
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from inspect import signature
from itertools import count
from math import isfinite
from typing import Any

from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.layout import Path

_MOST_SHARED = 30
"""CPython keeps the attributes of an instance in its compact form up to this number (SHARED_KEYS_MAX_SIZE)."""

_numbers = count()


class Source:
    """Python source that is being written, and the objects that it names."""

    def __init__(self, title: str) -> None:
        """`title` is what tracebacks name as the file."""
        self.title = title
        self.names: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Add a line to the block that is open."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add `head`, with its colon, and indent what is added meanwhile."""
        self.line(f"{head}:")
        self._depth += 1
        start = len(self._lines)
        yield
        if len(self._lines) == start:
            self.line("pass")
        self._depth -= 1

    def name(self, wish: str, thing: Any) -> str:
        """A global name for an object: `wish`, or one like it when that stands for another object already."""
        name, number = wish, 1
        while self.names.setdefault(name, thing) is not thing:
            number += 1
            name = f"{wish}_{number}"
        return name

    def literal(self, value: Any) -> str:
        """An expression for a constant."""
        if value is None or type(value) in (bool, int, str, bytes) or (type(value) is float and isfinite(value)):
            return repr(value)
        return self.name(f"a_{type(value).__name__}", value)

    def function(self, name: str) -> Callable[..., Any]:
        """Compile what has been written and return this function of it."""
        filename = f"<ibdesk {next(_numbers)}: {self.title}>"
        text = "\n".join(self._lines) + "\n"
        # Without a modification time linecache never takes the entry for stale.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        exec(compile(text, filename, "exec"), self.names)
        function: Callable[..., Any] = self.names[name]
        return function


def source_of(function: Callable[..., Any]) -> str:
    """The source of a compiled function, with all that was written beside it."""
    return "".join(linecache.getlines(function.__code__.co_filename))


def takes_its_fields(cls: type) -> bool:
    """Does a call of the class with all its fields by position set these and do no more?"""
    names = [field.name for field in fields(cls)]
    return not hasattr(cls, "__post_init__") and list(signature(cls).parameters) == names


def new(source: Source, sample: Any) -> str:
    """An expression that makes an object like `sample`, with no part in common that could be changed."""
    if isinstance(sample, list):
        return f"[{', '.join(new(source, one) for one in sample)}]"
    if not is_dataclass(sample) or isinstance(sample, type):
        return source.literal(sample)
    cls = type(sample)
    if not hasattr(sample, "__dict__"):
        values = [getattr(sample, field.name) for field in fields(cls)]
        return f"{source.name(cls.__name__, cls)}({', '.join(new(source, value) for value in values)})"
    if len(vars(sample)) <= _MOST_SHARED and _has_defaults(cls) and vars(sample) == vars(cls()):
        return f"{source.name(cls.__name__, cls)}()"
    return f"{source.name(f'new_{cls.__name__}', _maker(sample))}()"


def _has_defaults(cls: type) -> bool:
    return all(field.default is not MISSING or field.default_factory is not MISSING for field in fields(cls))


def _maker(sample: Any) -> Callable[[], Any]:
    """A function that makes a noun by copying a dict: for `Order`, a tenth of the time that its class takes."""
    cls = type(sample)
    source = Source(f"a new {cls.__name__}")
    source.names |= {"create": object.__new__, "cls": cls, "values": vars(sample)}
    with source.block("def new()"):
        source.line("one = create(cls)")
        source.line("one.__dict__ = values.copy()")
        for name, value in vars(sample).items():
            if isinstance(value, list) or is_dataclass(value):
                source.line(f"one.{name} = {new(source, value)}")
        source.line("return one")
    return source.function("new")


def refuse_later(source: Source, description: Description, version: int) -> None:
    """Write the check that a client's message, `m`, holds nothing that a server of this version does not know."""
    if description.sender is not Sender.CLIENT:
        return
    source.names["NOTHING"] = ("", [], ())
    for path, default in description.later(version):
        source.line(f"v = {dotted('m', path)}")
        value = source.name(f"DEFAULT_{path[-1]}", default)
        with source.block(f"if v is not {value} and v != {value} and v is not None and v not in NOTHING"):
            source.line("raise ValueError")


def branches() -> Iterator[str]:
    """The words that open the branches of one decision."""
    yield "if"
    while True:
        yield "elif"


def dotted(root: str, path: Path) -> str:
    """An expression for a place below a variable."""
    return ".".join((root, *path))


def fields_too_many(message: str, version: int, number: int) -> str:
    """The oddity of a text message that goes on after its last known field."""
    return f"{message} v{version} has {number} fields more than known"


def unknown_tag(message: str, version: int, tag: int) -> str:
    """The oddity of a protobuf message with a tag that no description has."""
    return f"{message} v{version} has the unknown tag {tag}"
