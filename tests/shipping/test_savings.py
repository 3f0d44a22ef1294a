from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid
from shipping.api import SavingsEntry, SavingsFilter, find_savings, quotes_of, savings_totals, void_parcel
from shipping.freight.savings import ledger_days, savings_baselines
from tests.shipping.house import NOON, TODAY, House, build_house, content, label, pack, ready, weigh

pytestmark = pytest.mark.usefixtures("database")
MONTH = SavingsFilter(TODAY - timedelta(days=30), TODAY + timedelta(days=30))
SURE = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def ledger(actor: Actor, wanted: SavingsFilter = MONTH, sort: str = "-shipped") -> list[SavingsEntry]:
    with transaction(actor) as uow:
        return list(find_savings(uow, wanted, sort=sort).items)


def shipped(house: House) -> None:
    """Two parcels in peace, one in haste of the same merchant, and one of the other."""
    ready(house, 2)
    hasty = pack(house, reference="ord_hasty", promised_on=SURE)
    weigh(house, hasty)
    label(hasty)
    other = pack(house, [content(weight_g=900)], reference="ord_other", tenant_id=house.other_tenant)
    weigh(house, other)
    label(other)


def test_each_parcel_is_told_against_the_stored_quote_of_the_baseline_and_the_sums_are_theirs() -> None:
    house = build_house()
    shipped(house)

    rows = ledger(house.manager)
    with transaction(house.manager) as uow:
        (total,) = savings_totals(uow, MONTH)
        assert savings_baselines(uow, since=MONTH.since, until=MONTH.until) == [
            "cargo_line/freight", "cargo_line/freight_priority", "northpost/economy", "northpost/tracked",
            "swift_parcel/express", "swift_parcel/ground",
        ]  # fmt: skip
        for row in rows:
            quotes = quotes_of(uow, tenant_id=row.tenant_id, parcel_id=row.parcel_id)
            assert len(quotes) == 6
            stored = next(q for q in quotes if f"{q.carrier}/{q.service}" == row.baseline)
            assert (row.baseline, row.baseline_minor) == ("swift_parcel/ground", stored.price_minor)
            assert row.saved_minor == stored.price_minor - row.paid_minor

    assert (total.parcels, total.compared, len(rows)) == (4, 4, 4)
    assert total.saved_minor == sum(row.saved_minor for row in rows) == total.baseline_minor - total.paid_minor
    hasty = next(row for row in rows if row.reference == "ord_hasty")
    assert hasty.saved_minor < 0
    assert (total.dearer, total.baseline_late) == (1, 1)
    assert total.saved_in_time_minor == total.saved_minor - hasty.saved_minor > 0


def test_another_baseline_can_be_named_and_one_without_a_price_saves_nothing() -> None:
    house = build_house()
    shipped(house)

    express = ledger(house.manager, replace(MONTH, baseline="swift_parcel/express"), "-saved")
    assert {row.baseline for row in express} == {"swift_parcel/express"}
    assert [row.saved_minor for row in express] == sorted((row.saved_minor for row in express), reverse=True)
    assert express[-1].saved_minor == 0
    nobody = ledger(house.manager, replace(MONTH, baseline="nobody/at_all"))
    assert {(row.baseline, row.baseline_minor, row.saved_minor) for row in nobody} == {("", None, 0)}
    with transaction(house.manager) as uow:
        (total,) = savings_totals(uow, replace(MONTH, baseline="nobody/at_all"))
    assert (total.compared, total.saved_minor, total.compared_paid_minor) == (0, 0, 0)


def test_a_merchant_sees_its_own_parcels_only() -> None:
    house = build_house()
    shipped(house)

    other = ledger(Actor("usr_m", Role.MERCHANT, "Mo", tenant=house.other_tenant))
    assert [row.reference for row in other] == ["ord_other"]
    assert (
        ledger(Actor("usr_m", Role.MERCHANT, "Mo", tenant=house.other_tenant), replace(MONTH, tenant_id=house.tenant))
        == []
    )


def test_what_the_carrier_charged_is_what_was_paid_and_a_label_given_up_has_no_part() -> None:
    house = build_house()
    (kept, bought), (gone, _) = ready(house, 2)

    def change(uow: UnitOfWork) -> None:
        uow.session.execute(
            text("update label set charged_minor = price_minor + 77 where id = :id"), {"id": bought.label_id}
        )
        void_parcel(uow, tenant_id=gone.tenant_id, parcel_id=gone.id, reason="Carton damaged")

    run(system(), change)
    (row,) = ledger(house.manager)
    assert (row.parcel_id, row.paid_minor) == (kept.id, row.price_minor + 77)


def test_the_ledger_is_searched_sorted_and_read_page_by_page() -> None:
    house = build_house()
    shipped(house)
    rows = ledger(house.manager, sort="paid")

    assert [row.paid_minor for row in rows] == sorted(row.paid_minor for row in rows)
    assert ledger(house.manager, replace(MONTH, search=rows[1].tracking_number.lower())) == [rows[1]]
    assert ledger(house.manager, replace(MONTH, search="no such", references=("ord_1",)))[0].reference == "ord_1"
    assert ledger(house.manager, replace(MONTH, site_id="sit_other")) == []
    with transaction(house.manager) as uow:
        first = find_savings(uow, MONTH, sort="paid", limit=3)
        rest = find_savings(uow, MONTH, sort="paid", limit=3, cursor=first.next)
        with pytest.raises(Invalid):
            find_savings(uow, MONTH, sort="price_minor; drop table label")
    assert [*first.items, *rest.items] == rows
    assert rest.next is None


def test_days_that_are_not_named_are_the_month_around_today() -> None:
    assert ledger_days(None, None, today=TODAY) == (date(2026, 10, 25), date(2026, 12, 24))
    assert ledger_days(None, date.min, today=TODAY) == (date.min, date.min)
    assert ledger_days(date.max, None, today=TODAY) == (date.max, date.max)
    with pytest.raises(Invalid):
        SavingsFilter(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(Invalid):
        SavingsFilter(TODAY - timedelta(days=367), TODAY)
