"""How what arrives is handed over: in batches, in order, also when a handler lets more arrive before it is done."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from ibdesk.client.transport import Transport, new_connection
from ibdesk.errors import ProtocolError
from ibdesk.session.pacing import Pacer


class Letters:
    """A connection whose messages are letters; a `!` breaks the protocol, and a dot is data that completes nothing."""

    takes_directly = False

    def __init__(self) -> None:
        self.real = new_connection(100, 200, "")
        self.messages_received = 0

    def take_directly(self, takers: dict[type, Any]) -> None:
        assert not takers

    def events(self, data: bytes) -> Iterator[str]:
        letters = data.decode().replace(".", "")
        self.messages_received += len(letters)
        return self._read(letters)

    def _read(self, letters: str) -> Iterator[str]:
        for letter in letters:
            if letter == "!":
                raise ProtocolError("broken")
            yield letter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Reader:
    """Takes batches, and calls a handler for each letter, as `Session` does."""

    def __init__(self, handlers: dict[str, Callable[[], object]]) -> None:
        self.batches: list[str] = []
        self.handlers = handlers
        connection: Any = Letters()
        self.transport = Transport(
            connection, Pacer(), lambda: (45, 1.0), self.read, lambda error: None, lambda begins: None
        )

    def read(self, batch: Iterable[str]) -> None:
        at = len(self.batches)
        self.batches.append("")
        for letter in batch:
            self.batches[at] += letter
            self.handlers.get(letter, lambda: None)()

    def arrive(self, text: str) -> None:
        data = text.encode()
        self.transport.get_buffer(-1)[: len(data)] = data
        self.transport.buffer_updated(len(data))


async def test_each_piece_of_data_is_a_batch_and_one_that_completes_nothing_is_none() -> None:
    reader = Reader({})
    for text in ("ab", ".", "c"):
        reader.arrive(text)
    assert reader.batches == ["ab", "c"]
    assert reader.transport.bytes_received == 4


async def test_what_arrives_inside_of_a_handler_comes_after_the_batch_that_it_interrupts() -> None:
    reader = Reader({"b": lambda: reader.arrive("yz")})
    reader.arrive("abcd")
    assert reader.batches == ["ab", "cd", "yz"]
    reader.arrive("e")
    assert reader.batches[3:] == ["e"]


async def test_handlers_may_interrupt_one_another() -> None:
    reader = Reader(
        {"b": lambda: reader.arrive("xy"), "x": lambda: reader.arrive("12"), "d": lambda: reader.arrive(".")}
    )
    reader.arrive("abcd")
    assert "".join(reader.batches) == "abcdxy12"


async def test_a_fault_comes_after_what_was_whole_before_it() -> None:
    reader = Reader({"b": lambda: reader.arrive("yz")})
    reader.arrive("abc!de")
    assert reader.batches == ["ab", "c"]
    assert isinstance(reader.transport._fault, ProtocolError)


async def test_a_reader_that_fails_gets_the_rest_with_the_next_data() -> None:
    reader = Reader({"b": lambda: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        reader.arrive("abc")
    reader.arrive("d")
    assert reader.batches == ["ab", "c", "d"]
