"""The requests of `Client` under the names of IBKR's EClient: which message each of them is; not what answers it."""

from typing import TYPE_CHECKING, Any

from ibdesk.client.arguments import with_checked_arguments
from ibdesk.client.dropin import raw_fields
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.fields import dataclassUpdate
from ibdesk.model.order import Order, OrderCancel
from ibdesk.model.reference import ScannerSubscription, WshEventData
from ibdesk.wire.messages import (
    accounts,
    advisors,
    bonds,
    companies,
    config,
    connection,
    contracts,
    depth,
    display_groups,
    executions,
    historical_ticks,
    history,
    history_summaries,
    market_data,
    news,
    options,
    order_status,
    orders,
    profit,
    real_time_bars,
    reference,
    scanner,
    tick_by_tick,
    verification,
)

Options = list[TagValue] | None


def scanner_request(
    reqId: int, subscription: ScannerSubscription, scanner_options: Options, filters: Options
) -> scanner.ReqScannerSubscription:
    """The request for a scan, whose options stand beside it in the arguments and inside it on the wire."""
    query = scanner.ScannerQuery(
        scannerSubscriptionFilterOptions=filters or [], scannerSubscriptionOptions=scanner_options or []
    )
    return scanner.ReqScannerSubscription(reqId, dataclassUpdate(query, subscription))


