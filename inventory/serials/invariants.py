from inventory.serials.balance import UNEXPLAINED
from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="units_equal_serials",
        statement="Units of an item that is tracked by serial number are as many as its serials in the house, but for "
        "those that were there before, and those that counts, losses and returns account for.",
        violations=f"""
          select u.tenant_id, u.item_id, u.site_id, sum(u.units) - coalesce(max(s.units), 0) as without_serial
          from ({UNEXPLAINED}) u
          join item i on i.tenant_id = u.tenant_id and i.id = u.item_id and i.serial_tracked
          left join serial_start s
            on s.tenant_id = u.tenant_id and s.item_id = u.item_id and s.site_id = u.site_id
          group by 1, 2, 3
          having sum(u.units) <> coalesce(max(s.units), 0)
        """,  # noqa: S608 - composed of constants
        counted="select count(*) from item where serial_tracked",
    ),
    Invariant(
        name="serials_equal_their_steps",
        statement="Where a unit is said to be is where the last fact of its life left it.",
        violations="""
          select u.tenant_id, u.item_id, u.serial, u.state, u.left_at, s.kind
          from serial_unit u
          left join lateral (
            select kind, parcel_id from serial_step s
            where s.tenant_id = u.tenant_id and s.item_id = u.item_id and s.serial = u.serial
            order by s.id desc limit 1) s on true
          where case
            when s.kind in ('received', 'registered', 'unpacked', 'restocked') then u.state <> 'in_stock'
            when s.kind = 'packed' then u.state <> 'with_order' or u.left_at is not null or u.parcel_id <> s.parcel_id
            when s.kind = 'shipped' then u.state <> 'with_order' or u.left_at is null or u.parcel_id <> s.parcel_id
            when s.kind in ('discarded', 'written_off', 'undone') then u.state <> 'away'
            else true end
        """,
        counted="select count(*) from serial_unit",
    ),
)
