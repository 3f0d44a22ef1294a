"""A shop page says no date that the order would not get."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import Connection, event

from fulfillment import api
from fulfillment.routes import routers
from inventory import api as inventory
from kernel import clock
from kernel.access.commands import issue_key
from kernel.actors import Actor, system
from kernel.db.transactions import UnitOfWork, transaction
from shipping import api as shipping
from tests.application import serving
from tests.fulfillment import house as h
from tests.fulfillment.test_orders_routes import Caller

HOME = api.destination_of("DE", "20095")
MOMENTS = [
    datetime(2026, 11, 24, 9, 0, tzinfo=UTC),  # a Tuesday morning
    datetime(2026, 11, 27, 16, 0, tzinfo=UTC),  # a Friday, when the mail has gone and express has not
    datetime(2026, 11, 28, 20, 0, tzinfo=UTC),  # a Saturday night
    datetime(2026, 3, 28, 22, 59, tzinfo=UTC),  # the night in which clocks go forward
    datetime(2026, 12, 31, 22, 30, tzinfo=UTC),
    datetime(2026, 12, 23, 20, 0, tzinfo=UTC),  # the night before three holidays, of which the site works on one
]


@pytest.fixture
def house(database: Connection) -> h.House:
    with transaction(system(), now=h.NOW) as uow:
        found = h.build(uow)
        h.stock(uow, found, A={"A-01-01-1": 9})
    return found


def ask(
    uow: UnitOfWork, house: h.House, sku: str, to: api.Destination = HOME, level: str = "standard", *, units: int = 1
) -> api.DatedItem:
    (found,) = api.delivery_dates(
        uow, tenant_id=house.tenant, skus=[sku], destination=to, service_level=level, quantities={sku: units}
    )
    return found


def place(uow: UnitOfWork, house: h.House, sku: str, quantity: int = 1, **other: object) -> api.OrderView:
    return h.order(uow, house, (sku, quantity), placed_at=uow.now, **({"promised_on": None} | other))


def announce(uow: UnitOfWork, house: h.House, expected_on: date, units: int = 5, number: str = "ASN-1") -> None:
    draft = inventory.ArrivalDraft(number, expected_on, (inventory.ArrivalLineDraft("B", units),))
    inventory.announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=draft)


@pytest.mark.thorough
@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_latest_day_is_the_one_that_an_order_is_promised(house: h.House, now: datetime) -> None:
    places = [("DE", "20095"), ("DE", "80331"), ("FR", "75001"), ("AU", "2000")]
    with transaction(system(), now=datetime(2026, 12, 1, tzinfo=UTC)) as uow:
        for day, works in ((date(2026, 12, 24), False), (date(2026, 12, 26), True)):
            shipping.set_site_day(uow, site_id=house.site, day=day, works=works, reason="As every year")
    for (country, code), level in product(places, ("standard", "express")):
        address = api.Address("Ana", "Street 1", "Town", code, country)
        with transaction(system(), now=now) as uow:
            asked = ask(uow, house, "A", api.destination_of(country, code), level).delivery
            promised = place(uow, house, "A", ship_to=address, service_level=level).promised_on
        assert asked.latest == promised
        assert asked.ship_on is not None
        assert asked.earliest is not None
        assert now.date() <= asked.ship_on < asked.earliest <= asked.latest
        assert asked.cause == "in_stock"


@pytest.mark.parametrize(
    ("closed", "leaves", "promised"),
    [
        ((), date(2026, 12, 24), date(2027, 1, 4)),
        ((date(2026, 12, 24),), date(2026, 12, 28), date(2027, 1, 5)),
        ((date(2026, 12, 24), date(2026, 12, 28)), date(2026, 12, 29), date(2027, 1, 7)),
    ],
)
def test_page_and_order_skip_holidays_and_closed_days_alike(
    house: h.House, closed: tuple[date, ...], leaves: date, promised: date
) -> None:
    """Christmas and New Year at both ends, and Epiphany where it goes: in Munich."""
    eve = datetime(2026, 12, 23, 20, 0, tzinfo=UTC)
    address = api.Address("Ana", "Street 1", "Munich", "80331", "DE")
    with transaction(system(), now=eve) as uow:
        for day in closed:
            shipping.set_site_day(uow, site_id=house.site, day=day, works=False, reason="Stocktaking")
        said = ask(uow, house, "A", api.destination_of("DE", "80331")).delivery
        order = place(uow, house, "A", ship_to=address)
        seen = api.release_outlook(uow, site_id=house.site, shown=0).collections
    assert (said.ship_on, said.latest, order.promised_on) == (leaves, promised, promised)
    assert {each.cut_off_at.date() for each in seen} == {leaves}


def test_the_days_are_those_of_the_service_that_buys_the_label(house: h.House) -> None:
    """The parcel's own rate shop picks the service, the collection and the day that the shop page named."""
    with transaction(system(), now=h.NOW) as uow:
        said = ask(uow, house, "A").delivery
        assert said.latest is not None
        shop = shipping.expect_delivery(
            uow, site_id=house.site, sides_mm=(100, 80, 50), weight_g=200, country="DE", postal_code="20095",
            currency="EUR", service_level="standard", promised_on=said.latest, ready_at=h.NOW,
        )  # fmt: skip
    assert said.service == f"{shop.carrier_name} {shop.service_name}" == "Northpost Tracked"
    assert (said.ship_on, said.earliest) == (shop.ship_on, shop.delivery_on)
    assert said.latest == date(2026, 12, 1)


