"""What the conditions of orders look at: the markets, the executions and the margin of the exchange."""

from collections.abc import Mapping

from .executions import Executions
from .instrument_market import InstrumentMarket
from .quotes import Prices
from .risk import Risk


class MarketSurroundings:
    """The `conditions.Surroundings` of an exchange. `markets` has that of each contract, by conId."""

    def __init__(
        self, accounts: Mapping[str, Risk], markets: Mapping[int, InstrumentMarket], executions: Executions
    ) -> None:
        self._accounts, self._markets, self._executions = accounts, markets, executions

    def sec_type(self, con_id: int) -> str:
        """Return the security type of a contract, "" when it is not known."""
        details = self._markets[con_id].details
        return details.contract.secType if details and details.contract else ""

    def prices(self, con_id: int) -> tuple[Prices, Prices]:
        """Return the last quote of a contract and the one before."""
        liquidity = self._markets[con_id].liquidity
        return liquidity.prices, liquidity.before

    def volume(self, con_id: int) -> float | None:
        """Return the volume of the day of a contract."""
        return self._markets[con_id].volume

    def percent_change(self, con_id: int) -> float | None:
        """Return the change of a contract since yesterday's close."""
        return self._markets[con_id].percent_change

    def cushion(self, account: str) -> float:
        """Return the margin cushion of an account, in percent."""
        return self._accounts[account].margin_cushion()

    def executed(self, account: str, symbol: str, sec_type: str, since: int) -> bool:
        """Return whether an account traded such a contract after the first `since` executions."""
        return any(
            fact.contract.symbol == symbol
            and sec_type in ("", "*", fact.contract.secType)
            and fact.execution.acctNumber == account
            for fact in self._executions.facts[since:]
        )
