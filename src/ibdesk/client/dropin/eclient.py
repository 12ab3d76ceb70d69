"""The requests of `Client` under the names of IBKR's EClient. Each method sends one message.

The fields of the messages are described in `ibdesk.wire.messages`. This module has the parameters by which ib_async and
IBKR's client name them, for callers and type checkers.
"""

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from ibdesk.client.arguments import with_checked_arguments
from ibdesk.client.dropin import raw_fields
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.fields import dataclassUpdate
from ibdesk.model.order import Order, OrderCancel
from ibdesk.model.reference import ScannerSubscription, WshEventData
from ibdesk.wire.catalogue import Sender, find, ib_name, messages
from ibdesk.wire.messages import config, connection, executions, options, order_status, orders, scanner

Cls = TypeVar("Cls", bound=type)
Options = list[TagValue] | None


def scanner_request(
    reqId: int, subscription: ScannerSubscription, scanner_options: Options, filters: Options
) -> scanner.ReqScannerSubscription:
    """Return the request for a scan. The options are separate arguments, but fields of the query on the wire."""
    query = scanner.ScannerQuery(
        scannerSubscriptionFilterOptions=filters or [], scannerSubscriptionOptions=scanner_options or []
    )
    return scanner.ReqScannerSubscription(reqId, dataclassUpdate(query, subscription))


def with_derived_methods(cls: Cls) -> Cls:
    """Give a body to each public method that is only declared (it has no docstring), as `EClient` describes.

    A message that has no method here gets one, whose parameters are its fields.
    """
    for name, member in list(vars(cls).items()):
        if inspect.isfunction(member) and not name.startswith("_") and member.__doc__ is None:
            setattr(cls, name, _sending(member))
    for description in messages():
        name = ib_name(description.cls.__name__)
        if description.sender is Sender.CLIENT and not hasattr(cls, name):
            setattr(cls, name, _undeclared(name, description.cls))
    return cls


def _sending(declared: Any) -> Any:
    """Return a method that sends the message named like `declared`, with the arguments in order as its fields."""
    description = find(Sender.CLIENT, declared.__name__[0].upper() + declared.__name__[1:])
    assert description is not None
    message = description.cls
    parameters = list(inspect.signature(declared).parameters.values())[1:]
    names = [one.name for one in parameters]
    lists = {one.name for one in parameters if one.annotation == Options}

    @wraps(declared)
    def send(self: Any, *args: Any, **kwargs: Any) -> None:
        declared(self, *args, **kwargs)  # this only raises TypeError for arguments that do not fit
        values = (*args, *(kwargs[name] for name in names[len(args) :]))
        self.send(
            message(*(value or [] if name in lists else value for name, value in zip(names, values, strict=True)))
        )

    send.__doc__ = message.__doc__
    return send


def _undeclared(name: str, message: type) -> Any:
    """Return the method that sends a message whose parameters nobody has declared."""

    def send(self: Any, *args: Any, **kwargs: Any) -> None:
        self.send(message(*args, **kwargs))

    send.__name__, send.__qualname__, send.__doc__ = name, f"EClient.{name}", message.__doc__
    fields = inspect.signature(message)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    send.__signature__ = fields.replace(parameters=[own, *fields.parameters.values()])  # type: ignore[attr-defined]
    return send


