# These functions are called with arrays of every length: planning anew for each call would cost more than the work, and
# one plan, by primary key, is right for all lengths.

# What `reserve_batch` does when there is not enough for all: it locks the levels, and gives group by group.
RESERVE_ONE_BY_ONE = """
create function reserve_one_by_one(
  p_groups bigint[], p_split boolean[], p_tenants text[], p_sites text[], p_items text[], p_quantities bigint[],
  p_channels text[], out granted bigint[], out free bigint[]
) language plpgsql set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = on set enable_hashjoin = on
set enable_mergejoin = on as $$
declare
  v_tenants text[]; v_items text[]; v_sites text[]; v_before bigint[]; v_left bigint[]; v_slots bigint[];
  v_held bigint[]; v_exceptions jsonb[]; v_excepted boolean;
  v_count int := cardinality(p_items); v_first int := 1; v_next int; v_slot bigint; v_take bigint; v_short boolean;
begin
  select array_agg(l.tenant_id), array_agg(l.item_id), array_agg(l.site_id), array_agg(l.free),
         array_agg(l.held_back), array_agg(l.held_for), bool_or(l.held_for is not null)
  into v_tenants, v_items, v_sites, v_before, v_held, v_exceptions, v_excepted
  from (
    select s.tenant_id, s.item_id, s.site_id, s.on_hand - s.reserved - s.held_back as free, s.held_back, s.held_for
    from stock_level s
    where (s.tenant_id, s.item_id, s.site_id) in (select * from unnest(p_tenants, p_items, p_sites))
    order by s.tenant_id, s.item_id, s.site_id
    for update
  ) l;
  v_left := v_before;
  select array_agg(k.slot order by u.n) into v_slots
  from unnest(p_tenants, p_items, p_sites) with ordinality u(t, i, s, n)
  left join unnest(v_tenants, v_items, v_sites) with ordinality k(t, i, s, slot)
    on k.t = u.t and k.i = u.i and k.s = u.s;

  while v_first <= v_count loop
    v_next := v_first;
    v_short := false;
    while v_next <= v_count and p_groups[v_next] = p_groups[v_first] loop
      v_slot := v_slots[v_next];
      free[v_next] := greatest(coalesce(v_left[v_slot], 0), 0);
      if v_excepted and v_exceptions[v_slot] ? p_channels[v_next] then
        free[v_next] := greatest(v_left[v_slot] + v_held[v_slot]
                                 - (v_exceptions[v_slot] ->> p_channels[v_next])::bigint, 0);
      end if;
      v_take := least(p_quantities[v_next], free[v_next]);
      granted[v_next] := v_take;
      if v_take > 0 then
        v_left[v_slot] := v_left[v_slot] - v_take;
      end if;
      v_short := v_short or v_take < p_quantities[v_next];
      v_next := v_next + 1;
    end loop;
    if v_short and not p_split[v_first] then
      for v_line in v_first .. v_next - 1 loop
        if granted[v_line] > 0 then
          v_left[v_slots[v_line]] := v_left[v_slots[v_line]] + granted[v_line];
          granted[v_line] := 0;
        end if;
      end loop;
    end if;
    v_first := v_next;
  end loop;

  update stock_level s set reserved = s.reserved + d.taken
  from (select u.t, u.i, u.s, u.a - u.z as taken from unnest(v_tenants, v_items, v_sites, v_before, v_left)
        u(t, i, s, a, z) where u.a <> u.z) d
  where s.tenant_id = d.t and s.item_id = d.i and s.site_id = d.s;
end $$;
"""

