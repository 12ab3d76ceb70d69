"""An advisor's data: what is asked for at one time is told apart, and errors without a reqId find their request."""

import asyncio

import pytest
from client.asking import connected

from ibdesk import RequestError
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import accounts, advisors, connection


async def test_groups_and_aliases_at_once() -> None:
    async with connected() as (ib, server):
        asked = [asyncio.ensure_future(ib.requestFAAsync(kind)) for kind in (1, 3, 1)]
        assert [one.faDataType for one in await server.wait_for(advisors.RequestFA, 2)] == [1, 3]
        server.send(advisors.ReceiveFA(3, "<aliases/>"), advisors.ReceiveFA(1, "<groups/>"))
        assert await asyncio.gather(*asked) == ["<groups/>", "<aliases/>", "<groups/>"]


async def test_a_refusal_of_account_updates_ends_the_wait() -> None:
    async with connected() as (ib, server):
        text = "Error validating request.-'bV' : cause - Invalid account code 'DU2'."
        server.answers[accounts.ReqAccountUpdates] = lambda _: [connection.Error(UNSET_INTEGER, 321, text)]
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestError, match="Invalid account code"):
            await ib.reqAccountUpdatesAsync("DU2")
