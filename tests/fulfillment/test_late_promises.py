"""Days that are closed after something was promised: which promises cannot be kept, and what customers hear of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.events.api import PromiseMoved
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from shipping import api as shipping
from tests.fulfillment import house as h

EXPRESS = {"service_level": "express", "promised_on": None}


@pytest.fixture
def house(database: Connection) -> h.House:
    with transaction(system(), now=h.NOW) as uow:
        found = h.build(uow)
        h.stock(uow, found, A={"A-01-01-1": 9})
    return found


def close(uow: UnitOfWork, house: h.House, days: int) -> None:
    """Close the site today and on the days after."""
    for each in range(days):
        day = (h.NOW + timedelta(days=each)).date()
        shipping.set_site_day(uow, site_id=house.site, day=day, works=False, reason="A flood")


def test_a_promise_is_late_once_no_service_keeps_it_and_moves_with_a_cause(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        order = h.order(uow, house, ("A", 1), placed_at=h.NOW, **EXPRESS)
        assert order.promised_on is not None
        assert api.late_promises(uow, site_id=house.site) == []
        close(uow, house, 5)
    with transaction(system(), now=h.NOW) as uow:
        (late,) = api.late_promises(uow, site_id=house.site)
        assert (late.order_id, late.promised_on) == (order.id, order.promised_on)
        assert late.possible_on > order.promised_on
        assert api.move_promises(uow, site_id=house.site, cause=" the house is\nflooded. ") == 1
        moved = api.get_order(uow, order.id)
        assert moved.promised_on == late.possible_on
        assert moved.first_promised_on == order.promised_on
        assert api.late_promises(uow, site_id=house.site) == []
        assert api.move_promises(uow, site_id=house.site, cause="the house is flooded") == 0
        (told,) = [event for event in uow.emitted if isinstance(event, PromiseMoved)]
    assert told.summary().endswith(", because the house is flooded.")


def test_only_named_orders_are_moved_and_a_cause_is_needed(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        orders = [h.order(uow, house, ("A", 1), placed_at=h.NOW, **EXPRESS) for _ in range(2)]
        close(uow, house, 5)
    for cause in ("", " . ", "x" * 201, "because\x00"):
        with pytest.raises(Invalid), transaction(system(), now=h.NOW) as uow:
            api.move_promises(uow, site_id=house.site, cause=cause)
    with transaction(system(), now=h.NOW) as uow:
        assert api.move_promises(uow, site_id=house.site, cause="of a flood", order_ids=[orders[0].id]) == 1
        assert [late.order_id for late in api.late_promises(uow, site_id=house.site)] == [orders[1].id]


def test_a_day_that_a_faster_service_still_keeps_is_not_late(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        far = date(2026, 12, 31)
        h.order(uow, house, ("A", 1), placed_at=h.NOW, promised_on=far)
        close(uow, house, 3)
        assert api.late_promises(uow, site_id=house.site) == []
