"""The executions that count: each of them once, and a correction in place of what it corrects.

The id of an execution has parts joined by dots. A correction has the id of what it corrects, but for the last part.
Source: TWS API documentation, "Execution Details", and `Execution.execId`.
"""

from typing import NamedTuple

from ibdesk.client.state.known import all_known
from ibdesk.client.state.pending_facts import PendingFacts
from ibdesk.model.executions import CommissionReport, Fill
from ibdesk.model.fields import dataclassUpdate, same
from ibdesk.model.unset import UNSET_DOUBLE

_Stem = tuple[str, int, str]


class Added(NamedTuple):
    """What became of a fill: the one that counts, whether that is the given one, and which one it replaces."""

    fill: Fill
    is_new: bool
    replaced: Fill | None = None


class Fills:
    """The fills of one connection, by the id of their execution."""

    def __init__(self) -> None:
        self._by_id: dict[str, Fill] = {}
        self._newest: dict[_Stem, str] = {}
        self._reports: PendingFacts[str, CommissionReport] = PendingFacts()

    def all(self) -> list[Fill]:
        """All fills, in the order in which they were received."""
        return list(self._by_id.values())

    def get(self, execId: str) -> Fill | None:
        """The fill of an execution."""
        return self._by_id.get(execId)

    def add(self, fill: Fill) -> Added:
        """Take in a fill. One that is known, or corrected already, changes nothing."""
        execId = fill.execution.execId
        known = self._by_id.get(execId)
        if known is not None:
            return Added(known, False)
        stem, revision = _split(fill)
        newest = self._by_id.get(self._newest.get(stem, ""))
        if newest is not None and stem[0]:
            if revision < _split(newest)[1]:
                return Added(newest, False)
            del self._by_id[newest.execution.execId]
        else:
            newest = None
        self._newest[stem] = execId
        self._by_id[execId] = fill
        return Added(fill, True, newest)

    def forget(self, fill: Fill) -> None:
        """Drop a fill of old."""
        self._by_id.pop(fill.execution.execId, None)
        self._newest.pop(_split(fill)[0], None)

    def waiting_report(self, fill: Fill) -> CommissionReport | None:
        """The commission of a new fill, if that came first; it is in the fill from now on."""
        report = self._reports.take(fill.execution.execId)
        return None if report is None else dataclassUpdate(fill.commissionReport, report)

    def report(self, report: CommissionReport) -> Fill | None:
        """Take in a commission. Returns its fill; None when it is known already, or the fill is still to come.

        A fill that opens a position realizes nothing, which the server does not tell; so it is 0 here, as in ib_async.
        """
        if report.yield_ == UNSET_DOUBLE:
            report.yield_ = 0.0
        if report.realizedPNL == UNSET_DOUBLE:
            report.realizedPNL = 0.0
        all_known(report)
        fill = self._by_id.get(report.execId)
        if fill is None:
            self._reports.put(report.execId, report)
            return None
        if same(fill.commissionReport.tuple(), report.tuple()):
            return None
        dataclassUpdate(fill.commissionReport, report)
        return fill


class RecoveredFill(Fill):
    """A fill that was missed when it happened."""

    __slots__ = ()

    @property
    def recovered(self) -> bool:
        """Whether it was missed when it happened, and learned by asking."""
        return True


def is_correction(fill: Fill) -> bool:
    """Whether a fill bears the id of a correction. The last part of the id of an original is `01`."""
    (stem, _, _), revision = _split(fill)
    return bool(stem) and revision > (2, "01")


def _split(fill: Fill) -> tuple[_Stem, tuple[int, str]]:
    """What all versions of one execution have in common, and a number that grows with each."""
    # The contract and the side tell the legs of a combination apart, whose ids have one part more.
    stem, _, last = fill.execution.execId.rpartition(".")
    return (stem, fill.contract.conId, fill.execution.side), (len(last), last)
