"""How the messages of orders placed, open and completed are held against the outside clients."""

from typing import Any

from conformance.domain import Callback, Domain, Request, callback, contract
from conformance.exceptions import (
    EVERY,
    FIRST_PROTOBUF,
    IB_ASYNC,
    NEVER_READ,
    NEWEST,
    NO_BLANK,
    NO_THIRD_STATE,
    OLDEST,
    SINCE_10_30,
    Avoided,
    Read,
    Said,
    Skipped,
    say,
)
from oracles import Official

from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import versions as V
from ibdesk.wire.messages import orders as messages


def _place_order(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    order = oracle.order(m.order, **say("order", m.order, oracle.version, version))
    return m.orderId, contract(oracle, m.contract, version), order


def _open_order(m: Any, version: int) -> list[Callback]:
    nouns = {"contract": m.contract, "order": m.order, "orderState": m.orderState}
    return [("openOrder", {"orderId": m.order.orderId, **nouns})]


DOMAIN = Domain(
    requests={
        messages.PlaceOrder: Request("placeOrder", _place_order, "PlaceOrderRequest"),
    },
    answers={
        messages.OpenOrder: _open_order,
        messages.CompletedOrder: callback("completedOrder", "contract", "order", "orderState"),
    },
    not_described={
        messages.PlaceOrder: frozenset(
            {
                "contract.lastTradeDate",
                "order.orderId",
                "order.autoCancelDate",
                "order.filledQuantity",
                "order.refFuturesConId",
                "order.shareholder",
                "order.parentPermId",
            }
        ),
    },
    exceptions=(
        Skipped(messages.PlaceOrder, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),
        Skipped(messages.OpenOrder, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),
        Avoided(
            messages.PlaceOrder,
            "order.faProfile",
            SINCE_10_30,
            "no longer there",
            "profile",
            end=V.FA_PROFILE_DESUPPORT,
            instead="",
        ),
        *(
            Avoided(message, "order.orderType", OLDEST, NO_BLANK, kind, first=first, instead="LMT", only=(kind,))
            for message, kind, first in (
                (messages.PlaceOrder, "PEGBENCH", V.MIN),
                (messages.PlaceOrder, "PEGBEST", V.PEGBEST_PEGMID_OFFSETS),
                (messages.PlaceOrder, "PEGMID", V.PEGBEST_PEGMID_OFFSETS),
                (messages.OpenOrder, "PEGBENCH", V.MIN),
                (messages.CompletedOrder, "PEGBENCH", V.MIN),
            )
        ),
        Avoided(
            messages.PlaceOrder,
            "order.totalQuantity",
            EVERY,
            "Decimal writes 1E-8 in text (and 0.00000001 in protobuf); ibdesk writes no exponents",
            1e-08,
            end=V.PROTOBUF_PLACE_ORDER,
            instead=1.0,
            only=(1e-08,),
        ),
        Said(
            messages.PlaceOrder,
            "order.discretionaryAmt",
            EVERY,
            "the default there is the int 0, written 0; in ibdesk and ib_async it is the float 0.0, written 0.0",
            0.0,
            end=V.PROTOBUF_PLACE_ORDER,
            instead=0.0,
        ),
        Said(
            messages.PlaceOrder,
            "order.routeMarketableToBbo",
            NEWEST,
            NO_THIRD_STATE,
            False,
            first=V.PROTOBUF_PLACE_ORDER,
            instead=None,
        ),
        *(
            Read(
                messages.OpenOrder,
                f"order.{name}",
                NEWEST,
                NEVER_READ,
                sample,
                first=V.PROTOBUF_PLACE_ORDER,
                theirs=theirs,
                also=(messages.CompletedOrder,),
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
                messages.OpenOrder,
                f"order.{name}",
                NEWEST,
                f"read only when {needed} is given",
                sample,
                first=first,
                theirs=theirs,
                also=(messages.CompletedOrder,),
            )
            for name, needed, first, sample, theirs in (
                ("hedgeParam", "hedgeType", V.PROTOBUF_PLACE_ORDER, "1", ""),
                ("hedgeMaxSize", "hedgeType", V.HEDGE_MAX_SIZE, 1, UNSET_INTEGER),
                ("algoParams", "algoStrategy", V.PROTOBUF_PLACE_ORDER, [("a", "1")], None),
            )
        ),
        Read(
            messages.OpenOrder,
            "order.routeMarketableToBbo",
            NEWEST,
            NO_THIRD_STATE,
            False,
            ours=False,
            theirs=None,
        ),
        Read(
            messages.CompletedOrder,
            "order.routeMarketableToBbo",
            NEWEST,
            NO_THIRD_STATE,
            False,
            first=V.PROTOBUF_COMPLETED_ORDER,
            ours=False,
            theirs=None,
        ),
        Read(messages.CompletedOrder, "order.usePriceMgmtAlgo", EVERY, NO_THIRD_STATE, False, ours=False, theirs=None),
        Read(
            messages.OpenOrder,
            "order.externalUserId",
            ("10.30.1",),
            "only this client has the attribute",
            theirs="",
            also=(messages.CompletedOrder,),
        ),
        Read(
            messages.OpenOrder,
            "order.scalePriceIncrement",
            IB_ASYNC,
            "it reads zero as unset",
            0.0,
            ours=0.0,
            theirs=UNSET_DOUBLE,
            also=(messages.CompletedOrder,),
        ),
        Read(
            messages.OpenOrder,
            "order.duration",
            IB_ASYNC,
            "it expects the field from server version 159 on",
            1,
            first=V.DURATION,
            end=V.DURATION + 1,
            theirs=UNSET_INTEGER,
        ),
    ),
)
