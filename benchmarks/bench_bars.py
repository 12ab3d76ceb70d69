"""What do 100,000 bars cost on their way to a DataFrame? Goal: a tenth of ib_async's.

Both get the same bytes for `reqHistoricalData`: one message of bars of a minute (server version 178). The figures are
milliseconds of CPU of the client's process: `request`, from the call to the list of bars; `util.df` of that list; and
both together.

    python benchmarks/bench_bars.py [--turns 5] [--bars 100000]
"""

from functools import cache, partial

from codec_samples import history
from pairing import child, compare, options
from scripted_gateway import TEXT, Gateway, prepared

from ibdesk.wire.messages.history import ReqHistoricalData

CLIENT = """
import importlib, json, os, sys, time
import pandas
lib, port, number = importlib.import_module(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
ib = lib.IB()
ib.connect("127.0.0.1", port, clientId=1, fetchFields=lib.StartupFetchNONE)
contract = lib.Stock("S", "SMART", "USD", conId=1)
pandas.DataFrame.from_records([(1, 2.0), (2, 3.0)]).to_dict()  # what pandas does at its first use only
begin = time.process_time()
bars = ib.reqHistoricalData(contract, "", "1 Y", "1 min", "TRADES", False, timeout=0)
middle = time.process_time()
frame = lib.util.df(bars)
end = time.process_time()
assert frame.shape == (number, 8), frame.shape
print(json.dumps({
    "ms of CPU, request and util.df": (end - begin) * 1e3,
    "ms of CPU, request": (middle - begin) * 1e3,
    "ms of CPU, util.df": (end - middle) * 1e3,
}), flush=True)
os._exit(0)
"""


def main() -> None:
    """Compare."""
    chosen = options(5, bars=100_000)

    @cache
    def answer(reqId: int) -> bytes:
        message = history(chosen.bars)
        message.reqId = reqId
        return prepared([message], TEXT)

    gateway = Gateway(TEXT, {ReqHistoricalData: lambda request: answer(request.reqId)})
    clients = {name: partial(child, name, CLIENT, gateway.port, chosen.bars) for name in ("ibdesk", "ib_async")}
    compare(clients, chosen.turns)


if __name__ == "__main__":
    main()
