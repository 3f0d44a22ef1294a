from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from kernel.access.queries import get_merchant
from kernel.db.jobs import take_slot
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.domain.expected_cost import FreightTerms, Risks, ServiceRecord
from shipping.models.freight import FreightTermsRow

_EVERY: Final = timedelta(hours=1)
_REMEMBERED: Final = timedelta(days=180)
_HIGHEST_MINOR: Final = 10_000_000
_WHOLE: Final = 10_000
_TERMS: Final = text(
    """
    select t.currency, t.late_penalty_minor, t.value_share_bp, coalesce((
      select json_agg(json_build_array(r.carrier, r.service, r.arrivals, r.billed, r.adjusted, r.adjusted_minor,
        r.claims)) from service_record r where r.site_id = :site and r.currency = t.currency), '[]') as records
    from freight_terms t where t.tenant_id = :tenant
    """
)
# Arrivals beside the carrier's own day, by the clock of the site; parcels given up as lost or damaged; and invoices.
_LEARN: Final = text(
    """
    with shipped as (
      select p.site_id, l.carrier, l.service, l.currency, p.tracking_reason, p.delivered_at,
        least(30, greatest(-30, (p.delivered_at at time zone s.time_zone)::date - l.arrives_on)) as days
      from label l join parcel p on p.tenant_id = l.tenant_id and p.id = l.parcel_id join site s on s.id = p.site_id
      where l.state = 'purchased' and l.ship_date >= :since and l.arrives_on is not null),
    arrived as (
      select site_id, carrier, service, currency, days, count(*) as parcels from shipped
      where delivered_at is not null group by 1, 2, 3, 4, 5),
    days as (
      select site_id, carrier, service, currency, jsonb_object_agg(days::text, parcels) as arrivals
      from arrived group by 1, 2, 3, 4),
    claimed as (
      select site_id, carrier, service, currency,
        count(*) filter (where delivered_at is null and tracking_reason in ('lost', 'damaged')) as claims
      from shipped group by 1, 2, 3, 4),
    billed as (
      select p.site_id, f.carrier, f.evidence ->> 'service' as service, i.currency, count(*) as billed,
        count(*) filter (where f.disputed_minor > 0 and f.cause in ('weight', 'dimensional', 'zone', 'surcharge',
          'amount')) as adjusted,
        coalesce(sum(f.disputed_minor) filter (where f.cause in ('weight', 'dimensional', 'zone', 'surcharge',
          'amount')), 0)::bigint as adjusted_minor
      from freight_line f join freight_invoice i on i.id = f.invoice_id
      join parcel p on p.tenant_id = f.merchant_id and p.id = f.parcel_id
      where f.expected_minor is not null and f.billed_minor > 0 and i.taken_at >= :since group by 1, 2, 3, 4)
    insert into service_record (site_id, carrier, service, currency, arrivals, billed, adjusted, adjusted_minor, claims,
      learned_at)
    select c.site_id, c.carrier, c.service, c.currency, coalesce(d.arrivals, '{}'), coalesce(b.billed, 0),
      coalesce(b.adjusted, 0), coalesce(b.adjusted_minor, 0), c.claims, :now
    from claimed c left join days d using (site_id, carrier, service, currency)
    left join billed b using (site_id, carrier, service, currency)
    on conflict (site_id, carrier, service, currency) do update set arrivals = excluded.arrivals,
      billed = excluded.billed, adjusted = excluded.adjusted, adjusted_minor = excluded.adjusted_minor,
      claims = excluded.claims, learned_at = excluded.learned_at
    """
)


def set_freight_terms(uow: UnitOfWork, *, tenant_id: str, late_penalty_minor: int, value_share_bp: int) -> FreightTerms:
    """Say what a merchant's contract makes of late and lost parcels; from now on its services are chosen by expected
    cost.

    Raises:
        NotFound: the caller sees no such merchant.
        Invalid: an amount is negative or absurd.
    """
    currency = get_merchant(uow, tenant_id).currency
    if not 0 <= late_penalty_minor <= _HIGHEST_MINOR:
        raise Invalid("The penalty is none.", remedy="Enter 0 or more.", pointer="/late_penalty_minor")
    if not 0 <= value_share_bp <= _WHOLE:
        raise Invalid("The share is none.", remedy="Enter 0 to 100 %.", pointer="/value_share_bp")
    values = {"currency": currency, "late_penalty_minor": late_penalty_minor, "value_share_bp": value_share_bp}
    stored = insert(FreightTermsRow).values(tenant_id=tenant_id, **values)
    uow.session.execute(stored.on_conflict_do_update(index_elements=["tenant_id"], set_=values))
    uow.audit(
        "freight_terms.set", subject=tenant_id, tenant_id=tenant_id, late_penalty_minor=late_penalty_minor,
        value_share_bp=value_share_bp,
    )  # fmt: skip
    return FreightTerms(currency, late_penalty_minor, value_share_bp)


def freight_terms(uow: UnitOfWork, tenant_id: str) -> FreightTerms | None:
    """Return a merchant's terms, None where nobody set any."""
    row = uow.session.get(FreightTermsRow, tenant_id)
    return FreightTerms(row.currency, row.late_penalty_minor, row.value_share_bp) if row else None


def risks_of(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, currency: str, value_minor: int
) -> Risks | None:  # fmt: skip
    """Return what a parcel's services are judged by; None where its merchant has no terms in this currency: then the
    price alone decides.
    """
    row = uow.session.execute(_TERMS, {"tenant": tenant_id, "site": site_id}).one_or_none()
    if row is None or row.currency != currency:
        return None
    records = {
        (carrier, service): ServiceRecord({int(days): count for days, count in arrivals.items()}, *figures)
        for carrier, service, arrivals, *figures in row.records
    }
    return Risks(FreightTerms(row.currency, row.late_penalty_minor, row.value_share_bp), value_minor, records)


def learn_service_records(uow: UnitOfWork) -> int:
    """Count what was seen of each service in half a year, once in an hour; return how many services."""
    if not take_slot(uow, "service_records", _EVERY):
        return 0
    return count_service_records(uow)


def count_service_records(uow: UnitOfWork) -> int:
    """Do so now."""
    found = uow.session.execute(_LEARN, {"since": uow.now.date() - _REMEMBERED, "now": uow.now})
    return int(getattr(found, "rowcount", 0))
