"""Hypothesis strategies for faults and scenarios."""

from dataclasses import MISSING
from datetime import UTC, datetime, time

from hypothesis import strategies as st

from ibdesk.paper.faults import KINDS, After, Before, Byte, Scenario
from ibdesk.paper.faults import kinds as k
from ibdesk.paper.faults.checks import LONGEST, classes
from ibdesk.paper.faults.kinds import settings_of

CLIENTS = st.none() | st.integers(0, 5)
SECONDS = st.floats(0, LONGEST, allow_nan=False)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)) | st.datetimes(
    datetime(2026, 10, 25), datetime(2026, 11, 2), timezones=st.timezones()
)
TIMES = st.times()
NAMES = st.sampled_from(sorted(classes()))

ABOUT = {
    k.DropOrder: st.sampled_from([each.__name__ for each in k.ORDER_REQUESTS]),
    k.Reorder: st.sampled_from([each.__name__ for each in k.ORDER_REPORTS]),
    k.Duplicate: st.sampled_from([each.__name__ for each in k.REPEATED]),
}
VALUES = {
    "client": CLIENTS,
    "linger": SECONDS,
    "reset": st.booleans(),
    "direction": st.sampled_from(k.DIRECTIONS),
    "by": SECONDS,
    "jitter": SECONDS,
    "size": st.integers(1, 10_000),
    "pause": st.floats(0, 1),
    "share": st.floats(0, 1),
    "cut": st.booleans(),
    "how": st.sampled_from(["refuse", "hang_up", "silence"]),
    "restored": st.sampled_from([1101, 1102]),
    "tells_orders": st.booleans(),
    "forgets": st.booleans(),
    "farm": st.sampled_from(sorted(k.FARMS)),
    "times": st.integers(1, 5),
    "instrument": st.sampled_from(["AAPL", "EUR.USD", "1E5", "010", "no", "null"]) | st.integers(1, 2**31 - 1),
    "percent": st.floats(-95, 1000),
    "recovers": SECONDS,
    "halted": st.sampled_from([1, 2]),
}


def triggers(names=NAMES, kinds=(Before, After)):
    return st.one_of(st.builds(kind, names, st.integers(1, 50), CLIENTS) for kind in kinds)


BYTES = st.builds(Byte, st.integers(1, 10**6), st.sampled_from(["to_client", "from_client"]), CLIENTS)


@st.composite
def faults(draw, kind):
    """Any fault of a kind."""
    of_one = kind in (k.Swallow, k.Duplicate, k.Reorder)
    forms = [triggers(ABOUT.get(kind, NAMES), (Before,) if of_one else (Before, After))] if kind.triggers else []
    if kind.at_moments:
        forms += [SECONDS, MOMENTS]
    if time in kind.at_moments:
        forms.append(TIMES)
    if Byte in kind.triggers:
        forms.append(BYTES)
    at = draw(st.one_of(forms))
    values = {}
    for each in settings_of(kind):
        if each.name == "seconds":
            if of_one:
                values["seconds"] = 0.0 if isinstance(at, Before) else draw(st.floats(0.001, 1000))
            else:
                values["seconds"] = draw(st.floats(60, 10_000))
        elif each.name == "message":
            if not isinstance(at, Before):
                values["message"] = draw(st.none() | ABOUT.get(kind, NAMES))
        elif each.name == "byte":
            is_server = isinstance(at, Before) and k.senders()[classes()[at.message]].value == "server"
            values["byte"] = draw(st.integers(0, 100)) if is_server else 0
        elif each.name == "client" and each.default is MISSING:
            values["client"] = draw(st.integers(0, 5))
        else:
            values[each.name] = draw(VALUES[each.name])
    return kind(at, **values)


ANY = st.one_of([faults(kind) for kind in KINDS.values()])
SCENARIOS = st.builds(Scenario, st.lists(ANY, max_size=6).map(tuple), st.integers(-(10**12), 10**12))
