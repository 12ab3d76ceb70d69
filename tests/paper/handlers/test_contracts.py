"""A search for contracts, and its end."""

from ibdesk.model.contract import Future
from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.contracts import ContractDataEnd, ReqContractDetails


def test_a_search_that_is_answered_can_be_cancelled(client, gateway):
    *rows, end = client.ask(ReqContractDetails(4, Future("MNQ", exchange="CME")))
    assert (len(rows), end) == (9, ContractDataEnd(4))
    assert client.ask(CancelContractData(4)) == []
    assert not gateway.router.unsupported
