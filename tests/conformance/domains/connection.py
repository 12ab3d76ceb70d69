"""How the messages of start, ids, accounts, errors, the clock are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.strategies import LONGS, OPTIONAL_INTS

from ibdesk.wire.messages import connection as messages

DOMAIN = Domain(
    requests={
        messages.StartApi: Request(
            "startApi",
            fields(),
            "StartApiRequest",
            lambda m: {"client_id": m.clientId, "optional_capabilities": m.optionalCapabilities},
        ),
        messages.ReqIds: Request("reqIds", fields("numIds"), "IdsRequest"),
        messages.ReqManagedAccts: Request("reqManagedAccts", fields(), "ManagedAccountsRequest"),
        messages.ReqCurrentTime: Request("reqCurrentTime", fields(), "CurrentTimeRequest"),
        messages.ReqCurrentTimeInMillis: Request("reqCurrentTimeInMillis", fields(), "CurrentTimeInMillisRequest"),
        messages.SetServerLogLevel: Request("setServerLogLevel", fields("logLevel"), "SetServerLogLevelRequest"),
    },
    answers={
        messages.NextValidId: callback("nextValidId", "orderId"),
        messages.ManagedAccounts: callback("managedAccounts", "accountsList"),
        messages.CurrentTime: callback("currentTime", "time"),
        messages.CurrentTimeInMillis: callback("currentTimeInMillis", "timeInMillis"),
        messages.Error: callback("error", "reqId", "errorTime", "errorCode", "errorString", "advancedOrderRejectJson"),
    },
    otherwise={
        (messages.Error, client): callback("error", "reqId", "errorCode", "errorString", "advancedOrderRejectJson")
        for client in ("10.30.1", "10.19.4", "ib_async")
    },
    values={
        messages.CurrentTime: {"time": OPTIONAL_INTS | LONGS},
        messages.CurrentTimeInMillis: {"timeInMillis": OPTIONAL_INTS | LONGS},
        messages.Error: {"reqId": OPTIONAL_INTS, "errorTime": LONGS},
    },
    schemas={
        messages.Error: "ErrorMessage",
    },
)
