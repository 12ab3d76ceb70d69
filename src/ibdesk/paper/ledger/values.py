"""The values of an account that are reported to clients, under IBKR's names.

Keys and currencies as in reqAccountUpdates and reqAccountSummary. There is one segment, securities: the `-S`
variants equal the totals and the `-C` variants are zero.

Source: TWS API documentation, "Account Value Update Keys" and "Account Summary Tags".
"""

from decimal import Decimal
from functools import reduce
from typing import Final

from ibdesk.model.accounts import AccountValue

from ..decimals import ONE, ZERO
from .amounts import NOTHING, Amounts
from .ledger import Ledger, Totals

SEGMENTED: Final = frozenset(
    {
        "AccruedCash",
        "AccruedDividend",
        "AvailableFunds",
        "EquityWithLoanValue",
        "ExcessLiquidity",
        "FullAvailableFunds",
        "FullExcessLiquidity",
        "FullInitMarginReq",
        "FullMaintMarginReq",
        "GrossPositionValue",
        "InitMarginReq",
        "LookAheadAvailableFunds",
        "LookAheadExcessLiquidity",
        "LookAheadInitMarginReq",
        "LookAheadMaintMarginReq",
        "MaintMarginReq",
        "NetLiquidation",
        "PreviousEquityWithLoanValue",
        "TotalCashValue",
    }
)
"""Amounts that come again by segment."""


def account_values(ledger: Ledger) -> list[AccountValue]:
    """Return all values of the account, as reqAccountUpdates reports them."""
    rows = {(key, ""): value for key, value in _words(ledger).items()}
    for key, amount in _amounts(ledger).items():
        rows[key, ledger.base] = _text(amount)
        if key in SEGMENTED:
            rows[f"{key}-C", ledger.base] = "0.00"
            rows[f"{key}-S", ledger.base] = _text(amount)
    for currency in ("BASE", *ledger.cash):
        rows |= {(key, currency): value for key, value in _by_currency(ledger, currency).items()}
    return [AccountValue(ledger.account, key, rows[key, currency], currency, "") for key, currency in sorted(rows)]


def account_summary(ledger: Ledger, tags: str) -> list[AccountValue]:
    """Return the values that reqAccountSummary asks for in `tags`, alphabetically; unknown tags have none.

    `$LEDGER` is the account in its base currency, `$LEDGER:EUR` its balances in one currency, `$LEDGER:ALL`
    those in every currency.
    """
    wanted = [tag.strip() for tag in tags.split(",")]
    words, amounts = _words(ledger), _amounts(ledger)
    rows = [(tag, words[tag], "") for tag in wanted if tag in words]
    rows += [(tag, _text(amounts[tag]), ledger.base) for tag in wanted if tag in amounts]
    rows.sort()
    for tag in wanted:
        for currency in _ledger_currencies(ledger, tag):
            rows.extend((key, value, currency) for key, value in sorted(_by_currency(ledger, currency).items()))
    return [AccountValue(ledger.account, tag, value, currency, "") for tag, value, currency in rows]


def _ledger_currencies(ledger: Ledger, tag: str) -> list[str]:
    if tag == "$LEDGER":
        return ["BASE"]
    head, _, currency = tag.partition(":")
    if head != "$LEDGER":
        return []
    return ["BASE", *ledger.cash] if currency == "ALL" else [currency]


def _words(ledger: Ledger) -> dict[str, str]:
    totals = ledger.totals()
    leverage = totals.gross_positions / totals.net_liquidation if totals.net_liquidation else ZERO
    return {
        "AccountCode": ledger.account,
        "AccountReady": "true",
        "AccountType": ledger.account_type,
        "Cushion": f"{totals.cushion:.6f}".removesuffix(".000000"),
        "DayTradesRemaining": "-1",
        "HighestSeverity": "0",
        "Leverage": _text(leverage),
        "Leverage-S": _text(leverage),
        "LookAheadNextChange": "0",
        "NLVAndMarginInReview": "false",
        "SegmentTitle-C": "US Commodities",
        "SegmentTitle-S": "US Securities",
        "TradingType-S": "STKNOPT",
        "WhatIfPMEnabled": "true",
    }


