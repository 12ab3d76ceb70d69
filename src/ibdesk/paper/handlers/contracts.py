"""Decides how contract details are answered; must not know what they are wanted for."""

from collections.abc import Mapping

from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails

from ..broker import Broker
from ..client import Client
from ..instruments import NoDefinition
from .group import Handler


class ContractHandlers:
    """Answers at once and keeps nothing."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handlers(self) -> Mapping[type, Handler]:
        """Request -> what answers it."""
        return {ReqContractDetails: self._search, CancelContractData: self._cancel}

    def _cancel(self, client: Client, request: CancelContractData) -> None:
        """A search has been answered before it can be cancelled."""

    def _search(self, client: Client, request: ReqContractDetails) -> None:
        rows = self._broker.market.instruments.search(request.contract)
        if not rows:
            raise NoDefinition
        for row in rows:
            client.send(ContractData(request.reqId, row))
        client.send(ContractDataEnd(request.reqId))
