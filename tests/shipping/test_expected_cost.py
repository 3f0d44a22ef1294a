"""The promise is never traded; among the services that keep it, the least expected cost is taken and all is kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from kernel import clock
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid, NotFound
from shipping.api import (
    BilledInvoice,
    BilledLine,
    InvoiceOwner,
    LabelRequest,
    freight_terms,
    quotes_of,
    set_freight_terms,
    take_freight_invoice,
)
from shipping.domain.expected_cost import FreightTerms, Risks, ServiceRecord
from shipping.freight_risks import count_service_records, risks_of
from tests.shipping.house import NOON, TODAY, House, build_house, label, pack, ready, weigh

TERMS = FreightTerms("EUR", 1_000, 10_000)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def test_without_anything_seen_the_prior_speaks_and_is_added_exactly() -> None:
    cost = Risks(TERMS, 20_000, {}).expect("c", "s", 800, 0)
    assert (cost.late_minor, cost.adjustment_minor, cost.claim_minor) == (50, 4, 100)
    assert (cost.total_minor, cost.late_ppm, cost.seen) == (954, 50_000, 0)
    assert Risks(TERMS, 20_000, {}).expect("c", "s", 800, None).late_minor == 0
    assert Risks(TERMS, 20_000, {}).expect("c", "s", 800, 1).late_minor == 25


def test_what_was_seen_outweighs_the_prior_the_more_of_it_there_is() -> None:
    few, many = ServiceRecord({0: 5, 1: 5}), ServiceRecord({0: 500, 1: 500})
    assert few.late(0) < many.late(0)
    assert abs(float(many.late(0)) - 0.5) < 0.01
    assert many.late(1) < few.late(1) < few.late(0)
    adjusted = ServiceRecord({}, 1_000, 500, 100_000)
    assert abs(float(adjusted.adjustment(800)) - 100) < 3


@given(
    st.dictionaries(st.integers(-30, 30), st.integers(1, 10_000), max_size=6), st.integers(0, 100), st.integers(0, 40),
    st.integers(0, 10**7),
)  # fmt: skip
def test_probabilities_are_such_and_no_mishap_pays(
    arrivals: dict[int, int], claims: int, slack: int, price: int
) -> None:
    record = ServiceRecord(arrivals, 50, 10, 400, claims)
    assert 0 < record.late(slack + 1) <= record.late(slack) < 1
    assert 0 < record.claim() < 1
    assert record.adjustment(price) >= 0


@pytest.mark.usefixtures("database")
class TestAtTheHouse:
    """Labels of merchants with terms and without."""

    def test_without_terms_the_price_alone_decides(self) -> None:
        house = build_house()
        ((parcel, _),) = ready(house)
        with transaction(house.manager) as uow:
            assert freight_terms(uow, house.tenant) is None
            quotes = quotes_of(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)
        assert all("expected" not in each.details for each in quotes)

    def test_a_service_that_is_often_late_loses_although_it_is_cheaper_and_every_quote_says_why(self) -> None:
        house = build_house()
        promised = TODAY + timedelta(days=8)
        before = bought(house, "ord_a", promised)
        run(house.manager, lambda uow: set_freight_terms(
            uow, tenant_id=house.tenant, late_penalty_minor=5_000, value_share_bp=0))  # fmt: skip
        run(system(), lambda uow: note_late(uow, house, before))

        after = bought(house, "ord_b", promised)
        assert (after.carrier, after.service) != (before.carrier, before.service)
        assert after.price_minor > before.price_minor
        with transaction(house.manager) as uow:
            parcel_id = uow.session.scalar(text("select parcel_id from label where id = :id"), {"id": after.label_id})
            quotes = quotes_of(uow, tenant_id=house.tenant, parcel_id=str(parcel_id))
            why = uow.session.scalar(text("select why from label where id = :id"), {"id": after.label_id})
        costs = {f"{q.carrier}/{q.service}": q.details["expected"]["total_minor"] for q in quotes}
        kept = [q for q in quotes if q.details["meets_promise"]]
        chosen = next(q for q in quotes if q.chosen)
        level = {"northpost/tracked", "swift_parcel/ground", "swift_parcel/express", "cargo_line/freight_priority"}
        rivals = [costs[f"{q.carrier}/{q.service}"] for q in kept if f"{q.carrier}/{q.service}" in level]
        assert costs[f"{chosen.carrier}/{chosen.service}"] == min(rivals)
        assert "least expected cost" in str(why)

    def test_records_count_arrivals_adjustments_and_claims(self) -> None:
        house = build_house()
        (on_time, first), (late, second), (lost, _) = ready(house, 3)

        def happen(uow: UnitOfWork) -> None:
            arrived = text("update parcel set delivered_at = cast(:at as date) + interval '12 hours' where id = :id")
            uow.session.execute(arrived, {"id": on_time.id, "at": first.arrives_on})
            uow.session.execute(arrived, {"id": late.id, "at": second.arrives_on + timedelta(days=2)})
            uow.session.execute(text("update parcel set tracking_reason = 'lost' where id = :id"), {"id": lost.id})
            line = BilledLine(2, first.tracking_number, total_minor=first.price_minor + 90)
            take_freight_invoice(
                uow, owner=InvoiceOwner(site_id=house.site), carrier=first.carrier,
                invoice=BilledInvoice("N", TODAY, "EUR", "d", (line,)), file="n.csv",
            )  # fmt: skip
            set_freight_terms(uow, tenant_id=house.tenant, late_penalty_minor=1, value_share_bp=1)

        run(system(), happen)
        assert run(system(), count_service_records) == 1
        assert run(system(), count_service_records) == 1
        with transaction(system()) as uow:
            whose = {"tenant_id": house.tenant, "site_id": house.site, "value_minor": 1}
            risks = risks_of(uow, currency="EUR", **whose)
            assert risks_of(uow, currency="USD", **whose) is None
        assert risks is not None
        assert risks.records == {(first.carrier, first.service): ServiceRecord({0: 1, 2: 1}, 1, 1, 90, 1)}

    def test_terms_are_checked_and_a_merchants_own(self) -> None:
        house = build_house()
        merchant = Actor("usr_m", Role.MERCHANT, "Mo", tenant=house.other_tenant)
        for penalty, share in ((-1, 0), (0, 10_001), (10**9, 0)):
            with transaction(house.manager) as uow, pytest.raises(Invalid):
                set_freight_terms(uow, tenant_id=house.tenant, late_penalty_minor=penalty, value_share_bp=share)
        run(house.manager, lambda uow: set_freight_terms(
            uow, tenant_id=house.tenant, late_penalty_minor=1, value_share_bp=2))  # fmt: skip
        with transaction(merchant) as uow:
            assert freight_terms(uow, house.tenant) is None
            with pytest.raises(NotFound):
                set_freight_terms(uow, tenant_id=house.tenant, late_penalty_minor=0, value_share_bp=0)


def bought(house: House, reference: str, promised: object) -> LabelRequest:
    parcel = pack(house, reference=reference, promised_on=promised, service_level="standard")
    weigh(house, parcel)
    return label(parcel)


def note_late(uow: UnitOfWork, house: House, late: LabelRequest) -> None:
    """The service was nine days late each time."""
    row = {"site": house.site, "carrier": late.carrier, "service": late.service, "now": uow.now}
    statement = text(
        "insert into service_record values (:site, :carrier, :service, 'EUR', '{\"9\": 400}', 0, 0, 0, 0, :now)"
    )
    uow.session.execute(statement, row)
