"""Search for contracts, subscribe to the first one that trades at ARCA, print three updates; with asyncio.

Run `ibdesk paper` in another terminal first, or a TWS that listens on port 7497. Another port: basic_usage.py 4002
"""

import asyncio
import sys

from ibdesk import IB, Contract


async def search(ib: IB, pattern: str) -> list[Contract]:
    """All contracts that match, with everything that IB knows of each; many requests run at once."""
    matches = await ib.reqMatchingSymbolsAsync(pattern) or []
    answers = await asyncio.gather(*(ib.reqContractDetailsAsync(match.contract) for match in matches))
    return [details.contract for answer in answers for details in answer if details.contract]


async def main(port: int) -> None:
    with await IB().connectAsync(port=port, clientId=2) as ib:
        contracts = await search(ib, "SPY")
        print(f"{len(contracts)} contracts match:", *{contract.primaryExchange for contract in contracts})
        contract, *_ = [contract for contract in contracts if contract.primaryExchange == "ARCA"]

        ib.reqMktData(contract)
        updates = 0
        async for tickers in ib.pendingTickersEvent:
            for ticker in tickers:
                print(ticker.time, ticker.contract.symbol, ticker.bid, ticker.ask, ticker.last)
            updates += 1
            if updates == 3:
                break


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7497))
