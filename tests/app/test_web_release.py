"""Collections and queue: what leads see and do, and what customers and service staff read of it."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from conftest import Visitor
from web_house import WebHouse, collected, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from fulfillment.jobs import release_and_plan
from kernel.db.transactions import UnitOfWork

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


@pytest.fixture
def lead(signed_in: SignIn) -> Visitor:
    return signed_in("manager")


@pytest.fixture
def time_enough(house: WebHouse) -> Iterator[None]:
    """A house in which every collection is six hours away, whatever the hour: time is short for no order."""
    later = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(hours=6)
    with collected(house, later.strftime("%H:%M")):
        yield


def read(order_id: str) -> fulfillment.OrderView:
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def settings(lead: Visitor, **changed: str) -> int:
    form = {"mode": "stream", "keep_busy": "60", "slack": "45", "wave_times": "", "pickers": "", "rate": ""}
    return lead.submit("/release", "/release/settings", **(form | changed)).status_code


def queued(house: WebHouse, lead: Visitor) -> tuple[str, str]:
    """Return an order that was released, and one that had to queue behind it."""
    to_floor(house)
    pick_everything(house)
    assert settings(lead, keep_busy="1", slack="0", pickers="1", rate="30") == 303
    orders = sorted(place(house, ("PEN-L", 1), ("MUG-BL", 1)) for _ in range(2))
    release_and_plan()
    project()
    first, second = sorted(orders, key=lambda each: read(each).state, reverse=True)
    return first, second


@pytest.mark.usefixtures("time_enough")
def test_the_queue_tells_leads_agents_and_customers_when_an_order_starts(
    house: WebHouse, lead: Visitor, signed_in: SignIn, visitor: Visitor
) -> None:
    _, waits = queued(house, lead)
    order = read(waits)
    assert order.starts_at is not None

    page = unescape(lead.page("/release"))

    assert order.external_id in page
    assert "Queued for the " in page
    assert "1 picker would make it" in page or "to spare" in page
    told = unescape(signed_in("service").page(f"/orders/{waits}"))
    assert "we begin to collect it about" in told
    assert order.release_why in told
    assert "We begin to collect them about" in unescape(visitor.page(f"/t/{fulfillment.tracking_token(waits)}"))


@pytest.mark.usefixtures("time_enough")
def test_a_lead_puts_an_order_first_and_takes_one_back(house: WebHouse, lead: Visitor, signed_in: SignIn) -> None:
    goes, waits = queued(house, lead)

    rushed = lead.submit("/release", f"/orders/{waits}/rush")
    assert rushed.status_code == 303
    assert "is the next that anybody claims" in lead.page(f"/orders/{waits}")
    assert "Put before all others" in lead.page(f"/orders/{waits}")
    assert f'action="/orders/{goes}/pull-back"' in lead.page(f"/orders/{goes}")
    assert "pull-back" not in signed_in("service").page(f"/orders/{goes}")

    back = lead.submit(f"/orders/{goes}", f"/orders/{goes}/pull-back", reason="The address is asked.")
    assert back.status_code == 303
    assert "Pulled back: The address is asked." in lead.page(f"/orders/{goes}")
    release_and_plan()
    assert read(goes).state == "PROMISED"
    assert lead.submit(f"/orders/{goes}", f"/orders/{goes}/release-now").status_code == 303
    assert read(goes).state == "RELEASED"


def test_settings_that_make_no_sense_stay_in_the_form(house: WebHouse, lead: Visitor) -> None:
    assert settings(lead, mode="waves") == 422
    assert settings(lead, mode="waves", wave_times="9:30") == 422
    assert settings(lead, pickers="many") == 422
    assert settings(lead, slack="") == 422
    assert settings(lead, mode="waves", wave_times="13:00, 09:30") == 303
    page = lead.page("/release")
    assert 'value="09:30 13:00"' in page
    assert re.search(r'<option value="waves"[^>]* selected', page)


def test_a_walk_is_handed_over_by_the_interface(house: WebHouse, lead: Visitor) -> None:
    place(house, ("PEN-L", 1))
    to_floor(house)

    def claim(uow: UnitOfWork) -> str:
        return fulfillment.claim_batch(uow, site_id=house.site).batch_id

    batch_id = do(claim)
    assert do(lambda uow: fulfillment.work_package(uow, batch_id)).picker
    do(lambda uow: fulfillment.hand_over_batch(uow, batch_id=batch_id))
    assert do(lambda uow: fulfillment.work_package(uow, batch_id)).picker == ""
