"""Answers about the gateway itself: its clock, how much it logs, its settings.

The settings are those of TWS that make sense here. They can be read and not changed: a request to change some is
answered with an error for each.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from ibdesk.model.config import ApiConfig, ApiSettingsConfig
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages.config import ConfigResponse, ReqConfig, UpdateConfig, UpdateConfigResponse
from ibdesk.wire.messages.connection import (
    CurrentTime,
    CurrentTimeInMillis,
    ReqCurrentTime,
    ReqCurrentTimeInMillis,
    SetServerLogLevel,
)

from ..broker import Broker
from ..client import Client
from ..instruments import Refusal
from .group import HandlerGroup, NewTimer, answers

LEVELS = {1: "system", 2: "error", 3: "warning", 4: "information", 5: "detail"}
"""How much TWS logs of a client. This gateway logs the same for all."""

INVALID_LEVEL = 319


class SettingsHandlers(HandlerGroup):
    """Handlers that answer at once and keep nothing."""

    def __init__(self, broker: Broker, new_timer: NewTimer, master_client_id: int | None) -> None:
        super().__init__(broker, new_timer)
        self._master_client_id = master_client_id

    @answers(ReqCurrentTime)
    def _time(self, client: Client, request: ReqCurrentTime) -> None:
        client.send(CurrentTime(int(self._broker.now.timestamp())))

    @answers(ReqCurrentTimeInMillis)
    def _time_in_millis(self, client: Client, request: ReqCurrentTimeInMillis) -> None:
        client.send(CurrentTimeInMillis(int(self._broker.now.timestamp() * 1000)))

    @answers(SetServerLogLevel)
    def _log_level(self, client: Client, request: SetServerLogLevel) -> None:
        if request.logLevel not in LEVELS:
            raise Refusal(INVALID_LEVEL)

    @answers(ReqConfig)
    def _settings(self, client: Client, request: ReqConfig) -> None:
        client.send(self._config(request.reqId))

    def _config(self, reqId: int) -> ConfigResponse:
        settings = ApiSettingsConfig(
            readOnlyApi=False,
            downloadOpenOrdersOnConnection=False,
            prepareDailyPnL=True,
            masterClientId=UNSET_INTEGER if self._master_client_id is None else self._master_client_id,
            roundAccountValuesToNearestWholeNumber=False,
            sendMarketDataInLotsForUsStocks=False,
            maintainConnectionOnIncorrectFields=True,
            compatibilityModeNasdaqStocks=False,
        )
        return ConfigResponse(reqId, api=ApiConfig(settings=settings))

    @answers(UpdateConfig)
    def _refuse_changes(self, client: Client, request: UpdateConfig) -> None:
        """Refuse what would change a setting; what is wanted as it already is is fine."""
        now = dict(_told(self._config(request.reqId), ""))
        wrong = [name for name, value in _told(request, "") if now.get(name) != value]
        errors = [f"{name} cannot be changed: the settings of this gateway are read-only" for name in wrong]
        status, message = ("error", "Nothing is changed.") if errors else ("success", "Nothing is to change.")
        client.send(UpdateConfigResponse(request.reqId, status, message, errors=errors))


def _told(config: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the settings that are told, by names such as `api.settings.readOnlyApi`."""
    for field in fields(config):
        value, name = getattr(config, field.name), f"{path}{field.name}"
        if field.name in ("reqId", "acceptedWarnings"):
            continue
        if is_dataclass(value):
            yield from _told(value, f"{name}.")
        elif value not in (None, UNSET_INTEGER, []):
            yield name, value
