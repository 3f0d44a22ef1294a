import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h


def cancelled_in_tote(uow: UnitOfWork) -> tuple[h.House, api.OrderView, api.OrderView, api.WorkPackage]:
    """Two orders of 2 A on one walk; the first is picked, then cancelled."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 9}, B={"B-02-02-1": 9})
    first, second = h.order(uow, house, ("A", 2)), h.order(uow, house, ("A", 3), ("B", 1))
    uow.session.flush()
    h.to_floor(uow, house)
    work = h.claim(uow, house)
    h.pick(uow, next(t for t in work.tasks if t.order_id == first.id))
    api.cancel_order(uow, tenant_id=house.tenant, order_id=first.id, reason="changed my mind")
    uow.session.flush()
    return house, first, second, work


def op(number: int, **fields: object) -> api.WorkOp:
    return api.WorkOp(op_id=f"reuse-{number}", kind="reuse", **fields)  # type: ignore[arg-type]


def test_cancelled_units_go_to_the_next_order_in_place(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, first, second, work = cancelled_in_tote(uow)
        (found,) = api.reusable_units(uow, batch_id=work.batch_id, site_id=house.site)
        assert (found.quantity, found.pick.order_id) == (2, second.id)
        told = len(uow.emitted)

        wrong = api.apply_work_op(
            uow, site_id=house.site, op=op(1, task_id=found.put_back.task_id, tote="T-9999", quantity=2)
        )
        assert (wrong.status, wrong.tone, len(uow.emitted)) == ("rejected", "stop", told)
        ack = api.apply_work_op(
            uow, site_id=house.site, op=op(2, task_id=found.put_back.task_id, tote=found.pick.tote, quantity=2)
        )

        assert (ack.status, ack.title) == ("applied", "Moved")
        assert h.units(uow, first.id) == {"ordered": 2, "cancelled": 2}
        assert h.units(uow, second.id) == {"ordered": 4, "allocated": 2, "picked": 2}
        assert api.open_put_backs(uow, site_id=house.site) == ()
        assert api.reusable_units(uow, batch_id=work.batch_id, site_id=house.site) == []
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert (a.on_hand, a.reserved) == (7, 1)
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize("quantity", [0, 3])
def test_no_more_goes_than_was_cancelled(database: Connection, quantity: int) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, _, second, work = cancelled_in_tote(uow)
        (found,) = api.reusable_units(uow, batch_id=work.batch_id, site_id=house.site)
        before = h.units(uow, second.id)

        ack = api.apply_work_op(
            uow, site_id=house.site, op=op(1, task_id=found.put_back.task_id, tote=found.pick.tote, quantity=quantity)
        )

        assert ack.status == "rejected"
        assert h.units(uow, second.id) == before
