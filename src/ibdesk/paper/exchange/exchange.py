"""The calls by which the gateway speaks to the exchange: orders, quotes and the time in, a list of facts out.

The exchange has no clock, no randomness and no numbers of its own: all come as arguments, so the same calls always
give the same facts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from math import nan

from ibdesk import codes
from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.fields import field_defaults
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_INTEGER

from ..decimals import exact
from ..like import Like
from ..refusals import Refusal
from .algos import check_algo
from .auctions import check_cut_off, is_locked
from .cash_quantity import may_be_cash, named_in_cash, sized
from .conditions import contracts_watched
from .executions import Executions
from .facts import CompletedOrder, Executed, Fact, OrderEchoed, OrderKey
from .hedges import DeltaOf, check_parent, no_delta
from .hours import EndOf, HoursOf, always_open, endless
from .lifecycle import FILLED, HELD
from .matching_engine import BY_TRADER, MatchingEngine
from .new_orders import DetailsOf, NewOrders, unknown
from .order_fields import normalize_order
from .order_index import OrderIndex
from .order_types import ORDER_TYPES
from .outcome import Outcome
from .presets import check_presets, has_presets, preset_orders
from .price_steps import StepsOf, one_step
from .quotes import Quote
from .references import OptionModel, no_model
from .risk import Risk, what_if_state
from .settlements import NOT_CARRIED_OUT, Cause, Instruction, Leg, Settlement
from .validation import (
    DUPLICATE,
    MISSING_PARENT,
    NOT_FOR_WHAT_IF,
    Request,
    check_modification,
    check_order,
    parent_not_found,
)
from .working import Attached, WorkingOrder

BY_HAND = 0
"""The client that is told of what no client has ordered."""

MAX_WORKING_ORDERS = 15
"""On one side of one contract, by account; the rejection text names the number."""


class Exchange:
    """All orders of the paper gateway.

    `accounts` are the books by account code; the first one gets orders that name no account. `hours_of` tells the
    hours of an instrument, `end_of` when it is traded last and `steps_of` the steps of its prices; `knows` tells
    whether there is an instrument with a conId, `details_of` all about it, and `delta_of` the delta of an option.
    `option_model` values options at any volatility. `like` is the kind of account whose gateway is imitated. permIds
    begin with `first_perm_id`, and every execId with `exec_group`. `now` is always an aware datetime, in the zone in
    which times are reported, and must not go back.
    """

    def __init__(
        self,
        accounts: Mapping[str, Risk],
        *,
        first_perm_id: int,
        exec_group: int,
        seed: int = 0,
        hours_of: HoursOf = always_open,
        end_of: EndOf = endless,
        max_working_orders: int = MAX_WORKING_ORDERS,
        steps_of: StepsOf = one_step,
        knows: Callable[[int], bool] = bool,
        details_of: DetailsOf = unknown,
        delta_of: DeltaOf = no_delta,
        option_model: OptionModel = no_model,
        like: Like = Like.PAPER,
    ) -> None:
        self._accounts = accounts
        self._steps_of = steps_of
        self._knows = knows
        self._details_of = details_of
        self._like = like
        self._index = OrderIndex(first_perm_id)
        self._executions = Executions(accounts, exec_group, seed)
        self._new_orders = NewOrders(next(iter(accounts)), self._index, self._executions, steps_of, details_of)
        self._engine = MatchingEngine(
            accounts,
            hours_of,
            end_of,
            self._index,
            self._executions,
            self._new_orders,
            delta_of,
            max_working_orders,
            option_model,
        )

    # Orders in

    def place(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime
    ) -> list[Fact]:
        """Take a placeOrder: a change when the client has an order with this id, else a new order."""
        if not order.whatIf and self._index.find(client_id, order.orderId):
            return self.modify(client_id, contract, details, order, now)
        return self.submit(client_id, contract, details, order, now)

    def submit(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime
    ) -> list[Fact]:
        """Take a new order. With `transmit` False it is reported to nobody: it waits for one of its group with True."""
        outcome = self._begin(now)
        # The hours have to be known before the check, which asks whether the instrument ever closes.
        market = self._engine.open_market(details, contract.conId, now)
        key = OrderKey(client_id, order.orderId)
        try:
            if named_in_cash(order) and may_be_cash(order, contract):
                order = sized(order, details, market.liquidity.prices)
            order = self._checked(order, contract, details, None, outcome, key)
            self._check_number(client_id, order)
            check_parent(order, contract, self._index.find(client_id, order.parentId) if order.parentId else None)
            check_presets(order, self._index.next_order_id(client_id))
            kind = ORDER_TYPES[order.orderType]
            self._engine.check_ends([contract.conId, *contracts_watched(order.conditions)], now)
            if kind.has_reference:
                self._engine.check_ends([kind.reference(order, details.underConId)], now)
            kind.check_hours(market.hours)
            check_algo(order, contract.secType, market.hours, now)
            check_cut_off(order, kind, contract, market.hours, now)
            if has_presets(order):
                preset_orders(
                    self._new_orders.make(key, contract, details, order, now, sequence=0), market.liquidity.prices
                )
        except Refusal as refusal:
            # Orders that are attached to this one are then told 135, not that their parent is missing.
            if not order.whatIf:
                self._index.refused.add((client_id, order.orderId))
            outcome.error(key, refusal.code, refusal.text)
            return outcome.facts
        if order.whatIf:
            return [*outcome.facts, self._what_if(client_id, contract, details, order, now)]
        entry = self._new_orders.add(client_id, contract, details, order, now)
        if order.transmit:
            self._transmit(entry, outcome)
        return outcome.facts

    def modify(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime
    ) -> list[Fact]:
        """Change an order: its price, size, type or time in force. What has been filled stays filled.

        A change is checked as a new order is, and takes effect wholly or not at all.
        """
        outcome = self._begin(now)
        entry = self._index.find(client_id, order.orderId)
        if entry is None:
            outcome.error(OrderKey(client_id, order.orderId), *parent_not_found(order.orderId))
            return outcome.facts
        try:
            check_modification(entry, order, contract)
            if (order.hedgeType or named_in_cash(order)) and not order.totalQuantity:
                order = replace(order, totalQuantity=entry.order.totalQuantity)
            order = self._checked(order, entry.contract, details, entry.order, outcome, entry.key)
            if order.conditions != entry.order.conditions:
                self._engine.check_ends(contracts_watched(order.conditions), now)
            hours, kind = self._engine.markets[entry.contract.conId].hours, ORDER_TYPES[order.orderType]
            if kind.has_reference:
                self._engine.check_ends([kind.reference(order, details.underConId)], now)
            kind.check_hours(hours)
            check_algo(order, entry.contract.secType, hours, now, entry.order)
            check_cut_off(order, kind, entry.contract, hours, now)
            if is_locked(entry, hours, now):
                raise Refusal(10148, f"OrderId {order.orderId} can not be modified, state: {entry.status}.")
            if entry.transmitted:
                asked = self._new_orders.make(entry.key, entry.contract, details, order, now, entry.sequence)
                asked.filled = entry.filled
                self._engine.followers.look(asked, now)
                if objection := self._engine.funds.objection(asked, instead_of=entry):
                    raise Refusal(201, f"Order rejected - reason:{objection}")
        except Refusal as refusal:
            outcome.error(entry.key, refusal.code, refusal.text)
            return outcome.facts
        self._revise(entry, order)
        if not entry.transmitted:
            if order.transmit:
                self._transmit(entry, outcome)
        elif entry.remaining <= 0 and not entry.grows:
            self._engine.complete(entry, outcome)
        else:
            self._engine.schedule(entry, now)
            outcome.tell(entry)
            self._engine.advance(entry, outcome)
        return outcome.facts

    def cancel(self, client_id: int, order_id: int, now: datetime) -> list[Fact]:
        """Cancel an order of the client, or else of the only other client that has a live one with this id."""
        outcome = self._begin(now)
        entry = self._index.find(client_id, order_id) or self._index.find_foreign(order_id)
        what = f"OrderId {order_id} that needs to be cancelled"
        if entry is None:
            outcome.error(OrderKey(client_id, order_id), 10147, f"{what} is not found.")
        elif entry.done or self._is_locked(entry, now):
            outcome.error(entry.key, 10148, f"{what} can not be cancelled, state: {entry.status}.")
        else:
            self._cancel(entry, outcome)
        return outcome.facts

    def _is_locked(self, entry: WorkingOrder, now: datetime) -> bool:
        return is_locked(entry, self._engine.markets[entry.contract.conId].hours, now)

    def cancel_all(self, now: datetime) -> list[Fact]:
        """Cancel every order of every client, but those that an exchange keeps for its auction."""
        outcome = self._begin(now)
        for entry in list(self._index.live()):
            if not self._is_locked(entry, now):
                self._cancel(entry, outcome)
        return outcome.facts

    # Positions without trades

    def instruct(
        self,
        client_id: int,
        order_id: int,
        details: ContractDetails,
        quantity: float,
        now: datetime,
        *,
        lapses: bool = False,
        override: bool = False,
    ) -> list[Fact]:
        """Take the instruction to exercise so many options, or to let them lapse: an order until it is carried out."""
        outcome, contract = self._begin(now), details.contract
        assert contract is not None
        if self._index.find(client_id, order_id):
            outcome.error(OrderKey(client_id, order_id), *DUPLICATE)
            return outcome.facts
        key = OrderKey(client_id, order_id, self._index.new_perm_id())
        # As gateways show it: a purchase at no price, whatever is exercised.
        order = Order(action="BUY", totalQuantity=quantity, orderType="LMT", lmtPrice=0.0)
        entry = Instruction(
            key,
            contract,
            details,
            self._steps_of(details),
            normalize_order(order, key, next(iter(self._accounts))),
            ORDER_TYPES["LMT"],
            self._index.new_sequence(),
            now,
            exact(quantity),
            lapses=lapses,
            override=override,
        )
        self._index.add(entry)
        entry.become(HELD)
        outcome.tell(entry)
        return outcome.facts

    def settle(self, settlements: Iterable[Settlement], now: datetime) -> list[Fact]:
        """Report what becomes of positions without a trade, and end the instructions that led to it."""
        outcome, account = self._begin(now), next(iter(self._accounts))
        for each in settlements:
            if each.instruction and not each.legs:
                self._cancel(each.instruction, outcome)
                continue
            client_id = each.instruction.key.clientId if each.instruction else BY_HAND
            for leg in each.legs:
                self._engine.funds.touch(leg.contract.conId)
                if each.instruction and leg is each.legs[0]:
                    self._carry_out(each.instruction, each.cause, leg, outcome)
                else:
                    key = OrderKey(client_id, UNSET_INTEGER, self._index.new_perm_id())
                    outcome.facts.append(self._executions.settle(key, account, each.cause, leg, now))
        return outcome.facts

    def _carry_out(self, entry: Instruction, cause: Cause, leg: Leg, outcome: Outcome) -> None:
        # Fewer than wanted, if some have been sold since.
        entry.quantity = exact(abs(leg.quantity))
        entry.order.totalQuantity = abs(leg.quantity)
        entry.add_fill(entry.quantity, exact(leg.price))
        outcome.facts.append(self._executions.settle(entry.key, entry.order.account, cause, leg, outcome.now))
        self._engine.finish(entry, FILLED, outcome, f"Filled Size: {abs(leg.quantity):g}")

    def _cancel(self, entry: WorkingOrder, outcome: Outcome) -> None:
        if isinstance(entry, Instruction):
            outcome.error(entry.key, *NOT_CARRIED_OUT)
        self._engine.cancel(entry, outcome, BY_TRADER)

    @property
    def instructions(self) -> list[Instruction]:
        """The instructions that wait to be carried out, oldest first."""
        return [entry for entry in self._index.live() if isinstance(entry, Instruction)]

    # The world in

    def on_quote(self, con_id: int, quote: Quote, now: datetime) -> list[Fact]:
        """Match the orders that a new quote of a contract concerns."""
        outcome = self._begin(now)
        self._engine.markets[con_id].take(quote)
        self._engine.funds.touch(con_id)
        self._engine.on_quote(con_id, outcome)
        return outcome.facts

    def on_time(self, now: datetime) -> list[Fact]:
        """Do what is due: sessions that open and close, orders that wake and expire, conditions on the margin."""
        outcome = self._begin(now)
        self._engine.watch_margin(outcome)
        return outcome.facts

    def start_day(self, now: datetime) -> None:
        """Forget completed orders, and put executions with those of earlier days, as gateways do at midnight."""
        self._executions.start_day(now)
        self._engine.completed.clear()
        self._index.forget_done()
        for entry in self._index.live():
            entry.executions_before = 0

    @property
    def next_due(self) -> datetime | None:
        """The next moment (in UTC) at which `on_time` may have something to do; None if nothing is waited for.

        Conditions on the margin are not included, which may come true at any time: see `watches_margin`.
        """
        return self._engine.next_due

    @property
    def watches_margin(self) -> bool:
        """Whether an order waits for the margin of its account. `on_time` looks at it."""
        return self._engine.watches_margin

    # Questions

    def forget_untransmitted(self) -> None:
        """Drop the orders that wait for `transmit`, as a gateway does that is restarted: IB does not know them."""
        self._index.forget_untransmitted()

    def open_orders(self, client_id: int | None = None) -> list[Fact]:
        """Return the live orders of a client, or of all when it is None: an echo and a status of each."""
        facts: list[Fact] = []
        for entry in self._index.live():
            if entry.transmitted and client_id in (None, entry.key.clientId):
                facts += [entry.echoed(), entry.reported()]
        return facts

    @property
    def completed_orders(self) -> Sequence[CompletedOrder]:
        """The orders that are done, oldest first."""
        return tuple(self._engine.completed)

    @property
    def executions(self) -> Sequence[Executed]:
        """The executions of the day, oldest first."""
        return tuple(self._executions.facts)

    @property
    def earlier_executions(self) -> Sequence[Executed]:
        """The executions of the six days before, oldest first."""
        return tuple(self._executions.earlier)

    def next_order_id(self, client_id: int) -> int:
        """Return the lowest order id that a client may use."""
        return self._index.next_order_id(client_id)

    # Inside

    def _begin(self, now: datetime) -> Outcome:
        return Outcome(now, self._engine.on_time(now))

    def _checked(
        self,
        order: Order,
        contract: Contract,
        details: ContractDetails,
        shown: Order | None,
        outcome: Outcome,
        key: OrderKey,
    ) -> Order:
        """Return an order that passes the checks, without the fields that are ignored, of which the client is told.

        Raises `Refusal` for one that does not.
        """
        steps, zone = self._steps_of(details), outcome.now.tzinfo
        known = self._knows, self._details_of
        request = Request(order, contract, details, shown, self._accounts, zone, self._like, steps, *known)
        if ignored := check_order(request):
            order = copy(order)
            for name, code in ignored:
                setattr(order, name, field_defaults(Order)[name])
                outcome.error(key, code, codes.text(code))
        return order

    def _check_number(self, client_id: int, order: Order) -> None:
        """Raise `Refusal` unless a new order may have its number and its parent. A what-if order uses up no number."""
        if order.whatIf:
            if not order.transmit:
                raise Refusal(*NOT_FOR_WHAT_IF)
            return
        if order.orderId < self._index.next_order_id(client_id):
            raise Refusal(*DUPLICATE)
        if not order.parentId:
            return
        parent = self._index.find(client_id, order.parentId)
        if parent is None and (client_id, order.parentId) not in self._index.refused:
            raise Refusal(*MISSING_PARENT)
        if parent is None or (parent.done and parent.remaining > 0):
            raise Refusal(*parent_not_found(order.parentId))

    def _what_if(
        self, client_id: int, contract: Contract, details: ContractDetails, order: Order, now: datetime
    ) -> OrderEchoed:
        key = OrderKey(client_id, order.orderId)
        entry = self._new_orders.make(key, contract, details, order, now, sequence=0)
        self._engine.followers.look(entry, now)
        price = entry.kind.likely_price(entry, self._engine.markets[contract.conId].liquidity.prices)
        told = nan if price is None else float(price)
        preview = self._accounts[entry.order.account].preview(contract, order.action, order.totalQuantity, told)
        return OrderEchoed(entry.key, contract, entry.order, what_if_state(HELD, preview))

    def _transmit(self, entry: WorkingOrder, outcome: Outcome) -> None:
        """Begin the life of an order and of those of its group that waited for it, oldest first."""
        head = self._index.parent(entry) or entry
        for member in [head, *self._index.children(head)]:
            if not member.transmitted:
                member.order.transmit = True
                presets = self._presets(member)
                self._engine.accept(member, outcome)
                if member.done and member.status != FILLED:
                    continue
                for preset in presets:
                    self._engine.attach(member, preset, outcome)

    def _presets(self, entry: WorkingOrder) -> list[Attached]:
        if not has_presets(entry.order):
            return []
        return preset_orders(entry, self._engine.markets[entry.contract.conId].liquidity.prices)

    def _revise(self, entry: WorkingOrder, order: Order) -> None:
        before = entry.order
        grows = exact(order.totalQuantity) > entry.quantity
        self._engine.unwatch(entry)
        entry.order = normalize_order(order, entry.key, before.account, before.ocaGroup)
        entry.kind = ORDER_TYPES[order.orderType]
        entry.kind.complete(entry.order)
        if not order.hedgeType:
            entry.quantity = exact(order.totalQuantity)
        # An order that asks for more than before goes to the end of the queue.
        if grows or order.lmtPrice != before.lmtPrice or order.orderType != before.orderType:
            entry.sequence = self._index.new_sequence()
        # What the old terms waited for says nothing about the new ones.
        entry.triggered = entry.triggered and order.orderType == before.orderType
        entry.conditions_met = entry.conditions_met and order.conditions == before.conditions
        entry.kind.change(entry, order, before)
        self._engine.funds.touch(entry.contract.conId)