def _amounts(ledger: Ledger) -> dict[str, Decimal]:
    """Return the amounts in the base currency; those of products that this gateway does not trade are zero."""
    totals = ledger.totals()
    return {
        "AccruedCash": ZERO,
        "AccruedDividend": ZERO,
        "BuyingPower": totals.buying_power,
        "EquityWithLoanValue": totals.equity_with_loan,
        "GrossPositionValue": totals.gross_positions,
        "Guarantee": ZERO,
        "IndianStockHaircut": ZERO,
        "NetLiquidation": totals.net_liquidation,
        "NetLiquidationUncertainty": ZERO,
        "PASharesValue": ZERO,
        "PostExpirationExcess": ZERO,
        "PostExpirationMargin": ZERO,
        "PreviousDayEquityWithLoanValue": ledger.equity_of_yesterday,
        "PreviousEquityWithLoanValue": ledger.equity_of_yesterday,
        "RegTEquity": totals.equity_with_loan,
        "RegTMargin": totals.margin.regulation_t,
        "SMA": max(ZERO, totals.equity_with_loan - totals.margin.regulation_t),
        "SettledCash": totals.cash,
        "TotalCashValue": totals.cash,
        **_margins(totals),
    }


def _margins(totals: Totals) -> dict[str, Decimal]:
    """Return the four margins for now, overnight (`Full...`) and the next change: here they are alike all day."""
    now = {
        "AvailableFunds": totals.available_funds,
        "ExcessLiquidity": totals.excess_liquidity,
        "InitMarginReq": totals.margin.initial,
        "MaintMarginReq": totals.margin.maintenance,
    }
    return {f"{when}{key}": amount for when in ("", "Full", "LookAhead") for key, amount in now.items()}


def _by_currency(ledger: Ledger, currency: str) -> dict[str, str]:
    """Return the balances in one currency, or of all together in the base currency when it is `BASE`."""
    whole = currency == "BASE"
    by_kind = ledger.amounts(None if whole else currency)
    everything = reduce(Amounts.plus, by_kind.values(), NOTHING)

    def value(*kinds: str) -> Decimal:
        return sum((by_kind[kind].value for kind in kinds if kind in by_kind), ZERO)

    # Futures and CFDs are worth to the account what they have gained, all else its price.
    cash = sum(
        (ledger.cash[c] * (ledger.rate(c) if whole else ONE) for c in ledger.cash if whole or c == currency), ZERO
    )
    futures = sum((by_kind[kind].equity for kind in ("FUT", "CFD") if kind in by_kind), ZERO)
    values = {
        "AccruedCash": ZERO,
        "CashBalance": cash,
        "CorporateBondValue": value("BOND"),
        "Cryptocurrency": value("CRYPTO"),
        "FundValue": ZERO,
        "FutureOptionValue": value("FOP"),
        "FuturesPNL": futures,
        "FxCashBalance": ZERO,
        "IssuerOptionValue": value("WAR", "IOPT"),
        "MoneyMarketFundValue": ZERO,
        "MutualFundValue": value("FUND"),
        "NetDividend": ZERO,
        "OptionMarketValue": value("OPT"),
        "RealizedPnL": everything.realized,
        "StockMarketValue": value("STK"),
        "TBillValue": ZERO,
        "TBondValue": ZERO,
        "TotalCashBalance": cash,
        "UnrealizedPnL": everything.unrealized,
        "WarrantValue": ZERO,
    }
    return {
        **{key: _text(amount) for key, amount in values.items()},
        "AccountOrGroup": ledger.account,
        "Currency": currency,
        "ExchangeRate": "1.00" if whole or currency == ledger.base else f"{ledger.rate(currency):.7f}",
        "NetLiquidationByCurrency": _text(cash + everything.equity, 4),
        "RealCurrency": ledger.base if whole else currency,
    }


def _text(amount: Decimal, digits: int = 2) -> str:
    """Return an amount as account values show it: two decimals unless said, and no negative zero."""
    return f"{round(amount, digits) + ZERO:.{digits}f}"