def test_an_order_is_promised_no_day_that_no_service_can_keep(house: h.House) -> None:
    """Where even express needs longer than the usual days, both the page and the order say the later day."""
    friday = datetime(2026, 11, 27, 16, 40, tzinfo=UTC)
    with transaction(system(), now=friday) as uow:
        address = api.Address("Ana", "Street 1", "Sydney", "2000", "AU")
        promised = place(uow, house, "A", ship_to=address, service_level="express").promised_on
        keeps = shipping.soonest_delivery(
            uow, site_id=house.site, country="AU", postal_code="2000", currency="EUR", service_level="express",
            ready_at=friday + timedelta(minutes=45),
        )  # fmt: skip
    assert promised == keeps == date(2026, 12, 2)


def test_dangerous_goods_are_promised_by_services_that_take_them(house: h.House) -> None:
    """Express takes no such goods: the page and the order both name the day of one that does."""
    to = {"ship_to": api.Address("Ana", "Street 1", "Munich", "80331", "DE"), "service_level": "express"}
    with transaction(system(), now=h.NOW) as uow:
        plain = place(uow, house, "A", **to).promised_on
        item = inventory.items_by_sku(uow, tenant_id=house.tenant, skus=["A"])["A"]
        draft = inventory.ItemDraft(
            "A", item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins, hazmat=True
        )
        inventory.create_items(uow, tenant_id=house.tenant, items=[draft])
        (late,) = api.late_promises(uow, site_id=house.site)
        said = ask(uow, house, "A", api.destination_of("DE", "80331"), "express").delivery
        promised = place(uow, house, "A", **to).promised_on
        for carrier, service in (("cargo_line", "freight"), ("cargo_line", "freight_priority")):
            shipping.set_service_goods(
                uow, site_id=house.site, carrier=carrier, service=service, goods=shipping.GoodsTerms("none", "ground")
            )
        nobody = ask(uow, house, "A", api.destination_of("DE", "80331"), "express").delivery
    assert plain is not None
    assert promised is not None
    assert plain < promised == said.latest
    assert late.possible_on == promised
    assert said.service.startswith("Cargo Line")
    assert (nobody.latest, nobody.reason) == (None, "No service of HAM takes such dangerous goods there.")


