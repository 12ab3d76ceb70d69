"""The names that columns have in files of prices, with the source of each.

Names are compared in lower case and without the angle brackets of Stooq. Names of one letter are compared as they are:
in answers of Polygon `t` is the time and `T` the symbol.

Sources:

- IB: the fields of `BarData`, `RealTimeBar`, `HistoricalTick`, `HistoricalTickBidAsk`, `HistoricalTickLast` and
  `TickByTick...`, which `util.df` makes columns of.
- Yahoo: yfinance's `download` and `Ticker.history`, and the CSV files of the old site
  (`Date,Open,High,Low,Close,Adj Close,Volume`). Frames of `download` have two rows of names, `Price` and `Ticker`.
- Stooq: `stooq.com/q/d/l` gives `Date,Open,High,Low,Close,Volume` (with `Time` within a day), `stooq.com/db/h` gives
  `<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>`: dates `yyyymmdd`, times `hhmmss` of
  Warsaw.
- Polygon (now Massive): massive.com/docs/flat-files has `ticker,volume,open,close,high,low,window_start,transactions`
  (nanoseconds), trades `...,participant_timestamp,price,sequence_number,sip_timestamp,size,...` and quotes
  `ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,...`; a price of 0 is a side without a quote.
  Its REST answers have `t,o,h,l,c,v,vw,n` (milliseconds), its Python client calls them `timestamp`, `transactions`.
- Alpaca: the tables of `alpaca/data/mappings.py` in alpaca-py: `t,o,h,l,c,v,n,vw`, `t,p,s`, `t,bp,ap,bs,as` and the
  long names of each (ISO times in UTC).
"""

SPELLINGS: dict[str, tuple[str, ...]] = {
    # IB and Stooq: date; Yahoo: Date and Datetime; IB's ticks and RealTimeBar: time; Alpaca and Polygon: the others.
    "time": ("date", "datetime", "time", "timestamp", "window_start", "sip_timestamp", "participant_timestamp", "t"),
    # Polygon: ticker and T; Alpaca and IB: symbol; Stooq: <TICKER>.
    "symbol": ("symbol", "ticker", "T"),
    # RealTimeBar of IB: open_.
    "open": ("open", "open_", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    # Stooq: <VOL>.
    "volume": ("volume", "vol", "v"),
    # IB: average and wap (RealTimeBar); Polygon and Alpaca: vwap and vw.
    "average": ("average", "wap", "vwap", "vw"),
    # IB: barCount and count (RealTimeBar); Polygon: transactions; Alpaca: trade_count.
    "count": ("barcount", "count", "transactions", "trade_count", "n"),
    # Stooq: <PER>, D or minutes.
    "period": ("per",),
    "price": ("price", "p"),
    "size": ("size", "s"),
    # IB: priceBid (historical) and bidPrice (tick by tick); Polygon and Alpaca: bid_price and bp.
    "bid": ("pricebid", "bidprice", "bid_price", "bp"),
    "ask": ("priceask", "askprice", "ask_price", "ap"),
    "bid_size": ("sizebid", "bidsize", "bid_size", "bs"),
    "ask_size": ("sizeask", "asksize", "ask_size", "as"),
}
"""What a column means -> its names, the best one first."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "bars": ("open", "high", "low", "close"),
    "quotes": ("bid", "ask"),
    "trades": ("price", "size"),
}
"""What a file is -> the columns by which it is known, beside the time."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "bars": ("volume", "average", "count"),
    "quotes": ("bid_size", "ask_size"),
    "trades": (),
}

NAMELESS = ("", "index", "__index_level_0__")
"""The names of a frame's index without a name, in a CSV file and in a Parquet file."""


def plain(name: str) -> str:
    """Return a column's name in the form in which it is looked up."""
    name = name.strip().strip("<>")
    return name if len(name) == 1 else name.lower()
