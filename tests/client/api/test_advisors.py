"""An advisor's data: what is asked for at one time is told apart, and errors without a reqId find their request."""

import asyncio

from client.asking import Case, End, connected, each

from ibdesk.model.accounts import PositionMulti
from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import accounts, advisors

CASES = [
    Case(
        lambda ib: ib.requestFAAsync(1),
        advisors.RequestFA,
        lambda m: [advisors.ReceiveFA(m.faDataType, "<groups/>")],
        "<groups/>",
        "",
        refused_as=UNSET_INTEGER,
    ),
    Case(
        lambda ib: ib.replaceFAAsync(1, "<groups/>"),
        advisors.ReplaceFA,
        lambda m: [advisors.ReplaceFAEnd(m.reqId, "done")],
        "done",
        "",
    ),
    Case(
        lambda ib: ib.reqUserInfoAsync(),
        advisors.ReqUserInfo,
        lambda m: [advisors.UserInfo(m.reqId, "broker")],
        "broker",
        "",
    ),
    Case(
        lambda ib: ib.reqPositionsMultiAsync("DU1", "M"),
        accounts.ReqPositionsMulti,
        lambda m: [
            accounts.PositionMulti(m.reqId, "DU1", "M", Contract(conId=8314, secType="STK"), 10.0, 1.5),
            accounts.PositionMultiEnd(m.reqId),
        ],
        [PositionMulti("DU1", "M", Contract.recreate(Contract(conId=8314, secType="STK")), 10.0, 1.5)],
        [],
        cancel=accounts.CancelPositionsMulti,
    ),
]


async def test_groups_and_aliases_at_once() -> None:
    async with connected() as (ib, server):
        asked = [asyncio.ensure_future(ib.requestFAAsync(kind)) for kind in (1, 3, 1)]
        assert [one.faDataType for one in await server.wait_for(advisors.RequestFA, 2)] == [1, 3]
        server.send(advisors.ReceiveFA(3, "<aliases/>"), advisors.ReceiveFA(1, "<groups/>"))
        assert await asyncio.gather(*asked) == ["<groups/>", "<aliases/>", "<groups/>"]


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)
