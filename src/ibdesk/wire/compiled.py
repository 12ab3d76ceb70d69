"""Tools for writing the source of compiled codecs.

`compiled_text` and `compiled_protobuf` write one function for each message, version and direction with them. These
functions must give what the reference codecs give. When one raises any exception, its caller runs the reference codec
instead, so the generated source has no error messages and may raise whatever comes.
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
from ibdesk.wire.layout import Embed, Field, Fixed, Given, Path, Record, Repeat, RepeatVariants

_MOST_SHARED = 30
"""How many attributes CPython keeps in the compact form of an instance (SHARED_KEYS_MAX_SIZE)."""

_MOST_KEPT, _LONGEST_KEPT = 8192, 32
"""How many texts a `Memory` keeps, and the length of the longest."""

_numbers = count()


class Source:
    """Python source that is being written, with the objects that it names."""

    def __init__(self, title: str) -> None:
        """Begin with no lines. `title` is what tracebacks show as the file."""
        self.title = title
        self.names: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Add a line to the innermost open block."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add the line `head` with a colon, and indent everything that is added inside the `with` block."""
        self.line(f"{head}:")
        self._depth += 1
        start = len(self._lines)
        yield
        if len(self._lines) == start:
            self.line("pass")
        self._depth -= 1

    def name(self, wish: str, thing: Any) -> str:
        """Return a global name for an object: `wish`, or a similar name when `wish` names another object already."""
        name, number = wish, 1
        while self.names.setdefault(name, thing) is not thing:
            number += 1
            name = f"{wish}_{number}"
        return name

    def literal(self, value: Any) -> str:
        """Return an expression for a constant."""
        if value is None or type(value) in (bool, int, str, bytes) or (type(value) is float and isfinite(value)):
            return repr(value)
        return self.name(f"a_{type(value).__name__}", value)

    def function(self, name: str) -> Callable[..., Any]:
        """Compile the source and return its function called `name`."""
        filename = f"<ibdesk {next(_numbers)}: {self.title}>"
        text = "\n".join(self._lines) + "\n"
        # An entry without a modification time is never dropped by linecache as out of date.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        exec(compile(text, filename, "exec"), self.names)
        function: Callable[..., Any] = self.names[name]
        return function


def source_of(function: Callable[..., Any]) -> str:
    """Return the source of a compiled function, with everything that was written beside it."""
    return "".join(linecache.getlines(function.__code__.co_filename))


class Memory(dict[Any, Any]):
    """A function that remembers its results by its argument, a text: prices, flags and ids come again and again.

    When it is full it forgets everything, and it never keeps a long text, so that a peer cannot make it grow.
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


class Written(Memory):
    """A function that writes numbers and remembers their bytes, as `Memory` does: ids and sizes come again too."""

    def __init__(self, write: Callable[[Any], bytes], keeps_zero: bool) -> None:
        super().__init__(write)
        self._keeps_zero = keeps_zero

    def __missing__(self, number: Any) -> Any:
        value = self._read(number)
        if number or self._keeps_zero:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[number] = value
        return value


_memories: dict[Callable[[Any], Any], Memory] = {}


def memory(read: Callable[[Any], Any]) -> Memory:
    """Return the memory of a function. All codecs share it, so the function's results must be immutable."""
    if read not in _memories:
        _memories[read] = Memory(read)
    return _memories[read]


def written(write: Callable[[Any], bytes], keeps_zero: bool) -> Written:
    """Return a memory of a function that writes numbers.

    If it writes 0.0 and -0.0 differently, it must not keep zero: to a dict these are the same key.
    """
    memory = _memories[write] = Written(write, keeps_zero)
    return memory


def forget() -> None:
    """Empty every memory, so that a benchmark measures reading and writing, and not looking up."""
    for one in _memories.values():
        one.clear()


# --- when -------------------------------------------------------------------------------------------------------


MANY = 20
"""How often a kind of message has to come before a function is generated for it.

To generate one takes as long as the reference codec takes for a hundred messages, some 30 ms for an order. Many a
program places a single order, and one that only starts has one message of most kinds.
"""

_LONG = 200
"""A message of so many bytes counts as one more, since the reference codec takes the longer for it."""

_came: Counter[tuple[type, int, str]] = Counter()


def is_worth_it(cls: type, version: int, use: str, size: int) -> bool:
    """Take note of a message of `size` bytes, and return whether its kind has come often enough to generate a function.

    It counts for all connections of the process, since the functions serve all of them.
    """
    _came[cls, version, use] += 1 + size // _LONG
    return _came[cls, version, use] > MANY


# --- objects ------------------------------------------------------------------------------------------------------


def takes_its_fields(cls: type) -> bool:
    """Return whether the class can be called with all its fields by position, and does nothing but set them."""
    names = [field.name for field in fields(cls)]
    return not hasattr(cls, "__post_init__") and list(signature(cls).parameters) == names


