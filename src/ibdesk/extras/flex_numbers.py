"""Tells by their names which attributes of a Flex statement are numbers.

A value cannot tell: "1.10" may be an order reference, "20261001" a date and "700" a symbol. The names can, since IBKR
builds them by a rule: `endingCashSecMTD` is the ending cash of the securities segment in this month, and an attribute
whose name ends with a word such as Cash, Price or Pnl is a number. Numbers with other names are listed below. All else
stays text.

The names are those of Activity and Trade Confirmation Flex Queries, held against the fields and their types in the
package ibflex 1.1: what it reads as a number is one here, except `deliveryType` and `serialNumber`.
"""

import re
from functools import lru_cache

_PARTS = re.compile(r"(?:MTD|YTD|Sec|Com|Paxos|IBUKL|Long|Short|InBase|ToBase|AtPaxos|Realized|Unrealized)+$")
"""What may follow the name of a number: a period, a segment, a side, a currency."""

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


_LAST_WORDS = _named(
    """
    accrual accruals activity adj adjustments amount balance basis cash charge charges collateral commission commissions
    component cost credit debit deposits dividends fee fees income interest loss mtm money multiplier nav net pl pnl
    position price principal proceeds profit purchases quantity rate receivables revenue sales shares strike tax taxes
    total transfers value vm weight withdrawals
    """
)

_OTHERWISE = _named(
    """
    accrualReversal accruedInt balanceThreshold billPay bonds carbonCredits cashTransfer changeIn
    commissionCreditsRedemption commodities corporateActions count crypto donations excessFundSweep expense
    fdicInsuredBankSweepAccount fineness funds fxTranslation fxTranslationGainLoss insuredDepositInteres interestAccrued
    ipoSubscription mtmPriorPeriodPositions mtmTransactions netFxTrading options other paid paymentInLieu percentOfNAV
    physDel principalAdjustFactor realLT realST realized received regOther sharesAtIb sharesBorrowed sharesLent
    slbDirectSecuritiesBorrowed slbDirectSecuritiesLent softDollars stock tradeGross transactions twr unrealized
    withholding871m withholdingTaxCollected
    """
)

_COUNTED = _named(
    """
    actionID conid ibOrderID orderID origOrderID origTradeID origTransactionID originatingOrderID
    originatingTransactionID relatedTradeID relatedTransactionID slbTransactionId tradeID tradeId transactionID
    transactionId underlyingConid
    """
)
"""Identifiers that IBKR counts: whole numbers here, as in ib_async and in the API. Those of others, such as `ibExecID`,
`exchOrderId`, `cusip` or `traderID`, are text."""

_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)|[+-]?\d\.\d+[Ee][+-]?\d+")
_WHOLE = re.compile(r"0|[1-9]\d*")
_LONGEST = 100
"""Python refuses to read thousands of digits."""


def value_of(topic: str, name: str, text: str) -> int | float | str:
    """Return the value of an attribute: its text, where it is no number or not known yet ("" or "--")."""
    if name in _COUNTED:
        return int(text) if len(text) <= _LONGEST and _WHOLE.fullmatch(text) else text
    if not (_is_number(name) or (name.startswith("notes") and topic.startswith("EquitySummary"))):
        return text
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


@lru_cache(4096)
def _is_number(name: str) -> bool:
    stem = _PARTS.sub("", name) or name
    words = _WORD.findall(stem)
    return stem in _OTHERWISE or name in _OTHERWISE or (bool(words) and words[-1].lower() in _LAST_WORDS)
