from typing import Final

from kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "packed_goods_have_their_services",
        "Of every asked service as many are performed or excused in parcels as units of its line are packed; one for"
        " the whole order is with its first parcel, unless that was opened again.",
        "select a.tenant_id, a.id, a.code, a.quantity, s.settled from asked_service a"
        " left join lateral (select coalesce(sum(quantity) filter (where state in ('performed', 'excused')"
        "  and parcel_id <> ''), 0) as settled, coalesce(bool_or(state = 'reversed'), false) as was_opened"
        "  from service_step t where t.tenant_id = a.tenant_id and t.asked_id = a.id) s on true"
        " left join lateral (select coalesce(sum(packed + shipped), 0) as units from order_line l"
        "  where l.tenant_id = a.tenant_id and l.order_id = a.order_id"
        "  and a.line_id in (l.id, l.replaces_line_id)) u on a.line_id <> ''"
        " where case when a.line_id <> '' then s.settled < least(a.quantity, u.units)"
        "  else s.settled < a.quantity and not s.was_opened and exists (select from order_parcel p"
        "   where p.tenant_id = a.tenant_id and p.order_id = a.order_id and p.state <> 'VOIDED') end",
        "select count(*) from asked_service",
    ),
    Invariant(
        "service_charges_are_performed_steps",
        "Every performed step is charged once, with its own number of units and the price it was asked at; every"
        " reversed one is charged and taken back; nothing else is charged.",
        "select s.tenant_id, s.id, s.state, s.quantity, c.charges, c.units from service_step s"
        " join asked_service a on a.tenant_id = s.tenant_id and a.id = s.asked_id"
        " left join lateral (select count(*) as charges, coalesce(sum(quantity), 0) as units,"
        "  coalesce(max(abs(quantity)), s.quantity) as most,"
        "  coalesce(bool_and(unit_price_minor = a.price_minor), true) as priced from service_charge c"
        "  where c.tenant_id = s.tenant_id and c.step_id = s.id) c on true"
        " where not c.priced or (c.charges, c.units, c.most) is distinct from (case s.state when 'performed' then 1"
        "  when 'reversed' then 2 else 0 end, case s.state when 'performed' then s.quantity else 0 end, s.quantity)",
        "select count(*) from service_charge",
    ),
    Invariant(
        "performed_services_have_their_photo",
        "Every confirmed or performed step of a service that wants a photo has one of that order.",
        "select s.tenant_id, s.id, s.photo_id from service_step s join asked_service a on a.tenant_id = s.tenant_id"
        " and a.id = s.asked_id where a.photo_required and s.state in ('confirmed', 'performed')"
        " and not exists (select from service_photo p where p.tenant_id = s.tenant_id and p.id = s.photo_id"
        "  and p.asked_id = a.id)",
        "select count(*) from service_photo",
    ),
)
