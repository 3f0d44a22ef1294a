import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from shipping.api import (
    NoServiceFits,
    ParcelView,
    create_return_label,
    get_parcel,
    label_pdf,
    next_cut_offs,
    purchase_label,
    purchase_pending_labels,
    quotes_of,
    record_label,
    request_label,
    void_parcel,
)
from shipping.domain.sample_rates import sample_rate_cards
from shipping.domain.surcharges import SurchargeRule
from shipping.gateways.carrier_http import HttpCarrier, carrier_client
from shipping.gateways.carriers import Purchased, Refused, Unavailable, UnknownOutcome
from shipping.gateways.recording_carrier import RecordingCarrier
from shipping.models.site import RateCardRow
from shipping.quoting import quote_parcel
from shipping.rate_cards import encode_card
from tests.shipping.house import (
    ANN,
    NOON,
    House,
    as_manager,
    assert_sound,
    build_house,
    content,
    event_types,
    everything,
    label,
    pack,
    weigh,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel", "label", "rate_quote")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def cleared(house: House, **options: object) -> ParcelView:
    parcel = pack(house, **options)  # type: ignore[arg-type]  # options of create_parcel
    assert weigh(house, parcel).decision == "PASS"
    return parcel


def now_of(parcel: ParcelView) -> ParcelView:
    with transaction(system()) as uow:
        return get_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)


def labels() -> list[tuple[str, str, str]]:
    with transaction(system()) as uow:
        rows = uow.session.execute(text("select state, tracking_number, carrier_void from label order by id"))
        return [(r.state, r.tracking_number, r.carrier_void) for r in rows]


def test_the_cheapest_service_that_keeps_the_promise_is_taken_and_every_quote_is_kept() -> None:
    house = build_house()
    bought = label(cleared(house, promised_on=date(2026, 11, 26)))
    with transaction(house.manager) as uow:
        quotes = quotes_of(uow, tenant_id=house.tenant, parcel_id=bought.parcel_id)
    assert bought.arrives_on is not None
    assert bought.arrives_on <= date(2026, 11, 26)
    assert [q.chosen for q in quotes].count(True) == 1
    assert [q.price_minor for q in quotes] == sorted(q.price_minor for q in quotes)
    cheaper = [q for q in quotes if q.price_minor < bought.price_minor]
    assert all((q.arrives_on or date.max) > date(2026, 11, 26) or q.service == "economy" for q in cheaper)
    baseline = next(q for q in quotes if (q.carrier, q.service) == ("swift_parcel", "ground"))
    assert bought.saved_minor == baseline.price_minor - bought.price_minor


def test_a_promise_nobody_can_keep_takes_the_fastest_and_says_so() -> None:
    house = build_house()
    bought = label(cleared(house, promised_on=date(2026, 11, 24)))
    assert (bought.carrier, bought.service) == ("swift_parcel", "express")
    assert bought.why.startswith("No service arrives by the promised day")


def test_a_label_after_the_cut_off_ships_on_the_next_collection_day() -> None:
    house = build_house()
    friday_night = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    parcel = cleared(house)
    with clock.at(friday_night):
        bought = label(parcel)
    assert bought.ship_date == date(2026, 11, 28)
    with transaction(house.manager) as uow:
        cut_offs = next_cut_offs(uow, site_id=house.site, now=friday_night)
    monday = {c.service: c.ship_date for c in cut_offs if c.carrier == "swift_parcel"}
    assert monday == {"express": date(2026, 11, 28), "ground": date(2026, 11, 30)}


def test_cut_offs_are_local_time_on_both_sides_of_the_clock_change() -> None:
    house = build_house()
    with transaction(house.manager) as uow:
        summer = next_cut_offs(uow, site_id=house.site, now=datetime(2026, 10, 23, 6, 0, tzinfo=UTC))
        winter = next_cut_offs(uow, site_id=house.site, now=datetime(2026, 10, 26, 6, 0, tzinfo=UTC))
    assert next(c.at_utc.hour for c in summer if c.service == "ground") == 15
    assert next(c.at_utc.hour for c in winter if c.service == "ground") == 16


