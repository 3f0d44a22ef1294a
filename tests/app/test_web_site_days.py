"""A lead names the days on which the site is closed, on a page and over the interface."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do, place, project

from fulfillment import api as fulfillment
from kernel import clock

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.thorough]


def test_a_lead_closes_a_day_and_takes_it_back(signed_in: Callable[[str], Visitor]) -> None:
    lead = signed_in("manager")
    soon = (clock.now() + timedelta(days=30)).date().isoformat()
    page = unescape(lead.page("/site-days"))
    assert "Christmas Day" in page
    assert "Stocktaking of the year" not in page

    day = {"day": soon, "works": "no", "reason": "Stocktaking of the year"}
    assert lead.submit("/site-days", "/site-days", **(day | {"day": "2020-01-01"})).status_code == 422
    assert lead.submit("/site-days", "/site-days", **(day | {"reason": ""})).status_code == 422
    assert lead.submit("/site-days", "/site-days", **day).status_code == 303
    page = unescape(lead.page("/site-days"))
    assert "Stocktaking of the year" in page
    assert re.search(r"Closed\s*<", page)

    assert "Every promise can be kept." in lead.page("/promises")
    assert lead.submit("/site-days", "/site-days/clear", day=soon).status_code == 303
    assert "Stocktaking of the year" not in unescape(lead.page("/site-days"))


def test_promises_that_a_closed_day_breaks_are_moved_and_their_customers_written_to(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    lead, today = signed_in("manager"), clock.now().date()
    order_id = place(house, ("PEN-L", 1), service_level="express", promised_on=today + timedelta(days=2))
    for after in range(4):
        day = {"day": str(today + timedelta(days=after)), "works": "no", "reason": "A flood"}
        done = lead.submit("/site-days", "/site-days", **day)
    assert done.headers["location"] == "/promises"
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    page = unescape(lead.page("/promises"))
    assert "promise cannot be kept" in page
    assert order.external_id in page
    (found,) = lead.get("/v1/work/late-promises").json()["items"]
    assert (found["order_id"], found["promised_on"]) == (order_id, str(order.promised_on))

    refused = lead.submit("/promises", "/promises/move", cause=" ")
    assert refused.status_code == 422
    moved = lead.submit("/promises", "/promises/move", cause="we are closed after a flood")
    assert moved.headers["location"] == "/promises"
    assert "Every promise can be kept." in lead.page("/promises")
    now = do(lambda uow: fulfillment.get_order(uow, order_id))
    assert str(now.promised_on) == found["possible_on"]
    project()
    assert "because we are closed after a flood" in unescape(lead.page(f"/orders/{order_id}"))
