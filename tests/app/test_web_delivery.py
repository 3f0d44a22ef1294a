"""When an item would arrive, on its page; and all that can be sold, as a file."""

import csv
import io
from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]


def test_a_postal_code_on_an_items_page_shows_the_promise(house: WebHouse, signed_in: SignIn) -> None:
    path = f"/items/{house.items['LAMP']}"
    visitor = signed_in("service")
    assert "When would it arrive?" in visitor.page(path)
    page = visitor.page(f"{path}?country=de&postal_code=20095&service=express")
    assert "Ordered now, it leaves on " in page
    assert "with Swift Parcel Express and arrives in DE 20095" in page
    assert "In stock at Hamburg DC." in page
    page = visitor.page(f"{path}?country=de&postal_code=20095&units=2")
    assert "Ordered now, all 2 leave on " in page
    assert "Enter 1 to 1,000,000 units" in visitor.page(f"{path}?country=de&postal_code=20095&units=none")
    assert "Only " in visitor.page(f"{path}?country=de&postal_code=20095&units=900000")


def test_a_postal_code_that_cannot_be_right_is_told_at_its_field(house: WebHouse, signed_in: SignIn) -> None:
    page = signed_in("picker").page(f"/items/{house.items['LAMP']}?country=DE&postal_code=abc")
    assert "DE has no postal code of this form." in page
    assert "Ordered now" not in page
    assert signed_in("picker").page(f"/items/{house.items['LAMP']}?country=<b>&postal_code=1").count("<b>") == 0


def test_the_list_of_items_can_be_taken_along(house: WebHouse, signed_in: SignIn) -> None:
    """Staff take along what all merchants of their site have, a merchant its own."""
    link = "/v1/availability/export?format=csv"
    skus = {}
    for role in ("manager", "merchant"):
        visitor = signed_in(role)
        assert f'href="{link}"' in visitor.page("/items")
        rows = csv.DictReader(io.StringIO(visitor.get(link).text))
        skus[role] = {row["sku"]: (row["merchant"], row["site"]) for row in rows}
    assert skus["manager"]["GNOME"] == ("rival", "HAM")
    assert skus["manager"]["LAMP"] == ("nordhus", "HAM")
    assert skus["merchant"] == dict.fromkeys(house.items, ("nordhus", "HAM"))