def test_what_is_not_in_stock_counts_from_the_end_of_its_delivery_day(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        announce(uow, house, date(2026, 12, 4))
        said = ask(uow, house, "B")
    assert (said.available, said.delivery.cause) == (0, "arrival")
    assert said.delivery.reason == "Not in stock at HAM; counted from a delivery expected on 2026-12-04."
    came = datetime(2026, 12, 4, 22, 59, tzinfo=UTC)
    with transaction(system(), now=came) as uow:
        h.stock(uow, house, B={"A-01-01-2": 5})
        assert place(uow, house, "B").promised_on == said.delivery.latest


def test_units_that_orders_wait_for_are_not_counted_on(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        announce(uow, house, date(2026, 12, 4))
        place(uow, house, "B", 5)
        assert ask(uow, house, "B").delivery.cause == "all_promised"
        announce(uow, house, date(2026, 12, 18), 1, "ASN-2")
        assert "2026-12-18" in ask(uow, house, "B").delivery.reason


@pytest.mark.parametrize(
    ("expected_on", "cause"),
    [(None, "nothing_expected"), (date(2026, 11, 24), "overdue"), (date(2026, 11, 26), "arrival")],
)
def test_what_nobody_knows_has_no_date(house: h.House, expected_on: date | None, cause: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        if expected_on:
            announce(uow, house, expected_on)
    with transaction(system(), now=h.NOW + timedelta(days=2)) as uow:
        said = ask(uow, house, "B").delivery
    assert said.cause == cause
    assert (said.latest is None) == (said.ship_on is None) == (said.earliest is None) == (cause != "arrival")
    assert said.reason.endswith(".")


def test_what_no_service_takes_has_no_date(house: h.House) -> None:
    heavy = inventory.ItemDraft("ANVIL", "Anvil", 90_000, 900, 400, 500)
    with transaction(system(), now=h.NOW) as uow:
        house.items.update(inventory.create_items(uow, tenant_id=house.tenant, items=[heavy]))
        h.stock(uow, house, ANVIL={"A-01-02-1": 1})
        here, abroad = ask(uow, house, "ANVIL"), ask(uow, house, "ANVIL", api.destination_of("NO", "0150"))
    assert (here.delivery.service, here.delivery.cause) == ("Cargo Line Priority freight", "in_stock")
    assert (abroad.available, abroad.delivery.latest, abroad.delivery.cause) == (1, None, "no_service")


def test_a_kit_counts_from_the_last_of_its_parts(house: h.House) -> None:
    with transaction(system(), now=h.NOW) as uow:
        kit = inventory.create_items(uow, tenant_id=house.tenant, items=[inventory.ItemDraft("KIT", "Kit", 0, 0, 0, 0)])
        parts = [inventory.KitPart(house.items["A"], 2), inventory.KitPart(house.items["B"], 3)]
        inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit["KIT"], kit=parts)
        assert ask(uow, house, "KIT").delivery.reason.startswith("Part B: Not in stock")
        announce(uow, house, date(2026, 12, 4), 2)
        assert ask(uow, house, "KIT").delivery.cause == "too_few"
        announce(uow, house, date(2026, 12, 9), 1, "ASN-2")
        said = ask(uow, house, "KIT").delivery
        two = ask(uow, house, "KIT", units=2).delivery
    assert (said.cause, "2026-12-09" in said.reason) == ("arrival", True)
    assert (two.cause, two.reason) == (
        "too_few", "Part B: Not in stock, and what is announced brings 3 more for new orders.",
    )  # fmt: skip


def test_a_kit_asks_of_a_service_what_each_of_its_parts_does(house: h.House) -> None:
    """Its part is dangerous, or longer than a parcel may be: the kit itself has neither sides nor a weight."""
    to = api.destination_of("DE", "80331")
    with transaction(system(), now=h.NOW) as uow:
        drafts = [
            inventory.ItemDraft("ACID", "Acid", 500, 100, 100, 100, hazmat=True),
            inventory.ItemDraft("POLE", "Pole", 2_000, 2_900, 50, 50),
            *(inventory.ItemDraft(sku, sku, 0, 0, 0, 0) for sku in ("SET-1", "SET-2", "SET-3")),
        ]
        items = inventory.create_items(uow, tenant_id=house.tenant, items=drafts)
        h.stock(uow, house, A={"A-01-01-1": 9})
        for sku, place_code in (("ACID", "A-01-01-2"), ("POLE", "A-01-02-1")):
            house.items[sku] = items[sku]
            h.stock(uow, house, **{sku: {place_code: 9}})
        for sku, part in (("SET-1", house.items["A"]), ("SET-2", items["ACID"]), ("SET-3", items["POLE"])):
            parts = [inventory.KitPart(part, 2)]
            inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=items[sku], kit=parts)
        said = {sku: ask(uow, house, sku, to, "express").delivery for sku in ("A", "ACID", "POLE")}
        kits = {sku: ask(uow, house, sku, to, "express").delivery for sku in ("SET-1", "SET-2", "SET-3")}
    assert list(kits.values()) == list(said.values())
    assert len({each.service for each in said.values()}) > 1


def test_all_units_wanted_are_there_on_the_day(house: h.House) -> None:
    """What is free now counts first, then each delivery in turn, without what orders already wait for."""
    with transaction(system(), now=h.NOW) as uow:
        h.stock(uow, house, B={"A-01-01-2": 3})
        for day, units in ((4, 2), (9, 4)):
            announce(uow, house, date(2026, 12, day), units, f"ASN-{day}")
        said = {units: ask(uow, house, "B", units=units) for units in (1, 3, 4, 5, 6, 9, 10)}
        assert place(uow, house, "B", 3).promised_on == said[3].delivery.latest
        left = ask(uow, house, "B", units=3).delivery
    assert {units: (each.quantity, each.delivery.cause) for units, each in said.items()} == {
        units: (units, "in_stock" if units <= 3 else "arrival" if units <= 9 else "too_few") for units in said
    }
    days = [said[units].delivery.latest for units in (1, 3, 4, 5, 6, 9)]
    assert days == [date(2026, 12, 1)] * 2 + [date(2026, 12, 11)] * 2 + [date(2026, 12, 17)] * 2
    assert (
        said[4].delivery.reason == "Only 3 of 4 units in stock at HAM; counted from a delivery expected on 2026-12-04."
    )
    assert (
        said[10].delivery.reason == "Only 3 of 10 units in stock, and what is announced brings 6 more for new orders."
    )
    assert "2026-12-09" in left.reason, "the order took what was in stock"


@pytest.fixture
def desk(house: h.House) -> Iterator[tuple[Caller, Caller, Caller]]:
    """The shop, its rival, and a key that may not read stock."""
    app = serving(*routers)
    with clock.at(h.NOW):
        with transaction(system()) as uow:
            holders = (house.tenant, "stock:read"), (house.other, "stock:read"), (house.tenant, "orders:read")
            keys = [issue_key(uow, tenant_id=whose, name="k", scopes=[scope]).secret for whose, scope in holders]
        shop, rival, blind = (Caller(app, {"Authorization": f"Bearer {key}"}) for key in keys)
        yield shop, rival, blind


def test_the_route_answers_each_sku_with_an_etag(house: h.House, desk: tuple[Caller, Caller, Caller]) -> None:
    shop, rival, blind = desk
    path = "/v1/availability/dates?sku=A&sku=NONE&country=de&postal_code=20095"
    answer = shop.get(path)
    found, unknown = answer.json()["items"]
    assert answer.json()["destination"] == {"country": "DE", "postal_code": "20095"}
    assert (found["available"], found["delivery"]["latest"], found["sites"][0]["site_code"]) == (9, "2026-12-01", "HAM")
    assert (unknown["item_id"], unknown["delivery"]["cause"], unknown["delivery"]["latest"]) == (
        None,
        "unknown_item",
        None,
    )
    assert shop.get(path, **{"If-None-Match": answer.headers["etag"]}).status_code == 304
    with transaction(system()) as uow:
        place(uow, house, "A")
    ten = shop.get(f"{path}&quantity=10", **{"If-None-Match": answer.headers["etag"]})
    assert (ten.status_code, ten.json()["items"][0]["delivery"]["cause"]) == (200, "nothing_expected")
    each = shop.get(f"{path}&sku=A&quantity=3&quantity=1&quantity=5").json()["items"]
    assert [(item["sku"], item["quantity"], item["delivery"]["cause"]) for item in each] == [
        ("A", 8, "in_stock"), ("NONE", 1, "unknown_item"),
    ]  # fmt: skip
    again = shop.get(path, **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.json()["items"][0]["available"]) == (200, 8)
    assert [each["item_id"] for each in rival.get(path).json()["items"]] == [None, None]
    assert blind.get(path).status_code == 403


def test_a_question_that_cannot_be_right_is_refused(desk: tuple[Caller, Caller, Caller]) -> None:
    wrong = [
        ("sku=A&country=XX&postal_code=20095", "/country"),
        ("sku=A&country=DE&postal_code=2009", "/postal_code"),
        ("sku=A&country=GB&postal_code=%00", "/postal_code"),
        ("sku=A&country=DE&postal_code=20095&service=teleport", "/service"),
        ("sku=A&postal_code=20095", "/country"),
        ("sku=A&country=DE&postal_code=20095&quantity=0", "/quantity/0"),
        ("sku=A&country=DE&postal_code=20095&quantity=1.5", "/quantity/0"),
        ("sku=A&sku=B&sku=C&country=DE&postal_code=20095&quantity=1&quantity=2", "/quantity"),
        ("sku=A&sku=A&country=DE&postal_code=20095&quantity=1000000", "/quantity"),
        ("country=DE&postal_code=20095", "/sku"),
        ("&".join(f"sku={n}" for n in range(201)) + "&country=DE&postal_code=20095", "/sku"),
    ]
    for query, pointer in wrong:
        answer = desk[0].get(f"/v1/availability/dates?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert [error["pointer"].removeprefix("/query") for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("country", "code", "right"),
    [
        ("GB", "SW1A 1AA", True), ("NL", "1012 AB", True), ("US", "89501-1234", True), ("SE", "111 22", True),
        ("HK", "", True), ("DE", "", False), ("CA", "K1A0B1", True), ("CA", "1KA0B1", False),
        ("US", "2009S", False),
    ],
)  # fmt: skip
def test_postal_codes_have_the_form_of_their_country(country: str, code: str, *, right: bool) -> None:
    assert (list(api.destination_faults(api.destination_of(country, code))) == []) == right


def test_a_question_costs_as_many_statements_for_many_skus_as_for_one(house: h.House, database: Connection) -> None:
    drafts = [inventory.ItemDraft(f"N-{n}", f"N {n}", 100 + n, 50 + n, 40, 30) for n in range(60)]
    with transaction(system(), now=h.NOW) as uow:
        inventory.create_items(uow, tenant_id=house.tenant, items=drafts)
    assert statements(house, database, ["N-1"]) >= statements(house, database, [d.sku for d in drafts])


def statements(house: h.House, database: Connection, skus: list[str]) -> int:
    seen: list[str] = []

    def listener(*told: object) -> None:
        seen.append(str(told[2]))

    event.listen(database, "before_cursor_execute", listener)
    try:
        with transaction(Actor("key", system().role, tenant=house.tenant), now=h.NOW) as uow:
            api.delivery_dates(uow, tenant_id=house.tenant, skus=skus, destination=HOME)
    finally:
        event.remove(database, "before_cursor_execute", listener)
    return len(seen)
