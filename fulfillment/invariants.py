from fulfillment.value_added.invariants import INVARIANTS as SERVICE_INVARIANTS
from kernel.invariants import Invariant

_LINE_SUMS = """
    select o.tenant_id, o.id, o.state, o.open_holds, o.released_at, o.picking_started_at, o.terminal,
           coalesce(sum(l.ordered), 0) as ordered, coalesce(sum(l.cancelled), 0) as cancelled,
           coalesce(sum(l.scheduled), 0) as scheduled,
           coalesce(sum(l.backordered), 0) as backordered, coalesce(sum(l.promised), 0) as promised,
           coalesce(sum(l.allocated), 0) as allocated, coalesce(sum(l.picked), 0) as picked,
           coalesce(sum(l.packed), 0) as packed, coalesce(sum(l.shipped), 0) as shipped,
           coalesce(sum(l.delivered), 0) as delivered, coalesce(sum(l.lost), 0) as lost, coalesce(sum(l.rts), 0) as rts,
           coalesce(sum(l.returned), 0) as returned
    from sales_order o left join order_line l on l.tenant_id = o.tenant_id and l.order_id = o.id
    group by o.tenant_id, o.id
"""
# The same rules as fulfillment.domain.order_state.derive_state, said a second time in SQL on purpose.
_DERIVED = f"""
    with s as ({_LINE_SUMS}),
    p as (select tenant_id, order_id, bool_or(state = 'HELD') as held,
                 bool_or(state in ('EXCEPTION', 'RETURNING')) as trouble,
                 bool_or(state in ('LOST', 'RETURNED', 'BACK')) as unsettled,
                 bool_and(state in ('LABELLED', 'MANIFESTED')) as ready, bool_and(state = 'MANIFESTED') as manifested
          from order_parcel where state <> 'VOIDED' group by tenant_id, order_id)
    select s.tenant_id, s.id, s.state, case
      when ordered = 0 then case when open_holds > 0 then 'ON_HOLD' else 'NEW' end
      when cancelled = ordered then 'CANCELLED'
      when shipped = ordered - cancelled then case
        when p.unsettled then 'EXCEPTION'
        when returned = shipped then 'RETURNED'
        when returned > 0 then 'PARTIALLY_RETURNED'
        when delivered = shipped then 'DELIVERED'
        when delivered + lost + rts = shipped then 'CLOSED_SHORT'
        when p.trouble then 'EXCEPTION'
        when delivered > 0 then 'PARTIALLY_DELIVERED'
        else 'SHIPPED' end
      when shipped > 0 then 'PARTIALLY_SHIPPED'
      when open_holds > 0 then 'ON_HOLD'
      when packed > 0 then case
        when p.held then 'AUDIT_HOLD'
        when packed < ordered - cancelled then 'PARTIALLY_PACKED'
        when p.manifested then 'MANIFESTED'
        when p.ready then 'READY_TO_MANIFEST'
        else 'PACKED' end
      when picked = ordered - cancelled then 'PICKED'
      when picked > 0 then case when allocated > 0 then 'PICKING' else 'PARTIALLY_PICKED' end
      when allocated > 0 then case when picking_started_at is not null then 'PICKING' else 'RELEASED' end
      when scheduled > 0 then 'SCHEDULED'
      when backordered > 0 then case when promised > 0 then 'PARTIALLY_BACKORDERED' else 'BACKORDERED' end
      else 'PROMISED' end as derived
    from s left join p on p.tenant_id = s.tenant_id and p.order_id = s.id
"""  # noqa: S608 - both parts are constants of this module

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "floor_in_force_is_sound",
        "The floor plan in force at a site is the one that came into force last, and has no faults.",
        "select p.site_id, p.version from floor_plan p join floor_plan_version v using (site_id, version)"
        " where v.kind = 'faulty' or p.version is distinct from (select c.version from floor_plan_change c"
        " where c.site_id = p.site_id order by c.number desc limit 1)",
        "select count(*) from floor_plan",
    ),
    Invariant(
        "order_lines_add_up",
        "Every order line's units add up, and outcomes and returns stay within what was shipped.",
        "select tenant_id, id from order_line where ordered <> cancelled + scheduled + backordered + promised"
        " + allocated + picked + packed + shipped or shipped < delivered + lost + rts or returned > shipped",
        "select count(*) from order_line",
    ),
    Invariant(
        "order_state_is_derived",
        "The stored state of every order equals the one derived from its quantities, parcels and holds.",
        f"select tenant_id, id, state, derived from ({_DERIVED}) d where state <> derived",  # noqa: S608 - a constant
        "select count(*) from sales_order",
    ),
    Invariant(
        "no_order_in_limbo",
        "Every open order has a next step, an owner and a due time; no finished one has.",
        "select tenant_id, id, state from sales_order where terminal <> (next_step = '')"
        " or (not terminal and (next_step_owner = '' or due_at is null))",
        "select count(*) from sales_order",
    ),
    Invariant(
        "open_tasks_equal_allocated_units",
        "The units of a line's open pick tasks are exactly its allocated units.",
        "select l.tenant_id, l.id, l.allocated, coalesce(t.units, 0) as tasked from order_line l left join"
        " (select tenant_id, line_id, sum(quantity - done) as units from pick_task"
        "  where kind = 'pick' and state in ('READY', 'CLAIMED', 'SKIPPED') group by tenant_id, line_id) t"
        " on t.tenant_id = l.tenant_id and t.line_id = l.id where l.allocated <> coalesce(t.units, 0)",
        "select count(*) from pick_task",
    ),
    Invariant(
        "parcels_hold_packed_units",
        "The units in an order's live parcels are exactly its packed and shipped units.",
        "select l.tenant_id, l.id, l.packed + l.shipped as by_line, coalesce(p.units, 0) as by_parcel from order_line l"
        " left join (select op.tenant_id, x.line ->> 'line_id' as line_id,"
        "  sum((x.line ->> 'quantity')::bigint) as units"
        "  from order_parcel op cross join jsonb_array_elements(op.lines) x(line) where op.state <> 'VOIDED'"
        "  group by 1, 2) p on p.tenant_id = l.tenant_id and p.line_id = l.id"
        " where l.packed + l.shipped <> coalesce(p.units, 0)",
        "select count(*) from order_parcel",
    ),
    Invariant(
        "outcomes_are_those_of_parcels",
        "The delivered, lost and returned-to-sender units of every line are those in parcels that ended so.",
        "select l.tenant_id, l.id, l.delivered, l.lost, l.rts from order_line l"
        " left join (select op.tenant_id, x.line ->> 'line_id' as line_id,"
        "  sum((x.line ->> 'quantity')::bigint) filter (where op.state = 'DELIVERED') as delivered,"
        "  sum((x.line ->> 'quantity')::bigint) filter (where op.state in ('LOST', 'LOST_SETTLED')) as lost,"
        "  sum((x.line ->> 'quantity')::bigint) filter (where op.state in ('RETURNED', 'BACK', 'BACK_SETTLED')) as rts"
        "  from order_parcel op cross join jsonb_array_elements(op.lines) x(line) group by 1, 2) p"
        " on p.tenant_id = l.tenant_id and p.line_id = l.id"
        " where (l.delivered, l.lost, l.rts)"
        " is distinct from (coalesce(p.delivered, 0), coalesce(p.lost, 0), coalesce(p.rts, 0))",
        "select count(*) from order_line where delivered + lost + rts > 0",
    ),
    Invariant(
        "settled_parcels_have_a_decision",
        "Every settled parcel has a decision, whose replacement exists; a decision's parcel is settled or was found.",
        "select op.tenant_id, op.parcel_id, op.state from order_parcel op left join parcel_outcome o"
        " on o.tenant_id = op.tenant_id and o.parcel_id = op.parcel_id"
        " where (op.state in ('LOST_SETTLED', 'BACK_SETTLED')) <> (o.parcel_id is not null and o.found_at is null)"
        " union all select o.tenant_id, o.parcel_id, o.replacement_id from parcel_outcome o left join sales_order s"
        " on s.tenant_id = o.tenant_id and s.id = o.replacement_id where o.replacement_id <> '' and s.id is null",
        "select count(*) from parcel_outcome",
    ),
    Invariant(
        "what_came_back_is_in_the_ledger",
        "The units of every parcel that was booked in again came back in the stock ledger, once.",
        "select op.tenant_id, op.parcel_id, sum((x.line ->> 'quantity')::bigint) as held, m.units from order_parcel op"
        " cross join jsonb_array_elements(op.lines) x(line) left join (select tenant_id, reference,"
        "  sum(quantity) as units from stock_movement where reason = 'return' group by 1, 2) m"
        " on m.tenant_id = op.tenant_id and m.reference = op.parcel_id where op.state in ('BACK', 'BACK_SETTLED')"
        " group by op.tenant_id, op.parcel_id, m.units"
        " having sum((x.line ->> 'quantity')::bigint) <> coalesce(m.units, 0)",
        "select count(*) from order_parcel where state in ('BACK', 'BACK_SETTLED')",
    ),
    Invariant(
        "refunded_at_most_paid",
        "No order's parcels are refunded with more than was paid for it; a replacement's price is its first order's.",
        "select o.tenant_id, o.order_id, sum(o.refund_minor) as refunded from parcel_outcome o join sales_order s"
        " on s.tenant_id = o.tenant_id and s.id = o.order_id where s.channel <> 'replacement'"
        " group by o.tenant_id, o.order_id, s.goods_minor, s.shipping_minor"
        " having sum(o.refund_minor) > s.goods_minor + s.shipping_minor",
        "select count(*) from parcel_outcome where decision = 'refund'",
    ),
    Invariant(
        "one_order_in_a_tote",
        "No open tote holds goods of two orders.",
        "select site_id, tote from batch_order where is_open and tote <> '' group by site_id, tote"
        " having count(distinct order_id) > 1",
        "select count(*) from batch_order where tote <> ''",
    ),
    Invariant(
        "picks_lie_in_their_slots",
        "Every pick on a walk is in a slot of its order on that cart, and no walk that nobody claimed has a tote.",
        "select t.tenant_id, t.id, t.batch_id, t.slot from pick_task t where t.kind = 'pick' and t.batch_id is not null"
        " and not exists (select from batch_order b where b.tenant_id = t.tenant_id and b.batch_id = t.batch_id"
        " and b.slot = t.slot and b.order_id = t.order_id)"
        " union all select b.tenant_id, b.order_id, b.batch_id, b.slot from batch_order b join pick_batch p"
        " on p.id = b.batch_id where p.state = 'DRAFT' and b.tote <> ''",
        "select count(*) from pick_task where batch_id is not null",
    ),
    Invariant(
        "walks_keep_goods_apart",
        "Hazardous, chilled and frozen goods ride only with their like, unless the item was described anew since.",
        "select t.tenant_id, t.id, t.batch_id, p.kept_apart from pick_task t join pick_batch p on p.id = t.batch_id"
        " join item i on i.tenant_id = t.tenant_id and i.id = t.item_id"
        " where t.kind = 'pick' and t.state <> 'CANCELLED' and i.updated_at <= p.created_at"
        " and p.kept_apart <> concat_ws(' ', nullif(i.temperature_class, 'ambient'),"
        " case when i.hazmat then 'hazmat' end)",
        "select count(*) from pick_batch where kept_apart <> ''",
    ),
    Invariant(
        "walks_are_in_a_zone",
        "Every walk that is passed from zone to zone is in one of its zones, behind those that handed it over.",
        "select b.id, b.leg, b.zones from pick_batch b where jsonb_array_length(b.zones) > 0"
        " and b.leg not between 0 and jsonb_array_length(b.zones) - 1"
        " union all select l.batch_id, l.number, to_jsonb(l.zone) from batch_leg l"
        " join pick_batch b on b.id = l.batch_id where l.number > b.leg"
        " or (l.handed_over_at is not null and l.number >= b.leg)",
        "select count(*) from pick_batch where zones <> '[]'",
    ),
    Invariant(
        "open_holds_are_counted",
        "An order's count of open holds equals its open holds.",
        "select o.tenant_id, o.id from sales_order o left join order_hold h on h.tenant_id = o.tenant_id"
        " and h.order_id = o.id and h.released_at is null group by o.tenant_id, o.id, o.open_holds"
        " having count(h.id) <> o.open_holds",
        "select count(*) from order_hold",
    ),
    Invariant(
        "cancelled_orders_never_ship",
        "No cancelled unit is in a parcel that left the house.",
        "select tenant_id, id from order_line where cancelled = ordered and shipped > 0",
        "select count(*) from order_line where cancelled > 0",
    ),
    Invariant(
        "dock_looks_for_listed_units",
        "The dock is asked for units of an order exactly while some of them are packed and not handed over.",
        "select o.tenant_id, o.id from sales_order o where (o.intercept_requested_at is null) <> (o.intercept = '{}')"
        " or exists (select 1 from jsonb_each_text(o.intercept -> 'units') u left join order_line l"
        "  on l.tenant_id = o.tenant_id and l.order_id = o.id and l.id = u.key"
        "  where u.value::bigint not between 1 and coalesce(l.packed, 0))",
        "select count(*) from sales_order where intercept_requested_at is not null",
    ),
    Invariant(
        "work_ops_have_answers",
        "Every recorded operation has the answer that its repetition gets.",
        "select op_id from work_op where ack = '{}'::jsonb",
        "select count(*) from work_op",
    ),
    Invariant(
        "scheduled_units_are_planned",
        "What lines want on a later day is what the stock expects to be wanted, on the order's own day.",
        "select l.tenant_id, l.id, l.scheduled, p.quantity from (select l.*, o.ship_on from order_line l"
        " join sales_order o on o.tenant_id = l.tenant_id and o.id = l.order_id where l.scheduled > 0) l"
        " full join planned_demand p on p.tenant_id = l.tenant_id and p.order_id = l.order_id and p.line_id = l.id"
        " where (l.scheduled, l.ship_on) is distinct from (p.quantity, p.ship_on)",
        "select count(*) from planned_demand",
    ),
    Invariant(
        "kits_are_ordered_whole",
        "Every line of a kit as it was ordered has its parts, and every part its kit, in the same order.",
        "select k.tenant_id, k.id, l.id as line_id from order_kit k full join (select * from order_line"
        " where kit_id <> '') l on l.tenant_id = k.tenant_id and l.kit_id = k.id and l.order_id = k.order_id"
        " where k.id is null or l.id is null",
        "select count(*) from order_kit",
    ),
    Invariant(
        "substitutes_replace_cancelled_units",
        "Every line that came in another's place names one of its order, with at least as many cancelled units, dearer"
        " or as dear.",
        "select r.tenant_id, r.id, r.replaces_line_id from (select tenant_id, order_id, replaces_line_id,"
        "  min(id) as id, sum(ordered) as units, max(unit_price_minor) as price from order_line"
        "  where replaces_line_id <> '' group by 1, 2, 3) r left join order_line l on l.tenant_id = r.tenant_id"
        " and l.id = r.replaces_line_id and l.order_id = r.order_id"
        " where l.id is null or l.cancelled < r.units or l.unit_price_minor < r.price",
        "select count(*) from order_line where replaces_line_id <> ''",
    ),
    Invariant(
        "orders_wait_for_their_questions",
        "An order waits for an answer exactly until its first open question is due.",
        "select o.tenant_id, o.id, o.answer_due_at, q.due_at from (select * from sales_order"
        "  where answer_due_at is not null) o full join (select tenant_id, order_id, min(due_at) as due_at"
        "  from customer_question where choice = '' group by 1, 2) q on q.tenant_id = o.tenant_id"
        " and q.order_id = o.id where o.answer_due_at is distinct from q.due_at",
        "select count(*) from customer_question",
    ),
    Invariant(
        "packed_serials_are_bound",
        "Where units of a parcel in the house have serial numbers, each has one, and it is bound to this parcel.",
        "select p.tenant_id, p.parcel_id, c ->> 'item_id' as item_id, c -> 'serials' as serials from order_parcel p"
        " cross join lateral jsonb_array_elements(p.lines) c"
        " where c -> 'serials' is not null and p.state in ('PACKED', 'HELD', 'WEIGHED', 'LABELLED', 'MANIFESTED')"
        " and (jsonb_array_length(c -> 'serials') <> cast(c ->> 'quantity' as int)"
        "  or jsonb_array_length(c -> 'serials') <> (select count(*) from serial_unit u"
        "   where u.tenant_id = p.tenant_id and u.item_id = c ->> 'item_id'"
        "   and u.order_id = p.order_id and u.line_id = c ->> 'line_id' and u.parcel_id = p.parcel_id"
        "   and u.state = 'with_order' and u.left_at is null and c -> 'serials' @> to_jsonb(u.serial)))",
        "select count(*) from serial_unit where state = 'with_order'",
    ),
    *SERVICE_INVARIANTS,
)
