"""Decides how requests for facts about companies end; must not know any such facts.

This gateway has none: fundamental reports are not available, and the calendar of Wall Street Horizon is not subscribed,
which is what a paper account usually gets from IBKR too.
"""

from collections.abc import Mapping
from typing import Any

from ibdesk import codes
from ibdesk.wire.messages.companies import (
    CancelFundamentalData,
    CancelWshEventData,
    CancelWshMetaData,
    ReqFundamentalData,
    ReqWshEventData,
    ReqWshMetaData,
)

from ..broker import Broker
from ..client import Client
from ..instruments import Refusal
from .group import Handler

TAG = "bK"
NO_REPORT, NOT_ALLOWED = 430, 10276


class FundamentalsHandlers:
    """Refuses at once and keeps nothing."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handlers(self) -> Mapping[type, Handler]:
        """Request -> what answers it."""
        return {
            ReqFundamentalData: self._report,
            CancelFundamentalData: _nothing_to_end,
            ReqWshMetaData: self._calendar,
            CancelWshMetaData: _nothing_to_end,
            ReqWshEventData: self._calendar,
            CancelWshEventData: _nothing_to_end,
        }

    def _report(self, client: Client, request: ReqFundamentalData) -> None:
        self._broker.market.instruments.resolve(request.contract, TAG)
        raise Refusal(NO_REPORT, codes.text(NO_REPORT))

    def _calendar(self, client: Client, request: Any) -> None:
        raise Refusal(NOT_ALLOWED, codes.text(NOT_ALLOWED))


def _nothing_to_end(client: Client, request: Any) -> None:
    """What it cancels was refused at once."""
