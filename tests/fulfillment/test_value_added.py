"""Gift wrap and its like: asked for, done at the bench, weighed, charged once, taken back with the parcel."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.domain.value_added import Portion, StepCount, Waiting, due_quantity, portions
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from shipping import api as shipping
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

WRAP = api.OfferDraft("GIFT-WRAP", "Gift wrap", "gift_wrap", tare_g=120, tare_sd_g=4.0, seconds=90, price_minor=250)
ENGRAVING = api.OfferDraft("ENGRAVE", "Engraving", "engraving", seconds=300, price_minor=900, lead_days=3)
PHOTOGRAPHED = replace(WRAP, photo_required=True)


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(output, form, **more)
    return output.getvalue()


def offered(uow: UnitOfWork, house: h.House, *drafts: api.OfferDraft) -> None:
    for draft in drafts:
        api.offer_service(uow, tenant_id=house.tenant, draft=draft)


def at_bench(
    uow: UnitOfWork, *wanted: tuple[str, int], offers: tuple[api.OfferDraft, ...] = (WRAP,),
    services: tuple[api.ServiceDraft, ...] = (api.ServiceDraft("GIFT-WRAP"),), **other: object,
) -> tuple[h.House, api.OrderView]:  # fmt: skip
    house = h.build(uow)
    offered(uow, house, *offers)
    h.stock(uow, house, A={"A-01-01-1": 40}, B={"A-01-02-1": 40})
    order = h.order(uow, house, *wanted, services=services, **other)
    uow.session.flush()
    h.to_floor(uow, house)
    h.pick_all(uow, house)
    return house, order


def pack(uow: UnitOfWork, house: h.House, order: api.OrderView, **other: object) -> list[shipping.ParcelView]:
    parcels = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, **other)  # type: ignore[arg-type]
    uow.session.flush()
    return parcels


def perform(uow: UnitOfWork, house: h.House, order: api.OrderView, number: int = 0, seconds: int = 80) -> str:
    asked = order.services[number]
    return api.perform_service(uow, tenant_id=house.tenant, order_id=order.id, asked_id=asked.id, seconds=seconds)


def charges(uow: UnitOfWork, house: h.House) -> list[tuple[str, str, int, int]]:
    found = api.service_charges(
        uow, tenant_id=house.tenant, since=h.NOW.date(), until=h.NOW.date(), zone="Europe/Berlin"
    )
    return [(each.kind, each.service, each.quantity, each.amount_minor) for each in found]


def test_a_parcel_is_closed_only_when_what_was_asked_for_is_done(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 2))
        assert [(each.code, each.quantity, each.line_id) for each in order.services] == [("GIFT-WRAP", 1, "")]

        with pytest.raises(api.StepsOpen) as stopped:
            pack(uow, house, order)
        assert stopped.value.facts["services"] == [{"id": order.services[0].id, "code": "GIFT-WRAP", "quantity": 1}]
        assert h.units(uow, order.id) == {"ordered": 2, "picked": 2}
        assert charges(uow, house) == []

        perform(uow, house, order)
        assert charges(uow, house) == []
        (parcel,) = pack(uow, house, order)

        assert charges(uow, house) == [("performed", "GIFT-WRAP", 1, 250)]
        told = [event for event in uow.emitted if isinstance(event, api.ServicePerformed)]
        assert [(e.order_id, e.service, e.quantity, e.unit_price_minor, e.currency, e.seconds, e.parcel_id)
                for e in told] == [(order.id, "GIFT-WRAP", 1, 250, "EUR", 80, parcel.id)]  # fmt: skip
        (step,) = api.get_order(uow, order.id).services[0].steps
        assert (step.state, step.parcel_id, step.done_by) == ("performed", parcel.id, uow.actor.id)
        assert h.broken_invariants(uow) == []


def test_what_is_done_is_not_done_twice(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 1))
        perform(uow, house, order)
        with pytest.raises(api.NothingDue):
            perform(uow, house, order)


def test_the_tare_of_the_wrap_is_in_the_expected_weight_and_a_forgotten_one_is_named(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 3))
        perform(uow, house, order)
        (wrapped,) = pack(uow, house, order, carton_code="S6")
        plain = h.order(uow, house, ("A", 3))
        uow.session.flush()
        h.to_floor(uow, house)
        h.pick_all(uow, house)
        (bare,) = pack(uow, house, plain, carton_code="S6")
        assert wrapped.expected_g - bare.expected_g == 120

        held = shipping.weigh_parcel(
            uow, tenant_id=house.tenant, parcel_id=wrapped.id, reading_g=wrapped.expected_g - 120, scale_code="PACK-1"
        )
        assert held.decision == "HOLD"
        assert held.explanations[0] == "Gift wrap is missing: 120 g."


def test_a_wrapped_parcel_passes_the_scale(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 3))
        perform(uow, house, order)
        (parcel,) = pack(uow, house, order)
        audit = shipping.weigh_parcel(
            uow, tenant_id=house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g, scale_code="PACK-1"
        )
        assert audit.decision == "PASS"


def test_a_reopened_parcel_takes_its_charges_back_and_its_steps_are_due_again(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 2), services=(api.ServiceDraft("GIFT-WRAP", line=1, quantity=2),))
        perform(uow, house, order)
        (parcel,) = pack(uow, house, order)
        api.reopen_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="wrong card")
        uow.session.flush()

        assert charges(uow, house) == [("performed", "GIFT-WRAP", 2, 500), ("reversed", "GIFT-WRAP", -2, -500)]
        assert h.told(uow).count("ServiceReversed") == 1
        assert h.broken_invariants(uow) == []
        with pytest.raises(api.StepsOpen):
            pack(uow, house, order)
        perform(uow, house, order)
        pack(uow, house, order)
        assert sum(amount for *_, amount in charges(uow, house)) == 500
        assert h.broken_invariants(uow) == []


def test_an_excused_service_is_not_charged_and_the_order_says_why(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 1))
        asked = order.services[0].id
        with pytest.raises(Invalid):
            api.excuse_service(uow, tenant_id=house.tenant, order_id=order.id, asked_id=asked, reason=" ")
        api.excuse_service(uow, tenant_id=house.tenant, order_id=order.id, asked_id=asked, reason="No paper left")
        (parcel,) = pack(uow, house, order)

        assert charges(uow, house) == []
        assert "ServiceExcused" in h.told(uow)
        found = api.get_order(uow, order.id)
        assert [note.text for note in found.notes] == ["Gift wrap was not possible: No paper left"]
        assert [(s.state, s.reason, s.parcel_id) for s in found.services[0].steps] == [
            ("excused", "No paper left", parcel.id)
        ]
        assert h.broken_invariants(uow) == []


def test_a_photo_is_wanted_kept_bare_and_shown_to_its_own_people_only(database: Connection) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Anas kitchen"
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 1), offers=(PHOTOGRAPHED,))
        whose = {"tenant_id": house.tenant, "order_id": order.id, "asked_id": order.services[0].id}
        with pytest.raises(api.PhotoMissing):
            perform(uow, house, order)
        for wrong in (b"", b"<svg/>", picture("GIF"), picture()[:200], b"\xff\xd8" + b"0" * 2_000_001):
            with pytest.raises(api.NoPicture):
                api.keep_photo(uow, **whose, content=wrong)
        api.keep_photo(uow, **whose, content=picture("PNG"))
        photo = api.keep_photo(uow, **whose, content=picture("JPEG", (3_000, 1_500), exif=exif))
        perform(uow, house, order)
        pack(uow, house, order)
        assert api.get_order(uow, order.id).services[0].steps[0].photo_id == photo
        assert h.broken_invariants(uow) == []
    for actor in (house.shop(), house.manager()):
        with transaction(actor, now=h.NOW) as uow:
            kept = api.get_photo(uow, order_id=order.id, photo_id=photo)
            assert b"kitchen" not in kept
            assert Image.open(BytesIO(kept)).size == (1_600, 800)
    for actor in (house.rival(), replace(house.manager(), site="sit_other")):
        with transaction(actor, now=h.NOW) as uow, pytest.raises(NotFound):
            api.get_photo(uow, order_id=order.id, photo_id=photo)

    def forget(days_later: int, keep_days: int) -> int:
        with transaction(system(), now=h.NOW + timedelta(days=days_later)) as uow:
            return api.forget_photos(uow, keep=timedelta(days=keep_days), limit=100)

    assert forget(29, 1) == 0, "a month is the least"
    assert forget(100, 100) == 0
    assert forget(101, 100) == 2
    assert forget(101, 100) == 0
    with transaction(house.shop(), now=h.NOW) as uow:
        with pytest.raises(NotFound, match="served its time"):
            api.get_photo(uow, order_id=order.id, photo_id=photo)
        assert api.get_order(uow, order.id).services[0].steps[0].photo_id == photo
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []


def test_a_service_that_takes_days_moves_the_promise_by_working_days(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        offered(uow, house, WRAP, ENGRAVING)
        h.stock(uow, house, A={"A-01-01-1": 9})
        plain = h.order(uow, house, ("A", 1), promised_on=None)
        engraved = h.order(uow, house, ("A", 1), promised_on=None, services=(api.ServiceDraft("ENGRAVE", 1, 1, "Ana"),))
        assert plain.promised_on
        assert engraved.promised_on
        between = (
            plain.promised_on + timedelta(days=n) for n in range(1, (engraved.promised_on - plain.promised_on).days + 1)
        )
        assert sum(day.weekday() < 5 for day in between) == 3


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        (api.ServiceDraft("NOPE"), "/services/0/code"),
        (api.ServiceDraft("OLD"), "/services/0/code"),
        (api.ServiceDraft("GIFT-WRAP", line=3), "/services/0/line"),
        (api.ServiceDraft("GIFT-WRAP", line=1, quantity=3), "/services/0/quantity"),
        (api.ServiceDraft("GIFT-WRAP", quantity=0), "/services/0/quantity"),
        (api.ServiceDraft("GIFT-WRAP", text="x" * 501), "/services/0/text"),
    ],
)
def test_what_cannot_be_asked_for_is_named(database: Connection, asked: api.ServiceDraft, pointer: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        offered(uow, house, WRAP, replace(WRAP, code="OLD", active=False))
        with pytest.raises(Invalid) as refused:
            h.order(uow, house, ("A", 2), services=(asked,))
        assert [error.pointer for error in refused.value.errors] == [pointer]


def test_an_order_without_services_has_the_fingerprint_it_always_had(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        offered(uow, house, WRAP)
        draft = h.draft(("A", 1), number="W-77")
        first = api.place_order(uow, tenant_id=house.tenant, draft=draft)
        assert api.place_order(uow, tenant_id=house.tenant, draft=draft).id == first.id
        with pytest.raises(api.DuplicateOrder):
            api.place_order(
                uow, tenant_id=house.tenant, draft=replace(draft, services=(api.ServiceDraft("GIFT-WRAP"),))
            )


def test_an_order_keeps_the_price_it_was_asked_at(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 1))
        (offer,) = api.services_of(uow, house.tenant)
        api.change_offer(uow, service_id=offer.id, draft=replace(WRAP, price_minor=999), version=1)
        perform(uow, house, order)
        pack(uow, house, order)
        assert charges(uow, house) == [("performed", "GIFT-WRAP", 1, 250)]


TAKEN_BACK = (
    "insert into service_charge select tenant_id, 'chg_x', step_id, 'reversed', order_id, line_id, parcel_id,"
    " service_id, code, -quantity, unit_price_minor, currency, seconds, photo_id, at from service_charge"
)


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        (TAKEN_BACK, {"service_charges_are_performed_steps"}),
        ("update asked_service set price_minor = 1", {"service_charges_are_performed_steps"}),
        ("update service_step set quantity = 2", {"service_charges_are_performed_steps"}),
        ("update asked_service set quantity = 2", {"packed_goods_have_their_services"}),
        ("update asked_service set photo_required = true", {"performed_services_have_their_photo"}),
    ],
)
def test_planted_faults_are_found(database: Connection, fault: str, broken: set[str]) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 1))
        perform(uow, house, order)
        pack(uow, house, order)
        assert h.broken_invariants(uow) == []
        uow.session.execute(text(fault))
        assert {name for name, _ in h.broken_invariants(uow)} == broken


def test_steps_go_with_the_units_into_several_parcels() -> None:
    waiting = [Waiting("s1", "wrap", "a", 3), Waiting("s2", "card", "", 1), Waiting("s3", "engrave", "a", 1)]
    laid = portions(waiting, [{"a": 2}, {"a": 1, "b": 4}], {"a": ["a"], "": []})
    assert laid == [Portion("s1", 0, 2), Portion("s1", 1, 1), Portion("s2", 0, 1), Portion("s3", 0, 1)]


def test_units_of_a_substitute_take_the_steps_of_the_line_they_replace() -> None:
    assert portions([Waiting("s", "wrap", "a", 2)], [{"b": 2}], {"a": ["a", "b"]}) == [Portion("s", 0, 2)]


@pytest.mark.parametrize(
    ("asked", "units", "settled", "waiting", "due"),
    [(2, 5, 0, 0, 2), (5, 3, 0, 0, 3), (5, 2, 3, 0, 2), (5, 2, 3, 2, 0), (1, 1, 1, 0, 0), (2, 1, 0, 2, 0)],
)
def test_what_is_due_follows_from_what_is_packed_now(
    asked: int, units: int, settled: int, waiting: int, due: int
) -> None:
    assert due_quantity(asked, units, StepCount(settled, waiting)) == due


def test_charges_of_a_range_are_added_up_by_service(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = at_bench(uow, ("A", 2))
        perform(uow, house, order)
        pack(uow, house, order)
        zone = {"tenant_id": house.tenant, "zone": "Europe/Berlin"}
        today = h.NOW.date()
        (total,) = api.charge_totals(uow, since=today, until=today, **zone)
        assert (total.code, total.quantity, total.amount_minor, total.currency, total.seconds) == (
            "GIFT-WRAP", 1, 250, "EUR", 80,
        )  # fmt: skip
        assert api.charge_totals(uow, since=date(2026, 11, 1), until=date(2026, 11, 2), **zone) == ()
        with pytest.raises(Invalid):
            api.charge_totals(uow, since=today, until=date(2026, 11, 2), **zone)
        assert api.charges_to_csv(()).startswith("charge_id,at,kind,order")
