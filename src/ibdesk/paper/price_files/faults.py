"""Where in a file something is wrong, said so that a person finds it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ibdesk.errors import PriceFileError

from .columns import Flags, Ints


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of a file: its `path`, and how they are counted: `line` in a CSV file, `row` in a Parquet file."""

    path: Path
    counted: str = "row"

    def fault(self, text: str, number: int | None = None) -> PriceFileError:
        """Return the error for the row with this number, or for the whole file."""
        return PriceFileError(str(self.path), "" if number is None else f"{self.counted} {number}", text)

    def at(self, wrong: Flags, numbers: Ints, text: str) -> PriceFileError:
        """Return the error for the first row of `numbers` that is `wrong`."""
        return self.fault(text, int(numbers[first(wrong)]))


def first(wrong: Flags) -> int:
    """Return the position of the first one that is true."""
    return int(np.argmax(wrong))
