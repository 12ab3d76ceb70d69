"""How the messages of bonds that are looked up are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, fields
from conformance.exceptions import EVERY, IB_ASYNC, NEVER_READ, NEWER, NEWEST, NO_STRIKE, NOT_ON_THE_WIRE, Avoided, Read
from conformance.strategies import NOUNS
from hypothesis import strategies as st

from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import of
from ibdesk.wire.messages import bonds as messages


def _maturing(details: ContractDetails, maturity: str, zone: str) -> ContractDetails:
    """A bond that matures then. The zone of the maturity, if any, is the one of the details."""
    assert details.contract is not None
    details.contract.lastTradeDateOrContractMonth = maturity
    details.timeZoneId = zone
    return details


MATURITIES = st.sampled_from(
    [
        ("", ""),
        ("20301231", ""),
        ("20301231", "US/Eastern"),
        ("20301231 08:30", "MET"),
        ("20301231 08:30 US/Eastern", "US/Eastern"),
        ("20301231-08:30-US/Central", "US/Central"),
    ]
)
BONDS = st.builds(lambda details, maturity: _maturing(details, *maturity), NOUNS[ContractDetails], MATURITIES)


def _bond(m: Any, version: int) -> list[Callback]:
    """What users see. From protobuf the newest client leaves the maturity in the contract, too."""
    found = messages.with_maturity(m.contractDetails)
    if of(type(m)).is_protobuf(version):
        found.contract.lastTradeDateOrContractMonth = m.contractDetails.contract.lastTradeDateOrContractMonth
    return [("bondContractDetails", {"reqId": m.reqId, "contractDetails": found})]


DOMAIN = Domain(
    requests={
        messages.CancelContractData: Request("cancelContractData", fields("reqId"), "CancelContractData"),
    },
    answers={
        messages.BondContractData: _bond,
    },
    values={
        messages.BondContractData: {"contractDetails": BONDS},
    },
    schemas={
        messages.BondContractData: "ContractData",
    },
    exceptions=(
        *(
            Read(
                messages.BondContractData,
                f"contractDetails.{name}",
                EVERY,
                NOT_ON_THE_WIRE,
                0.0,
                end=V.SIZE_RULES,
                ours=0.0,
                theirs=UNSET_DOUBLE,
            )
            for name in ("minSize", "sizeIncrement", "suggestedSizeIncrement")
        ),
        Read(
            messages.BondContractData,
            "contractDetails.mdSizeMultiplier",
            IB_ASYNC,
            "skipped there",
            5,
            end=V.SIZE_RULES,
            theirs=1,
        ),
        Avoided(
            messages.BondContractData,
            "contractDetails.coupon",
            IB_ASYNC,
            "a bug there: it drops a bond whose coupon has a decimal point",
            4.25,
            instead=4,
        ),
        Read(
            messages.BondContractData,
            "contractDetails.contract.strike",
            NEWER,
            NO_STRIKE,
            0.0,
            ours=0.0,
            theirs=UNSET_DOUBLE,
        ),
        *(
            Read(
                messages.BondContractData,
                f"contractDetails.contract.{name}",
                NEWEST,
                NEVER_READ,
                sample,
                first=V.PROTOBUF_CONTRACT_DATA,
                theirs=theirs,
            )
            for name, sample, theirs in (("secId", "1", ""), ("secIdType", "ISIN", ""), ("includeExpired", True, False))
        ),
    ),
)
