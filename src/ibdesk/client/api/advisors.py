"""Methods of `IB` for financial advisors, who manage the accounts of others, and about the login."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.known import known
from ibdesk.model.accounts import PositionMulti
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import accounts, advisors


class Advisors(ApiGroup):
    """Groups of accounts, positions in groups and models, and the broker of a login."""

    async def requestFAAsync(self, faDataType: int) -> str:
        """Return an advisor's groups (`faDataType` 1), profiles (2, before server version 177) or aliases (3), as XML.

        A group has a list of accounts and the method by which an order is allocated among them. A profile has the share
        of each account. An alias is a name for an account.

        The text is empty if the server refuses, as it does if the login is not an advisor's.

        Source: TWS API documentation, "Financial Advisors".
        """
        answer = await in_time(self, advisors.RequestFA(faDataType), LOOKUP)
        return answer[0].cxml if answer else ""

    requestFA = blocking(requestFAAsync)

    @call_on_loop
    def replaceFA(self, faDataType: int, xml: str) -> None:
        """Replace all of an advisor's groups (`faDataType` 1), without waiting. A refusal comes by `errorEvent`.

        `xml` has the form that `requestFA` returns. Groups that are missing in it are deleted.
        """
        self.client.send_message(advisors.ReplaceFA(self.client.next_id(), faDataType, xml))

    async def replaceFAAsync(self, faDataType: int, xml: str) -> str:
        """Replace all of an advisor's groups as `replaceFA` does, and wait. Returns the server's reply, as a text."""
        answer = await in_time(self, advisors.ReplaceFA(self.client.next_id(), faDataType, xml), LOOKUP)
        return answer[0].text if answer else ""

    async def reqUserInfoAsync(self) -> str:
        """Return the id of the broker under whose name the login runs; it is empty for IBKR's own customers."""
        answer = await in_time(self, advisors.ReqUserInfo(self.client.next_id()), LOOKUP)
        return answer[0].whiteBrandingId if answer else ""

    reqUserInfo = blocking(reqUserInfoAsync)

    async def reqPositionsMultiAsync(self, account: str = "", modelCode: str = "") -> list[PositionMulti]:
        """Return the current positions of an account, of a model in it (`modelCode`), or of a group of accounts."""
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
