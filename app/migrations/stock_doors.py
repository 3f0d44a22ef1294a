# The door of the hot reservation route, one round trip for a batch that mixes merchants. It runs as a role that
# row-level security lets through, and so decides itself whose rows it touches: the merchant of each request is the one
# its API key belongs to, never one that the request names, and every join below carries it. The stored answer of a
# repeated key is looked up before and inserted after the decision; when two processes race with one key, the second
# fails on the primary key, and its caller repeats the batch and then finds the answer. A kit has no stock of its own,
# and is not found here: who asks for one is answered by the ordinary way, which knows its parts.
RESERVE_REQUESTS = """
create function reserve_requests(
  p_now timestamptz, p_key_hashes text[], p_idempotency_keys text[], p_fingerprints text[], p_references text[],
  p_sites text[], p_split boolean[], p_expires timestamptz[], p_event_ids text[],
  p_line_requests bigint[], p_line_ids text[], p_skus text[], p_quantities bigint[], p_reservation_ids text[],
  p_channels text[]
) returns table (request bigint, outcome text, body text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_material = off as $$
declare
  v_keys text[]; v_tenants text[]; v_sites text[]; v_outcomes text[]; v_bodies text[]; v_items text[];
  v_open bigint[]; v_granted bigint[]; v_free bigint[]; v_data text[]; v_units bigint[]; v_stale boolean;
  v_actor text;
begin
  select array_agg(k.id order by r.n), array_agg(k.tenant_id order by r.n), array_agg(k.site_id order by r.n),
         array_agg(case
           when k.id is null then 'unauthenticated'
           when not k.may then 'forbidden'
           when a.key is not null and a.fingerprint <> r.fingerprint then 'key_reused'
           when a.state = 'started' then 'in_progress'
           when a.key is not null then 'replayed'
           when k.site_id is null then 'unknown_site'
           else 'open' end order by r.n),
         array_agg(convert_from(a.body, 'UTF8') order by r.n),
         bool_or(k.stale)
  into v_keys, v_tenants, v_sites, v_outcomes, v_bodies, v_stale
  from unnest(p_key_hashes, p_idempotency_keys, p_fingerprints, p_sites)
       with ordinality r(hash, key, fingerprint, site, n)
  left join (
    select d.hash, d.site, f.id, f.tenant_id, f.scopes ? 'stock:write' as may,
           f.last_used_at is null or f.last_used_at < p_now - interval '5 minutes' as stale,
           (select m.site_id from merchant_site m join site w on w.id = m.site_id
            where m.merchant_id = f.tenant_id and d.site in ('', w.code, w.id)
            order by w.code limit 1) as site_id
    from (select distinct u.hash, u.site from unnest(p_key_hashes, p_sites) u(hash, site)) d
    join api_key f on f.secret_hash = d.hash and f.revoked_at is null
         and (f.expires_at is null or f.expires_at > p_now)
  ) k on k.hash = r.hash and k.site = r.site
  left join idempotency_key a on a.owner = k.id and a.key = r.key;

  if v_stale then
    update api_key set last_used_at = p_now
    where id = any(v_keys) and (last_used_at is null or last_used_at < p_now - interval '5 minutes');
  end if;

  select array_agg(i.id order by l.n) into v_items
  from unnest(p_line_requests, p_skus) with ordinality l(r, sku, n)
  left join item i on v_outcomes[l.r] = 'open' and i.tenant_id = v_tenants[l.r] and i.sku = l.sku and i.active
       and not i.kit;
  for v_n in 1 .. coalesce(cardinality(p_skus), 0) loop
    if v_items[v_n] is null and v_outcomes[p_line_requests[v_n]] = 'open' then
      v_outcomes[p_line_requests[v_n]] := 'unknown_sku';
    end if;
  end loop;

  select array_agg(l.n order by l.n) into v_open
  from unnest(p_line_requests) with ordinality l(r, n) where v_outcomes[l.r] = 'open';
  if v_open is not null then
    select b.granted, b.free into v_granted, v_free
    from (
      select array_agg(p_line_requests[o.n] order by o.k) as groups,
             array_agg(p_split[p_line_requests[o.n]] order by o.k) as split,
             array_agg(p_reservation_ids[o.n] order by o.k) as ids,
             array_agg(v_tenants[p_line_requests[o.n]] order by o.k) as tenants,
             array_agg(v_sites[p_line_requests[o.n]] order by o.k) as sites,
             array_agg(v_items[o.n] order by o.k) as items,
             array_agg(p_references[p_line_requests[o.n]] order by o.k) as refs,
             array_agg(p_line_ids[o.n] order by o.k) as lines,
             array_agg(p_quantities[o.n] order by o.k) as quantities,
             array_agg(p_expires[p_line_requests[o.n]] order by o.k) as expires,
             array_agg(p_channels[p_line_requests[o.n]] order by o.k) as channels
      from unnest(v_open) with ordinality o(n, k)
    ) c
    cross join lateral reserve_batch(p_now, c.groups, c.split, c.ids, c.tenants, c.sites, c.items, c.refs,
      array_fill(''::text, array[cardinality(c.items)]), c.lines, c.quantities, true, c.expires, c.channels) b;

    select array_agg(coalesce(a.outcome, u.outcome) order by u.n), array_agg(coalesce(a.body, u.body) order by u.n),
           array_agg(a.data order by u.n), array_agg(a.units order by u.n)
    into v_outcomes, v_bodies, v_data, v_units
    from unnest(v_outcomes, v_bodies) with ordinality u(outcome, body, n)
    left join (
      select l.r, case when sum(l.granted) > 0 then 'reserved' else 'short' end as outcome, sum(l.granted) as units,
             case when sum(l.granted) > 0 then
               '{"reference":' || to_json(p_references[l.r]) || ',"site_id":"' || v_sites[l.r] || '","outcome":"'
               || case when bool_and(l.granted = l.quantity) then 'reserved' else 'partly_reserved' end
               || '","expires_at":"' || to_char(p_expires[l.r] at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
               || '","lines":[' || string_agg('{"line_id":' || l.line_id || ',"sku":' || l.sku || ',"requested":'
                    || l.quantity || ',"reserved":' || l.granted || '}', ',' order by l.n) || ']}'
             else
               '[' || string_agg('{"line_id":' || l.line_id || ',"sku":' || l.sku || ',"requested":' || l.quantity
                    || ',"available":' || l.free || '}', ',' order by l.n) filter (where l.free < l.quantity) || ']'
             end as body,
             '{"reference":' || to_json(p_references[l.r]) || ',"site_id":"' || v_sites[l.r] || '","lines":['
             || string_agg('{"line_id":' || l.line_id || ',"item_id":"' || l.item || '","quantity":' || l.granted
                           || '}', ',' order by l.n) filter (where l.granted > 0) || ']}' as data
      from (
        select o.n, p_line_requests[o.n] as r, to_json(p_line_ids[o.n])::text as line_id,
               to_json(p_skus[o.n])::text as sku, v_items[o.n] as item, p_quantities[o.n] as quantity, o.granted, o.free
        from unnest(v_open, v_granted, v_free) o(n, granted, free)
      ) l
      group by l.r
    ) a on a.r = u.n;

    for v_actor in
      select distinct u.key from unnest(v_keys, v_outcomes) u(key, outcome) where u.outcome = 'reserved' order by 1
    loop
      perform append_events(array_agg(e.id), array_agg(e.tenant), array_agg(e.ref),
        array_agg('inventory.stock_reserved.v1'::text), array_agg('staff'::text), array_agg(p_now), p_now,
        array_agg(''::text), array_agg(''::text), v_actor,
        array_agg(case when e.units = 1 then '1 unit' else e.units || ' units' end || ' set aside.'),
        array_agg(e.data))
      from (
        select u.id, u.tenant, u.ref, u.units, u.data
        from unnest(p_event_ids, v_tenants, p_references, v_units, v_data, v_keys, v_outcomes)
             with ordinality u(id, tenant, ref, units, data, key, outcome, n)
        where u.outcome = 'reserved' and u.key = v_actor order by u.n
      ) e;
    end loop;

    insert into idempotency_key (owner, key, fingerprint, state, locked_until, created_at, status, body, media_type)
    select u.owner, u.key, u.fingerprint, 'done', p_now, p_now, 201, convert_to(u.body, 'UTF8'), 'application/json'
    from unnest(v_keys, p_idempotency_keys, p_fingerprints, v_outcomes, v_bodies)
         u(owner, key, fingerprint, outcome, body)
    where u.outcome = 'reserved' order by u.owner, u.key;
  end if;

  return query
    select u.n, u.outcome, case when u.outcome = 'unknown_sku' then (
      select json_agg(l.n - f.n order by l.n)::text
      from unnest(p_line_requests, v_items) with ordinality l(r, item, n)
      cross join (select min(m.n) as n from unnest(p_line_requests) with ordinality m(r, n) where m.r = u.n) f
      where l.r = u.n and l.item is null) else u.body end
    from unnest(v_outcomes, v_bodies) with ordinality u(outcome, body, n)
    order by u.n;
end $$;
"""

