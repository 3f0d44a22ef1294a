from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="held_back_equals_rules",
        statement="What a stock level keeps back, and for whom, is what the item's safety stock says.",
        violations="""
          select l.tenant_id, l.item_id, l.site_id, l.held_back, l.held_for, f.held_back as ruled, f.held_for as each
          from stock_level l cross join lateral safety_of(l.tenant_id, l.item_id, l.site_id) f
          where (l.held_back, l.held_for) is distinct from (f.held_back, f.held_for)
        """,
        counted="select count(*) from stock_level",
    ),
    Invariant(
        name="kits_are_their_parts",
        statement="A kit has parts, none of which is a kit, and nothing of its own is in the house or promised.",
        violations="""
          select i.tenant_id, i.id, i.sku from item i
          where i.kit <> exists (select 1 from kit_part p where p.tenant_id = i.tenant_id and p.kit_id = i.id)
             or i.kit and (exists (select 1 from kit_part p where p.tenant_id = i.tenant_id and p.item_id = i.id)
               or exists (select 1 from stock_level l where l.tenant_id = i.tenant_id and l.item_id = i.id
                          and (l.on_hand > 0 or l.reserved > 0)))
        """,
        counted="select count(*) from item where kit",
    ),
)
