from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

LONGEST: Final = timedelta(days=366)
_MONTH: Final = 30
# What a page may be ordered by, and the column that it means; parcels come in the order of their numbers where equal.
_SORTS: Final = {"shipped": "ship_date", "paid": "paid_minor", "saved": "saved_minor"}
# A label that was given up has no part in it: what replaced it has. Paid is what the carrier charged, where it said so.
_ENTRIES: Final = """
    with entry as (
      select l.tenant_id, l.parcel_id, p.reference, l.tracking_number, l.ship_date, l.carrier, l.service, l.currency,
        l.price_minor, coalesce(l.charged_minor, l.price_minor) as paid_minor, l.arrives_on, p.promised_on, l.why,
        coalesce(q.carrier || '/' || q.service, '') as baseline, b.price_minor as baseline_minor,
        b.arrives_on as baseline_arrives_on,
        coalesce(b.price_minor - coalesce(l.charged_minor, l.price_minor), 0) as saved_minor,
        coalesce(q.details ->> 'refused', '') as baseline_refused
      from label l
      join parcel p on p.tenant_id = l.tenant_id and p.id = l.parcel_id
      left join rate_quote q on q.tenant_id = l.tenant_id and q.label_id = l.id
        and q.carrier || '/' || q.service = case when :baseline = '' then l.baseline else :baseline end
      left join lateral (select q.price_minor, q.arrives_on where q.details ->> 'refused' is null) b on true
      where l.state = 'purchased' and p.kind = 'outbound' and l.ship_date between :since and :until
        and (:site = '' or p.site_id = :site) and (:tenant = '' or l.tenant_id = :tenant)
        and (:search = '' or position(:search in lower(l.tracking_number)) > 0
             or position(:search in l.carrier || ' ' || l.service) > 0 or p.reference = any(:references))
    )
"""
_SUMS: Final = """
    select currency, count(*) as parcels, count(baseline_minor) as compared, sum(paid_minor)::bigint as paid_minor,
      coalesce(sum(paid_minor) filter (where baseline_minor is not null), 0)::bigint as compared_paid_minor,
      coalesce(sum(baseline_minor), 0)::bigint as baseline_minor, sum(saved_minor)::bigint as saved_minor,
      count(*) filter (where saved_minor < 0) as dearer,
      count(*) filter (where baseline_arrives_on > promised_on) as baseline_late,
      coalesce(sum(saved_minor) filter (where not coalesce(baseline_arrives_on > promised_on, false)), 0)::bigint
        as saved_in_time_minor
    from entry group by currency order by currency
"""
_TOTALS = text(_ENTRIES + _SUMS)
_BASELINES = text(
    "select distinct q.carrier || '/' || q.service as named from rate_quote q"
    " join label l on l.tenant_id = q.tenant_id and l.id = q.label_id"
    " where l.state = 'purchased' and l.ship_date between :since and :until order by 1"
)


@dataclass(frozen=True, slots=True)
class SavingsFilter:
    """Which parcels: shipped from `since` until `until` (both included), of a site and a merchant where named.

    `baseline` is "carrier/service", or "" for the one that was recorded when each label was bought. `search` is a part
    of a tracking number, carrier or service in small letters; `references` are orders that are meant by it as well.
    """

    since: date
    until: date
    site_id: str = ""
    tenant_id: str = ""
    baseline: str = ""
    search: str = ""
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.until < self.since or self.until - self.since > LONGEST:
            raise Invalid(
                "The days are not in order, or more than a year apart.", remedy="Choose a year at most.",
                pointer="/until",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SavingsEntry:
    """One parcel in the ledger, in minor units. `baseline_minor` is None where the baseline took no such parcel;
    `baseline_refused` says why it did not take the dangerous goods inside, "" where there is another reason.
    """

    tenant_id: str
    parcel_id: str
    reference: str
    tracking_number: str
    ship_date: date
    carrier: str
    service: str
    currency: str
    price_minor: int
    paid_minor: int
    arrives_on: date | None
    promised_on: date | None
    why: str
    baseline: str
    baseline_minor: int | None
    baseline_arrives_on: date | None
    saved_minor: int
    baseline_refused: str = ""


@dataclass(frozen=True, slots=True)
class SavingsTotal:
    """The sums in one currency. Only `compared` parcels have a baseline: saved is what it would have cost, less what
    those parcels were paid with. `dearer` parcels cost more than the baseline; by the baseline `baseline_late` parcels
    would have come after their promise; `saved_in_time_minor` leaves those out, which no price makes comparable.
    """

    currency: str
    parcels: int
    compared: int
    paid_minor: int
    compared_paid_minor: int
    baseline_minor: int
    saved_minor: int
    dearer: int
    baseline_late: int
    saved_in_time_minor: int


def ledger_days(since: date | None, until: date | None, *, today: date) -> tuple[date, date]:
    """Return the first and the last ship date of a ledger: a month back and a month ahead where they are not named."""
    first = since or _moved(until or today, -_MONTH)
    return first, until or _moved(max(today, first), _MONTH)


def _moved(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def find_savings(
    uow: UnitOfWork, wanted: SavingsFilter, *, sort: str = "-shipped", cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SavingsEntry]:  # fmt: skip
    """Return the ledger of what was paid for parcels against what the baseline would have cost.

    `sort` is shipped, paid or saved, with a minus in front for the greatest first.

    Raises:
        Invalid: such an order does not exist, or the cursor was not given out by this service.
    """
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise Invalid("The list cannot be sorted by this.", remedy="Use shipped, paid or saved.", pointer="/sort")
    start = int(decode_cursor("savings", cursor)[0]) if cursor else 0
    size = min(limit, MAX_LIMIT)
    way = "desc" if sort.startswith("-") else "asc"
    # The words in the order come from the table above, never from the request.
    statement = text(
        f"{_ENTRIES} select * from entry order by {_SORTS[name]} {way}, tenant_id, parcel_id"  # noqa: S608
        " limit :limit offset :start"
    )
    values = _values(wanted) | {"limit": size + 1, "start": start}
    found = [SavingsEntry(**row) for row in uow.session.execute(statement, values).mappings()]
    following = encode_cursor("savings", start + size) if len(found) > size else None
    return Page(tuple(found[:size]), following)


def savings_totals(uow: UnitOfWork, wanted: SavingsFilter) -> tuple[SavingsTotal, ...]:
    """Return the sums of a ledger, by currency."""
    return tuple(SavingsTotal(**row) for row in uow.session.execute(_TOTALS, _values(wanted)).mappings())


def savings_baselines(uow: UnitOfWork, *, since: date, until: date) -> Sequence[str]:
    """Return the services that parcels of these days were quoted by, each of which may be a baseline."""
    return list(uow.session.scalars(_BASELINES, {"since": since, "until": until}))


def _values(wanted: SavingsFilter) -> dict[str, Any]:
    return {
        "since": wanted.since, "until": wanted.until, "site": wanted.site_id, "tenant": wanted.tenant_id,
        "baseline": wanted.baseline, "search": wanted.search.lower(), "references": list(wanted.references),
    }  # fmt: skip
