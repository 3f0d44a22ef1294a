"""An aisle or a bay is blocked at once: walks go around it, and nobody is cut off without being asked."""

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.routing.floor_routes import find_floor_route
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h


def walk_mm(uow: UnitOfWork, site: str, *bins: str) -> int:
    layout = api.floor_layout(uow, site)
    assert layout is not None
    return find_floor_route(layout, bins).length_mm


def test_a_blocked_stretch_is_walked_around_until_it_is_gone(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        site = h.build(uow).site
        bins = ("B-02-01-1", "B-02-05-1")
        short = walk_mm(uow, site, *bins)

        with pytest.raises(api.BinsCutOff) as refused:
            api.block_floor(uow, site_id=site, way="02", start="B-02-03-1", reason="Spill")
        assert refused.value.facts["bins"] == [f"B-02-0{bay}-{level}" for bay in (3, 4) for level in (1, 2)]
        assert api.floor_version(uow, site) == 1

        blocked = api.block_floor(uow, site_id=site, way="02", start="B-02-03-1", reason="Spill", confirmed=True)
        layout = api.floor_layout(uow, site)
        assert layout is not None
        assert blocked == 2
        assert {"B-02-03-1", "B-02-04-2"}.isdisjoint(layout.codes)
        assert walk_mm(uow, site, *bins) > short + 10_000
        assert api.get_floor_plan(uow, site_id=site).head.note == "02 blocked: Spill"

        assert api.open_floor(uow, site_id=site, obstacle="BLOCK-1") == 3
        assert walk_mm(uow, site, *bins) == short
        assert walk_mm(uow, site, "B-02-03-1") > 0


def test_a_cross_aisle_is_blocked_between_two_aisles_and_cuts_nobody_off(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        site = h.build(uow).site
        bins = ("A-01-05-1", "B-02-07-1")
        before = walk_mm(uow, site, *bins)

        api.block_floor(uow, site_id=site, way="X2", start="01", end="02", reason="Scaffold")

        assert walk_mm(uow, site, *bins) > before
        for way, start, pointer in (("77", "", "/way"), ("02", "A-01-01-1", "/start"), ("X1", "", "/end")):
            with pytest.raises(Invalid) as refused:
                api.block_floor(uow, site_id=site, way=way, start=start, reason="x")
            assert refused.value.pointer in (pointer, "/start")
        with pytest.raises(Invalid):
            api.open_floor(uow, site_id=site, obstacle="BLOCK-9")
        assert api.floor_version(uow, site) == 2
