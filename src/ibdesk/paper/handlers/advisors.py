"""Decides how a login is described that is one customer's own account; must not know what the account holds.

There is no advisor here, no family of accounts and no soft dollars.
"""

from collections.abc import Mapping

from ibdesk.wire.messages.advisors import ReplaceFA, RequestFA, ReqUserInfo, UserInfo
from ibdesk.wire.messages.reference import FamilyCode, FamilyCodes, ReqFamilyCodes, ReqSoftDollarTiers, SoftDollarTiers

from ..broker import Broker
from ..client import Client
from ..instruments import Invalid
from .accounts import NO_REQUEST_ID
from .group import Handler

_CAUSE = "FA data operations ignored for non FA customers."


class AdvisorHandlers:
    """Answers at once and keeps nothing."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handlers(self) -> Mapping[type, Handler]:
        """Request -> what answers it."""
        return {
            RequestFA: self._refuse_data,
            ReplaceFA: self._refuse_change,
            ReqUserInfo: self._user,
            ReqFamilyCodes: self._families,
            ReqSoftDollarTiers: self._tiers,
        }

    def _refuse_data(self, client: Client, request: RequestFA) -> None:
        refused = Invalid("b9", _CAUSE)
        client.tell_error(NO_REQUEST_ID, refused.code, refused.text, self._broker.now)

    def _refuse_change(self, client: Client, request: ReplaceFA) -> None:
        raise Invalid("b1", _CAUSE)

    def _user(self, client: Client, request: ReqUserInfo) -> None:
        client.send(UserInfo(request.reqId, ""))

    def _families(self, client: Client, request: ReqFamilyCodes) -> None:
        client.send(FamilyCodes([FamilyCode(self._broker.account)]))

    def _tiers(self, client: Client, request: ReqSoftDollarTiers) -> None:
        client.send(SoftDollarTiers(request.reqId, []))
