"""Answers about companies, which are all refused.

There are no fundamental reports here, and the calendar of Wall Street Horizon is not subscribed. A paper account
usually gets the same answers from IBKR.
"""

from typing import Any

from ibdesk.wire.messages.fundamentals import (
    CancelFundamentalData,
    CancelWshEventData,
    CancelWshMetaData,
    ReqFundamentalData,
    ReqWshEventData,
    ReqWshMetaData,
)

from ..client import Client
from ..instruments import Refusal
from .group import HandlerGroup, answers

TAG = "bK"
NO_REPORT, NOT_ALLOWED = 430, 10276


class FundamentalsHandlers(HandlerGroup):
    """Handlers that refuse at once and keep nothing, so that there is never a report to cancel."""

    @answers(ReqFundamentalData)
    def _report(self, client: Client, request: ReqFundamentalData) -> None:
        self._broker.market.instruments.resolve(request.contract, TAG)
        raise Refusal(NO_REPORT)

    @answers(ReqWshMetaData, ReqWshEventData)
    def _calendar(self, client: Client, request: Any) -> None:
        raise Refusal(NOT_ALLOWED)

    @answers(CancelFundamentalData, CancelWshMetaData, CancelWshEventData)
    def _cancel(self, client: Client, request: Any) -> None:
        """Do nothing: what is to be cancelled was refused at once."""
