"""Answers with the details of contracts."""

from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails

from ..client import Client
from ..instruments import NoDefinition
from .group import HandlerGroup, answers


class ContractHandlers(HandlerGroup):
    """Handlers that answer at once and keep nothing."""

    @answers(CancelContractData)
    def _cancel(self, client: Client, request: CancelContractData) -> None:
        """Do nothing: a search has been answered before it can be cancelled."""

    @answers(ReqContractDetails)
    def _search(self, client: Client, request: ReqContractDetails) -> None:
        rows = self._broker.market.instruments.search(request.contract)
        if not rows:
            raise NoDefinition
        for row in rows:
            client.send(ContractData(request.reqId, row))
        client.send(ContractDataEnd(request.reqId))