def test_a_label_is_bought_once_however_often_it_is_asked_for() -> None:
    house = build_house()
    parcel = cleared(house)
    first, second = label(parcel), label(parcel)
    as_manager(house, lambda uow: request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert first == second
    assert labels() == [("purchased", first.tracking_number, "")]
    found = now_of(parcel)
    assert (found.state, found.tracking_number, found.tracking_status) == (
        "labelled", first.tracking_number, "pre_transit",
    )  # fmt: skip
    assert event_types()[-2:] == ["label_requested", "label_purchased"]
    assert_sound()


def test_no_price_for_the_currency_changes_nothing() -> None:
    house = build_house()
    parcel = cleared(house, currency="JPY")
    before = everything(*TABLES)
    with pytest.raises(NoServiceFits):
        label(parcel)
    assert everything(*TABLES) == before


def test_an_unknown_outcome_is_asked_again_with_the_same_reference_and_paid_once() -> None:
    house = build_house()
    carrier = RecordingCarrier()
    other = cleared(house, reference="ord_2")
    answers = {"lost": UnknownOutcome("ReadTimeout"), "down": Unavailable("status 503", 30)}
    for answer in answers.values():
        pending = purchase_label(tenant_id=house.tenant, parcel_id=other.id, gateway=_Grumpy(carrier, answer))
        assert pending.state == "requested"
    with clock.at(NOON + timedelta(hours=1)):
        assert purchase_pending_labels(gateway=carrier) == 1
        assert purchase_pending_labels(gateway=carrier) == 0
    assert list(carrier.labels) == [pending.label_id]
    assert now_of(other).state == "labelled"
    assert_sound()


class _Grumpy(RecordingCarrier):
    """A carrier that sells, and then says something else."""

    def __init__(self, behind: RecordingCarrier, answer: Unavailable | UnknownOutcome) -> None:
        super().__init__()
        self.behind, self.answer = behind, answer

    def purchase_label(self, request: object) -> Unavailable | UnknownOutcome:  # type: ignore[override]  # narrower on purpose
        if isinstance(self.answer, UnknownOutcome):
            self.behind.purchase_label(request)  # type: ignore[arg-type]  # handed on as it is
        return self.answer


def test_a_refusal_frees_the_parcel_for_another_attempt() -> None:
    house = build_house()
    parcel = cleared(house)

    class Refusing(RecordingCarrier):
        def purchase_label(self, request: object) -> Refused:  # type: ignore[override]  # narrower on purpose
            return Refused("address_unknown", f"{type(request).__name__}: no such street")

    refused = purchase_label(tenant_id=house.tenant, parcel_id=parcel.id, gateway=Refusing())
    assert refused.state == "refused"
    assert event_types()[-1] == "label_refused"
    assert purchase_pending_labels(gateway=RecordingCarrier()) == 0
    assert label(parcel).state == "purchased"
    assert [state for state, _, _ in labels()] == ["refused", "purchased"]
    assert_sound()


def test_voiding_a_labelled_parcel_voids_its_label_at_the_carrier() -> None:
    house = build_house()
    parcel = cleared(house)
    carrier = RecordingCarrier()
    bought = purchase_label(tenant_id=house.tenant, parcel_id=parcel.id, gateway=carrier)
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="damaged"))
    assert purchase_pending_labels(gateway=carrier) == 1
    assert carrier.voided == [bought.tracking_number]
    assert labels() == [("voided", bought.tracking_number, "done")]
    with transaction(house.manager) as uow:
        quotes = quotes_of(uow, tenant_id=house.tenant, parcel_id=parcel.id)
    assert [quote.price_minor for quote in quotes if quote.chosen] == [bought.price_minor], "the choice stays on record"
    assert_sound()


def test_a_label_given_up_while_its_outcome_was_unknown_is_found_and_voided() -> None:
    house = build_house()
    parcel = cleared(house)
    carrier = RecordingCarrier()
    purchase_label(tenant_id=house.tenant, parcel_id=parcel.id, gateway=_Grumpy(carrier, UnknownOutcome("ReadTimeout")))
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="damaged"))
    assert purchase_pending_labels(gateway=carrier) == 1
    ((state, number, owed),) = labels()
    assert (state, owed) == ("voided", "done")
    assert carrier.voided == [number]
    assert now_of(parcel).state == "voided"
    assert_sound()


