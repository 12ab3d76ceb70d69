"""How the data of a financial advisor are read and replaced, and a login is asked about; not what is in the XML."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.known import known
from ibdesk.model.accounts import PositionMulti
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import accounts, advisors


class Advisors(ApiGroup):
    """Manage the accounts of others."""

    async def requestFAAsync(self, faDataType: int) -> str:
        """An advisor's groups (`faDataType` 1), profiles (2, on servers before 177) or account aliases (3), as XML.

        A group names accounts and one method by which orders are allocated to all of them; a profile, the share of
        each account; an alias, what an account is called.

        Empty when the server refuses, as it does to anybody else. Source: TWS API documentation, "Financial Advisors".
        """
        answer = await in_time(self, advisors.RequestFA(faDataType), LOOKUP)
        return answer[0].cxml if answer else ""

    requestFA = blocking(requestFAAsync)

    @call_on_loop
    def replaceFA(self, faDataType: int, xml: str) -> None:
        """Replace an advisor's groups (`faDataType` 1), all at once, and do not wait; what is refused is an error.

        `xml` is in the form of `requestFA`'s; a group that is not in it is gone.
        """
        self.client.send_message(advisors.ReplaceFA(self.client.next_id(), faDataType, xml))

    async def replaceFAAsync(self, faDataType: int, xml: str) -> str:
        """Replace an advisor's groups, all at once, and wait until it is done. Returns what the server says to it."""
        answer = await in_time(self, advisors.ReplaceFA(self.client.next_id(), faDataType, xml), LOOKUP)
        return answer[0].text if answer else ""

    async def reqUserInfoAsync(self) -> str:
        """The broker under whose name the login runs; empty for IBKR's own customers."""
        answer = await in_time(self, advisors.ReqUserInfo(self.client.next_id()), LOOKUP)
        return answer[0].whiteBrandingId if answer else ""

    reqUserInfo = blocking(reqUserInfoAsync)

    async def reqPositionsMultiAsync(self, account: str = "", modelCode: str = "") -> list[PositionMulti]:
        """The positions, as they are now, of an account, of a model in it, or of a group of accounts."""
        reqId = self.client.next_id()
        request = accounts.ReqPositionsMulti(reqId, account, modelCode)
        try:
            answer = await in_time(self, request, LOOKUP)
        finally:
            self.dispatcher.withdraw(accounts.CancelPositionsMulti(reqId))
        return [_position(message) for message in answer]

    reqPositionsMulti = blocking(reqPositionsMultiAsync)


def _position(message: accounts.PositionMulti) -> PositionMulti:
    contract = Contract.recreate(message.contract)
    return PositionMulti(message.account, message.modelCode, contract, known(message.position), known(message.avgCost))