@with_checked_arguments
@with_derived_methods
class EClient:
    """The requests that a program can make: each method sends one message.

    The answers go to the events and objects of the `IB`, or to the callbacks of the wrapper with which the `Client` was
    made. The caller chooses the number of a request, with `getReqId`. All methods raise ConnectionError if there is no
    connection, and EncodeError, which names the field and its value, for what cannot be sent to a server of this
    version.

    Most methods are only declared. For example, `reqMktData` sends the message `ReqMktData` with the arguments as its
    fields, in their order, and has the docstring of that message. Names and defaults of parameters are those of
    ib_async, which are not always those of the fields. Options may be None. A message that is not even declared has a
    method too, which type checkers do not know. The methods at the end are written out, because their parameters are
    not the fields of their message.
    """

    clientId: int
    optCapab: str

    if TYPE_CHECKING:

        def send(self, message: Any, *, modifies: bool = False, key: object = None) -> None: ...
        def serverVersion(self) -> int: ...

    # --- market data --------------------------------------------------------------------------------------------------

    def reqMktData(
        self,
        reqId: int,
        contract: Contract,
        genericTickList: str,
        snapshot: bool,
        regulatorySnapshot: bool,
        mktDataOptions: Options,
    ) -> None: ...
    def cancelMktData(self, reqId: int) -> None: ...
    def reqMarketDataType(self, marketDataType: int) -> None: ...
    def reqMktDepth(
        self, reqId: int, contract: Contract, numRows: int, isSmartDepth: bool, mktDepthOptions: Options
    ) -> None: ...
    def cancelMktDepth(self, reqId: int, isSmartDepth: bool) -> None: ...
    def reqMktDepthExchanges(self) -> None: ...
    def reqTickByTickData(
        self, reqId: int, contract: Contract, tickType: str, numberOfTicks: int, ignoreSize: bool
    ) -> None: ...
    def cancelTickByTickData(self, reqId: int) -> None: ...
    def reqRealTimeBars(
        self, reqId: int, contract: Contract, barSize: int, whatToShow: str, useRTH: bool, realTimeBarsOptions: Options
    ) -> None: ...
    def cancelRealTimeBars(self, reqId: int) -> None: ...
    def reqSmartComponents(self, reqId: int, bboExchange: str) -> None: ...
    def reqMarketRule(self, marketRuleId: int) -> None: ...

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
    ) -> None: ...
    def cancelHistoricalData(self, reqId: int) -> None: ...
    def reqHeadTimeStamp(
        self, reqId: int, contract: Contract, whatToShow: str, useRTH: bool, formatDate: int
    ) -> None: ...
    def cancelHeadTimeStamp(self, reqId: int) -> None: ...
    def reqHistogramData(self, tickerId: int, contract: Contract, useRTH: bool, timePeriod: str) -> None: ...
    def cancelHistogramData(self, tickerId: int) -> None: ...
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
    ) -> None: ...
    def cancelHistoricalTicks(self, reqId: int) -> None: ...

    # --- orders -------------------------------------------------------------------------------------------------------

    def reqOpenOrders(self) -> None: ...
    def reqAllOpenOrders(self) -> None: ...
    def reqAutoOpenOrders(self, bAutoBind: bool) -> None: ...
    def reqCompletedOrders(self, apiOnly: bool) -> None: ...

    # --- accounts -----------------------------------------------------------------------------------------------------

    def reqManagedAccts(self) -> None: ...
    def reqAccountUpdates(self, subscribe: bool, acctCode: str) -> None: ...
    def reqAccountUpdatesMulti(self, reqId: int, account: str, modelCode: str, ledgerAndNLV: bool) -> None: ...
    def cancelAccountUpdatesMulti(self, reqId: int) -> None: ...
    def reqAccountSummary(self, reqId: int, groupName: str, tags: str) -> None: ...
    def cancelAccountSummary(self, reqId: int) -> None: ...
    def reqPositions(self) -> None: ...
    def cancelPositions(self) -> None: ...
    def reqPositionsMulti(self, reqId: int, account: str, modelCode: str) -> None: ...
    def cancelPositionsMulti(self, reqId: int) -> None: ...
    def reqPnL(self, reqId: int, account: str, modelCode: str) -> None: ...
    def cancelPnL(self, reqId: int) -> None: ...
    def reqPnLSingle(self, reqId: int, account: str, modelCode: str, conid: int) -> None: ...
    def cancelPnLSingle(self, reqId: int) -> None: ...
    def reqFamilyCodes(self) -> None: ...
    def reqSoftDollarTiers(self, reqId: int) -> None: ...
    def requestFA(self, faData: int) -> None: ...
    def replaceFA(self, reqId: int, faData: int, cxml: str) -> None: ...
    def reqUserInfo(self, reqId: int) -> None: ...

    # --- contracts and options ----------------------------------------------------------------------------------------

    def reqContractDetails(self, reqId: int, contract: Contract) -> None: ...
    def cancelContractData(self, reqId: int) -> None: ...
    def reqMatchingSymbols(self, reqId: int, pattern: str) -> None: ...
    def reqSecDefOptParams(
        self, reqId: int, underlyingSymbol: str, futFopExchange: str, underlyingSecType: str, underlyingConId: int
    ) -> None: ...
    def calculateImpliedVolatility(
        self, reqId: int, contract: Contract, optionPrice: float, underPrice: float, implVolOptions: Options
    ) -> None: ...
    def cancelCalculateImpliedVolatility(self, reqId: int) -> None: ...
    def calculateOptionPrice(
        self, reqId: int, contract: Contract, volatility: float, underPrice: float, optPrcOptions: Options
    ) -> None: ...
    def cancelCalculateOptionPrice(self, reqId: int) -> None: ...

    # --- scanners, news, companies ------------------------------------------------------------------------------------

    def cancelScannerSubscription(self, reqId: int) -> None: ...
    def reqScannerParameters(self) -> None: ...
    def reqNewsBulletins(self, allMsgs: bool) -> None: ...
    def cancelNewsBulletins(self) -> None: ...
    def reqNewsProviders(self) -> None: ...
    def reqNewsArticle(self, reqId: int, providerCode: str, articleId: str, newsArticleOptions: Options) -> None: ...
    def reqHistoricalNews(
        self,
        reqId: int,
        conId: int,
        providerCodes: str,
        startDateTime: str,
        endDateTime: str,
        totalResults: int,
        historicalNewsOptions: Options,
    ) -> None: ...
    def reqFundamentalData(
        self, reqId: int, contract: Contract, reportType: str, fundamentalDataOptions: Options
    ) -> None: ...
    def cancelFundamentalData(self, reqId: int) -> None: ...
    def reqWshMetaData(self, reqId: int) -> None: ...
    def cancelWshMetaData(self, reqId: int) -> None: ...
    def reqWshEventData(self, reqId: int, data: WshEventData) -> None: ...
    def cancelWshEventData(self, reqId: int) -> None: ...

    # --- TWS itself ---------------------------------------------------------------------------------------------------

    def reqIds(self, numIds: int) -> None: ...
    def reqCurrentTime(self) -> None: ...
    def reqCurrentTimeInMillis(self) -> None: ...
    def setServerLogLevel(self, logLevel: int) -> None: ...
    def reqConfig(self, reqId: int) -> None: ...
    def queryDisplayGroups(self, reqId: int) -> None: ...
    def subscribeToGroupEvents(self, reqId: int, groupId: int) -> None: ...
    def updateDisplayGroup(self, reqId: int, contractInfo: str) -> None: ...
    def unsubscribeFromGroupEvents(self, reqId: int) -> None: ...
    def verifyRequest(self, apiName: str, apiVersion: str) -> None: ...
    def verifyMessage(self, apiData: str) -> None: ...
    def verifyAndAuthRequest(self, apiName: str, apiVersion: str, opaqueIsvKey: str) -> None: ...
    def verifyAndAuthMessage(self, apiData: str, xyzResponse: str) -> None: ...

    # --- written out --------------------------------------------------------------------------------------------------

    def placeOrder(self, orderId: int, contract: Contract, order: Order) -> None:
        """Place or modify an order."""
        self.send(orders.PlaceOrder(orderId, contract, order), key=order.parentId or orderId)

    def cancelOrder(self, orderId: int, manualCancelOrderTime: str = "") -> None:
        """Cancel an order."""
        self.send(order_status.CancelOrder(orderId, OrderCancel(manualCancelOrderTime)), key=orderId)

    def reqGlobalCancel(self) -> None:
        """Cancel every order of the account."""
        self.send(order_status.ReqGlobalCancel(OrderCancel()))

    def reqExecutions(self, reqId: int, execFilter: ExecutionFilter | None) -> None:
        """Ask for executions."""
        self.send(executions.ReqExecutions(reqId, execFilter or ExecutionFilter()))

    def exerciseOptions(
        self, reqId: int, contract: Contract, exerciseAction: int, exerciseQuantity: int, account: str, override: int
    ) -> None:
        """Exercise (1) or lapse (2) options."""
        self.send(options.ExerciseOptions(reqId, contract, exerciseAction, exerciseQuantity, account, bool(override)))

    def reqScannerSubscription(
        self,
        reqId: int,
        subscription: ScannerSubscription,
        scannerSubscriptionOptions: Options,
        scannerSubscriptionFilterOptions: Options,
    ) -> None:
        """Subscribe to the rows of a scan."""
        self.send(scanner_request(reqId, subscription, scannerSubscriptionOptions, scannerSubscriptionFilterOptions))

    def startApi(self) -> None:
        """Send the client id to the server. `connectAsync` has done this already."""
        self.send(connection.StartApi(self.clientId, self.optCapab))

    def updateConfig(self, update: config.UpdateConfig) -> None:
        """Change settings of TWS."""
        self.send(update)

    def sendMsg(self, msg: str) -> None:
        """Send a message that is given as text: its fields, the id first, each with a NUL after it.

        Raises ValueError for a text that is not a message.
        """
        self.send(raw_fields.from_text(msg, self.serverVersion()))
