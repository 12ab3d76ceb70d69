"""Which attributes of a Flex statement are numbers: the name tells, never the value."""

from pathlib import Path

import pytest

from ibdesk.extras.flex_numbers import value_of
from ibdesk.extras.flexreport import FlexReport


def named(names: str) -> list[str]:
    return names.split()


NUMBERS = named(
    """
    quantity tradePrice tradeMoney proceeds taxes ibCommission netCash closePrice cost fifoPnlRealized fxPnl mtmPnl
    multiplier strike fxRateToBase changeInPrice changeInQuantity origTradePrice accruedInt capitalGainsPnl markPrice
    position positionValue positionValueInBase openPrice costBasisPrice costBasisMoney percentOfNAV fifoPnlUnrealized
    unrealizedCapitalGainsPnl unrealizedlFxPnl principalAdjustFactor fineness weight amount balance debit credit
    tradeGross tradeCommission tradeTax grossAmount netAmount grossRate tax fee taxAmount startingCash startingCashSec
    endingCash endingSettledCashCom commissionsMTD depositsYTD depositWithdrawalsPaxos endingCashIBUKL
    withholding871mSec fxTranslationGainLossCom netTradesSalesMTD otherFees other otherYTD paymentInLieu
    slbNetSecuritiesLentActivitySec carbonCreditsYTD linkingAdjustments debitCardActivityMTD cash cashLong stock
    stockShort options bonds bondsLong funds commodities crypto dividendAccruals interestAccrualsLong total totalLong
    slbDirectSecuritiesBorrowedShort softDollars physDel forexCfdUnrealizedPl startingValue endingValue mtm mtmYTD
    realized changeInUnrealized transferredPnlAdjustments twr internalCashTransfers realizedSTProfit realizedLTLoss
    unrealizedSTProfit totalRealizedPnl totalUnrealizedPnl totalFifoPnl realSTMTD realLTYTD realizedPnlMTD
    mtmTransactions corpActionMtm priorOpenMtm totalWithAccruals brokerExecutionCharge thirdPartyRegulatoryCommission
    regFINRATradingActivityFee regSection31TransactionFee regOther borrowFeeRate collateralAmount netLendFee feeRate
    sharesAtIb sharesLent netShares closeQuantity pnlAmountInBase prevCloseQuantity transactionMtm rate count
    """
)

TEXTS = named(
    """
    orderReference symbol underlyingSymbol accountId acctAlias account model description cusip isin figi sedol
    securityID underlyingSecurityID listingExchange exchange traderID rfqID clientReference brokerageOrderID exchOrderId
    extExecID ibExecID execID blockID clearingFirmID volatilityOrderLink currency issuer serialNumber deliveryType
    tradeDate tradeTime dateTime reportDate settleDate settleDateTarget expiry maturity fromDate toDate whenGenerated
    orderTime openDateTime holdingPeriodDateTime valueDate payDate exDate issueDate vestingDate buySell
    openCloseIndicator putCall code notes activityCode activityDescription type transactionType levelOfDetail
    commissionCurrency ibCommissionCurrency interestType feeType positionActionID uniqueID postalCode rtn
    somethingNewOfTomorrow
    """
)

COUNTED = named(
    """
    conid underlyingConid tradeID origTradeID relatedTradeID transactionID origTransactionID relatedTransactionID
    orderID ibOrderID origOrderID actionID
    """
)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number(name: str) -> None:
    assert repr(value_of("Trade", name, "1.10")) == "1.1"
    assert repr(value_of("Trade", name, "-100")) == "-100"
    assert repr(value_of("Trade", name, "-1.5E-4")) == "-0.00015"


@pytest.mark.parametrize("text", ["", "--", "N/A", "1,000", "nan", "inf", "0x10", "1_0", "00123", "9" * 5000])
def test_a_number_that_is_none_yet(text: str) -> None:
    assert value_of("Trade", "tradePrice", text) == text


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", ["1.10", "700", "20261001", "0"])
def test_what_only_looks_like_a_number(name: str, text: str) -> None:
    assert value_of("Trade", name, text) == text


@pytest.mark.parametrize("name", COUNTED)
def test_what_ibkr_counts_is_a_whole_number(name: str) -> None:
    assert value_of("Trade", name, "265598") == 265598
    for text in ("", "00123", "1.10", "-7", "0000e0d5.69dd7411", "9" * 5000):
        assert value_of("Trade", name, text) == text


@pytest.mark.parametrize("name", ["notes", "notesLong", "notesShort"])
def test_notes_are_money_in_one_section_and_codes_in_the_others(name: str) -> None:
    assert value_of("EquitySummaryByReportDateInBase", name, "1000.50") == 1000.5
    assert value_of("Trade", name, "1000.50") == "1000.50"


def test_in_a_statement(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(
        '<FlexQueryResponse><Trade accountId="1234567" acctAlias="7" orderReference="1.10" tradeDate="20261001"'
        ' conid="265598" tradePrice="1.10" quantity="100" strike="" symbol="700" /></FlexQueryResponse>'
    )
    report = FlexReport(path=path)
    (trade,) = report.extract("Trade")
    assert (trade.orderReference, trade.accountId, trade.acctAlias) == ("1.10", "1234567", "7")
    assert (trade.tradeDate, trade.symbol, trade.strike) == ("20261001", "700", "")
    assert (trade.conid, trade.tradePrice, trade.quantity) == (265598, 1.1, 100)
    (text,) = report.extract("Trade", parseNumbers=False)
    assert (text.conid, text.tradePrice) == ("265598", "1.10")
