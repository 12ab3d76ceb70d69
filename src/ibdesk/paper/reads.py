"""Which requests are answered without advancing the exchange first.

Before an ordinary request is answered, the exchange runs on to the moment of the request: orders are filled, days end,
positions change. An answer that shows nothing of that does not need it, and to look up a contract would otherwise cost
as much as all the quotes since the last look. What is in doubt is not in the list: to advance is always right.
"""

from typing import Any

from ibdesk.wire.messages import (
    advisors,
    config,
    connection,
    contracts,
    depth,
    display_groups,
    fundamentals,
    historical_ticks,
    history,
    history_summaries,
    news,
    options,
    reference,
    scanner,
)

READS: frozenset[type] = frozenset(
    {
        # The gateway itself.
        connection.ReqCurrentTime,
        connection.ReqCurrentTimeInMillis,
        connection.ReqManagedAccts,
        config.ReqConfig,
        display_groups.QueryDisplayGroups,
        # The login.
        advisors.RequestFA,
        advisors.ReqUserInfo,
        reference.ReqFamilyCodes,
        reference.ReqSoftDollarTiers,
        # Which contracts there are, and their terms.
        contracts.ReqContractDetails,
        reference.ReqMatchingSymbols,
        reference.ReqMarketRule,
        reference.ReqSmartComponents,
        depth.ReqMktDepthExchanges,
        options.ReqSecDefOptParams,
        options.CalculateImpliedVolatility,
        options.CalculateOptionPrice,
        scanner.ReqScannerParameters,
        # What was.
        history_summaries.ReqHeadTimeStamp,
        history_summaries.ReqHistogramData,
        historical_ticks.ReqHistoricalTicks,
        news.ReqNewsProviders,
        news.ReqNewsArticle,
        news.ReqHistoricalNews,
        fundamentals.ReqFundamentalData,
        fundamentals.ReqWshMetaData,
        fundamentals.ReqWshEventData,
    }
)
"""What shows no order, position, execution, cash or profit, and begins no subscription."""


def only_reads(request: Any) -> bool:
    """Return whether a request can be answered without advancing the exchange: bars can unless they are kept up."""
    if isinstance(request, history.ReqHistoricalData):
        return not request.keepUpToDate
    return type(request) in READS
