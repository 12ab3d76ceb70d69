"""Turns a printed notebook (`In [3]:`, code, output, prose ...) back into the code of its cells."""

import re

_CELL = re.compile(r"^In \[(?:\d+|None)\]:\n", re.MULTILINE)
_MORE_CODE = re.compile(
    r"^(?:#.*\n|\s+\S|for |if |else|import |try:|def |print\(|ib\.|[a-z_\d]+(?:\.\w+)* ?=)"  # a heading is one line
)


def cells(document: str) -> list[str]:
    """The code of each cell, without the output and prose that follow it.

    Code ends at the first blank line after which something comes that no cell of a program starts with.
    """
    found = []
    for piece in _CELL.split(document)[1:]:
        first, *rest = piece.split("\n\n")
        code = [first]
        for paragraph in rest:
            if not _MORE_CODE.match(paragraph):
                break
            code.append(paragraph)
        found.append("\n\n".join(code).strip())
    return found
