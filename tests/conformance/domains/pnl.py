"""How the messages of profit and loss are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.strategies import OPTIONAL_FLOATS, SIZES

from ibdesk.wire.messages import pnl as messages

DOMAIN = Domain(
    requests={
        messages.ReqPnL: Request("reqPnL", fields("reqId", "account", "modelCode"), "PnLRequest"),
        messages.CancelPnL: Request("cancelPnL", fields("reqId"), "CancelPnL"),
        messages.ReqPnLSingle: Request(
            "reqPnLSingle", fields("reqId", "account", "modelCode", "conId"), "PnLSingleRequest"
        ),
        messages.CancelPnLSingle: Request("cancelPnLSingle", fields("reqId"), "CancelPnLSingle"),
    },
    answers={
        messages.PnL: callback("pnl", "reqId", "dailyPnL", "unrealizedPnL", "realizedPnL"),
        messages.PnLSingle: callback(
            "pnlSingle", "reqId", "position", "dailyPnL", "unrealizedPnL", "realizedPnL", "value"
        ),
    },
    values={
        messages.PnL: dict.fromkeys(("dailyPnL", "unrealizedPnL", "realizedPnL"), OPTIONAL_FLOATS),
        messages.PnLSingle: {
            "position": SIZES,
            **dict.fromkeys(("dailyPnL", "unrealizedPnL", "realizedPnL", "value"), OPTIONAL_FLOATS),
        },
    },
)
