"""How the messages of positions, portfolio, values, summaries are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.exceptions import zero_when_untold
from conformance.strategies import SIZES

from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts as messages

DOMAIN = Domain(
    requests={
        messages.ReqPositions: Request("reqPositions", fields(), "PositionsRequest"),
        messages.CancelPositions: Request("cancelPositions", fields(), "CancelPositions"),
        messages.ReqPositionsMulti: Request(
            "reqPositionsMulti", fields("reqId", "account", "modelCode"), "PositionsMultiRequest"
        ),
        messages.CancelPositionsMulti: Request("cancelPositionsMulti", fields("reqId"), "CancelPositionsMulti"),
        messages.ReqAccountUpdates: Request("reqAccountUpdates", fields("subscribe", "acctCode"), "AccountDataRequest"),
        messages.ReqAccountSummary: Request(
            "reqAccountSummary", fields("reqId", "group", "tags"), "AccountSummaryRequest"
        ),
        messages.CancelAccountSummary: Request("cancelAccountSummary", fields("reqId"), "CancelAccountSummary"),
        messages.ReqAccountUpdatesMulti: Request(
            "reqAccountUpdatesMulti",
            fields("reqId", "account", "modelCode", "ledgerAndNLV"),
            "AccountUpdatesMultiRequest",
        ),
        messages.CancelAccountUpdatesMulti: Request(
            "cancelAccountUpdatesMulti", fields("reqId"), "CancelAccountUpdatesMulti"
        ),
    },
    answers={
        messages.Position: callback("position", "account", "contract", "position", "avgCost"),
        messages.PositionEnd: callback("positionEnd"),
        messages.PositionMulti: callback(
            "positionMulti", "reqId", "account", "modelCode", "contract", "position", "avgCost"
        ),
        messages.PositionMultiEnd: callback("positionMultiEnd", "reqId"),
        messages.UpdateAccountValue: callback("updateAccountValue", "key", "value", "currency", "accountName"),
        messages.UpdatePortfolio: callback(
            "updatePortfolio",
            "contract",
            "position",
            "marketPrice",
            "marketValue",
            "averageCost",
            "unrealizedPNL",
            "realizedPNL",
            "accountName",
        ),
        messages.UpdateAccountTime: callback("updateAccountTime", "timeStamp"),
        messages.AccountDownloadEnd: callback("accountDownloadEnd", "accountName"),
        messages.AccountSummary: callback("accountSummary", "reqId", "account", "tag", "value", "currency"),
        messages.AccountSummaryEnd: callback("accountSummaryEnd", "reqId"),
        messages.AccountUpdateMulti: callback(
            "accountUpdateMulti", "reqId", "account", "modelCode", "key", "value", "currency"
        ),
        messages.AccountUpdateMultiEnd: callback("accountUpdateMultiEnd", "reqId"),
    },
    values={
        messages.Position: {"position": SIZES},
        messages.UpdatePortfolio: {"position": SIZES},
    },
    schemas={
        messages.UpdateAccountValue: "AccountValue",
        messages.UpdatePortfolio: "PortfolioValue",
        messages.UpdateAccountTime: "AccountUpdateTime",
        messages.AccountDownloadEnd: "AccountDataEnd",
    },
    exceptions=(
        *zero_when_untold(messages.Position, "avgCost", 0, V.PROTOBUF_ACCOUNTS_POSITIONS),
        *zero_when_untold(messages.PositionMulti, "avgCost", 0, V.PROTOBUF_ACCOUNTS_POSITIONS),
        *zero_when_untold(
            messages.UpdatePortfolio,
            "marketPrice marketValue averageCost unrealizedPNL realizedPNL",
            0,
            V.PROTOBUF_ACCOUNTS_POSITIONS,
        ),
    ),
)
