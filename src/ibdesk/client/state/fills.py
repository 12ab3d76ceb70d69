"""The fills of a login: each execution once, and a correction in place of what it corrects.

The id of an execution has parts that are joined by dots. A correction has the id of the execution that it corrects,
except for the last part. A server may send the same execution several times, above all in answer to a request.
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
    """The result of adding a fill: the fill that counts, whether it is new, and which one it replaces."""

    fill: Fill
    is_new: bool
    replaced: Fill | None = None


class Fills:
    """The fills of one login, by the id of their execution."""

    def __init__(self) -> None:
        self._by_id: dict[str, Fill] = {}
        self._newest: dict[_Stem, str] = {}
        self._reports: PendingFacts[str, CommissionReport] = PendingFacts()

    def all(self) -> list[Fill]:
        """Return all fills, in the order of their arrival."""
        return list(self._by_id.values())

    def get(self, execId: str) -> Fill | None:
        """Return the fill of an execution, None if it is not known."""
        return self._by_id.get(execId)

    def add(self, fill: Fill) -> Added:
        """Add a fill. One that is known already, or has been corrected already, changes nothing."""
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
        """Forget a fill."""
        self._by_id.pop(fill.execution.execId, None)
        self._newest.pop(stem_of(fill), None)

    def waiting_report(self, fill: Fill) -> CommissionReport | None:
        """Put the commission that came before a new fill into the fill. Returns it, None if none came."""
        report = self._reports.take(fill.execution.execId)
        return None if report is None else dataclassUpdate(fill.commissionReport, report)

    def report(self, report: CommissionReport) -> Fill | None:
        """Put a commission into its fill. Returns the fill; None if nothing is new, or if the fill has not come yet.

        A fill that opens a position realizes no profit, and the server then leaves the profit out. It is 0 here, as in
        ib_async.
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
    """A fill that was missed when it happened, and became known by a request for executions."""

    __slots__ = ()

    @property
    def recovered(self) -> bool:
        """Whether the fill was missed when it happened."""
        return True


def is_correction(execId: str) -> bool:
    """Return whether an execution corrects another one. The last part of the id of an original is `01`."""
    stem, revision = _parts(execId)
    return bool(stem) and revision > (2, "01")


def stem_of(fill: Fill) -> tuple[str, int, str]:
    """Return what all versions of an execution have in common; its first part is "" if there is only one version."""
    return _split(fill)[0]


def _split(fill: Fill) -> tuple[_Stem, tuple[int, str]]:
    """Return what all versions of an execution have in common, and a revision that grows with each version."""
    # The ids of the legs of a combination have one part more. Contract and side tell the legs apart.
    stem, revision = _parts(fill.execution.execId)
    return (stem, fill.contract.conId, fill.execution.side), revision


def _parts(execId: str) -> tuple[str, tuple[int, str]]:
    """Return what the ids of all versions of an execution begin with, and a revision that grows with each version."""
    stem, _, last = execId.rpartition(".")
    return stem, (len(last), last)
