"""Whatever takes a contract, an order or another object of ibdesk refuses all else by name, before anything is sent."""

import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest
from client.asking import connected

from ibdesk import IB, Client, ContractDetails, ExecutionFilter, Forex, LimitOrder, Order, Stock, Trade
from ibdesk.client.arguments import checked
from ibdesk.model import contract as contracts
from ibdesk.wire.messages.connection import StartApi

AAPL = Stock("AAPL", "SMART", "USD")


def classes_of(annotation: Any) -> list[type]:
    """The classes of an annotation; empty where it is more than classes."""
    kinds = annotation.__args__ if isinstance(annotation, types.UnionType) else (annotation,)
    return list(kinds) if all(isinstance(kind, type) for kind in kinds) else []


def is_ours(kind: type) -> bool:
    return kind.__module__.startswith("ibdesk.")


def arguments() -> Iterator[Any]:
    """Each parameter of a public method that takes an object of ibdesk: class, method, parameter."""
    for cls in (IB, Client):
        for name in dir(cls):
            method = inspect.getattr_static(cls, name)
            if name.startswith("_") or not inspect.isfunction(method):
                continue
            for parameter in inspect.signature(method).parameters.values():
                kinds = classes_of(parameter.annotation)
                if any(map(is_ours, kinds)) and all(is_ours(kind) or kind is type(None) for kind in kinds):
                    yield pytest.param(cls, name, parameter, id=f"{cls.__name__}.{name}-{parameter.name}")


ARGUMENTS = list(arguments())


def test_all_that_are_known_by_name_are_among_them() -> None:
    named = {
        (cls, name, parameter)
        for cls in (IB, Client)
        for name in dir(cls)
        if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(cls, name))
        for parameter in inspect.signature(getattr(cls, name)).parameters
        if not name.startswith("flatten")  # its `order` makes orders
        and parameter in ("contract", "contracts", "order", "trade", "subscription", "bars", "group", "execFilter")
    }
    assert len(named) > 50
    assert named <= {(cls, name, parameter.name) for cls, name, parameter in (one.values for one in ARGUMENTS)}


def given(method: Any, wrong: str, value: Any) -> dict[str, Any]:
    """Arguments by name: `value` for one parameter, and for the others what they take."""
    others = {"contract": AAPL, "order": Order()}
    taken = {}
    for one in list(inspect.signature(method).parameters.values())[1:]:
        if one.name == wrong:
            taken[one.name] = value
        elif one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            taken[one.name] = others.get(one.name, 1)
    return taken


async def call(cls: type, name: str, parameter: inspect.Parameter, value: Any) -> None:
    ib = IB()
    target = ib if cls is IB else ib.client
    method = getattr(cls, name)
    if parameter.kind is parameter.VAR_POSITIONAL:
        done = method(target, value)
    else:
        done = method(target, **given(method, parameter.name, value))
    if inspect.isawaitable(done):
        await done


@pytest.mark.parametrize(("cls", "name", "parameter"), ARGUMENTS)
async def test_what_is_none_or_of_another_class_is_refused(cls: type, name: str, parameter: inspect.Parameter) -> None:
    """There is no connection, which would be the next to be told: so nothing is ever sent."""
    shown = f"{parameter.name}[0]" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name
    wrong = [object(), "AAPL", 7, [AAPL]]
    if type(None) not in classes_of(parameter.annotation):
        wrong.append(None)
    for value in wrong:
        with pytest.raises(TypeError) as caught:
            await call(cls, name, parameter, value)
        assert str(caught.value).startswith(f"{name}(): {shown} must be ")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "must be a Contract, not None"),
        ("AAPL", "must be a Contract, not 'AAPL'; Stock('AAPL', 'SMART', 'USD') makes one"),
        ([AAPL], "must be a Contract, not a list; give them one by one, as *contracts"),
        (ContractDetails(contract=AAPL), "must be a Contract, not a ContractDetails; give its .contract"),
    ],
)
async def test_the_error_says_what_to_do(value: Any, told: str) -> None:
    with pytest.raises(TypeError) as caught:
        await IB().qualifyContractsAsync(AAPL, value)
    assert str(caught.value) == f"qualifyContractsAsync(): contracts[1] {told}"


async def test_an_order_is_not_its_trade() -> None:
    with pytest.raises(TypeError, match=r"^cancelOrder\(\): order must be an Order, not a Trade; give its \.order$"):
        IB().cancelOrder(Trade(order=LimitOrder("BUY", 1, 1)))


@pytest.mark.parametrize("version", [178, 225])
async def test_nothing_is_sent(version: int) -> None:
    async with connected(version=version) as (ib, server):
        before = list(server.received)
        for attempt in (
            lambda: ib.placeOrder(None, LimitOrder("BUY", 1, 1)),
            lambda: ib.placeOrder(AAPL, None),
            lambda: ib.reqMktData(None),
            lambda: ib.client.reqMktData(5, None, "", False, False, []),
        ):
            with pytest.raises(TypeError):
                attempt()
        with pytest.raises(TypeError):
            await ib.reqContractDetailsAsync(None)  # type: ignore[arg-type]
        await ib.reqExecutionsAsync()
        assert before[0].__class__ is StartApi
        assert len(server.received) == len(before) + 1
        assert ib.trades() == ib.tickers() == []


def test_every_kind_of_contract_is_one_and_nothing_may_be_given() -> None:
    ib = IB()
    for kind in (Forex("EURUSD"), *(getattr(contracts, name)() for name in ("Option", "Future", "Bag", "Contract"))):
        assert ib.ticker(kind) is None
    for given in (None, ExecutionFilter()):
        with pytest.raises(ConnectionError):
            ib.reqExecutions(given)


def test_a_method_without_such_arguments_stays_as_it_is() -> None:
    def plain(self: Any, number: int, text: str | None = None) -> None: ...

    assert checked(plain) is plain
    assert checked("no function") == "no function"
