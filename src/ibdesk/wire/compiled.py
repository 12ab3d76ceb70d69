"""How the source of a compiled codec is put together, and new objects in it; not what either encoding looks like.

`compiled_text` and `compiled_protobuf` write one function for each message, version and direction, with this. What
they write must give what the reference codecs give. Whoever calls it runs the reference codec after any exception: so
the source has no words for errors, and may raise whatever comes.
"""

import linecache
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from inspect import signature
from itertools import count
from math import isfinite
from typing import Any

from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.layout import Embed, Path, Record, Repeat, RepeatVariants

_MOST_SHARED = 30
"""CPython keeps the attributes of an instance in its compact form up to this number (SHARED_KEYS_MAX_SIZE)."""

_MOST_KEPT, _LONGEST_KEPT = 8192, 32
"""The bounds of a `Memory`."""

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


class Memory(dict[Any, Any]):
    """What a function makes of a text, looked up where the text came before, as prices, flags and ids do.

    It forgets everything when it is full, and never keeps what is long: a peer cannot make it grow.
    """

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Any) -> Any:
        value = self._read(text)
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = value
        return value


_memories: dict[Callable[[Any], Any], Memory] = {}


def memory(read: Callable[[Any], Any]) -> Memory:
    """The memory of a function, which all codecs share; nobody can change the values of such a function."""
    if read not in _memories:
        _memories[read] = Memory(read)
    return _memories[read]


def forget() -> None:
    """Empty every memory, so that a benchmark measures what is new."""
    for one in _memories.values():
        one.clear()


# --- objects ------------------------------------------------------------------------------------------------------


def takes_its_fields(cls: type) -> bool:
    """Does a call of the class with all its fields by position set these and do no more?"""
    names = [field.name for field in fields(cls)]
    return not hasattr(cls, "__post_init__") and list(signature(cls).parameters) == names


def new(source: Source, sample: Any) -> str:
    """An expression that makes an object like `sample`, with no part in common that could be changed."""
    if isinstance(sample, list):
        return f"[{', '.join(new(source, one) for one in sample)}]"
    if not is_noun(sample):
        return source.literal(sample)
    key = type(sample), repr(_values_of(sample))
    if key not in _makers:
        maker = Source(f"a new {type(sample).__name__}")
        with maker.block("def new()"):
            build(maker, "one", sample)
            maker.line("return one")
        _makers[key] = maker.function("new")
    return f"{source.name(f'new_{type(sample).__name__}', _makers[key])}()"


_makers: dict[tuple[type, str], Callable[[], Any]] = {}


def build(source: Source, target: str, sample: Any, missing: Collection[str] = ()) -> None:
    """Write the making of an object like `sample` in the variable `target`, but for the values of `missing` attributes.

    A part gets a variable of its own, `target_part`. To set attributes takes less time than to call the class; above
    `_MOST_SHARED` it is the copy of a dict that takes less.
    """
    values = _values_of(sample)
    source.names["create"] = object.__new__
    source.line(f"{target} = create({source.name(type(sample).__name__, type(sample))})")
    is_copied = len(values) > _MOST_SHARED
    if is_copied:
        source.line(f"{target}.__dict__ = {source.name(f'values_of_{type(sample).__name__}', values)}.copy()")
    for name, value in values.items():
        if is_noun(value):
            build(source, f"{target}_{name}", value)
            source.line(f"{target}.{name} = {target}_{name}")
        elif isinstance(value, list) or not (is_copied or name in missing):
            source.line(f"{target}.{name} = {new(source, value)}")


def is_noun(value: Any) -> bool:
    """Is it an object whose fields are filled in one by one?"""
    return is_dataclass(value) and not isinstance(value, type) and not value.__dataclass_params__.frozen  # type: ignore[attr-defined]


def is_constant(value: Any) -> bool:
    """Is it a value that a field with this default holds by identity until somebody sets it?"""
    return value is None or type(value) in (bool, int, float, str)


def _values_of(sample: Any) -> dict[str, Any]:
    return (
        vars(sample) if hasattr(sample, "__dict__") else {one.name: getattr(sample, one.name) for one in fields(sample)}
    )


def refuse_later(source: Source, description: Description, version: int) -> None:
    """Write the check that a client's message, `m`, holds nothing that a server of this version does not know."""
    later = description.later(version) if description.sender is Sender.CLIENT else ()
    if not later:
        return
    source.names["NOTHING"] = ("", [], ())
    scope = Scope(source, "m", (path for path, _ in later))
    scope.take_parts()
    defaults = [(scope.place(path), source.name(f"DEFAULT_{path[-1]}", default)) for path, default in later]
    with source.block(f"if {' or '.join(f'{place} is not {default}' for place, default in defaults)}"):
        for place, default in defaults:
            with source.block(f"if {place} != {default} and {place} is not None and {place} not in NOTHING"):
                source.line("raise ValueError")


class Scope:
    """What the paths of a layout or record start from, `root`, and a variable for each part on the way."""

    def __init__(self, source: Source, root: str, places: Iterable[Path]) -> None:
        """`places`: every path that will be asked for."""
        self.source, self.root = source, root
        prefixes = {path[:length] for path in places for length in range(1, len(path))}
        self._parts = sorted(prefixes, key=lambda path: (len(path), path))

    def take_parts(self) -> None:
        """Write the assignment of the variables of the parts."""
        for path in self._parts:
            self.source.line(f"{self._variable(path)} = {self._variable(path[:-1])}.{path[-1]}")

    def place(self, path: Path) -> str:
        """The expression for a place."""
        if path[:-1] in self._parts:
            return f"{self._variable(path[:-1])}.{path[-1]}"
        return dotted(self.root, path)

    def _variable(self, path: Path) -> str:
        return "_".join((self.root, *path))


class RecordFunctions(ABC):
    """Writes a function for a record, after those for the records inside it."""

    verb = ""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names: dict[Record, str] = {}

    def function(self, record: Record) -> str:
        """Write the function if there is none yet, and return its name."""
        if record not in self._names:
            for inner in inner_records(record):
                self.function(inner)
            name = f"{self.verb}_{record.cls.__name__}"
            self._names[record] = name if name not in self._names.values() else f"{name}_{len(self._names)}"
            self._write(self._names[record], record)
        return self._names[record]

    @abstractmethod
    def _write(self, name: str, record: Record) -> None:
        """Write the function."""


def inner_records(record: Record) -> Iterator[Record]:
    """The records inside a record."""
    for item in record.tags.values():
        match item:
            case Embed(record=inner) | Repeat(record=Record() as inner):
                yield inner
            case RepeatVariants(cases=cases):
                yield from cases.values()


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


def cut_excess(fields: list[Any], number: int) -> None:
    """Cut what goes on after so many fields, the nothing after the last terminator included; leave how much it was."""
    extra = len(fields) - number
    if extra < 0 or fields[-1]:
        raise ValueError
    fields[number - 1 :] = [extra]


def count_excess(rest: Any, oddities: Counter[str], message: str, version: int) -> None:
    """Count what `cut_excess` has left, or raise for a field without a terminator."""
    if type(rest) is not int:
        raise ValueError
    oddities[fields_too_many(message, version, rest)] += 1


def unknown_tag(message: str, version: int, tag: int) -> str:
    """The oddity of a protobuf message with a tag that no description has."""
    return f"{message} v{version} has the unknown tag {tag}"


def count_unknown(tags: list[int], oddities: Counter[str], message: str, version: int) -> None:
    """Count tags that no description has."""
    for tag in tags:
        oddities[unknown_tag(message, version, tag)] += 1
