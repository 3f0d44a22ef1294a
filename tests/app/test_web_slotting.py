"""Better places on the lead's page: asked for, worked out by a worker, accepted in part, exported."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse, do, pick_everything, place, to_floor

from fulfillment.jobs import work_out_slotting
from inventory import api as inventory

SignIn = Callable[[str], Visitor]


@pytest.mark.thorough
def test_a_plan_is_worked_out_and_accepted_in_part(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert "No plan has a change." in lead.page("/slotting")
    for _ in range(3):
        place(house, ("MUG-BL", 1), ("LAMP", 1), ("TOWEL", 1))
        to_floor(house)
        pick_everything(house)
    wrong = lead.submit("/slotting", "/slotting", days="0", most="40", payback="365")
    assert (wrong.status_code, "Enter 1 to 365." in wrong.text) == (422, True)
    assert lead.submit("/slotting", "/slotting", days="28", most="40", payback="365").status_code == 303
    assert 'data-refresh="2"' in lead.page("/slotting")
    assert work_out_slotting() >= 1

    page = lead.page("/slotting")
    assert "of walking a day" in page
    (path,) = set(re.findall(r'action="(/slotting/slo_\w+/accept)"', page))
    listed = list(csv.DictReader(io.StringIO(lead.page(path.replace("/accept", ".csv")))))
    first = listed[0]
    assert (first["state"], float(first["saved_m_per_day"]) > 0) == ("Proposed", True)
    assert lead.submit(path.removesuffix("/accept"), path, change=first["change"]).status_code == 303
    made = do(lambda uow: inventory.find_moves(uow, site_id=house.site, cause="reslot")).items
    wanted = {(row["sku"], row["from"], row["to"]) for row in listed if row["change"] == first["change"]}
    assert {(m.sku, m.from_code, m.to_code) for m in made} == wanted
    assert "Accepted" in lead.page(path.removesuffix("/accept"))
    assert "Better place" in signed_in("picker").page("/moves?cause=reslot")