# The one place where stock is promised. Every line names the group (order) it belongs to; groups are served in the
# order they arrive. Levels are locked in key order, so that two batches cannot deadlock, and each is written once, so
# that a hot item costs one row version for the whole batch. Nearly always there is enough of everything: then one
# update takes it all, and nothing is looked at first. If any level has less than all want of it together (`free` told
# is then what each line found), that update is undone and the groups are served one by one. Within a group a repeated
# item is taken from what its earlier lines left. Reservation has no foreign key: each row is written under the lock of
# its stock level, which has one, and a check for every hot row would cost as much as the insert itself. What a level
# keeps back from every channel (`held_back`), and the channels that have figures of their own (`held_for`, null for
# most), stand on its own row, which is locked and read anyway: only for a channel with a figure of its own is the rest
# counted anew. Only nested loops over sorted keys lock in their order, whatever the planner thinks of the tables' size.
RESERVE_BATCH = """
create function reserve_batch(
  p_now timestamptz, p_groups bigint[], p_split boolean[], p_ids text[], p_tenants text[], p_sites text[],
  p_items text[], p_orders text[], p_customers text[], p_lines text[], p_quantities bigint[], p_hold boolean,
  p_expires timestamptz[], p_channels text[], out granted bigint[], out free bigint[]
) language plpgsql set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
declare
  v_whole boolean;
begin
  begin
    with wanted as materialized (
      select u.t, u.i, u.s, sum(u.q)::bigint as units
      from unnest(p_tenants, p_items, p_sites, p_quantities) u(t, i, s, q) group by u.t, u.i, u.s order by u.t, u.i, u.s
    ), taken as (
      update stock_level s set reserved = s.reserved + w.units from wanted w
      where s.tenant_id = w.t and s.item_id = w.i and s.site_id = w.s
        and s.on_hand - s.reserved - s.held_back >= w.units and (s.held_for is null or not s.held_for ?| p_channels)
      returning 1
    )
    select (select count(*) from taken) = (select count(*) from wanted) into v_whole;
    if not v_whole then
      raise exception 'there is not enough for all' using errcode = 'PS001';
    end if;
    granted := p_quantities;
    free := p_quantities;
  exception when sqlstate 'PS001' then
    select b.granted, b.free into granted, free
    from reserve_one_by_one(p_groups, p_split, p_tenants, p_sites, p_items, p_quantities, p_channels) b;
  end;

  insert into reservation (tenant_id, id, site_id, item_id, order_id, customer_id, line_id, granted, quantity, hold,
                           created_at, expires_at)
  select u.t, u.id, u.s, u.i, u.o, u.c, u.l, u.g, u.g, p_hold, p_now, u.e
  from unnest(p_tenants, p_ids, p_sites, p_items, p_orders, p_customers, p_lines, granted, p_expires)
       u(t, id, s, i, o, c, l, g, e)
  where u.g > 0;
end $$;
"""

