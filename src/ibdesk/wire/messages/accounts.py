"""Messages about accounts: positions, portfolio, account values and summaries."""

from ibdesk.model.contract import Contract
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, size, untold
from ibdesk.wire.messages.contracts import CONTRACT, CONTRACT_OF_ANSWER, contract
from ibdesk.wire.scalars import Quantity


@from_client(61, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqPositions:
    """Subscribe to the positions of all accounts."""


@from_client(64, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class CancelPositions:
    """End the subscription to positions."""


@from_server(61, version=3, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS, text=(
    "account", *CONTRACT_OF_ANSWER, size("position"), "avgCost",
), tags={
    1: "account", 2: embed(contract, CONTRACT, when_empty=True), 3: size("position"), 4: "avgCost",
}, absent=untold("position", "avgCost"))  # fmt: skip
class Position:
    """A position of an account, negative when short.

    `avgCost` is the average cost of one contract, including commission; for futures and options it includes the
    multiplier.
    """

    account: str
    contract: Contract
    position: Quantity
    avgCost: float


@from_server(62, ends=ReqPositions, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class PositionEnd:
    """All positions have been sent. Changes follow."""


@from_client(74, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqPositionsMulti:
    """Subscribe to the positions of an account, of a model in it, or of a group of accounts."""

    reqId: int
    account: str
    modelCode: str


@from_client(75, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class CancelPositionsMulti:
    """End a subscription that `ReqPositionsMulti` began."""

    reqId: int


@from_server(71, part_of=ReqPositionsMulti, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS, text=(
    "reqId", "account", *CONTRACT_OF_ANSWER, size("position"), "avgCost", "modelCode",
), tags={
    1: "reqId",
    2: "account",
    3: embed(contract, CONTRACT, when_empty=True),
    4: size("position"),
    5: "avgCost",
    6: "modelCode",
}, absent=untold("position", "avgCost"))  # fmt: skip
class PositionMulti:
    """A position of an account and model. `avgCost` is as in `Position`."""

    reqId: int
    account: str
    modelCode: str
    contract: Contract
    position: Quantity
    avgCost: float


@from_server(72, ends=ReqPositionsMulti, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class PositionMultiEnd:
    """All positions of an account and model have been sent. Changes follow."""

    reqId: int


@from_client(6, version=2, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqAccountUpdates:
    """Subscribe to the values and the portfolio of one account, or end the subscription (`subscribe` false)."""

    subscribe: bool
    acctCode: str


@from_server(6, version=2, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class UpdateAccountValue:
    """One value of the account whose updates are subscribed. `key` is its name, such as `NetLiquidation`."""

    key: str
    value: str
    currency: str
    accountName: str


@from_server(7, version=8, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS, text=(
    contract.conId,
    contract.symbol,
    contract.secType,
    contract.lastTradeDateOrContractMonth,
    contract.strike,
    contract.right,
    contract.multiplier,
    contract.primaryExchange,
    contract.currency,
    contract.localSymbol,
    contract.tradingClass,
    size("position"),
    "marketPrice",
    "marketValue",
    "averageCost",
    "unrealizedPNL",
    "realizedPNL",
    "accountName",
), tags={
    1: embed(contract, CONTRACT, when_empty=True),
    2: size("position"),
    3: "marketPrice",
    4: "marketValue",
    5: "averageCost",
    6: "unrealizedPNL",
    7: "realizedPNL",
    8: "accountName",
}, absent=untold(
    "position", "marketPrice", "marketValue", "averageCost", "unrealizedPNL", "realizedPNL",
))  # fmt: skip
class UpdatePortfolio:
    """A position of the account whose updates are subscribed, with its market value and profit."""

    contract: Contract
    position: Quantity
    marketPrice: float
    marketValue: float
    averageCost: float
    unrealizedPNL: float
    realizedPNL: float
    accountName: str


@from_server(8, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class UpdateAccountTime:
    """When the values of the account were last updated, as `hh:mm`."""

    timeStamp: str


@from_server(54, ends=ReqAccountUpdates, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class AccountDownloadEnd:
    """All values of an account have been sent. Changes follow."""

    accountName: str


@from_client(62, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqAccountSummary:
    """Subscribe to chosen values of a group of accounts. `tags` are their names, joined by commas."""

    reqId: int
    group: str
    tags: str


@from_client(63, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class CancelAccountSummary:
    """End a subscription to an account summary."""

    reqId: int


@from_server(63, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class AccountSummary:
    """One value of an account summary."""

    reqId: int
    account: str
    tag: str
    value: str
    currency: str


@from_server(64, ends=ReqAccountSummary, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class AccountSummaryEnd:
    """All values of an account summary have been sent. Changes follow."""

    reqId: int


@from_client(76, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class ReqAccountUpdatesMulti:
    """Subscribe to the values of an account and model."""

    reqId: int
    account: str
    modelCode: str
    ledgerAndNLV: bool


@from_client(77, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class CancelAccountUpdatesMulti:
    """End a subscription that `ReqAccountUpdatesMulti` began."""

    reqId: int


@from_server(73, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class AccountUpdateMulti:
    """One value of an account and model."""

    reqId: int
    account: str
    modelCode: str
    key: str
    value: str
    currency: str


@from_server(74, ends=ReqAccountUpdatesMulti, version=1, protobuf=V.PROTOBUF_ACCOUNTS_POSITIONS)
class AccountUpdateMultiEnd:
    """All values of an account and model have been sent. Changes follow."""

    reqId: int
