"""Literal messages of the settings of TWS, each with its bytes, as in `wire.vectors`; they have no text form."""

from wire.vectors.vector import CLIENT, SERVER, Vector, tagged

from ibdesk.model.config import (
    ApiConfig,
    ApiPrecautionsConfig,
    ApiSettingsConfig,
    LockAndExitConfig,
    MessageConfig,
    OrdersConfig,
    OrdersSmartRoutingConfig,
    UpdateConfigWarning,
)
from ibdesk.wire.messages import config

VECTORS = (
    Vector("ask for settings", 219, CLIENT, tagged(108, "08 07"), config.ReqConfig(7)),
    Vector("no settings", 219, SERVER, tagged(110, "08 07"), config.ConfigResponse(7)),
    Vector(
        "settings",
        219,
        SERVER,
        tagged(
            110,
            "08 07 12 0b 0a 05 31 31 3a 34 35 12 02 50 4d 1a 09 08 83 01 22 02 4f 4b 28 00"
            "22 12 0a 02 50 01 12 0c 08 00 40 c8 3a a2 01 00 a2 02 01 61 2a 04 0a 02 18 01",
        ),
        config.ConfigResponse(
            7,
            LockAndExitConfig("11:45", "PM"),
            [MessageConfig(131, defaultAction="OK", enabled=False)],
            ApiConfig(
                ApiPrecautionsConfig(bypassRouteMarketableToBBO=True),
                ApiSettingsConfig(readOnlyApi=False, socketPort=7496, componentExchSeparator="", trustedIPs=["a"]),
            ),
            OrdersConfig(OrdersSmartRoutingConfig(doNotRouteToDarkPools=True)),
        ),
    ),
    Vector(
        "pages without a setting",
        219,
        SERVER,
        tagged(110, "08 07 12 00 22 04 0a 00 12 00 2a 02 0a 00"),
        config.ConfigResponse(
            7,
            LockAndExitConfig(),
            [],
            ApiConfig(ApiPrecautionsConfig(), ApiSettingsConfig()),
            OrdersConfig(OrdersSmartRoutingConfig()),
        ),
    ),
    Vector(
        "change settings",
        221,
        CLIENT,
        tagged(109, "08 07 22 04 12 02 08 00 32 08 08 07 12 01 54 1a 01 4d 38 01"),
        config.UpdateConfig(
            7,
            api=ApiConfig(settings=ApiSettingsConfig(readOnlyApi=False)),
            acceptedWarnings=[UpdateConfigWarning(7, "T", "M")],
            resetAPIOrderSequence=True,
        ),
    ),
    Vector(
        "settings are changed",
        221,
        SERVER,
        tagged(111, "08 07 12 02 4f 4b 1a 01 6d 22 01 61 22 01 62 2a 01 65 32 02 08 07"),
        config.UpdateConfigResponse(7, "OK", "m", ["a", "b"], ["e"], [UpdateConfigWarning(7)]),
    ),
)