# Of a kit there is as much as its scarcest part gives; it is never reserved itself. Kits and what is sold ahead are
# looked at only when one of them was asked for: the first statement answers all others.
AVAILABILITY_FOR_KEY = """
create function availability_for_key(p_now timestamptz, p_key_hash text, p_skus text[], p_channel text,
  out outcome text, out body text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan as $$
declare
  v_key record; v_special boolean;
begin
  select k.id, k.tenant_id, k.scopes ? 'stock:read' as may, k.last_used_at into v_key
  from api_key k
  where k.secret_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > p_now);
  if v_key.id is null then
    outcome := 'unauthenticated';
  elsif not v_key.may then
    outcome := 'forbidden';
  else
    if v_key.last_used_at is null or v_key.last_used_at < p_now - interval '5 minutes' then
      update api_key set last_used_at = p_now
      where id = v_key.id and (last_used_at is null or last_used_at < p_now - interval '5 minutes');
    end if;
    outcome := 'found';
    select json_build_object(
      'items', coalesce(json_agg(json_build_object('sku', f.sku, 'item_id', f.item_id, 'on_hand', f.on_hand,
        'reserved', f.reserved, 'held_back', f.on_hand - f.reserved - f.available, 'available', f.available,
        'oversell', null, 'sites', f.sites) order by f.n) filter (where f.item_id is not null), '[]'),
      'unknown', coalesce(json_agg(f.sku order by f.n) filter (where f.item_id is null), '[]'))::text,
      bool_or(f.special)
    into body, v_special
    from (
      select u.n, u.sku, i.id as item_id, i.kit or i.oversell <> 'none' as special,
             coalesce(sum(s.on_hand), 0) as on_hand, coalesce(sum(s.reserved), 0) as reserved,
             coalesce(sum(greatest(s.on_hand - s.reserved
               - coalesce((s.held_for ->> p_channel)::bigint, s.held_back), 0)), 0) as available,
             coalesce(json_agg(json_build_object('site_id', s.site_id, 'on_hand', s.on_hand, 'reserved', s.reserved,
               'held_back', least(s.on_hand - s.reserved,
                                  coalesce((s.held_for ->> p_channel)::bigint, s.held_back)),
               'available', greatest(s.on_hand - s.reserved
                                     - coalesce((s.held_for ->> p_channel)::bigint, s.held_back), 0))
               order by s.site_id) filter (where s.site_id is not null), '[]') as sites
      from unnest(p_skus) with ordinality u(sku, n)
      left join item i on i.tenant_id = v_key.tenant_id and i.sku = u.sku and i.active
      left join stock_level s on s.tenant_id = i.tenant_id and s.item_id = i.id
      group by u.n, u.sku, i.id, i.kit, i.oversell
    ) f;
    if not v_special then
      return;
    end if;
    select json_build_object(
      'items', coalesce(json_agg(json_build_object('sku', f.sku, 'item_id', f.item_id, 'on_hand', f.on_hand,
        'reserved', f.reserved, 'held_back', f.on_hand - f.reserved - f.available, 'available', f.available,
        'oversell', f.oversell, 'sites', f.sites) order by f.n) filter (where f.item_id is not null), '[]'),
      'unknown', coalesce(json_agg(f.sku order by f.n) filter (where f.item_id is null), '[]'))::text
    into body
    from (
      select u.n, u.sku, i.id as item_id, coalesce(sum(s.on_hand), 0) as on_hand,
             coalesce(sum(s.reserved), 0) as reserved, coalesce(sum(s.free), 0) as available,
             case when i.oversell <> 'none' then json_build_object('policy', i.oversell, 'until', i.oversell_until,
               'units', case when i.oversell_until < (p_now at time zone 'UTC')::date then 0 else
                 greatest(i.oversell_units - (select coalesce(sum(w.backordered), 0) from order_line w
                   where w.tenant_id = i.tenant_id and w.item_id = i.id and w.backordered > 0), 0) end) end as oversell,
             coalesce(json_agg(json_build_object('site_id', s.site_id, 'on_hand', s.on_hand, 'reserved', s.reserved,
               'held_back', s.on_hand - s.reserved - s.free, 'available', s.free) order by s.site_id)
               filter (where s.site_id is not null), '[]') as sites
      from unnest(p_skus) with ordinality u(sku, n)
      left join item i on i.tenant_id = v_key.tenant_id and i.sku = u.sku and i.active
      left join lateral (
        select l.site_id, l.on_hand, l.reserved,
               greatest(l.on_hand - l.reserved - coalesce((l.held_for ->> p_channel)::bigint, l.held_back), 0) as free
        from stock_level l
        where not i.kit and l.tenant_id = i.tenant_id and l.item_id = i.id
        union all
        select l.site_id, min(l.on_hand / p.quantity),
               min(l.on_hand / p.quantity) - min((l.on_hand - l.reserved) / p.quantity),
               min(greatest(l.on_hand - l.reserved - coalesce((l.held_for ->> p_channel)::bigint, l.held_back), 0)
                   / p.quantity)
        from kit_part p join stock_level l on l.tenant_id = p.tenant_id and l.item_id = p.item_id
        where i.kit and p.tenant_id = i.tenant_id and p.kit_id = i.id
        group by l.site_id
        having count(*) = (select count(*) from kit_part q where q.tenant_id = i.tenant_id and q.kit_id = i.id)
      ) s on true
      group by u.n, u.sku, i.tenant_id, i.id, i.oversell, i.oversell_until, i.oversell_units
    ) f;
  end if;
end $$;
"""

# A function's owner must be allowed to create in its schema at the moment it becomes the owner, and not a moment longer.
DOORS = """
grant select on item to pickstream_reserve;
grant select, update on stock_level to pickstream_reserve;
grant select, insert on reservation to pickstream_reserve;
grant update (last_used_at) on api_key to pickstream_reserve;
revoke execute on function reserve_requests, availability_for_key from public;
grant execute on function reserve_requests, availability_for_key to pickstream_app;
grant create on schema public to pickstream_reserve;
alter function reserve_requests owner to pickstream_reserve;
alter function availability_for_key owner to pickstream_reserve;
revoke create on schema public from pickstream_reserve;
"""
