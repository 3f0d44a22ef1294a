"""How an order is packed, in pictures: at the bench with and without script, before and after its carton is closed."""

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from test_web_scan_bench import at_the_bench, start, step_of
from web_house import WebHouse, clear_floor, do

from fulfillment import api as fulfillment
from inventory import api as inventory
from shipping import api as shipping

pytestmark = pytest.mark.thorough


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    clear_floor(house)
    with packer_at(house, address, "Anna A.") as device:
        yield device


def test_the_handheld_leads_to_the_pictures_and_back(house: WebHouse, anna: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 2), ("TOWEL", 1))
    task = anna.read()["tasks"][0]
    assert task["show"]["guide"] == f"/packing/{order_id}"

    page = anna.client.page(task["show"]["guide"])

    sentences = re.findall(r'<p class="sentence">(.*?)</p>', page)
    titles = re.findall(
        r"<svg[^>]*role=\"img\"[^>]*aria-labelledby=\"([^\"]+)\"[^>]*><title id=\"([^\"]+)\">(.*?)</title>", page
    )
    assert sentences
    assert [title for _, _, title in titles] == sentences
    assert all(named == own for named, own, _ in titles)
    assert [int(sentence.split(" of ")[0]) for sentence in sentences] == list(range(1, len(sentences) + 1))
    assert {"PEN-L", "TOWEL"} <= set(re.findall(r"PEN-L|TOWEL", " ".join(sentences)))
    assert 'href="/scan"' in page
    assert "<script" not in page
    assert "style=" not in page


def test_what_belongs_together_is_named_so_on_the_pages_of_the_order_and_of_its_packing(
    house: WebHouse, anna: Handheld, signed_in: Callable[[str], Visitor]
) -> None:
    lines = tuple(fulfillment.LineDraft(sku, 1, 1_990, pack_with="set-1") for sku in ("PEN-L", "TOWEL"))
    order_id = at_the_bench(house, lines=lines)

    page = anna.client.page(f"/packing/{order_id}")

    assert page.count("packed together: set-1") >= 2
    assert signed_in("manager").page(f"/orders/{order_id}").count("Packed together: set-1") == 2


def test_soft_goods_are_proposed_in_a_mailer_and_stacked_on_it(house: WebHouse, anna: Handheld) -> None:
    bag = shipping.CartonDraft("Bag, medium", (350, 260, 60), 15, 3_000, 1, "mailer")
    do(lambda uow: shipping.set_carton(uow, site_id=house.site, carton_code="BAG-M", draft=bag))
    towel = do(lambda uow: inventory.get_item(uow, house.items["TOWEL"]))
    draft = inventory.ItemDraft(
        "TOWEL", towel.name, towel.weight_g, towel.length_mm, towel.width_mm, towel.height_mm, towel.gtins,
        mailer_ok=True,
    )  # fmt: skip
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    order_id = at_the_bench(house, ("TOWEL", 1))
    task = anna.read()["tasks"][0]

    proposed, *others = step_of(task, "carton")["choices"]
    assert (proposed["code"], proposed["name"]) == ("BAG-M", "Bag, medium (mailer)")
    assert all(choice["code"] != "BAG-M" for choice in others)
    page = anna.client.page(f"/packing/{order_id}")
    assert "Bag, medium (mailer)" in page
    assert "Flat bag, 350 \N{MULTIPLICATION SIGN} 260 mm inside" in page
    assert "Stack it on the flat bag as shown" in page
    assert re.findall(r'<p class="sentence">1 of 1: lay TOWEL', page)

    anna.do_task(task)
    parcels = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert [(each.carton_code, each.outer_mm[2]) for each in parcels] == [("BAG-M", 31)]


def test_without_script_the_step_has_the_same_way_to_the_pictures(house: WebHouse, anna: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))
    start(anna, anna.read()["tasks"][0])

    assert f'href="/packing/{order_id}"' in anna.client.page("/scan")


def test_the_goods_are_shown_in_another_carton_too(house: WebHouse, anna: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))

    larger = anna.client.page(f"/packing/{order_id}?carton=XL")
    assert "Pallet box" in larger
    assert '<option value="XL" selected>' in larger
    assert "No way is known" in anna.client.page(f"/packing/{order_id}?carton=NONE")


def test_after_the_carton_is_closed_it_shows_how_the_goods_lie_in_it(house: WebHouse, anna: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    anna.do_task(task)

    page = anna.client.page(f"/packing/{order_id}")

    assert "It is packed already." in page
    assert re.findall(r'<p class="sentence">(.*?)</p>', page)


def test_only_who_packs_sees_it(house: WebHouse, anna: Handheld, signed_in: Callable[[str], Visitor]) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))

    statuses = {}
    for role in ("packer", "manager", "merchant", "picker"):
        statuses[role] = signed_in(role).get(f"/packing/{order_id}").status_code
    assert statuses == {"packer": 200, "manager": 200, "merchant": 403, "picker": 403}
    assert anna.client.get("/packing/ord_unknown").status_code == 404
