"""What if: asked on a page, answered by a worker, shown as plot, table and CSV."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, pick_everything, place, to_floor

from fulfillment.jobs import answer_what_if

SignIn = Callable[[str], Visitor]

pytestmark = pytest.mark.thorough


def test_a_lead_asks_what_nearer_items_would_save(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    place(house, ("PEN-L", 1), ("MUG-BL", 1))
    to_floor(house)
    pick_everything(house)
    form = {"floor": "", "nearer": "on", "days": "28", "cost": "24", "currency": "EUR"}

    assert lead.submit("/what-if", "/what-if", **(form | {"days": "many"})).status_code == 422
    assert lead.submit("/what-if", "/what-if", **(form | {"nearer": ""})).status_code == 422
    assert lead.submit("/what-if", "/what-if", **form).status_code == 303
    assert 'data-refresh="2"' in lead.page("/what-if")
    assert answer_what_if() >= 1

    page = unescape(lead.page("/what-if"))
    assert "What if: fast items nearer" in page
    assert "m a day less to walk" in page
    assert 'class="plot"' in page
    path = page.split('href="/what-if/', 1)[1].split('"', 1)[0]
    assert lead.get(f"/what-if/{path}").text.startswith("day,walks,before_m,after_m")
