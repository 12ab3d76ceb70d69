"""Where an outside client and ibdesk differ, knowingly: the one table, and how its rows are applied.

Each row is proven by `test_exceptions`: without it, a test of conformance would fail. Rows whose reason is a fault of
a client, or a type of Python, say so; the others are choices of ibdesk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from wire.carried import with_value

from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import versions as V
from ibdesk.wire.layout import Path, get_path
from ibdesk.wire.messages import contracts, executions, market_data, orders

EVERY = ("10.46.1", "10.37.2", "10.30.1", "10.19.4")
NEWEST = ("10.46.1",)
NEWER = ("10.46.1", "10.37.2")
SINCE_10_30 = ("10.46.1", "10.37.2", "10.30.1")
OLDEST = ("10.19.4",)
IB_ASYNC = ("ib_async",)


class _Anything:
    def __repr__(self) -> str:
        return "anything"


ANYTHING: Any = _Anything()


@dataclass(frozen=True)
class Row:
    """An exception: for this message at this place, with these clients, at server versions first <= v < end."""

    message: type
    place: str
    clients: tuple[str, ...]
    reason: str
    sample: Any = None
    """A value that shows the difference."""
    first: int = V.MIN
    end: int = V.MAX + 1

    @property
    def path(self) -> Path:
        """The place as a path from the message."""
        return tuple(self.place.split("."))

    def concerns(self, client: str, version: int) -> bool:
        """Does it apply to this client at this server version?"""
        return client in self.clients and self.first <= version < self.end


@dataclass(frozen=True)
class Skipped(Row):
    """The message is not held against these clients."""


@dataclass(frozen=True)
class Avoided(Row):
    """A message with this value (any, when `only` is empty) is held against these clients with `instead` there."""

    instead: Any = None
    only: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Said(Row):
    """Where our request holds `sample`, users of these clients say `instead`."""

    instead: Any = None


@dataclass(frozen=True)
class Read(Row):
    """Where our answer holds `ours`, these clients show `theirs`, in every message that has this attribute."""

    ours: Any = ANYTHING
    theirs: Any = ANYTHING


FIRST_PROTOBUF = "the first protobuf of that client: decimals stay text, half of the fields are not known"
NEVER_READ = "its protobuf decoder never reads it"
NO_BLANK = "the spelling without a blank came later"
NO_THIRD_STATE = "ours has no third state, as in ib_async: False says what None says there"
NO_STRIKE = "our strike of 0.0 means none, as in ib_async"
NO_ATTRIBUTE = ", but there is no such attribute"
NOT_ON_THE_WIRE = "not sent at this version; the defaults differ"

EXCEPTIONS: tuple[Row, ...] = (
    Skipped(orders.PlaceOrder, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),
    Skipped(orders.OpenOrder, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),
    Skipped(executions.OrderStatus, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),
    Skipped(executions.ExecDetails, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF),
    Avoided(
        orders.PlaceOrder,
        "order.faProfile",
        SINCE_10_30,
        "no longer known there",
        "profile",
        end=V.FA_PROFILE_DESUPPORT,
        instead="",
    ),
    *(
        Avoided(message, "order.orderType", OLDEST, NO_BLANK, kind, first=first, instead="LMT", only=(kind,))
        for message, kind, first in (
            (orders.PlaceOrder, "PEGBENCH", V.MIN),
            (orders.PlaceOrder, "PEGBEST", V.PEGBEST_PEGMID_OFFSETS),
            (orders.PlaceOrder, "PEGMID", V.PEGBEST_PEGMID_OFFSETS),
            (orders.OpenOrder, "PEGBENCH", V.MIN),
            (orders.CompletedOrder, "PEGBENCH", V.MIN),
        )
    ),
    Avoided(
        orders.PlaceOrder,
        "order.totalQuantity",
        EVERY,
        "Decimal writes 1E-8 in text (and 0.00000001 in protobuf); ours has no exponents",
        1e-08,
        end=V.PROTOBUF_PLACE_ORDER,
        instead=1.0,
        only=(1e-08,),
    ),
    Avoided(
        market_data.ReqMktData,
        "mktDataOptions",
        EVERY,
        "refused as not supported in text; ib_async sends them, and so does ours",
        [("a", "1")],
        end=V.PROTOBUF_MARKET_DATA,
        instead=[],
    ),
    Said(
        contracts.ReqContractDetails,
        "contract.strike",
        NEWER,
        NO_STRIKE,
        0.0,
        first=V.ZERO_STRIKE,
        instead=UNSET_DOUBLE,
    ),
    Said(
        orders.PlaceOrder,
        "order.discretionaryAmt",
        EVERY,
        "its default is the int 0, written 0; ours is the float 0.0, written 0.0, as by ib_async",
        0.0,
        end=V.PROTOBUF_PLACE_ORDER,
        instead=0.0,
    ),
    Said(
        orders.PlaceOrder,
        "order.routeMarketableToBbo",
        NEWEST,
        NO_THIRD_STATE,
        False,
        first=V.PROTOBUF_PLACE_ORDER,
        instead=None,
    ),
    Said(
        executions.ReqExecutions,
        "executionFilter.specificDates",
        NEWER,
        "an empty list is refused by servers that know no dates",
        [],
        end=V.PARAMETRIZED_DAYS_OF_EXECUTIONS,
        instead=None,
    ),
    *(
        Read(executions.ExecDetails, f"contract.{name}", NEWEST, NEVER_READ, sample, first=V.PROTOBUF, theirs=theirs)
        for name, sample, theirs in (("secId", "1", ""), ("secIdType", "ISIN", ""), ("includeExpired", True, False))
    ),
    Read(
        executions.ExecDetails,
        "contract.strike",
        NEWEST,
        NO_STRIKE,
        0.0,
        first=V.PROTOBUF,
        ours=0.0,
        theirs=UNSET_DOUBLE,
    ),
    Read(
        executions.ExecDetails,
        "execution.optExerciseOrLapseType",
        NEWER,
        "the enumeration's member for none has this number",
        -1,
        ours=-1,
        theirs=None,
    ),
    *(
        Read(
            orders.OpenOrder,
            f"order.{name}",
            NEWEST,
            NEVER_READ,
            sample,
            first=V.PROTOBUF_PLACE_ORDER,
            theirs=theirs,
        )
        for name, sample, theirs in (
            ("transmit", False, True),
            ("overridePercentageConstraints", True, False),
            ("orderMiscOptions", [("a", "1")], None),
            ("algoId", "1", ""),
            ("scaleTable", "1", ""),
            ("advancedErrorOverride", "1", ""),
            ("manualOrderTime", "1", ""),
            ("mifid2DecisionMaker", "1", ""),
            ("mifid2DecisionAlgo", "1", ""),
            ("mifid2ExecutionTrader", "1", ""),
            ("mifid2ExecutionAlgo", "1", ""),
        )
    ),
    *(
        Read(
            orders.OpenOrder,
            f"order.{name}",
            NEWEST,
            f"read only where there is {needed}",
            sample,
            first=first,
            theirs=theirs,
        )
        for name, needed, first, sample, theirs in (
            ("hedgeParam", "hedgeType", V.PROTOBUF_PLACE_ORDER, "1", ""),
            ("hedgeMaxSize", "hedgeType", V.HEDGE_MAX_SIZE, 1, UNSET_INTEGER),
            ("algoParams", "algoStrategy", V.PROTOBUF_PLACE_ORDER, [("a", "1")], None),
        )
    ),
    Read(orders.OpenOrder, "order.routeMarketableToBbo", NEWEST, NO_THIRD_STATE, False, ours=False, theirs=None),
    Read(orders.CompletedOrder, "order.usePriceMgmtAlgo", EVERY, NO_THIRD_STATE, False, ours=False, theirs=None),
    Read(orders.OpenOrder, "order.externalUserId", ("10.30.1",), "an attribute of this client alone", theirs=""),
    Read(
        orders.OpenOrder,
        "order.scalePriceIncrement",
        IB_ASYNC,
        "it takes zero for unset",
        0.0,
        ours=0.0,
        theirs=UNSET_DOUBLE,
    ),
    Read(
        orders.OpenOrder,
        "order.duration",
        IB_ASYNC,
        "it expects the field from server version 159 on",
        1,
        first=V.DURATION,
        end=V.DURATION + 1,
        theirs=UNSET_INTEGER,
    ),
    *(
        Read(
            contracts.ContractData,
            f"contractDetails.{name}",
            EVERY,
            NOT_ON_THE_WIRE,
            0.0,
            end=V.SIZE_RULES,
            ours=0.0,
            theirs=UNSET_DOUBLE,
        )
        for name in ("minSize", "sizeIncrement")
    ),
    Read(
        contracts.ContractData,
        "contractDetails.suggestedSizeIncrement",
        EVERY,
        "read past; ib_async keeps it",
        1.0,
        end=V.SIZE_RULES,
        theirs=UNSET_DOUBLE,
    ),
    Read(
        contracts.ContractData,
        "contractDetails.mdSizeMultiplier",
        IB_ASYNC,
        "read past",
        5,
        end=V.SIZE_RULES,
        theirs=1,
    ),
    *(
        Read(
            message,
            "size",
            IB_ASYNC,
            "it takes an empty field for zero",
            UNSET_DOUBLE,
            ours=UNSET_DOUBLE,
            theirs=0.0,
        )
        for message in (market_data.TickPrice, market_data.TickSize)
    ),
)


@cache
def _rows(kind: type[Row], client: str, version: int) -> tuple[Any, ...]:
    return tuple(row for row in EXCEPTIONS if isinstance(row, kind) and row.concerns(client, version))


def is_skipped(message: type, client: str, version: int) -> bool:
    """Is the message not held against this client at this version?"""
    return any(row.message is message for row in _rows(Skipped, client, version))


def avoid(message: Any, client: str, version: int) -> Any:
    """The message with which this client is to be compared."""
    for row in _rows(Avoided, client, version):
        if isinstance(message, row.message) and (not row.only or get_path(message, row.path) in row.only):
            message = with_value(message, row.path, row.instead)
    return message


def say(noun: str, ours: Any, client: str, version: int) -> dict[str, Any]:
    """The attributes that users of this client set otherwise, by name."""
    return {
        row.path[-1]: row.instead
        for row in _rows(Said, client, version)
        if row.path[0] == noun and getattr(ours, row.path[-1]) == row.sample
    }


def unexplained(lines: Iterable[str], client: str, version: int) -> list[str]:
    """The lines of `oracles.differences` that no row of the table explains."""
    rows = _rows(Read, client, version)
    return [line for line in lines if not any(_explains(row, line) for row in rows)]


def _explains(row: Read, line: str) -> bool:
    place, _, what = line.partition(": expected ")
    theirs, _, ours = what.replace(NO_ATTRIBUTE, ", not missing").partition(", not ")
    return (
        place.rpartition(".")[2] == row.path[-1]
        and (row.ours is ANYTHING or ours == repr(row.ours))
        and _is(theirs, row.theirs)
    )


def _is(shown: str, value: Any) -> bool:
    """Does a line show this value? The unset decimal of the official clients is our unset float."""
    return shown == repr(value) or (value == UNSET_DOUBLE and shown.startswith("Decimal('1701411834604692317316873037"))
