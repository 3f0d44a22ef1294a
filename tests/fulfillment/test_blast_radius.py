from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h


def told(uow: UnitOfWork) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for event in uow.emitted:
        if isinstance(event, api.BinInDoubt):
            found.setdefault(event.order_id, []).append((event.outcome, event.quantity))
    return found


def test_who_relied_on_a_short_bin_is_known_moved_and_told_at_once(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        first, second, third = (h.order(uow, house, ("A", 3)) for _ in range(3))
        uow.session.flush()
        h.to_floor(uow, house)
        h.stock(uow, house, A={"B-02-02-1": 8})
        late = h.order(uow, house, ("A", 3))
        work = h.claim(uow, house)
        task = next(t for t in work.tasks if t.order_id == first.id)
        before = len(uow.emitted)

        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()

        assert told(uow) == {second.id: [("other_bin", 3)], third.id: [("other_bin", 2), ("waits", 1)]}
        (report,) = api.short_reports(uow, site_id=house.site)
        by_order = {(each.order_id, each.outcome): each for each in report.touched}
        assert by_order[second.id, "other_bin"].places == ("B-02-02-1",)
        assert by_order[third.id, "waits"].tell == ("lead",)
        lost = [each for each in report.touched if each.outcome == "promise_lost"]
        assert {each.order_id for each in lost} <= {late.id}
        assert all(each.tell == ("merchant", "customer") for each in lost)
        h.deliver(uow, uow.emitted[before:])
        where = {t.location_code for t in api.work_package(uow, work.batch_id).tasks if t.order_id == second.id
                 and t.state == "CLAIMED"}  # fmt: skip
        assert where == {"B-02-02-1"}
        assert h.broken_invariants(uow) == []
    with transaction(house.rival(), now=h.NOW) as uow:
        assert api.short_reports(uow, site_id=house.site) == ()


def test_a_bin_that_nobody_else_relied_on_touches_nobody(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, B={"B-02-02-1": 3})
        h.order(uow, house, ("B", 3))
        uow.session.flush()
        h.to_floor(uow, house)
        task = h.claim(uow, house).tasks[0]

        api.short_pick(uow, task_id=task.task_id, found=1, reason="BIDP", tote=task.tote)
        uow.session.flush()

        (report,) = api.short_reports(uow, site_id=house.site)
        assert (report.found, report.missing, report.touched) == (1, 2, ())
        assert told(uow) == {}
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["B"])
        assert (a.on_hand, a.reserved) == (0, 0)
