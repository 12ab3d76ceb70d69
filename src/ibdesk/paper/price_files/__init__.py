"""Files of prices: CSV and Parquet files of bars or ticks, from which the paper gateway quotes and fills.

`open_files` opens them as a `PriceFiles`, which is a `PriceSource`. `docs/reference/price_files.md` tells which
columns, units and zones are known.
"""

from .source import PriceFiles, open_files, prices_of

__all__ = ["PriceFiles", "open_files", "prices_of"]
