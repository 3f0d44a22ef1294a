from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="plates_within_bins",
        statement="What lies on the plates of a location is among what the location holds, lot by lot.",
        violations="""
          select p.tenant_id, p.location_id, c.item_id, c.lot, sum(c.quantity) as on_plates, b.quantity
          from plate p
          join plate_content c on c.tenant_id = p.tenant_id and c.plate_id = p.id
          left join bin_stock b on b.tenant_id = p.tenant_id and b.item_id = c.item_id
            and b.location_id = p.location_id and b.lot = c.lot
          where p.state = 'open'
          group by 1, 2, 3, 4, b.quantity having sum(c.quantity) > coalesce(b.quantity, 0)
        """,
        counted="select count(*) from plate_content",
    ),
    Invariant(
        name="plates_lie_together",
        statement="A plate on another lies where that one does, which lies on none; what has ended holds nothing.",
        violations="""
          select p.tenant_id, p.id, k.id as parent from plate p
          left join plate k on k.tenant_id = p.tenant_id and k.id = p.parent_id
          where k.parent_id is not null or k.state <> 'open' or k.location_id <> p.location_id
            or p.state <> 'open' and exists (
              select 1 from plate_content c where c.tenant_id = p.tenant_id and c.plate_id = p.id)
        """,
        counted="select count(*) from plate",
    ),
)
