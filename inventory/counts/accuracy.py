"""How right the book is, by what counts found."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from inventory.counts.views import Accuracy, AccuracyReport
from kernel.db.transactions import UnitOfWork

_ACCURACY = text(
    """
    select t.site_id, t.abc, count(*) as counts, count(*) filter (where t.difference = 0) as right_counts,
           sum(greatest(t.expected, t.expected + t.difference)) as units,
           sum(least(t.expected, t.expected + t.difference)) as right_units
    from count_task t
    where t.state = 'approved' and t.closed_at >= :since and t.closed_at < :until
      and (cast(:site as text) = '' or t.site_id = :site) and (cast(:cause as text) = '' or t.cause = :cause)
    group by t.site_id, t.abc order by t.site_id, t.abc
    """
)


def count_accuracy(
    uow: UnitOfWork, *, since: datetime, until: datetime, site_id: str = "", cause: str = ""
) -> AccuracyReport:
    """Return how right the book was where it was counted in a period, by site and class: the share of counts without
    any difference, and of units booked right, which are the smaller of what was booked and what was there, out of the
    larger.

    Counts after short picks are of bins that were wrong: leave them out by asking for a `cause` such as abc.
    """
    columns = {"since": since, "until": until, "site": site_id, "cause": cause}
    parts = tuple(
        accuracy_of(
            row.site_id, row.abc, counts=row.counts, right=row.right_counts, units=int(row.units),
            units_right=int(row.right_units),
        )
        for row in uow.session.execute(_ACCURACY, columns)
    )  # fmt: skip
    return AccuracyReport(since, until, total_accuracy(parts), parts)


def accuracy_of(site_id: str, abc: str, *, counts: int, right: int, units: int, units_right: int) -> Accuracy:
    """Return the figures with their shares. Where nothing lay and nothing was booked, all of nothing is right."""
    shares = right / counts if counts else None, (units_right / units if units else 1.0) if counts else None
    return Accuracy(site_id, abc, counts, right, units, units_right, *shares)


def total_accuracy(parts: Iterable[Accuracy]) -> Accuracy:
    """Return the figures of several sites and classes together."""
    each = list(parts)
    return accuracy_of(
        "", "", counts=sum(p.counts for p in each), right=sum(p.right for p in each),
        units=sum(p.units for p in each), units_right=sum(p.units_right for p in each),
    )  # fmt: skip
