from sqlalchemy import Connection

from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import transaction
from tests.fulfillment import house as h


def test_the_live_floor_shows_people_and_what_is_left_of_their_walks(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 90}, B={"A-01-05-1": 90}, C={"C-03-06-2": 90})
        h.order(uow, house, ("A", 1), ("B", 2), ("C", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        before = api.live_floor(uow, site_id=house.site)
    assert before is not None
    assert (before.walks, before.picks_last_hour) == ((), 0)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        work = h.claim(uow, house)
        fresh = api.live_floor(uow, site_id=house.site)
        h.pick(uow, work.tasks[0])
        uow.session.flush()
        after = api.live_floor(uow, site_id=house.site)
    assert fresh is not None
    assert after is not None
    (walk,) = after.walks
    assert (walk.picker, walk.lines_done, walk.last_stop) == ("usr_ana", 1, work.tasks[0].location_code)
    assert walk.next_stops == tuple(task.location_code for task in work.tasks[1:])
    assert after.drawing.count('class="floor-heat"') == after.picks_last_hour == 1
    # The way already walked is gone from the map.
    assert len(_rest(after.drawing)) < len(_rest(fresh.drawing))
    assert _rest(fresh.drawing)[-len(_rest(after.drawing)) :] == _rest(after.drawing)


def _rest(drawing: str) -> list[str]:
    return drawing.split('class="floor-rest" points="', 1)[1].split('"', 1)[0].split()


def test_two_people_in_one_aisle_are_told(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 90}, B={"A-01-05-1": 90})
        for sku, level in (("A", "standard"), ("B", "express")):
            h.order(uow, house, (sku, 1), service_level=level)
        uow.session.flush()
        h.to_floor(uow, house)
    for name in ("usr_ana", "usr_bo"):
        with transaction(house.picker(name), now=h.NOW) as uow:
            api.claim_batch(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        found = api.live_floor(uow, site_id=house.site)
    assert found is not None
    assert len(found.walks) == 2
    ((_, people),) = found.crowded
    assert people == 2


def test_a_site_without_a_floor_has_no_live_one(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow, drawn=False)
        assert api.live_floor(uow, site_id=house.site) is None
