"""Messages that answer a search for bonds, and the one that cancels a search for contracts."""

from dataclasses import field, replace

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import Fixed, embed, since, size, tag_values, until
from ibdesk.wire.messages.contracts import CONTRACT, CONTRACT_DETAILS, ReqContractDetails, details

_of = details.contract
assert _of is not None

BOND_CONTRACT_DATA = (
    "reqId",
    _of.symbol,
    _of.secType,
    details.cusip,
    details.coupon,
    _of.lastTradeDateOrContractMonth,
    details.issueDate,
    details.ratings,
    details.bondType,
    details.couponType,
    details.convertible,
    details.callable,
    details.putable,
    details.descAppend,
    _of.exchange,
    _of.currency,
    details.marketName,
    _of.tradingClass,
    _of.conId,
    details.minTick,
    until(V.SIZE_RULES, details.mdSizeMultiplier),
    details.orderTypes,
    details.validExchanges,
    details.nextOptionDate,
    details.nextOptionType,
    details.nextOptionPartial,
    details.notes,
    details.longName,
    since(V.BOND_TRADING_HOURS, details.timeZoneId, details.tradingHours, details.liquidHours),
    details.evRule,
    details.evMultiplier,
    tag_values(details.secIdList),
    details.aggGroup,
    details.marketRuleIds,
    since(V.SIZE_RULES, size(details.minSize), size(details.sizeIncrement), size(details.suggestedSizeIncrement)),
)


@from_server(
    18,
    part_of=ReqContractDetails,
    version=until(V.SIZE_RULES, Fixed(6)),
    protobuf=V.PROTOBUF_CONTRACT_DATA,
    text=BOND_CONTRACT_DATA,
    tags={1: "reqId", 2: embed(_of, CONTRACT, when_empty=True), 3: embed(details, CONTRACT_DETAILS, when_empty=True)},
)
class BondContractData:
    """One bond that matches a request for contract details (IB's callback `bondContractDetails`).

    The maturity stands where other contracts have their last trade date: see `with_maturity`. `coupon` is in per cent a
    year.
    """

    reqId: int
    contractDetails: ContractDetails = field(default_factory=lambda: ContractDetails(contract=Contract()))


def with_maturity(found: ContractDetails) -> ContractDetails:
    """Return the details of a bond as users hold them, with `maturity` and its time of day as fields of their own.

    On the wire they are in `lastTradeDateOrContractMonth` of the contract: `20301231`, or with a time and a zone
    `20301231 08:30 US/Eastern`; some have hyphens in place of the blanks.
    """
    assert found.contract is not None
    text = found.contract.lastTradeDateOrContractMonth
    date, time, zone, *_ = [*text.split("-" if "-" in text else None), "", "", ""]
    return replace(
        found,
        contract=replace(found.contract, lastTradeDateOrContractMonth=""),
        maturity=date,
        lastTradeTime=time,
        timeZoneId=found.timeZoneId or zone,
    )


@from_client(106, protobuf=V.CANCEL_CONTRACT_DATA, first=V.CANCEL_CONTRACT_DATA)
class CancelContractData:
    """Cancel a search for contracts, or for bonds, before all of its results have been sent."""

    reqId: int
