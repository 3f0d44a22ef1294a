"""People: hands by hour, the drill, and what one shift may ask of a person."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, pick_everything, place, project, to_floor

SignIn = Callable[[str], Visitor]

pytestmark = pytest.mark.thorough


@pytest.fixture
def lead(signed_in: SignIn) -> Visitor:
    return signed_in("manager")


def test_a_lead_sees_who_is_needed_and_who_did_what(house: WebHouse, lead: Visitor) -> None:
    place(house, ("PEN-L", 1), ("MUG-BL", 1))
    project()
    to_floor(house)
    pick_everything(house)

    page = lead.page("/labor")

    assert "Hands by hour" in page
    assert 'role="img"' in page
    assert "Picker P." in page or "Within the limits" in page


def test_the_drill_answers_and_changes_nothing(house: WebHouse, lead: Visitor) -> None:
    assert lead.submit(
        "/release", "/release/settings", mode="by_hand", keep_busy="60", slack="45", wave_times="", pickers="", rate="1"
    ).status_code == 303  # fmt: skip
    for _ in range(3):
        place(house, ("PEN-L", 1))

    page = unescape(lead.page("/labor?times=3&pickers=0"))

    assert "With 3 times as many orders and 0 pickers, 0 of 3 orders that wait keep their promise" in page
    assert "Nobody picks" in page
    told = lead.get("/labor/promises.csv?times=3&pickers=0").text.splitlines()
    assert len(told) == 4
    assert "Enter such as" in lead.page("/labor?times=many") or "not a number" in lead.page("/labor?times=many")
    assert "20 times" in unescape(lead.page("/labor?times=99"))


def test_limits_are_set_and_refused_at_their_field(lead: Visitor) -> None:
    def limit(**changed: str) -> int:
        form = {"kilograms": "4000", "bends": "", "reaches": "250", "walked_m": "15000", "reach_level": "4"}
        return lead.submit("/labor", "/labor/limits", **(form | changed)).status_code

    assert limit(kilograms="-1") == 422
    assert limit(reach_level="") == 422
    assert limit(walked_m="-3") == 422
    assert limit() == 303
    page = lead.page("/labor")
    assert all(f'value="{told}"' in page for told in (4000, 250, 15000))