# Movements, changes of reservations and changes of allocations go in; the counters follow from them in the same
# statement each, and so cannot drift from the rows they count. The caller holds the locks of the stock levels.
APPLY_STOCK = """
create function apply_stock(
  p_now timestamptz, p_actor text, p_movements jsonb, p_reservations jsonb, p_allocations jsonb
) returns void language plpgsql set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
begin
  update reservation r set quantity = r.quantity + d.delta
  from (select x.tenant_id, x.id, sum(x.delta) as delta
        from jsonb_to_recordset(p_reservations) x(tenant_id text, id text, delta bigint) group by 1, 2) d
  where r.tenant_id = d.tenant_id and r.id = d.id;

  insert into allocation (tenant_id, order_id, line_id, item_id, location_id, lot, site_id, quantity)
  select distinct x.tenant_id, x.order_id, x.line_id, x.item_id, x.location_id, x.lot, x.site_id, 0
  from jsonb_to_recordset(p_allocations)
       x(tenant_id text, order_id text, line_id text, item_id text, location_id text, lot text, site_id text,
         delta bigint)
  where x.delta > 0
  on conflict do nothing;
  update allocation a set quantity = a.quantity + d.delta
  from (select x.tenant_id, x.order_id, x.line_id, x.item_id, x.location_id, x.lot, sum(x.delta) as delta
        from jsonb_to_recordset(p_allocations)
             x(tenant_id text, order_id text, line_id text, item_id text, location_id text, lot text, delta bigint)
        group by 1, 2, 3, 4, 5, 6) d
  where a.tenant_id = d.tenant_id and a.order_id = d.order_id and a.line_id = d.line_id and a.item_id = d.item_id
    and a.location_id = d.location_id and a.lot = d.lot;
  delete from allocation a
  using jsonb_to_recordset(p_allocations) x(tenant_id text, order_id text, line_id text, item_id text, delta bigint)
  where a.tenant_id = x.tenant_id and a.order_id = x.order_id and a.line_id = x.line_id and a.item_id = x.item_id
    and a.quantity = 0;

  insert into stock_movement (tenant_id, id, site_id, item_id, from_bucket, from_location_id, to_bucket,
                              to_location_id, lot, quantity, reason, reference, container, actor, at)
  select x.tenant_id, x.id, x.site_id, x.item_id, x.from_bucket, x.from_location_id, x.to_bucket, x.to_location_id,
         x.lot, x.quantity, x.reason, x.reference, x.container, p_actor, p_now
  from jsonb_to_recordset(p_movements)
       x(tenant_id text, id text, site_id text, item_id text, from_bucket text, from_location_id text,
         to_bucket text, to_location_id text, lot text, quantity bigint, reason text, reference text, container text);

  insert into stock_level (tenant_id, item_id, site_id, on_hand, reserved)
  select distinct x.tenant_id, x.item_id, x.site_id, 0, 0
  from jsonb_to_recordset(p_movements) x(tenant_id text, item_id text, site_id text, to_bucket text)
  where x.to_bucket = 'AVAILABLE'
  order by 1, 2, 3
  on conflict do nothing;
  update stock_level s set on_hand = s.on_hand + d.on_hand, reserved = s.reserved + d.reserved
  from (
    select c.tenant_id, c.item_id, c.site_id, sum(c.on_hand) as on_hand, sum(c.reserved) as reserved
    from (
      select x.tenant_id, x.item_id, x.site_id, x.quantity * ((x.to_bucket = 'AVAILABLE')::int
             - (x.from_bucket = 'AVAILABLE')::int) as on_hand, 0 as reserved
      from jsonb_to_recordset(p_movements)
           x(tenant_id text, item_id text, site_id text, from_bucket text, to_bucket text, quantity bigint)
      union all
      select r.tenant_id, r.item_id, r.site_id, 0, x.delta
      from jsonb_to_recordset(p_reservations) x(tenant_id text, id text, delta bigint)
      join reservation r on r.tenant_id = x.tenant_id and r.id = x.id
    ) c
    group by 1, 2, 3 having sum(c.on_hand) <> 0 or sum(c.reserved) <> 0
  ) d
  where s.tenant_id = d.tenant_id and s.item_id = d.item_id and s.site_id = d.site_id;

  insert into bin_stock (tenant_id, item_id, location_id, lot, quantity, allocated, frozen)
  select distinct x.tenant_id, x.item_id, x.to_location_id, x.lot, 0, 0, false
  from jsonb_to_recordset(p_movements) x(tenant_id text, item_id text, to_location_id text, lot text)
  where x.to_location_id is not null
  on conflict do nothing;
  update bin_stock b set quantity = b.quantity + d.quantity, allocated = b.allocated + d.allocated
  from (
    select c.tenant_id, c.item_id, c.location_id, c.lot, sum(c.quantity) as quantity, sum(c.allocated) as allocated
    from (
      select x.tenant_id, x.item_id, x.to_location_id as location_id, x.lot, x.quantity, 0 as allocated
      from jsonb_to_recordset(p_movements)
           x(tenant_id text, item_id text, to_location_id text, lot text, quantity bigint)
      union all
      select x.tenant_id, x.item_id, x.from_location_id, x.lot, -x.quantity, 0
      from jsonb_to_recordset(p_movements)
           x(tenant_id text, item_id text, from_location_id text, lot text, quantity bigint)
      union all
      select x.tenant_id, x.item_id, x.location_id, x.lot, 0, x.delta
      from jsonb_to_recordset(p_allocations) x(tenant_id text, item_id text, location_id text, lot text, delta bigint)
    ) c
    where c.location_id is not null
    group by 1, 2, 3, 4
  ) d
  where b.tenant_id = d.tenant_id and b.item_id = d.item_id and b.location_id = d.location_id and b.lot = d.lot;

  insert into bucket_stock (tenant_id, item_id, site_id, bucket, quantity)
  select distinct x.tenant_id, x.item_id, x.site_id, b.bucket, 0
  from jsonb_to_recordset(p_movements)
       x(tenant_id text, item_id text, site_id text, from_bucket text, to_bucket text)
  cross join lateral (values (x.from_bucket), (x.to_bucket)) b(bucket)
  where b.bucket not in ('AVAILABLE', 'EXTERNAL')
  order by 1, 2, 3, 4
  on conflict do nothing;
  perform 1
  from bucket_stock s
  where (s.tenant_id, s.item_id, s.site_id, s.bucket) in (
    select x.tenant_id, x.item_id, x.site_id, b.bucket
    from jsonb_to_recordset(p_movements)
         x(tenant_id text, item_id text, site_id text, from_bucket text, to_bucket text)
    cross join lateral (values (x.from_bucket), (x.to_bucket)) b(bucket))
  order by s.tenant_id, s.item_id, s.site_id, s.bucket
  for update;
  update bucket_stock b set quantity = b.quantity + d.quantity
  from (
    select c.tenant_id, c.item_id, c.site_id, c.bucket, sum(c.quantity) as quantity
    from (
      select x.tenant_id, x.item_id, x.site_id, x.to_bucket as bucket, x.quantity
      from jsonb_to_recordset(p_movements)
           x(tenant_id text, item_id text, site_id text, to_bucket text, quantity bigint)
      union all
      select x.tenant_id, x.item_id, x.site_id, x.from_bucket, -x.quantity
      from jsonb_to_recordset(p_movements)
           x(tenant_id text, item_id text, site_id text, from_bucket text, quantity bigint)
    ) c
    where c.bucket not in ('AVAILABLE', 'EXTERNAL')
    group by 1, 2, 3, 4
  ) d
  where b.tenant_id = d.tenant_id and b.item_id = d.item_id and b.site_id = d.site_id and b.bucket = d.bucket;
end $$;
"""
