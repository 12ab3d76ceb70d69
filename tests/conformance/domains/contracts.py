"""How the messages of contracts that are looked up are held against the outside clients."""

from conformance.domain import Domain, Request, callback, contract
from conformance.exceptions import EVERY, IB_ASYNC, NEVER_READ, NEWER, NEWEST, NO_STRIKE, NOT_ON_THE_WIRE, Read, Said

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages import contracts as messages

DOMAIN = Domain(
    requests={
        messages.ReqContractDetails: Request(
            "reqContractDetails",
            lambda oracle, m, version: (m.reqId, contract(oracle, m.contract, version)),
            "ContractDataRequest",
        ),
    },
    answers={
        messages.ContractData: callback("contractDetails", "reqId", "contractDetails"),
        messages.ContractDataEnd: callback("contractDetailsEnd", "reqId"),
    },
    not_described={
        messages.ReqContractDetails: frozenset({"contract.lastTradeDate"}),
    },
    exceptions=(
        Said(
            messages.ReqContractDetails,
            "contract.strike",
            NEWER,
            NO_STRIKE,
            0.0,
            first=V.ZERO_STRIKE,
            instead=UNSET_DOUBLE,
        ),
        *(
            Read(
                messages.ContractData,
                f"contractDetails.{name}",
                EVERY,
                NOT_ON_THE_WIRE,
                0.0,
                end=V.SIZE_RULES,
                ours=0.0,
                theirs=UNSET_DOUBLE,
            )
            for name in ("minSize", "sizeIncrement")
        ),
        Read(
            messages.ContractData,
            "contractDetails.suggestedSizeIncrement",
            EVERY,
            "skipped there; ib_async keeps it",
            1.0,
            end=V.SIZE_RULES,
            theirs=UNSET_DOUBLE,
        ),
        Read(
            messages.ContractData,
            "contractDetails.mdSizeMultiplier",
            IB_ASYNC,
            "skipped there",
            5,
            end=V.SIZE_RULES,
            theirs=1,
        ),
        *(
            Read(
                messages.ContractData,
                f"contractDetails.contract.{name}",
                NEWEST,
                reason,
                sample,
                first=V.PROTOBUF_CONTRACT_DATA,
                theirs=theirs,
            )
            for name, reason, sample, theirs in (
                ("secId", NEVER_READ, "1", ""),
                ("secIdType", NEVER_READ, "ISIN", ""),
                ("includeExpired", NEVER_READ, True, False),
                ("strike", NO_STRIKE, 0.0, UNSET_DOUBLE),
            )
        ),
    ),
)
