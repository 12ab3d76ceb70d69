"""An instrument as IB's `ContractDetails`."""

from datetime import date

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ContractDetails

from ..exchange import offered
from ..like import Like
from .instrument import Instrument
from .sessions import HOURS, hours_text


def contract_of(instrument: Instrument, exchange: str) -> Contract:
    """Return the full contract of an instrument on one of its exchanges."""
    return Contract.create(
        secType=instrument.secType,
        conId=instrument.conId,
        symbol=instrument.symbol,
        lastTradeDateOrContractMonth=instrument.lastTradeDate,
        lastTradeDate=instrument.lastTradeDate,
        strike=instrument.strike,
        right=instrument.right,
        multiplier=instrument.multiplier,
        exchange=exchange,
        primaryExchange=instrument.primaryExchange,
        currency=instrument.currency,
        localSymbol=instrument.localSymbol,
        tradingClass=instrument.tradingClass,
    )


def details_of(instrument: Instrument, exchange: str, today: date, like: Like = Like.PAPER) -> ContractDetails:
    """Return everything about an instrument on one of its exchanges, with the hours of the days from `today` on.

    `like` is the kind of account whose gateway is imitated, on which depends what may be ordered.
    """
    kind = instrument.kind
    # IB tells a rule for each of the exchanges, in their order, though it is mostly the same one.
    rules = kind.marketRules if len(kind.marketRules) > 1 else kind.marketRules * len(kind.exchanges)
    min_size, increment, suggested = kind.sizes
    return ContractDetails(
        contract=contract_of(instrument, exchange),
        marketName=instrument.tradingClass or instrument.symbol,
        minTick=kind.minTick,
        orderTypes=offered(kind.secType, like),
        validExchanges=",".join(kind.exchanges),
        priceMagnifier=1,
        underConId=instrument.underConId,
        longName=instrument.longName,
        contractMonth=instrument.contractMonth,
        industry=instrument.industry,
        category=instrument.category,
        subcategory=instrument.subcategory,
        timeZoneId=HOURS[kind.hours].zone,
        tradingHours=hours_text(kind.hours, today),
        liquidHours=hours_text(kind.hours, today, regular=True),
        aggGroup=kind.aggGroup,
        underSymbol=instrument.underSymbol,
        underSecType=instrument.underSecType,
        marketRuleIds=",".join(map(str, rules)),
        secIdList=[TagValue("ISIN", instrument.isin)] if instrument.isin else [],
        realExpirationDate=instrument.realExpirationDate,
        lastTradeTime=instrument.lastTradeTime,
        stockType=kind.stockType,
        minSize=min_size,
        sizeIncrement=increment,
        suggestedSizeIncrement=suggested,
    )
