"""Messages of options: calculations, exercise, option chains, greeks.

Two ticks of combinations are here as well: of delta-neutral combinations and of exchanges for physical (EFP).
"""

from dataclasses import field

from ibdesk.model.contract import Contract, DeltaNeutralContract, TagValue
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, pairs, refs, repeat, since, spelled
from ibdesk.wire.messages.contracts import (
    CONTRACT_OF_REQUEST,
    REQUESTED_CONTRACT,
    STRIKE_OF_REQUEST,
    contract,
)
from ibdesk.wire.scalars import FLOAT, OPTIONS, TEXT, MomentText

_under = refs(DeltaNeutralContract, "deltaNeutralContract")


# ib_async, and the official Python client before 10.46, write the number of options before them; IBKR's C# client
# never did. A server takes that number for the options, and the options for an extra field.
@from_client(54, version=3, protobuf=V.PROTOBUF_REST_MESSAGES_1, text=(
    "reqId", *CONTRACT_OF_REQUEST, "optionPrice", "underPrice", spelled(OPTIONS, "implVolOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "optionPrice",
    4: "underPrice",
    5: pairs("implVolOptions"),
})  # fmt: skip
class CalculateImpliedVolatility:
    """Ask which volatility gives an option the price `optionPrice` when its underlying has the price `underPrice`."""

    reqId: int
    contract: Contract
    optionPrice: float
    underPrice: float
    implVolOptions: list[TagValue] = field(default_factory=list)


@from_client(56, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class CancelCalculateImpliedVolatility:
    """Cancel the calculation of an implied volatility."""

    reqId: int


@from_client(55, version=3, protobuf=V.PROTOBUF_REST_MESSAGES_1, text=(
    "reqId", *CONTRACT_OF_REQUEST, "volatility", "underPrice", spelled(OPTIONS, "optPrcOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "volatility",
    4: "underPrice",
    5: pairs("optPrcOptions"),
})  # fmt: skip
class CalculateOptionPrice:
    """Ask for the price and the greeks of an option.

    `volatility` (0.2 is 20 %) and `underPrice`, the price of the underlying, are given.
    """

    reqId: int
    contract: Contract
    volatility: float
    underPrice: float
    optPrcOptions: list[TagValue] = field(default_factory=list)


@from_client(57, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class CancelCalculateOptionPrice:
    """Cancel the calculation of an option price."""

    reqId: int


@from_client(21, version=2, protobuf=V.PROTOBUF_REST_MESSAGES_1, text=(
    "reqId",
    contract.conId,
    contract.symbol,
    contract.secType,
    contract.lastTradeDateOrContractMonth,
    *STRIKE_OF_REQUEST,
    contract.right,
    contract.multiplier,
    contract.exchange,
    contract.currency,
    contract.localSymbol,
    contract.tradingClass,
    "exerciseAction",
    "exerciseQuantity",
    "account",
    "override",
    since(V.MANUAL_ORDER_TIME_EXERCISE_OPTIONS, "manualOrderTime"),
    since(V.CUSTOMER_ACCOUNT, "customerAccount"),
    since(V.PROFESSIONAL_CUSTOMER, "professionalCustomer"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "exerciseAction",
    4: "exerciseQuantity",
    5: "account",
    6: "override",
    7: "manualOrderTime",
    8: "customerAccount",
    9: "professionalCustomer",
})  # fmt: skip
class ExerciseOptions:
    """Exercise options of a position, or let them lapse. `exerciseAction`: 1 exercise, 2 lapse.

    `override` does so even against what would happen by itself, such as when an option out of the money is exercised.
    `reqId` becomes the id of an order. Source: TWS API documentation, "Exercising Options".
    """

    reqId: int
    contract: Contract
    exerciseAction: int
    exerciseQuantity: int
    account: str
    override: bool
    manualOrderTime: MomentText = ""
    customerAccount: str = ""
    professionalCustomer: bool = False


@from_server(21, answers=(CalculateImpliedVolatility, CalculateOptionPrice), protobuf=V.PROTOBUF_MARKET_DATA)
class TickOptionComputation:
    """Volatility, price and greeks of an option, as part of its quotes or in answer to a calculation.

    `tickType` tells what they are computed from: 10 the bid, 11 the ask, 12 the last price, 13 the model, 53 the
    request; 80 to 83 are the delayed ones. `tickAttrib` is 0 when based on returns, 1 when based on prices. -1, or -2
    for a greek, means that nothing was computed; a missing value means the same.
    """

    reqId: int
    tickType: int
    tickAttrib: int
    impliedVol: float = -1.0
    delta: float = -2.0
    optPrice: float = -1.0
    pvDividend: float = -1.0
    gamma: float = -2.0
    vega: float = -2.0
    theta: float = -2.0
    undPrice: float = -1.0


@from_client(78, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class ReqSecDefOptParams:
    """Ask for the option chains of an underlying.

    `futFopExchange` is the exchange of an underlying future, and empty for all other underlyings.
    """

    reqId: int
    underlyingSymbol: str
    futFopExchange: str
    underlyingSecType: str
    underlyingConId: int


@from_server(75, part_of=ReqSecDefOptParams, protobuf=V.PROTOBUF_REST_MESSAGES_2, text=(
    "reqId",
    "exchange",
    "underlyingConId",
    "tradingClass",
    "multiplier",
    many("expirations", TEXT),
    many("strikes", FLOAT),
), tags={
    1: "reqId",
    2: "exchange",
    3: "underlyingConId",
    4: "tradingClass",
    5: "multiplier",
    6: repeat("expirations", TEXT),
    7: repeat("strikes", FLOAT),
})  # fmt: skip
class SecurityDefinitionOptionParameter:
    """One option chain: the expirations (`YYYYMMDD`) and strikes of one trading class at one exchange.

    The strikes are those of all expirations together, so not every pair of them is an option.
    """

    reqId: int
    exchange: str
    underlyingConId: int
    tradingClass: str
    multiplier: str
    expirations: list[str]
    strikes: list[float]


@from_server(76, ends=ReqSecDefOptParams, protobuf=V.PROTOBUF_REST_MESSAGES_2)
class SecurityDefinitionOptionParameterEnd:
    """All option chains of an underlying have been sent."""

    reqId: int


@from_server(56, version=1, text=("reqId", _under.conId, _under.delta, _under.price))
class DeltaNeutralValidation:
    """A delta-neutral request for quotes was accepted. The delta and price of its contract are fixed from now on."""

    reqId: int
    deltaNeutralContract: DeltaNeutralContract


@from_server(47, version=6)
class TickEFP:
    """A quote of an exchange for physical (EFP): a stock against its future.

    `basisPoints` is the annualized financing rate that the pair implies. `holdDays` are the days until
    `futureLastTradeDate`. IBKR's Python client calls `impliedFuture` `totalDividends`; its other clients do not.
    """

    reqId: int
    tickType: int
    basisPoints: float
    formattedBasisPoints: str
    impliedFuture: float
    holdDays: int
    futureLastTradeDate: str
    dividendImpact: float
    dividendsToLastTradeDate: float
