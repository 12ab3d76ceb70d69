"""CSV files as Parquet files of ours, of which any page can be read by itself.

They hold what is used of a file: the rows that `checks` left, with times in microseconds. They stand in a folder for
this purpose, which is the user's if one was named, and else a temporary one; a file that has not changed since is not
converted again.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ..market.noise import key
from . import tables
from .faults import Place
from .layout import Rows
from .libraries import arrow, parquet
from .tables import Page

_FORMAT = 1
"""Raised when the conversion changes, so that older files are not taken for newer ones."""

_FACTS = b"ibdesk"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file is, beside its rows. `left_out` is what was said of rows that are not used."""

    kind: str
    daily: bool
    period: int | None
    left_out: list[str]


def converted_path(source: Path, folder: Path, zone: str) -> Path:
    """Return where the converted file of `source` stands, as it is now and read in this zone."""
    state = source.stat()
    name = key(str(source.resolve()), state.st_size, state.st_mtime_ns, zone, _FORMAT)
    return folder / f"{source.name.partition('.')[0]}-{name:016x}.parquet"


class Conversion:
    """A converted file that is being written. It appears under its name when it is complete."""

    def __init__(self, path: Path, names: list[str]) -> None:
        pa = arrow()
        self._path = path
        self._part = path.with_suffix(f".{os.getpid()}.part")
        columns = [("symbol", pa.dictionary(pa.int32(), pa.string())), ("time", pa.int64())]
        self._schema = pa.schema(columns + [(name, pa.float64()) for name in names])
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = parquet().ParquetWriter(self._part, self._schema, write_statistics=False)
        self._groups = 0

    def write(self, rows: dict[str, Rows]) -> dict[str, int]:
        """Write the rows of a page by symbol, and return in which group of rows each symbol is.

        A page of several symbols beside each other is too much for one: then each symbol has its own.
        """
        if sum(len(each.times) for each in rows.values()) <= tables.PAGE_ROWS:
            return dict.fromkeys(rows, self._write_group(rows))
        return {symbol: self._write_group({symbol: each}) for symbol, each in rows.items()}

    def _write_group(self, rows: dict[str, Rows]) -> int:
        pa = arrow()
        symbols = list(rows)
        codes = np.repeat(np.arange(len(symbols), dtype=np.int32), [len(each.times) for each in rows.values()])
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(symbols, pa.string())),
            pa.array(np.concatenate([each.times for each in rows.values()])),
        ]
        for name in self._schema.names[2:]:
            columns.append(pa.array(np.concatenate([each.values[name] for each in rows.values()])))
        self._writer.write_table(pa.table(columns, schema=self._schema), row_group_size=len(codes))
        self._groups += 1
        return self._groups - 1

    def finish(self, facts: Facts) -> None:
        """Complete the file."""
        self._writer.add_key_value_metadata(
            {_FACTS: json.dumps([facts.kind, facts.daily, facts.period, facts.left_out]).encode()}
        )
        self._writer.close()
        os.replace(self._part, self._path)

    def abandon(self) -> None:
        """Delete what was written."""
        self._writer.close()
        self._part.unlink(missing_ok=True)


class Converted:
    """The layout of a converted file: the counterpart of `Layout`."""

    def __init__(self, place: Place) -> None:
        file = parquet().ParquetFile(place.path)
        metadata = file.schema_arrow.metadata or {}
        self.place = place
        facts = Facts(*json.loads((file.metadata.metadata or {}).get(_FACTS) or metadata[_FACTS]))
        self.kind: str = facts.kind
        self.daily: bool = facts.daily
        self.period: int | None = facts.period
        self.left_out: list[str] = facts.left_out
        self.names: list[str] = file.schema_arrow.names[2:]
        self.wanted: list[int] = list(range(len(file.schema_arrow.names)))
        file.close()

    @classmethod
    def found(cls, path: Path) -> Self | None:
        """Return the layout of a file that was converted before, if there is one."""
        return cls(Place(path)) if path.exists() else None

    def rows(self, page: Page, symbol: str) -> dict[str, Rows]:
        """Return the rows of a page by symbol."""
        symbols, times, *values = (page.columns.column(number) for number in range(page.columns.num_columns))
        codes = np.asarray(symbols.indices)
        names = symbols.dictionary.to_pylist()
        whole = Rows(
            np.asarray(times),
            page.rows,
            {name: np.asarray(each) for name, each in zip(self.names, values, strict=True)},
        )
        bounds = np.searchsorted(codes, np.arange(len(names) + 1))
        return {
            name: whole.part(slice(begin, end))
            for name, begin, end in zip(names, bounds.tolist(), bounds[1:].tolist(), strict=False)
            if begin < end
        }