def new(source: Source, sample: Any) -> str:
    """Return an expression that makes an object like `sample`, without sharing any mutable part with it."""
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
    """Write lines that make an object like `sample` in the variable `target`, without the attributes in `missing`.

    Each part gets a variable of its own, `target_part`. Setting attributes is faster than calling the class. Above
    `_MOST_SHARED` attributes, copying a dict is faster still.
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
    """Return whether the value is an object whose fields are filled in one by one."""
    return is_dataclass(value) and not isinstance(value, type) and not value.__dataclass_params__.frozen  # type: ignore[attr-defined]


def is_constant(value: Any) -> bool:
    """Return whether a field with this default holds the very same object until somebody sets it."""
    return value is None or type(value) in (bool, int, float, str)


def _values_of(sample: Any) -> dict[str, Any]:
    return (
        vars(sample) if hasattr(sample, "__dict__") else {one.name: getattr(sample, one.name) for one in fields(sample)}
    )


def refuse_later(source: Source, description: Description, version: int) -> None:
    """Write the check that a client's message, `m`, sets nothing that a server of this version does not know."""
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
    """Variables for the object `root`, from which the paths of a layout or record start, and for its parts."""

    def __init__(self, source: Source, root: str, places: Iterable[Path]) -> None:
        """Prepare for `places`, which are all the paths that will be asked for."""
        self.source, self.root = source, root
        prefixes = {path[:length] for path in places for length in range(1, len(path))}
        self._parts = sorted(prefixes, key=lambda path: (len(path), path))

    def take_parts(self) -> None:
        """Write the assignments of the variables of the parts."""
        for path in self._parts:
            self.source.line(f"{self._variable(path)} = {self._variable(path[:-1])}.{path[-1]}")

    def place(self, path: Path) -> str:
        """Return the expression for a place."""
        if path[:-1] in self._parts:
            return f"{self._variable(path[:-1])}.{path[-1]}"
        return dotted(self.root, path)

    def _variable(self, path: Path) -> str:
        return "_".join((self.root, *path))


def condition(scope: Scope, item: Given) -> str:
    """Return the condition of a `Given`, on the value that its place holds by then."""
    value = scope.place(item.path)
    if item.test == "one_of":
        return f"{value} in ({''.join(scope.source.literal(one) + ', ' for one in item.values)})"
    if item.test == "positive":
        return f"(v := {value}) is not None and v != '' and v > 0 and float(v) != UNSET_DOUBLE"
    return value


def is_plain(item: Any) -> bool:
    """Return whether an item of a layout is one field of text."""
    return isinstance(item, Field | Fixed)


class RecordFunctions(ABC):
    """Writes one function for each record, the functions of the records inside it first."""

    verb = ""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names: dict[Record, str] = {}

    def function(self, record: Record) -> str:
        """Write the function of a record unless that is done already, and return its name."""
        if record not in self._names:
            for inner in inner_records(record):
                self.function(inner)
            name = f"{self.verb}_{record.cls.__name__}"
            self._names[record] = name if name not in self._names.values() else f"{name}_{len(self._names)}"
            self._write(self._names[record], record)
        return self._names[record]

    @abstractmethod
    def _write(self, name: str, record: Record) -> None:
        """Write the function of a record."""


def inner_records(record: Record) -> Iterator[Record]:
    """Yield the records inside a record."""
    for item in record.tags.values():
        match item:
            case Embed(record=inner) | Repeat(record=Record() as inner):
                yield inner
            case RepeatVariants(cases=cases):
                yield from cases.values()


def branches() -> Iterator[str]:
    """Yield the keywords that begin the branches of one decision: `if`, then `elif` for ever."""
    yield "if"
    while True:
        yield "elif"


def dotted(root: str, path: Path) -> str:
    """Return the expression for a place below a variable."""
    return ".".join((root, *path))


def fields_too_many(message: str, version: int, number: int) -> str:
    """Return the oddity of a text message that has more fields than its layout."""
    return f"{message} v{version} has {number} fields more than known"


def cut_excess(fields: list[Any], number: int) -> None:
    """Cut off the fields after the first `number`, and put how many they were in the place of the last one kept.

    `fields` ends with the empty text after the last terminator. Raises ValueError when it does not, or has too few
    fields.
    """
    extra = len(fields) - number
    if extra < 0 or fields[-1]:
        raise ValueError
    fields[number - 1 :] = [extra]


def count_excess(rest: Any, oddities: Counter[str], message: str, version: int) -> None:
    """Count the excess that `cut_excess` has left in `rest`. Raises ValueError for a field without a terminator."""
    if type(rest) is not int:
        raise ValueError
    oddities[fields_too_many(message, version, rest)] += 1


def unknown_tag(message: str, version: int, tag: int) -> str:
    """Return the oddity of a protobuf message with a tag that is in no description."""
    return f"{message} v{version} has the unknown tag {tag}"


def count_unknown(tags: list[int], oddities: Counter[str], message: str, version: int) -> None:
    """Count tags that are in no description."""
    for tag in tags:
        oddities[unknown_tag(message, version, tag)] += 1
