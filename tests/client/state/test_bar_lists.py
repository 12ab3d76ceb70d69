"""Lists that are known by identity and have an event."""

from copy import copy
from typing import Any

import pytest

from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList


@pytest.mark.parametrize("kind", [BarDataList, RealTimeBarList, ScanDataList])
def test_a_list_is_equal_to_itself_only(kind: Any):
    bars, others = kind([1, 2]), kind([1, 2])
    assert list(bars) == [1, 2]
    assert repr(bars) == "[1, 2]"
    for one, is_same in ((bars, True), (others, False)):
        assert (bars == one) is is_same
        assert (bars != one) is not is_same
    assert len({bars, others}) == 2
    assert bars.updateEvent.name() == "updateEvent"
    assert bars.updateEvent is not others.updateEvent
    assert list(copy(bars)) == [1, 2]
