"""What does `import ibdesk` cost against `import ib_async`? Goal: half.

The figure is milliseconds of CPU from before the statement to after it, in a fresh interpreter, with the bytecode of
everything written before, as an installation has it. Both import asyncio; what that takes alone is shown beside them.

    python benchmarks/bench_import.py [--turns 11]
"""

import tempfile
from functools import partial

from pairing import child, compare, options

CLIENT = """
import sys
from time import process_time
name = sys.argv[2]
begin = process_time()
__import__(name)
spent = process_time() - begin
print('{"ms of CPU": %s}' % (spent * 1e3))
"""


def main() -> None:
    """Compare."""
    chosen = options(11)
    with tempfile.TemporaryDirectory() as bytecode:
        places = {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        clients = {
            "ibdesk": partial(child, "ibdesk", CLIENT, "ibdesk", **places),
            "ib_async": partial(child, "ib_async", CLIENT, "ib_async", **places),
            "asyncio": partial(child, "ibdesk", CLIENT, "asyncio", **places),
        }
        for run in clients.values():
            run()
        compare(clients, chosen.turns)


if __name__ == "__main__":
    main()
