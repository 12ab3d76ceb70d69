"""Which executions count: once each, corrections, combination legs, commissions."""

import pytest

from ibdesk.client.state.fills import Fills, is_correction
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.unset import EPOCH, UNSET_DOUBLE


def fill(execId: str, conId: int = 1, side: str = "BOT") -> Fill:
    return Fill(Contract(conId=conId), Execution(execId, side=side), CommissionReport(), EPOCH)


def test_a_correction_takes_the_place():
    fills = Fills()
    first, second, third = fill("a.b.01.09"), fill("a.b.01.10"), fill("a.b.01.11")
    assert fills.add(second) == (second, True, None)
    assert fills.add(first) == (second, False, None), "corrected before it came"
    assert fills.add(second) == (second, False, None)
    assert fills.add(third) == (third, True, second)
    assert fills.all() == [third]
    assert fills.get("a.b.01.10") is None


@pytest.mark.parametrize(
    "other",
    [
        fill("a.c.01.02"),
        fill("a.b.02.02"),
        fill("a.b.01.01.01"),
        fill("a.b.01.02", conId=2),
        fill("a.b.01.02", side="SLD"),
    ],
)
def test_other_executions_stand_beside(other: Fill):
    fills = Fills()
    one = fill("a.b.01.01")
    fills.add(one)
    assert fills.add(other).is_new
    assert fills.all() == [one, other]


def test_ids_without_parts_are_never_corrections():
    fills = Fills()
    assert [fills.add(fill(execId)).replaced for execId in ("1", "2", "3")] == [None] * 3
    assert len(fills.all()) == 3


def test_reports():
    fills = Fills()
    one = fill("a.b.01.01")
    early = CommissionReport("a.b.01.01", 1.0, "USD", UNSET_DOUBLE, UNSET_DOUBLE)
    assert fills.report(early) is None
    fills.add(one)
    assert fills.waiting_report(one) is one.commissionReport
    assert one.commissionReport == CommissionReport("a.b.01.01", 1.0, "USD", 0.0, 0.0)
    assert fills.waiting_report(one) is None
    assert fills.report(CommissionReport("a.b.01.01", 1.0, "USD")) is None
    report = one.commissionReport
    assert fills.report(CommissionReport("a.b.01.01", 2.0, "USD")) is one
    assert one.commissionReport is report
    assert report.commission == 2.0


@pytest.mark.parametrize(
    ("execId", "expected"),
    [("a.b.01.01", False), ("a.b.01.02", True), ("a.b.01.10", True), ("a.b.01.02.01", False), ("7", False)],
)
def test_the_id_tells_a_correction(execId: str, expected: bool):
    assert is_correction(execId) is expected