def test_an_answer_that_comes_after_the_void_is_owed_a_void() -> None:
    house = build_house()
    parcel = cleared(house)
    carrier = RecordingCarrier()
    pending = purchase_label(
        tenant_id=house.tenant, parcel_id=parcel.id, gateway=_Grumpy(carrier, UnknownOutcome("ReadTimeout"))
    )
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="damaged"))
    late = carrier.labels[pending.label_id][1]
    assert isinstance(late, Purchased)
    run(
        system(),
        lambda uow: record_label(
            uow, tenant_id=house.tenant, parcel_id=parcel.id, purchased=late, label_id=pending.label_id
        ),
    )
    assert labels() == [("voided", late.tracking_number, "due")]
    assert now_of(parcel).state == "voided"
    assert_sound()


def test_a_return_label_goes_the_other_way_and_is_never_weighed_here() -> None:
    house = build_house()

    def work(uow: UnitOfWork) -> ParcelView:
        return create_return_label(
            uow, tenant_id=house.tenant, site_id=house.site, reference="rma_1", party="cus_1", ship_from=ANN,
            contents=[content(1, 2)],
        )  # fmt: skip

    parcel = as_manager(house, work)
    assert (parcel.kind, parcel.state, parcel.clearance) == ("return", "labelled", "not_weighed")
    with transaction(house.manager) as uow:
        assert label_pdf(uow, tenant_id=house.tenant, parcel_id=parcel.id).startswith(b"%PDF")
    assert_sound()


def test_over_http_a_lost_answer_is_looked_up_and_never_bought_twice() -> None:
    house = build_house()
    parcel = cleared(house)
    sold: dict[str, dict[str, object]] = {}
    calls: list[str] = []

    def carrier(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        if request.method == "POST":
            body = json.loads(request.content)
            number = f"SW{len(sold) + 1:013d}"
            sold.setdefault(
                body["reference"],
                {"tracking_number": number, "cost_minor": 700, "currency": "EUR", "state": "purchased"},
            )
            raise httpx.ReadTimeout("cut off after the label was sold")
        reference = request.url.params["reference"]
        return httpx.Response(200, json=sold[reference])

    client = carrier_client("http://carrier.test", "k", transport=httpx.MockTransport(carrier))
    bought = purchase_label(tenant_id=house.tenant, parcel_id=parcel.id, gateway=HttpCarrier(client))
    assert (bought.state, len(sold), calls) == ("purchased", 1, ["POST", "GET"])
    assert_sound()


def test_a_parcel_that_leaves_after_a_change_of_prices_is_priced_by_the_new_card() -> None:
    house = build_house()
    tomorrow = NOON.date() + timedelta(days=1)
    ground = next(c for c in sample_rate_cards("EUR") if c.service == "ground")
    card = replace(ground, effective_from=tomorrow, surcharges=(SurchargeRule("peak", "always", 50_000),))
    document, digest = encode_card(card)

    def lay_down(uow: UnitOfWork) -> None:
        key = {"site_id": house.site, "carrier": card.carrier, "service": card.service, "currency": "EUR"}
        uow.session.add(RateCardRow(**key, valid_from=tomorrow, digest=digest, card=document))

    as_manager(house, lay_down)

    def ground_price(at: datetime) -> int:
        with clock.at(at), transaction(house.manager) as uow:
            found, _, _ = quote_parcel(
                uow, site_id=house.site, length_mm=300, width_mm=200, height_mm=100, weight_g=900, country="DE",
                postal_code="04109", residential=True, currency="EUR", service_level="standard", promised_on=None,
            )  # fmt: skip
        return next(q.price_minor for q in found if q.service == "ground")

    # The doors close at 17:30 in Berlin: before that the parcel leaves today, after it tomorrow.
    assert ground_price(NOON) < 50_000
    assert ground_price(NOON + timedelta(hours=8)) > 50_000