@with_checked_arguments
class EClient:
    """What a program can ask, one message a method.

    The answers go to the events and objects of the `IB`, or to the callbacks of the wrapper that the `Client` was made
    with; the number of a request is the caller's, from `getReqId`.
    What the methods mean stands at the message that they send. All raise ConnectionError when not connected, and
    EncodeError, that names field and value, for what cannot be sent to a server of this version.
    """

    clientId: int
    optCapab: str

    if TYPE_CHECKING:

        def send(self, message: Any, *, modifies: bool = False, key: object = None) -> None: ...
        def serverVersion(self) -> int: ...

    def sendMsg(self, msg: str) -> None:
        """Send a message that is spelled out: its fields, the id first, each ended by a NUL.

        Raises ValueError for what is no message.
        """
        self.send(raw_fields.from_text(msg, self.serverVersion()))

    # --- market data --------------------------------------------------------------------------------------------------

    def reqMktData(
        self,
        reqId: int,
        contract: Contract,
        genericTickList: str,
        snapshot: bool,
        regulatorySnapshot: bool,
        mktDataOptions: Options,
    ) -> None:
        """Subscribe to quotes, or ask for them once."""
        self.send(
            market_data.ReqMktData(reqId, contract, genericTickList, snapshot, regulatorySnapshot, mktDataOptions or [])
        )

    def cancelMktData(self, reqId: int) -> None:
        """End a subscription to quotes."""
        self.send(market_data.CancelMktData(reqId))

    def reqMarketDataType(self, marketDataType: int) -> None:
        """Choose live (1), frozen (2), delayed (3), or delayed and frozen (4) quotes."""
        self.send(market_data.ReqMarketDataType(marketDataType))

    def reqMktDepth(
        self, reqId: int, contract: Contract, numRows: int, isSmartDepth: bool, mktDepthOptions: Options
    ) -> None:
        """Subscribe to an order book."""
        self.send(depth.ReqMktDepth(reqId, contract, numRows, isSmartDepth, mktDepthOptions or []))

    def cancelMktDepth(self, reqId: int, isSmartDepth: bool) -> None:
        """End a subscription to an order book."""
        self.send(depth.CancelMktDepth(reqId, isSmartDepth))

    def reqMktDepthExchanges(self) -> None:
        """Ask which exchanges offer their order books."""
        self.send(depth.ReqMktDepthExchanges())

    def reqTickByTickData(
        self, reqId: int, contract: Contract, tickType: str, numberOfTicks: int, ignoreSize: bool
    ) -> None:
        """Subscribe to every tick."""
        self.send(tick_by_tick.ReqTickByTickData(reqId, contract, tickType, numberOfTicks, ignoreSize))

    def cancelTickByTickData(self, reqId: int) -> None:
        """End a subscription to every tick."""
        self.send(tick_by_tick.CancelTickByTickData(reqId))

    def reqRealTimeBars(
        self, reqId: int, contract: Contract, barSize: int, whatToShow: str, useRTH: bool, realTimeBarsOptions: Options
    ) -> None:
        """Subscribe to bars of five seconds."""
        self.send(
            real_time_bars.ReqRealTimeBars(reqId, contract, barSize, whatToShow, useRTH, realTimeBarsOptions or [])
        )

    def cancelRealTimeBars(self, reqId: int) -> None:
        """End a subscription to bars of five seconds."""
        self.send(real_time_bars.CancelRealTimeBars(reqId))

    def reqSmartComponents(self, reqId: int, bboExchange: str) -> None:
        """Ask which exchanges are behind a consolidated quote."""
        self.send(reference.ReqSmartComponents(reqId, bboExchange))

    def reqMarketRule(self, marketRuleId: int) -> None:
        """Ask for the price steps of a market rule."""
        self.send(reference.ReqMarketRule(marketRuleId))

    # --- history ------------------------------------------------------------------------------------------------------

    def reqHistoricalData(
        self,
        reqId: int,
        contract: Contract,
        endDateTime: str,
        durationStr: str,
        barSizeSetting: str,
        whatToShow: str,
        useRTH: bool,
        formatDate: int,
        keepUpToDate: bool,
        chartOptions: Options,
    ) -> None:
        """Ask for bars."""
        self.send(
            history.ReqHistoricalData(
                reqId,
                contract,
                endDateTime,
                durationStr,
                barSizeSetting,
                whatToShow,
                useRTH,
                formatDate,
                keepUpToDate,
                chartOptions or [],
            )
        )

    def cancelHistoricalData(self, reqId: int) -> None:
        """End a request for bars."""
        self.send(history.CancelHistoricalData(reqId))

    def reqHeadTimeStamp(self, reqId: int, contract: Contract, whatToShow: str, useRTH: bool, formatDate: int) -> None:
        """Ask how far back there is data."""
        self.send(history_summaries.ReqHeadTimeStamp(reqId, contract, whatToShow, useRTH, formatDate))

    def cancelHeadTimeStamp(self, reqId: int) -> None:
        """End a request for how far back there is data."""
        self.send(history_summaries.CancelHeadTimeStamp(reqId))

    def reqHistogramData(self, tickerId: int, contract: Contract, useRTH: bool, timePeriod: str) -> None:
        """Ask how much was traded at each price."""
        self.send(history_summaries.ReqHistogramData(tickerId, contract, useRTH, timePeriod))

    def cancelHistogramData(self, tickerId: int) -> None:
        """End a request for what was traded at each price."""
        self.send(history_summaries.CancelHistogramData(tickerId))

    def reqHistoricalTicks(
        self,
        reqId: int,
        contract: Contract,
        startDateTime: str,
        endDateTime: str,
        numberOfTicks: int,
        whatToShow: str,
        useRth: bool,
        ignoreSize: bool,
        miscOptions: Options,
    ) -> None:
        """Ask for ticks of the past."""
        self.send(
            historical_ticks.ReqHistoricalTicks(
                reqId,
                contract,
                startDateTime,
                endDateTime,
                numberOfTicks,
                whatToShow,
                useRth,
                ignoreSize,
                miscOptions or [],
            )
        )

    def cancelHistoricalTicks(self, reqId: int) -> None:
        """End a request for ticks of the past."""
        self.send(historical_ticks.CancelHistoricalTicks(reqId))

    # --- orders -------------------------------------------------------------------------------------------------------

    def placeOrder(self, orderId: int, contract: Contract, order: Order) -> None:
        """Place or modify an order."""
        self.send(orders.PlaceOrder(orderId, contract, order), key=order.parentId or orderId)

    def cancelOrder(self, orderId: int, manualCancelOrderTime: str = "") -> None:
        """Cancel an order."""
        self.send(order_status.CancelOrder(orderId, OrderCancel(manualCancelOrderTime)), key=orderId)

    def reqGlobalCancel(self) -> None:
        """Cancel every order of the account."""
        self.send(order_status.ReqGlobalCancel(OrderCancel()))

    def reqOpenOrders(self) -> None:
        """Ask for the open orders of this client."""
        self.send(order_status.ReqOpenOrders())

    def reqAllOpenOrders(self) -> None:
        """Ask for the open orders of every client."""
        self.send(order_status.ReqAllOpenOrders())

    def reqAutoOpenOrders(self, bAutoBind: bool) -> None:
        """Have the orders placed by hand bound to this client, which must be client 0."""
        self.send(order_status.ReqAutoOpenOrders(bAutoBind))

    def reqCompletedOrders(self, apiOnly: bool) -> None:
        """Ask for the orders that ended today."""
        self.send(order_status.ReqCompletedOrders(apiOnly))

    def reqExecutions(self, reqId: int, execFilter: ExecutionFilter | None) -> None:
        """Ask for executions."""
        self.send(executions.ReqExecutions(reqId, execFilter or ExecutionFilter()))

    # --- accounts -----------------------------------------------------------------------------------------------------

    def reqManagedAccts(self) -> None:
        """Ask for the accounts of this login."""
        self.send(connection.ReqManagedAccts())

    def reqAccountUpdates(self, subscribe: bool, acctCode: str) -> None:
        """Subscribe to values and portfolio of an account, or end that."""
        self.send(accounts.ReqAccountUpdates(subscribe, acctCode))

    def reqAccountUpdatesMulti(self, reqId: int, account: str, modelCode: str, ledgerAndNLV: bool) -> None:
        """Subscribe to the values of an account or model."""
        self.send(accounts.ReqAccountUpdatesMulti(reqId, account, modelCode, ledgerAndNLV))

    def cancelAccountUpdatesMulti(self, reqId: int) -> None:
        """End a subscription to the values of an account or model."""
        self.send(accounts.CancelAccountUpdatesMulti(reqId))

    def reqAccountSummary(self, reqId: int, groupName: str, tags: str) -> None:
        """Subscribe to chosen values of a group of accounts."""
        self.send(accounts.ReqAccountSummary(reqId, groupName, tags))

    def cancelAccountSummary(self, reqId: int) -> None:
        """End a subscription to chosen values."""
        self.send(accounts.CancelAccountSummary(reqId))

    def reqPositions(self) -> None:
        """Subscribe to the positions of all accounts."""
        self.send(accounts.ReqPositions())

    def cancelPositions(self) -> None:
        """End the subscription to positions."""
        self.send(accounts.CancelPositions())

    def reqPositionsMulti(self, reqId: int, account: str, modelCode: str) -> None:
        """Subscribe to the positions of an account or model."""
        self.send(accounts.ReqPositionsMulti(reqId, account, modelCode))

    def cancelPositionsMulti(self, reqId: int) -> None:
        """End a subscription to the positions of an account or model."""
        self.send(accounts.CancelPositionsMulti(reqId))

    def reqPnL(self, reqId: int, account: str, modelCode: str) -> None:
        """Subscribe to the profit of an account."""
        self.send(profit.ReqPnL(reqId, account, modelCode))

    def cancelPnL(self, reqId: int) -> None:
        """End a subscription to the profit of an account."""
        self.send(profit.CancelPnL(reqId))

    def reqPnLSingle(self, reqId: int, account: str, modelCode: str, conid: int) -> None:
        """Subscribe to the profit of a position."""
        self.send(profit.ReqPnLSingle(reqId, account, modelCode, conid))

    def cancelPnLSingle(self, reqId: int) -> None:
        """End a subscription to the profit of a position."""
        self.send(profit.CancelPnLSingle(reqId))

    def reqFamilyCodes(self) -> None:
        """Ask to which families the accounts belong."""
        self.send(reference.ReqFamilyCodes())

    def reqSoftDollarTiers(self, reqId: int) -> None:
        """Ask for the soft dollar tiers."""
        self.send(reference.ReqSoftDollarTiers(reqId))

    def requestFA(self, faData: int) -> None:
        """Ask for an advisor's groups (1) or account aliases (3)."""
        self.send(advisors.RequestFA(faData))

    def replaceFA(self, reqId: int, faData: int, cxml: str) -> None:
        """Replace an advisor's groups."""
        self.send(advisors.ReplaceFA(reqId, faData, cxml))

    def reqUserInfo(self, reqId: int) -> None:
        """Ask whose login it is."""
        self.send(advisors.ReqUserInfo(reqId))

    # --- contracts and options ----------------------------------------------------------------------------------------

    def reqContractDetails(self, reqId: int, contract: Contract) -> None:
        """Ask for every contract that fits."""
        self.send(contracts.ReqContractDetails(reqId, contract))

    def cancelContractData(self, reqId: int) -> None:
        """End a request for contracts."""
        self.send(bonds.CancelContractData(reqId))

    def reqMatchingSymbols(self, reqId: int, pattern: str) -> None:
        """Search contracts by symbol or name."""
        self.send(reference.ReqMatchingSymbols(reqId, pattern))

    def reqSecDefOptParams(
        self, reqId: int, underlyingSymbol: str, futFopExchange: str, underlyingSecType: str, underlyingConId: int
    ) -> None:
        """Ask for option chains."""
        self.send(
            options.ReqSecDefOptParams(reqId, underlyingSymbol, futFopExchange, underlyingSecType, underlyingConId)
        )

    def calculateImpliedVolatility(
        self, reqId: int, contract: Contract, optionPrice: float, underPrice: float, implVolOptions: Options
    ) -> None:
        """Ask for the volatility that a price implies."""
        self.send(options.CalculateImpliedVolatility(reqId, contract, optionPrice, underPrice, implVolOptions or []))

    def cancelCalculateImpliedVolatility(self, reqId: int) -> None:
        """End a request for a volatility."""
        self.send(options.CancelCalculateImpliedVolatility(reqId))

    def calculateOptionPrice(
        self, reqId: int, contract: Contract, volatility: float, underPrice: float, optPrcOptions: Options
    ) -> None:
        """Ask for the price that a volatility implies."""
        self.send(options.CalculateOptionPrice(reqId, contract, volatility, underPrice, optPrcOptions or []))

    def cancelCalculateOptionPrice(self, reqId: int) -> None:
        """End a request for a price."""
        self.send(options.CancelCalculateOptionPrice(reqId))

    def exerciseOptions(
        self, reqId: int, contract: Contract, exerciseAction: int, exerciseQuantity: int, account: str, override: int
    ) -> None:
        """Exercise (1) or lapse (2) options."""
        self.send(options.ExerciseOptions(reqId, contract, exerciseAction, exerciseQuantity, account, bool(override)))

    # --- scanners, news, companies ------------------------------------------------------------------------------------

    def reqScannerSubscription(
        self,
        reqId: int,
        subscription: ScannerSubscription,
        scannerSubscriptionOptions: Options,
        scannerSubscriptionFilterOptions: Options,
    ) -> None:
        """Subscribe to the rows of a scan."""
        self.send(scanner_request(reqId, subscription, scannerSubscriptionOptions, scannerSubscriptionFilterOptions))

    def cancelScannerSubscription(self, reqId: int) -> None:
        """End a subscription to a scan."""
        self.send(scanner.CancelScannerSubscription(reqId))

    def reqScannerParameters(self) -> None:
        """Ask what scanners can look for."""
        self.send(scanner.ReqScannerParameters())

    def reqNewsBulletins(self, allMsgs: bool) -> None:
        """Subscribe to IBKR's bulletins."""
        self.send(news.ReqNewsBulletins(allMsgs))

    def cancelNewsBulletins(self) -> None:
        """End the subscription to bulletins."""
        self.send(news.CancelNewsBulletins())

    def reqNewsProviders(self) -> None:
        """Ask which news services the account subscribes to."""
        self.send(news.ReqNewsProviders())

    def reqNewsArticle(self, reqId: int, providerCode: str, articleId: str, newsArticleOptions: Options) -> None:
        """Ask for the body of an article."""
        self.send(news.ReqNewsArticle(reqId, providerCode, articleId, newsArticleOptions or []))

    def reqHistoricalNews(
        self,
        reqId: int,
        conId: int,
        providerCodes: str,
        startDateTime: str,
        endDateTime: str,
        totalResults: int,
        historicalNewsOptions: Options,
    ) -> None:
        """Ask for headlines of the past."""
        self.send(
            news.ReqHistoricalNews(
                reqId, conId, providerCodes, startDateTime, endDateTime, totalResults, historicalNewsOptions or []
            )
        )

    def reqFundamentalData(
        self, reqId: int, contract: Contract, reportType: str, fundamentalDataOptions: Options
    ) -> None:
        """Ask for a report on a company."""
        self.send(companies.ReqFundamentalData(reqId, contract, reportType, fundamentalDataOptions or []))

    def cancelFundamentalData(self, reqId: int) -> None:
        """End a request for a report."""
        self.send(companies.CancelFundamentalData(reqId))

    def reqWshMetaData(self, reqId: int) -> None:
        """Ask which kinds of events the calendar of Wall Street Horizon has."""
        self.send(companies.ReqWshMetaData(reqId))

    def cancelWshMetaData(self, reqId: int) -> None:
        """End a request for the kinds of events."""
        self.send(companies.CancelWshMetaData(reqId))

    def reqWshEventData(self, reqId: int, data: WshEventData) -> None:
        """Ask for events of companies."""
        self.send(companies.ReqWshEventData(reqId, data))

    def cancelWshEventData(self, reqId: int) -> None:
        """End a request for events."""
        self.send(companies.CancelWshEventData(reqId))

    # --- TWS itself ---------------------------------------------------------------------------------------------------

    def startApi(self) -> None:
        """Say who this client is. `connectAsync` does it."""
        self.send(connection.StartApi(self.clientId, self.optCapab))

    def reqIds(self, numIds: int) -> None:
        """Ask for the next order id. The argument is not looked at."""
        self.send(connection.ReqIds(numIds))

    def reqCurrentTime(self) -> None:
        """Ask for the server's clock."""
        self.send(connection.ReqCurrentTime())

    def reqCurrentTimeInMillis(self) -> None:
        """Ask for the server's clock in milliseconds."""
        self.send(connection.ReqCurrentTimeInMillis())

    def setServerLogLevel(self, logLevel: int) -> None:
        """Choose how much TWS writes into its log of this client, from 1 to 5."""
        self.send(connection.SetServerLogLevel(logLevel))

    def reqConfig(self, reqId: int) -> None:
        """Ask for the settings of TWS."""
        self.send(config.ReqConfig(reqId))

    def updateConfig(self, update: config.UpdateConfig) -> None:
        """Change settings of TWS."""
        self.send(update)

    def queryDisplayGroups(self, reqId: int) -> None:
        """Ask for the groups of windows."""
        self.send(display_groups.QueryDisplayGroups(reqId))

    def subscribeToGroupEvents(self, reqId: int, groupId: int) -> None:
        """Subscribe to the contract that a group shows."""
        self.send(display_groups.SubscribeToGroupEvents(reqId, groupId))

    def updateDisplayGroup(self, reqId: int, contractInfo: str) -> None:
        """Have a group show a contract."""
        self.send(display_groups.UpdateDisplayGroup(reqId, contractInfo))

    def unsubscribeFromGroupEvents(self, reqId: int) -> None:
        """End the subscription to a group."""
        self.send(display_groups.UnsubscribeFromGroupEvents(reqId))

    def verifyRequest(self, apiName: str, apiVersion: str) -> None:
        """Ask to be verified as a program of this name."""
        self.send(verification.VerifyRequest(apiName, apiVersion))

    def verifyMessage(self, apiData: str) -> None:
        """Answer the server's challenge."""
        self.send(verification.VerifyMessage(apiData))

    def verifyAndAuthRequest(self, apiName: str, apiVersion: str, opaqueIsvKey: str) -> None:
        """Ask to be verified and authenticated."""
        self.send(verification.VerifyAndAuthRequest(apiName, apiVersion, opaqueIsvKey))

    def verifyAndAuthMessage(self, apiData: str, xyzResponse: str) -> None:
        """Answer the server's two challenges."""
        self.send(verification.VerifyAndAuthMessage(apiData, xyzResponse))
