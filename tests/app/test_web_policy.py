"""How a merchant's orders are taken: set by the house for each, by a merchant for itself, read by the service."""

from collections.abc import Callable

from conftest import Visitor
from web_house import WebHouse, do

from fulfillment import api as fulfillment
from inventory import api as inventory

SignIn = Callable[[str], Visitor]
PAGE = "/order-policy"


def policy_of(tenant: str) -> fulfillment.OrderPolicy:
    return do(lambda uow: fulfillment.order_policy(uow, tenant))


def wishes(tenant: str, **changes: str) -> dict[str, str]:
    known = {
        "merchant": tenant, "version": str(policy_of(tenant).version), "on_shortage": "wait", "horizon_days": "14",
        "substitutes": "ask", "answer_hours": "36", "on_silence": "leave_out", "on_short": "ship_rest",
        "customs_facts": "optional",
        "dangerous_facts": "optional",
    }  # fmt: skip
    return known | changes


def test_a_manager_says_it_for_each_merchant(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    page = f"{PAGE}?merchant={house.rival}"
    assert manager.submit(page, PAGE, **wishes(house.rival)).status_code == 303
    assert policy_of(house.rival).when_short == fulfillment.ShortPolicy("ask", "ship_rest", 36, "leave_out")
    shown = manager.page(page)
    assert "A question is open for 36 hours; then what is missing is left out." in shown
    assert "The rest goes out at once, and what is missing follows." in shown
    assert "They are packed even where HS code or origin are not known" in shown
    assert manager.submit(page, PAGE, **wishes(house.rival, customs_facts="required")).status_code == 303
    assert "They are packed once HS code and origin" in manager.page(page)
    other = manager.page(f"{PAGE}?merchant={house.tenant}")
    assert "open for 36 hours" not in other
    assert f'<option value="{house.rival}"' in other


def test_it_is_linked_from_where_units_are_missing(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    mug = do(lambda uow: inventory.find_items(uow, search="MUG-BL")).items[0]
    assert f'href="{PAGE}"' in manager.page("/shorts")
    assert f'href="{PAGE}?merchant={house.tenant}"' in manager.page(f"/items/{mug.id}/substitutes")
    assert PAGE not in signed_in("picker").page(f"/items/{mug.id}/substitutes")
    assert f'href="{PAGE}"' in signed_in("merchant").page("/orders")


def test_a_merchant_says_it_for_itself_alone(house: WebHouse, signed_in: SignIn) -> None:
    merchant = signed_in("merchant")
    before = policy_of(house.rival)
    sent = merchant.submit(PAGE, PAGE, **wishes(house.tenant, merchant=house.rival, answer_hours="12"))
    assert sent.status_code == 303
    assert policy_of(house.rival) == before
    assert policy_of(house.tenant).when_short.answer_hours == 12
    assert house.rival not in merchant.page(f"{PAGE}?merchant={house.rival}")


def test_what_cannot_be_comes_back_with_its_reason(house: WebHouse, signed_in: SignIn) -> None:
    manager, before = signed_in("manager"), policy_of(house.rival)
    page = f"{PAGE}?merchant={house.rival}"
    wrong = manager.submit(page, PAGE, **wishes(house.rival, answer_hours="169"))
    assert (wrong.status_code, "This lies between 1 and 168." in wrong.text) == (422, True)
    nobody = manager.submit(page, PAGE, **wishes(house.rival, merchant="mer_nobody"))
    assert nobody.status_code == 404
    stale = manager.submit(page, PAGE, **wishes(house.rival, version="999"))
    assert (stale.status_code, "changed since you read it" in stale.text) == (412, True)
    assert policy_of(house.rival) == before
    assert manager.get(f"{PAGE}?merchant=mer_nobody").status_code == 404


def test_the_service_reads_it(signed_in: SignIn) -> None:
    service = signed_in("service")
    assert "What holds now" in service.page(PAGE)
    assert "Change the rules" not in service.page(PAGE)
