"""The wire forms of order conditions, in text and in protobuf."""

from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from ibdesk.wire.layout import record, refs, spelled
from ibdesk.wire.scalars import CONJUNCTION, EXPLICIT_BOOL, MOMENT

_price, _time, _margin = refs(PriceCondition), refs(TimeCondition), refs(MarginCondition)
_execution, _volume, _percent = refs(ExecutionCondition), refs(VolumeCondition), refs(PercentChangeCondition)

CONDITIONS = {
    1: (
        PriceCondition,
        (_price.conjunction, _price.isMore, _price.price, _price.conId, _price.exch, _price.triggerMethod),
    ),
    3: (TimeCondition, (_time.conjunction, _time.isMore, spelled(MOMENT, _time.time))),
    4: (MarginCondition, (_margin.conjunction, _margin.isMore, _margin.percent)),
    5: (ExecutionCondition, (_execution.conjunction, _execution.secType, _execution.exch, _execution.symbol)),
    6: (VolumeCondition, (_volume.conjunction, _volume.isMore, _volume.volume, _volume.conId, _volume.exch)),
    7: (
        PercentChangeCondition,
        (_percent.conjunction, _percent.isMore, _percent.changePercent, _percent.conId, _percent.exch),
    ),
}
"""Kind of the condition -> its class, and the text fields that follow the kind."""

CONDITION_RECORDS = {
    1: record(
        PriceCondition,
        {
            1: _price.condType,
            2: spelled(CONJUNCTION, _price.conjunction),
            3: spelled(EXPLICIT_BOOL, _price.isMore),
            4: _price.conId,
            5: _price.exch,
            10: _price.price,
            11: _price.triggerMethod,
        },
    ),
    3: record(
        TimeCondition,
        {
            1: _time.condType,
            2: spelled(CONJUNCTION, _time.conjunction),
            3: spelled(EXPLICIT_BOOL, _time.isMore),
            12: spelled(MOMENT, _time.time),
        },
    ),
    4: record(
        MarginCondition,
        {
            1: _margin.condType,
            2: spelled(CONJUNCTION, _margin.conjunction),
            3: spelled(EXPLICIT_BOOL, _margin.isMore),
            8: _margin.percent,
        },
    ),
    5: record(
        ExecutionCondition,
        {
            1: _execution.condType,
            2: spelled(CONJUNCTION, _execution.conjunction),
            5: _execution.exch,
            6: _execution.symbol,
            7: _execution.secType,
        },
    ),
    6: record(
        VolumeCondition,
        {
            1: _volume.condType,
            2: spelled(CONJUNCTION, _volume.conjunction),
            3: spelled(EXPLICIT_BOOL, _volume.isMore),
            4: _volume.conId,
            5: _volume.exch,
            13: _volume.volume,
        },
    ),
    7: record(
        PercentChangeCondition,
        {
            1: _percent.condType,
            2: spelled(CONJUNCTION, _percent.conjunction),
            3: spelled(EXPLICIT_BOOL, _percent.isMore),
            4: _percent.conId,
            5: _percent.exch,
            9: _percent.changePercent,
        },
    ),
}
"""Kind of the condition -> its protobuf form."""
