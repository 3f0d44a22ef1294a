"""A lead describes hubs, has a file of parcels planned, and reads hub by hub what that would save."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from httpx import Response
from web_house import WebHouse

from shipping.api import answer_consolidation

SignIn = Callable[[str], Visitor]
PAGE, HUBS = "/consolidation", "/consolidation/hubs"
HUB = {
    "code": "vie", "name": "Vienna <1>", "country": "at", "postal_code": "1230", "service": "swift_parcel/ground",
    "transit_days": "1", "currency": "EUR", "pallet_minor": "9.50", "fixed_minor": "", "max_volume_mm3": "1800",
    "max_weight_g": "590",
}  # fmt: skip
HEAD = "country,postal_code,weight_g,length_mm,width_mm,height_mm,promised_on,reference,dangerous_goods\n"
LINE = "AT,1010,1500,300,200,150,2026-12-24,=box,\n"

pytestmark = pytest.mark.thorough


def send_file(lead: Visitor, content: str) -> Response:
    form = re.findall(r"<form method=\"post\" action=\"/consolidation/file\".*?</form>", lead.page(PAGE), re.DOTALL)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields = hidden | {"ship_on": "2026-11-24", "currency": "EUR"}
    return lead.post("/consolidation/file", data=fields, files={"file": ("p.csv", content.encode(), "text/csv")})


@pytest.mark.usefixtures("house")
def test_a_lead_describes_a_hub_and_has_a_file_planned(signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert "Nothing can be planned before a hub is described." in lead.page(PAGE)
    for wrong, told in (
        ({"pallet_minor": "much"}, "no amount"), ({"transit_days": "x"}, "whole number"), ({"country": "X"}, "letters"),
        ({"service": "no/no"}, "does not use"),
    ):  # fmt: skip
        refused = lead.submit(HUBS, HUBS, **(HUB | wrong))
        assert (refused.status_code, told in unescape(refused.text)) == (422, True)
    assert lead.submit(HUBS, HUBS, **HUB).status_code == 303
    assert "<1>" not in lead.page(HUBS)
    assert 'value="9.50"' in lead.page(f"{HUBS}?change=VIE")

    for content, told in (("", "Choose a file"), ("a,b\n", "lacks country"), (f"{HEAD}AT,1,x,1,1,1\n", "Line 2"),
        (f"{HEAD}AT,1,1,1,1,1,,,excepted bombs\n", "bombs is no kind of dangerous goods"),
    ):  # fmt: skip
        refused = send_file(lead, content)
        assert (refused.status_code, told in unescape(refused.text)) == (422, True)
    assert send_file(lead, HEAD + 30 * LINE).status_code == 303
    assert 'data-refresh="2"' in lead.page(PAGE)
    assert answer_consolidation() == 30

    page = unescape(lead.page(PAGE))
    assert "No plan can save more than" in page
    assert "A proposal: no label is changed by it." in page
    assert "Vienna <1>" in page
    path = re.findall(r'href="(/consolidation/csl_[a-z0-9]+\.csv)"', page)[0]
    lines = lead.get(path).text.splitlines()
    assert (lines[0], len(lines)) == ("reference,hub,direct_minor,via_minor,currency", 31)
    assert lines[1].startswith("'=box,VIE,")
    assert "csl_" in lead.page(path.removesuffix(".csv"))


@pytest.mark.usefixtures("house")
def test_what_stands_in_the_house_is_planned_stopped_and_hubs_are_taken_off(signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert lead.submit(HUBS, HUBS, **HUB).status_code == 303
    form = {"ship_on": "2026-11-24", "currency": "EUR"}
    assert lead.submit(PAGE, PAGE, **(form | {"ship_on": "soon"})).status_code == 422
    assert lead.submit(PAGE, PAGE, **form).status_code == 303
    assert lead.submit(PAGE, "/consolidation/cancel").status_code == 303
    assert "This plan was cancelled." in lead.page(PAGE)
    assert lead.submit(PAGE, PAGE, **form).status_code == 303
    assert answer_consolidation() == 0
    assert "No parcel is ready for that day" in lead.page(PAGE)
    assert lead.submit(HUBS, "/consolidation/hubs/drop").status_code == 303
    assert "The site has no hubs yet." in lead.page(HUBS)
    assert signed_in("packer").get(PAGE).status_code == 403


def test_a_merchant_sees_no_plan(house: WebHouse, signed_in: SignIn) -> None:
    assert signed_in("merchant").get(PAGE).status_code == 403
