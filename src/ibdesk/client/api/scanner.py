"""Methods of `IB` that search the market with IBKR's scanners, once or continually."""

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.dropin.eclient import scanner_request
from ibdesk.client.state.bar_lists import ScanDataList
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.contract import TagValue
from ibdesk.model.reference import ScannerSubscription
from ibdesk.wire.messages.scanner import CancelScannerSubscription, ReqScannerParameters, ReqScannerSubscription

_log = logger("ibdesk.ib")


class Scanner(ApiGroup):
    """Market scanners."""

    async def reqScannerDataAsync(
        self,
        subscription: ScannerSubscription,
        scannerSubscriptionOptions: list[TagValue] | None = None,
        scannerSubscriptionFilterOptions: list[TagValue] | None = None,
    ) -> ScanDataList:
        """Return the current rows of a scan, at most 50. The list is empty if nothing matches or the server refuses.

        * `subscription`: what to look for, by `instrument` (`STK`), `locationCode` (`STK.US.MAJOR`), `scanCode`
          (`TOP_PERC_GAIN`, `MOST_ACTIVE`, `HOT_BY_VOLUME` ...), and a few filters, such as `abovePrice`.
        * `scannerSubscriptionFilterOptions`: any other filters, as in `[TagValue("marketCapAbove1e6", "10000")]`.
        * `scannerSubscriptionOptions`: for IBKR's own use.

        The XML of `reqScannerParameters` lists all codes, locations and filters. A row has a rank and a contract, but
        no quotes. Source: TWS API documentation, "Market Scanner".
        """
        scan, request = self._scan(subscription, scannerSubscriptionOptions, scannerSubscriptionFilterOptions)
        cancel = CancelScannerSubscription(scan.reqId)
        begun = Subscription(Kind.SCAN, request, cancel, scan)
        try:
            await in_time(self, request, REPORT, results=scan, subscription=begun)
        finally:
            # It is gone if the server has refused it, or if the connection is lost; otherwise the server goes on.
            if self.client.subscriptions.end(scan.reqId) is not None:
                self.dispatcher.withdraw(cancel)
        return scan

    reqScannerData = blocking(reqScannerDataAsync)

    @call_on_loop
    def reqScannerSubscription(
        self,
        subscription: ScannerSubscription,
        scannerSubscriptionOptions: list[TagValue] | None = None,
        scannerSubscriptionFilterOptions: list[TagValue] | None = None,
    ) -> ScanDataList:
        """Subscribe to the rows of a scan. The list that is returned is kept up to date; see its `updateEvent`.

        `subscription`, `scannerSubscriptionOptions` and `scannerSubscriptionFilterOptions` are the same as in
        `reqScannerData`. Up to ten scans may be open, each with at most 50 rows.

        Source: TWS API documentation, "Market Scanner".
        """
        scan, request = self._scan(subscription, scannerSubscriptionOptions, scannerSubscriptionFilterOptions)
        cancel = CancelScannerSubscription(scan.reqId)
        self.dispatcher.subscribe(Subscription(Kind.SCAN, request, cancel, scan, restored_by=(request,)))
        return scan

    @call_on_loop
    def cancelScannerSubscription(self, dataList: ScanDataList) -> None:
        """End the updates of the scan `dataList`, which `reqScannerSubscription` returned.

        If there are none, or none any more, that is logged.
        """
        if not self.dispatcher.unsubscribe_target(dataList):
            _log.warning("cancelScannerSubscription: This scan is not subscribed: %s", dataList.subscription)

    async def reqScannerParametersAsync(self) -> str:
        """Return what scanners can look for (instruments, locations, codes, filters), as two megabytes of XML.

        Source: TWS API documentation, "Market Scanner Parameters".
        """
        answer = await in_time(self, ReqScannerParameters(), REPORT)
        return answer[0].xml if answer else ""

    reqScannerParameters = blocking(reqScannerParametersAsync)

    def _scan(
        self, subscription: ScannerSubscription, options: list[TagValue] | None, filters: list[TagValue] | None
    ) -> tuple[ScanDataList, ReqScannerSubscription]:
        scan = ScanDataList()
        scan.reqId = self.client.next_id()
        scan.subscription = subscription
        scan.scannerSubscriptionOptions = options or []
        scan.scannerSubscriptionFilterOptions = filters or []
        return scan, scanner_request(
            scan.reqId, subscription, scan.scannerSubscriptionOptions, scan.scannerSubscriptionFilterOptions
        )
