"""Answers about the login, which is one customer's own account.

It has no advisor, no family of accounts and no soft dollars.
"""

from ibdesk.wire.messages.advisors import ReplaceFA, RequestFA, ReqUserInfo, UserInfo
from ibdesk.wire.messages.reference import FamilyCode, FamilyCodes, ReqFamilyCodes, ReqSoftDollarTiers, SoftDollarTiers

from ..client import Client
from ..instruments import Invalid
from .accounts import NO_REQUEST_ID
from .group import HandlerGroup, answers

_CAUSE = "FA data operations ignored for non FA customers."


class AdvisorHandlers(HandlerGroup):
    """Handlers that answer at once and keep nothing."""

    @answers(RequestFA)
    def _refuse_data(self, client: Client, request: RequestFA) -> None:
        refused = Invalid("b9", _CAUSE)
        client.tell_error(NO_REQUEST_ID, refused.code, refused.text, self._broker.now)

    @answers(ReplaceFA)
    def _refuse_change(self, client: Client, request: ReplaceFA) -> None:
        raise Invalid("b1", _CAUSE)

    @answers(ReqUserInfo)
    def _user(self, client: Client, request: ReqUserInfo) -> None:
        client.send(UserInfo(request.reqId, ""))

    @answers(ReqFamilyCodes)
    def _families(self, client: Client, request: ReqFamilyCodes) -> None:
        client.send(FamilyCodes([FamilyCode(self._broker.account)]))

    @answers(ReqSoftDollarTiers)
    def _tiers(self, client: Client, request: ReqSoftDollarTiers) -> None:
        client.send(SoftDollarTiers(request.reqId, []))
