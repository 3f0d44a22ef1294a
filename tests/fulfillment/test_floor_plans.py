"""Versions of a site's floor: kept, put in force and back, and what is wrong with a drawing said with its place."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from shapely import Polygon, box
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from fulfillment import api
from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.layout import Bin, LayoutError, Obstacle, Rack, WarehousePlan
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

PLAN = api.sample_warehouse(aisles=3, bays=6, levels=1, blocks=1)
AISLE, BIN, RACK = PLAN.aisles[1], PLAN.bins[8], PLAN.racks[0]
FRONT, X = AISLE.y_from_mm, AISLE.x_mm


def pallet(code: str, y: int) -> Obstacle:
    return Obstacle(code, box(X - 400, y, X + 400, y + 300))


def one_way(plan: WarehousePlan) -> WarehousePlan:
    return replace(plan, aisles=(replace(plan.aisles[0], one_way=1), *plan.aisles[1:]))


Broken = Callable[[WarehousePlan], WarehousePlan]
STRAY = replace(BIN, code="STRAY", x_mm=BIN.x_mm + 9_000)
BOW_TIE = Rack("BOW", Polygon([(0, 0), (1_000, 1_000), (1_000, 0), (0, 1_000)]))
left, front, right, back = (round(edge) for edge in RACK.polygon.bounds)
FAULTS: dict[str, tuple[Broken, str, set[tuple[str, int, int]]]] = {
    "crossing": (lambda p: replace(p, racks=(*p.racks, BOW_TIE)), "invalid_polygon", {("BOW", 500, 500)}),
    "overlap": (
        lambda p: replace(p, racks=(*p.racks, Rack("R2", box(left, front, right, front + 1_000)))),
        "racks_overlap",
        {(RACK.code, (left + right) // 2, front + 500), ("R2", (left + right) // 2, front + 500)},
    ),
    "beside no aisle": (
        lambda p: replace(p, bins=(*p.bins, STRAY)), "bin_outside_aisle", {("STRAY", STRAY.x_mm, STRAY.y_mm)}
    ),
    "twice": (
        lambda p: replace(p, bins=(*p.bins, replace(BIN, y_mm=BIN.y_mm + 1_200))),
        "duplicate_code",
        {(BIN.code, BIN.x_mm, BIN.y_mm), (BIN.code, BIN.x_mm, BIN.y_mm + 1_200)},
    ),
    "depot in a rack": (
        lambda p: replace(p, depot=((left + right) // 2, front + 500)),
        "depot_in_rack",
        {("depot", (left + right) // 2, front + 500)},
    ),
    "closed by two": (
        lambda p: replace(p, obstacles=(pallet("P1", FRONT + 2_000), pallet("P2", FRONT + 6_000))),
        "aisle_closed",
        {("P1", X, FRONT + 2_150), ("P2", X, FRONT + 6_150)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", [lambda plan: plan, one_way], ids=["grid", "graph"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_with_its_place(fault: str, shape: Broken) -> None:
    spoil, code, places = FAULTS[fault]
    check_floor(shape(PLAN))

    with pytest.raises(LayoutError) as refused:
        check_floor(shape(spoil(PLAN)))

    told = {found.code: found for found in refused.value.faults}
    assert {(place.name, place.x_mm, place.y_mm) for place in told[code].places} == places
    assert all({place.name for place in found.places} == set(found.names) for found in told.values())
    if fault == "closed by two":
        between = {b.code for b in PLAN.bins if b.aisle == AISLE.code and 2_000 < b.y_mm - FRONT < 6_300}
        assert set(told["bin_cut_off"].names) == between


def test_an_earlier_version_comes_back_into_force_and_none_is_lost(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        site = house.site
        second = api.store_floor_plan(uow, site_id=site, plan=one_way(PLAN), note="One-way now")
        draft = api.draft_floor_plan(uow, site_id=site, plan=replace(PLAN, bins=(*PLAN.bins, STRAY)), based_on=second)
        assert (second, draft) == (2, 3)
        _refused(uow, site, draft)

        api.put_floor_plan_in_force(uow, site_id=site, version=1, instead_of=2)

        assert _versions(uow, site) == [(3, "faulty", 1, False), (2, "graph", 0, False), (1, "grid", 0, True)]
        layout = api.floor_layout(uow, site)
        assert layout is not None
        assert len(layout.codes) == len(h.bins_of(house))
        with pytest.raises(api.StaleFloorPlan):
            api.put_floor_plan_in_force(uow, site_id=site, version=2, instead_of=2)
        with pytest.raises(api.UnknownFloorPlan):
            api.put_floor_plan_in_force(uow, site_id=site, version=9)
        with pytest.raises(DBAPIError, match="permission denied"), uow.session.begin_nested():
            uow.session.execute(text("update floor_plan_version set note = 'other'"))


def _refused(uow: UnitOfWork, site: str, draft: int) -> None:
    with pytest.raises(LayoutError):
        api.put_floor_plan_in_force(uow, site_id=site, version=draft)
    view = api.get_floor_plan(uow, site_id=site, version=draft)
    assert [(fault.code, fault.names) for fault in view.faults] == [("bin_outside_aisle", ["STRAY"])]
    assert api.get_floor_plan(uow, site_id=site).head.version == 2
    with pytest.raises(LayoutError):
        api.store_floor_plan(uow, site_id=site, plan=replace(PLAN, bins=(*PLAN.bins, STRAY)))


def _versions(uow: UnitOfWork, site: str) -> list[tuple[int, str, int, bool]]:
    found = api.find_floor_plans(uow, site_id=site).items
    return [(head.version, head.kind, head.faults, head.in_force) for head in found]


def test_bins_of_a_closed_stretch_are_drawn_and_not_walked_to() -> None:
    closed = frozenset(b.code for b in PLAN.bins if b.aisle == AISLE.code and 2_000 < b.y_mm - FRONT < 6_300)
    plan = replace(PLAN, obstacles=(pallet("P1", FRONT + 2_000), pallet("P2", FRONT + 6_000)), closed_bins=closed)

    layout = check_floor(plan)

    assert closed
    assert {each.code for each in layout.plan.bins} - set(layout.codes) == closed
    assert isinstance(layout.plan.bins[0], Bin)
