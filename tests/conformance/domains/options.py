"""How the messages of options are held against the outside clients."""

from typing import Any

from conformance.domain import Arguments, Callback, Domain, Request, callback, contract, fields
from conformance.exceptions import NEWEST, Avoided, Skipped
from conformance.strategies import FLOATS, NOUNS, TAG_VALUES
from hypothesis import strategies as st
from oracles import Official

from ibdesk.model.contract import DeltaNeutralContract
from ibdesk.wire import versions as V
from ibdesk.wire.messages import options as messages

OLDER = ("10.37.2", "10.30.1", "10.19.4")

_GREEKS = ("impliedVol", "delta", "optPrice", "pvDividend", "gamma", "vega", "theta", "undPrice")
_COMPUTATION = ("reqId", "tickType", "tickAttrib", *_GREEKS)
_CHAIN = ("reqId", "exchange", "underlyingConId", "tradingClass", "multiplier", "expirations", "strikes")


def _calculation(given: str, options: str) -> Arguments:
    return lambda oracle, m, version: (
        m.reqId,
        contract(oracle, m.contract, version),
        getattr(m, given),
        m.underPrice,
        oracle.tag_values(getattr(m, options)),
    )


def _exercise(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    newer = () if oracle.version == "10.19.4" else (m.manualOrderTime, m.customerAccount, m.professionalCustomer)
    return (
        m.reqId,
        contract(oracle, m.contract, version),
        m.exerciseAction,
        m.exerciseQuantity,
        m.account,
        m.override,
        *newer,
    )


def _computation(m: Any, version: int) -> list[Callback]:
    """The official clients show None for what has not been computed."""
    values = {name: getattr(m, name) for name in _COMPUTATION}
    for name in _GREEKS:
        not_computed = -1.0 if name in ("impliedVol", "optPrice", "pvDividend", "undPrice") else -2.0
        if values[name] == not_computed or (name == "impliedVol" and m.impliedVol < 0):
            values[name] = None
    return [("tickOptionComputation", values)]


def _chain(m: Any, version: int) -> list[Callback]:
    """The official clients make sets of the lists."""
    values = {name: getattr(m, name) for name in _CHAIN}
    values |= {"expirations": set(m.expirations), "strikes": set(m.strikes)}
    return [("securityDefinitionOptionParameter", values)]


def _chain_of_texts(m: Any, version: int) -> list[Callback]:
    """ib_async leaves the id of the underlying a text."""
    values = {name: getattr(m, name) for name in _CHAIN}
    return [("securityDefinitionOptionParameter", values | {"underlyingConId": str(m.underlyingConId)})]


DOMAIN = Domain(
    requests={
        messages.CalculateImpliedVolatility: Request(
            "calculateImpliedVolatility",
            _calculation("optionPrice", "implVolOptions"),
            "CalculateImpliedVolatilityRequest",
        ),
        messages.CancelCalculateImpliedVolatility: Request(
            "cancelCalculateImpliedVolatility", fields("reqId"), "CancelCalculateImpliedVolatility"
        ),
        messages.CalculateOptionPrice: Request(
            "calculateOptionPrice", _calculation("volatility", "optPrcOptions"), "CalculateOptionPriceRequest"
        ),
        messages.CancelCalculateOptionPrice: Request(
            "cancelCalculateOptionPrice", fields("reqId"), "CancelCalculateOptionPrice"
        ),
        messages.ExerciseOptions: Request("exerciseOptions", _exercise, "ExerciseOptionsRequest"),
        messages.ReqSecDefOptParams: Request(
            "reqSecDefOptParams",
            fields("reqId", "underlyingSymbol", "futFopExchange", "underlyingSecType", "underlyingConId"),
            "SecDefOptParamsRequest",
        ),
    },
    answers={
        messages.TickOptionComputation: _computation,
        messages.SecurityDefinitionOptionParameter: _chain,
        messages.SecurityDefinitionOptionParameterEnd: callback("securityDefinitionOptionParameterEnd", "reqId"),
        messages.DeltaNeutralValidation: callback("deltaNeutralValidation", "reqId", "deltaNeutralContract"),
        messages.TickEFP: callback(
            "tickEFP",
            "reqId",
            "tickType",
            "basisPoints",
            "formattedBasisPoints",
            "impliedFuture",
            "holdDays",
            "futureLastTradeDate",
            "dividendImpact",
            "dividendsToLastTradeDate",
        ),
    },
    otherwise={
        (messages.TickOptionComputation, "ib_async"): callback("tickOptionComputation", *_COMPUTATION),
        (messages.SecurityDefinitionOptionParameter, "ib_async"): _chain_of_texts,
    },
    values={
        messages.CalculateImpliedVolatility: {"implVolOptions": TAG_VALUES},
        messages.CalculateOptionPrice: {"optPrcOptions": TAG_VALUES},
        messages.TickOptionComputation: {
            "tickType": st.sampled_from([10, 11, 12, 13, 53, 80, 81, 82, 83]),
            "tickAttrib": st.sampled_from([0, 1]),
            **{name: st.sampled_from([-1.0, -2.0]) | FLOATS for name in _GREEKS},
        },
        messages.SecurityDefinitionOptionParameter: {
            "expirations": st.lists(st.sampled_from(["20250620", "20250627", "20260116"]), max_size=3, unique=True),
            "strikes": st.lists(FLOATS, max_size=3, unique=True),
        },
        messages.DeltaNeutralValidation: {"deltaNeutralContract": NOUNS[DeltaNeutralContract]},
    },
    schemas={
        messages.SecurityDefinitionOptionParameter: "SecDefOptParameter",
        messages.SecurityDefinitionOptionParameterEnd: "SecDefOptParameterEnd",
    },
    not_described={
        cls: frozenset({"contract.lastTradeDate"})
        for cls in (messages.CalculateImpliedVolatility, messages.CalculateOptionPrice, messages.ExerciseOptions)
    },
    exceptions=(
        *(
            Skipped(
                message,
                "",
                OLDER,
                "it writes the number of options before them, as no other client of IBKR does, nor its newest",
                end=V.PROTOBUF_REST_MESSAGES_1,
            )
            for message in (messages.CalculateImpliedVolatility, messages.CalculateOptionPrice)
        ),
        *(
            Avoided(
                message,
                options,
                NEWEST,
                "refused as not supported in text; ib_async sends them, and so does ibdesk",
                [("a", "1")],
                end=V.PROTOBUF_REST_MESSAGES_1,
                instead=[],
            )
            for message, options in (
                (messages.CalculateImpliedVolatility, "implVolOptions"),
                (messages.CalculateOptionPrice, "optPrcOptions"),
            )
        ),
    ),
)
