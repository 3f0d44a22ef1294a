# The same questions in a batch that mixes merchants, each asked with its own key; those that touch a kit, or what is
# sold ahead, are answered one by one. The text is put together from numbers and from ids of our own; only a SKU can
# hold what JSON escapes.
AVAILABILITY_FOR_KEYS = """
create function availability_for_keys(
  p_now timestamptz, p_key_hashes text[], p_channels text[], p_requests bigint[], p_skus text[]
) returns table (request bigint, outcome text, body text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
declare
  v_keys text[]; v_tenants text[]; v_outcomes text[]; v_stale boolean;
begin
  select array_agg(k.id order by r.n), array_agg(k.tenant_id order by r.n),
         array_agg(case when k.id is null then 'unauthenticated' when not k.scopes ? 'stock:read' then 'forbidden'
                        else 'found' end order by r.n),
         bool_or(k.last_used_at is null or k.last_used_at < p_now - interval '5 minutes')
  into v_keys, v_tenants, v_outcomes, v_stale
  from unnest(p_key_hashes) with ordinality r(hash, n)
  left join api_key k on k.secret_hash = r.hash and k.revoked_at is null
       and (k.expires_at is null or k.expires_at > p_now);

  if v_stale then
    update api_key set last_used_at = p_now
    where id in (select u.id from unnest(v_keys, v_outcomes) u(id, outcome) where u.outcome = 'found')
      and (last_used_at is null or last_used_at < p_now - interval '5 minutes');
  end if;

  return query
  select f.r, v_outcomes[f.r], case
    when v_outcomes[f.r] <> 'found' then null
    when f.special then (
      select a.body from availability_for_key(p_now, p_key_hashes[f.r], f.skus, p_channels[f.r]) a)
    else '{"items":[' || coalesce(f.items, '') || '],"unknown":[' || coalesce(f.unknown, '') || ']}' end
  from (
    select l.r, bool_or(i.kit or i.oversell <> 'none') as special, array_agg(l.sku order by l.n) as skus,
           string_agg('{"sku":' || to_json(l.sku) || ',"item_id":"' || i.id || '","on_hand":' || s.on_hand
             || ',"reserved":' || s.reserved || ',"held_back":' || s.on_hand - s.reserved - s.available
             || ',"available":' || s.available || ',"oversell": null,"sites":[' || s.sites || ']}', ',' order by l.n)
             as items,
           string_agg(to_json(l.sku)::text, ',' order by l.n) filter (where i.id is null) as unknown
    from unnest(p_requests, p_skus) with ordinality l(r, sku, n)
    left join item i on v_outcomes[l.r] = 'found' and i.tenant_id = v_tenants[l.r] and i.sku = l.sku and i.active
    left join lateral (
      select coalesce(sum(h.on_hand), 0)::bigint as on_hand, coalesce(sum(h.reserved), 0)::bigint as reserved,
             coalesce(sum(greatest(h.on_hand - h.reserved - h.held, 0)), 0)::bigint as available,
             coalesce(string_agg('{"site_id":"' || h.site_id || '","on_hand":' || h.on_hand || ',"reserved":'
               || h.reserved || ',"held_back":' || least(h.on_hand - h.reserved, h.held) || ',"available":'
               || greatest(h.on_hand - h.reserved - h.held, 0) || '}', ',' order by h.site_id), '') as sites
      from (
        select v.site_id, v.on_hand, v.reserved, coalesce((v.held_for ->> p_channels[l.r])::bigint, v.held_back) as held
        from stock_level v where v.tenant_id = i.tenant_id and v.item_id = i.id
      ) h
    ) s on true
    group by l.r
  ) f;
end $$;
"""
