"""A lead names the days on which the site is closed, on a page and over the interface."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from conftest import Visitor

from kernel import clock

pytestmark = pytest.mark.usefixtures("house")


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

    assert lead.submit("/site-days", "/site-days/clear", day=soon).status_code == 303
    assert "Stocktaking of the year" not in unescape(lead.page("/site-days"))
