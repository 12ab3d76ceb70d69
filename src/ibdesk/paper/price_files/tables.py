"""Files as tables, read a page of rows at a time: Parquet files, and CSV files, compressed ones too.

A page is at most `PAGE_ROWS` rows. Any page of a Parquet file can be read by itself, a CSV file only from its
beginning.
"""

import csv as csv_module
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .columns import Ints
from .faults import Place
from .libraries import arrow, csv, parquet

PAGE_ROWS = 1 << 16

CSV_ENDINGS = (".csv", ".txt", ".csv.gz", ".txt.gz")
PARQUET_ENDINGS = (".parquet", ".pq")

_HEAD = 1 << 16
"""Bytes that are looked at for the names of the columns, which may stand in three lines."""

_BLOCK = 4 << 20

_MISSING = ["", "nan", "NaN", "NAN", "null", "NULL", "None", "N/A", "NA", "<NA>", "NaT"]
"""What stands for a missing value: of pandas, and `null` of the old site of Yahoo."""

Names = list[tuple[str, str]]
"""The names of the columns: of each, what it holds, and of which symbol (of several in one file), or empty."""


class Page(NamedTuple):
    """Some rows of a file. `group` and `number` say where they are in a Parquet file; `rows` are their numbers."""

    group: int
    number: int
    rows: Ints
    columns: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is a table. `names` are those of its columns, in their order."""

    place: Place
    names: Names
    is_csv: bool
    header_lines: int = 0
    delimiter: str = ","

    def pages(self, wanted: list[int]) -> Iterator[Page]:
        """Yield all pages in their order, with the `wanted` columns alone, as pyarrow's record batches."""
        if self.is_csv:
            yield from self._csv_pages(wanted)
            return
        file = _open_parquet(self.place)
        start = 0
        for group in range(file.num_row_groups):
            for page in pages_of_group(file, group, wanted):
                yield page._replace(rows=page.rows + start)
            start += file.metadata.row_group(group).num_rows

    def _csv_pages(self, wanted: list[int]) -> Iterator[Page]:
        pa = arrow()
        faults: list[Any] = []

        def on_wrong(row: Any) -> str:
            faults.append(row)
            return "error"

        columns = [str(number) for number in range(len(self.names))]
        keep = [columns[number] for number in wanted]
        options = {
            "read_options": csv().ReadOptions(
                column_names=columns, skip_rows=self.header_lines, block_size=_BLOCK, use_threads=False
            ),
            "parse_options": csv().ParseOptions(
                delimiter=self.delimiter, ignore_empty_lines=False, invalid_row_handler=on_wrong
            ),
            # Everything is read as text first, so that what is no number can be named with its line.
            "convert_options": csv().ConvertOptions(
                column_types={name: pa.string() for name in keep},
                include_columns=keep,
                null_values=_MISSING,
                strings_can_be_null=True,
            ),
        }
        line = self.header_lines + 1
        try:
            with pa.input_stream(str(self.place.path), compression=_compression(self.place.path)) as stream:
                for batch in csv().open_csv(stream, **options):
                    for begin in range(0, batch.num_rows, PAGE_ROWS):
                        part = batch.slice(begin, PAGE_ROWS)
                        page = Page(0, 0, line + np.arange(part.num_rows), part)
                        line += part.num_rows
                        yield _without_blank_lines(page)
        except pa.ArrowInvalid as error:
            if faults:
                row = faults[0]
                text = f"{row.actual_columns} columns instead of {row.expected_columns}: {row.text[:80]!r}"
                raise self.place.fault(text, row.number) from None
            raise self.place.fault(str(error)) from error


def _without_blank_lines(page: Page) -> Page:
    """Return a page without the lines in which there is nothing."""
    columns = page.columns.columns
    if not all(column.null_count for column in columns):
        return page
    told = ~np.all([np.asarray(column.is_null()) for column in columns], axis=0)
    return page._replace(rows=page.rows[told], columns=page.columns.filter(arrow().array(told)))


def open_table(path: Path) -> Table:
    """Open a file. Raises `PriceFileError` when it is no table, OSError when it cannot be read."""
    if path.name.lower().endswith(PARQUET_ENDINGS):
        place = Place(path)
        schema = _open_parquet(place).schema_arrow
        return Table(place, [_pair(name) for name in schema.names], is_csv=False)
    return _open_csv(Place(path, "line"))


def _open_parquet(place: Place) -> Any:
    try:
        return parquet().ParquetFile(place.path, memory_map=True)
    except arrow().ArrowInvalid as error:
        raise place.fault(f"not a Parquet file: {error}") from error


def _pair(name: str) -> tuple[str, str]:
    """Return the two names of a column of yfinance, which Parquet has as `('Close', 'AAPL')`, else the one name."""
    if name.startswith("('") and name.endswith("')"):
        parts = name[2:-2].split("', '")
        if len(parts) == 2:
            return parts[0], parts[1]
    return name, ""


def pages_of_group(file: Any, group: int, wanted: list[int], first: int = 0) -> Iterator[Page]:
    """Yield the pages of a group of rows, from the page `first` on, as `Page.rows` counts them within the group.

    Those before are decoded and left out.
    """
    names = file.schema_arrow.names
    columns = [names[number] for number in wanted]
    start = 0
    batches = file.iter_batches(PAGE_ROWS, row_groups=[group], columns=columns, use_threads=False)
    for number, batch in enumerate(batches):
        if number >= first:
            yield Page(group, number, start + np.arange(batch.num_rows), batch)
        start += batch.num_rows


def _compression(path: Path) -> str | None:
    return "gzip" if path.suffix.lower() == ".gz" else None


def _open_csv(place: Place) -> Table:
    with arrow().input_stream(str(place.path), compression=_compression(place.path)) as stream:
        head = stream.read(_HEAD)
    try:
        lines = head.decode("utf-8-sig", errors="strict" if len(head) < _HEAD else "ignore").splitlines()[:4]
    except UnicodeDecodeError as error:
        raise place.fault("not a text in UTF-8") from error
    if not lines or not lines[0].strip():
        raise place.fault("empty, where the names of the columns are wanted", 1)
    delimiter = max(",;\t|", key=lines[0].count)
    rows = list(csv_module.reader(lines, delimiter=delimiter))
    names = [name.strip() for name in rows[0]]
    # Frames of yfinance.download have two lines of names, in either order, and a third with the name of the index.
    if len(rows) > 1 and (rows[0][0], rows[1][0]) in (("Price", "Ticker"), ("Ticker", "Price")):
        symbols, values = (rows[0], rows[1]) if rows[0][0] == "Ticker" else (rows[1], rows[0])
        third = len(rows) > 2 and rows[2][0] in ("Date", "Datetime") and not any(rows[2][1:])
        pairs = [("date", ""), *zip(values[1:], symbols[1:], strict=True)]
        return Table(place, pairs, True, 3 if third else 2, delimiter)
    return Table(place, [(name, "") for name in names], True, 1, delimiter)
