"""Symbols, families, tiers: each request in all its ends."""

from client.asking import Case, End, each

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDescription
from ibdesk.model.reference import FamilyCode
from ibdesk.wire.messages import reference

IBM = Contract(conId=8314, symbol="IBM", secType="STK", primaryExchange="NYSE", currency="USD")


CASES = [
    Case(
        lambda ib: ib.reqMatchingSymbolsAsync("IBM"),
        reference.ReqMatchingSymbols,
        lambda m: [reference.SymbolSamples(m.reqId, [reference.ContractDescription(IBM, ["OPT", "WAR"])])],
        [ContractDescription(IBM, ["OPT", "WAR"])],
        [],
    ),
    Case(
        lambda ib: ib.reqFamilyCodesAsync(),
        reference.ReqFamilyCodes,
        lambda m: [reference.FamilyCodes([reference.FamilyCode("DU1", "F1A")])],
        [FamilyCode("DU1", "F1A")],
        [],
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqSoftDollarTiersAsync(),
        reference.ReqSoftDollarTiers,
        lambda m: [reference.SoftDollarTiers(m.reqId, [SoftDollarTier("a", "b", "c")])],
        [SoftDollarTier("a", "b", "c")],
        [],
    ),
]


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)
