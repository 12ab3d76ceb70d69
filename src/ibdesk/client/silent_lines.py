"""`LineWatch`: notices that a subscription brings nothing while its market is open: see `watchSubscriptions`."""

import asyncio
import datetime as dt
from collections.abc import Callable, Hashable
from typing import Any

from ibdesk.client.bars_again import Link
from ibdesk.client.client_state import ClientState
from ibdesk.client.subscriptions import Subscription
from ibdesk.errors import EncodeError, RequestError
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import TradingSession
from ibdesk.wire.messages.contracts import ReqContractDetails

_log = logger("ibdesk.session")

ANSWER = 60.0
"""How many seconds the server may take to tell trading hours."""

_ALWAYS = [TradingSession(dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC))]
"""What is taken for the hours of a contract whose hours are not known."""


_FOR_A_WHILE = dt.timedelta(minutes=10)
"""For how long a contract counts as open whose hours the server has not told when it was asked."""


class LineWatch:
    """Emits `silentEvent` when a subscription to market data brings nothing for `limit` seconds. 0 stands for never.

    Each subscription has a timer, which is set again only when it is due: ticks cost nothing. Regular trading hours
    count. They are asked for when a contract is silent for the first time, and again when they are over.
    """

    def __init__(self, state: ClientState, link: Link) -> None:
        self._state = state
        self._link = link
        self.limit: float = 0.0
        self._timers: dict[Subscription, asyncio.TimerHandle] = {}
        self._begun: dict[Subscription, dt.datetime] = {}
        """When each was looked at first. It is silent from then on, if nothing comes."""
        self._told: dict[Subscription, dt.datetime] = {}
        """Those that are told to be silent, and since when."""
        self._hours: dict[Hashable, list[TradingSession]] = {}
        self._asking: dict[Hashable, asyncio.Task[None]] = {}

    def start(self, limit: float) -> None:
        """Watch all subscriptions from now on, those that follow, too; none any more if the limit is 0."""
        self.stop()
        self.limit = limit
        self._state.subscriptions.on_added = self._add if limit else None
        for one in self._state.subscriptions if limit else ():
            self._add(one)

    def stop(self) -> None:
        """Forget all subscriptions, because the connection has ended. Those of the next one are watched again."""
        for timer in self._timers.values():
            timer.cancel()
        for task in self._asking.values():
            task.cancel()
        self._timers.clear()
        self._begun.clear()
        self._told.clear()
        self._asking.clear()

    def _add(self, one: Subscription) -> None:
        if one.streams and not one.is_suspended:
            self._begun[one] = self._state.now()
            self._look_in(self.limit, one)

    def _look_in(self, seconds: float, one: Subscription) -> None:
        if timer := self._timers.pop(one, None):
            timer.cancel()
        if self._link.loop is not None:
            self._timers[one] = self._link.loop.call_later(seconds, self._look, one)

    def _look(self, one: Subscription) -> None:
        """Tell that a subscription is silent if it is, and look again when it may be next."""
        del self._timers[one]
        if self._state.subscriptions.get(one.key) is not one or one.is_suspended:
            self._begun.pop(one, None)
            self._told.pop(one, None)
            return
        now = self._state.now()
        last = max(one.last_data() or self._begun[one], self._begun[one])
        silent = (now - last).total_seconds()
        if silent < self.limit:
            self._look_in(self.limit - silent, one)
            return
        hours = self._hours_of(one, now)
        if hours is None:
            return  # `_look` is called again when they are known
        session = next((each for each in hours if each.end > now), None)
        if session is None:  # a holiday longer than the hours that are told
            self._look_in(dt.timedelta(hours=1).total_seconds(), one)
        elif now < session.start + dt.timedelta(seconds=self.limit):
            self._look_in((session.start - now).total_seconds() + self.limit, one)
        else:
            self._tell(one, last, silent)

    def _tell(self, one: Subscription, since: dt.datetime, silent: float) -> None:
        self._look_in(self.limit, one)
        if self._told.get(one) != since:
            self._told[one] = since
            _log.warning("%s has brought nothing for %.0f s, although its market is open", one.request, silent)
            self._link.emit("silentEvent", one, silent)

    # --- trading hours --------------------------------------------------------------------------------------------

    def _hours_of(self, one: Subscription, now: dt.datetime) -> list[TradingSession] | None:
        """Return the sessions of regular trading. None if they are being asked for, after which it is looked again."""
        contract: Contract = one.request.contract
        key = contract.key()
        hours = self._hours.get(key)
        if hours is not None and (hours is _ALWAYS or not hours or hours[-1].end > now):
            return hours
        asking = self._asking.get(key)
        if asking is None:
            self._asking[key] = asking = asyncio.ensure_future(self._ask(key, contract, now))
        asking.add_done_callback(self._looker(one))
        return None

    def _looker(self, one: Subscription) -> Callable[[Any], None]:
        def look(asked: "asyncio.Task[None]") -> None:
            if not asked.cancelled() and one in self._begun:
                self._look_in(0.0, one)

        return look

    async def _ask(self, key: Hashable, contract: Contract, now: dt.datetime) -> None:
        hours = _ALWAYS
        try:
            async with asyncio.timeout(ANSWER):
                request = ReqContractDetails(self._link.new_id(), contract)
                found = await self._link.ask(request, always_raise=True)
            details = getattr(found[0], "contractDetails", None) if found else None  # those of bonds have no hours
            sessions = details.liquidSessions() if details is not None else []
            hours = [session for session in sessions if session.end > now] or _ALWAYS
        except TimeoutError:  # perhaps nothing comes at all, and the contract is silent for that reason
            hours = [TradingSession(_ALWAYS[0].start, self._state.now() + _FOR_A_WHILE)]
            _log.warning("The trading hours of %s are not known yet: no answer", contract)
        except (RequestError, EncodeError, ValueError) as error:
            _log.warning("The trading hours of %s are not known: %s", contract, error)
        except ConnectionError:
            return
        finally:
            self._asking.pop(key, None)
        self._hours[key] = hours
