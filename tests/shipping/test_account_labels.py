"""Labels through an account at a real carrier: one paid label under any fault, over HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.lanes import run_lane
from app.simulators.ups import UpsDesk, UpsFaults
from app.simulators.ups_books import UpsScan
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import run, transaction
from shipping.accounts.commands.settle_doubt import NotInDoubt, settle_doubt
from shipping.accounts.queries import doubtful_labels
from shipping.accounts.tracking import fetch_due_tracking
from shipping.api import (
    ParcelView,
    close_manifest,
    create_return_label,
    get_parcel,
    label_pdf,
    label_zpl,
    purchase_label,
    purchase_pending_labels,
    scans_of,
    transmit_manifests,
    void_parcel,
)
from shipping.printing import CarrierLabelUnlike
from tests.shipping.accounts import house, house_key, labels, open_account, ups, ups_url
from tests.shipping.house import ANN, NOON, House, as_manager, assert_sound, content, event_types, label, pack, weigh

pytestmark = pytest.mark.thorough

__all__ = ["house", "house_key", "ups", "ups_url"]
LATER = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def cleared(house: House, **options: object) -> ParcelView:
    parcel = pack(house, **options)  # type: ignore[arg-type]  # options of create_parcel
    weigh(house, parcel)
    return parcel


def now_of(house: House, parcel: ParcelView) -> ParcelView:
    with transaction(house.manager) as uow:
        return get_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)


def void(house: House, parcel: ParcelView) -> None:
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, reason="damaged"))


def test_a_label_is_bought_and_printed_as_the_carrier_drew_it(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house)
    bought, again = label(parcel), label(parcel)
    (sold,) = ups.books.paid
    assert bought == again
    assert (bought.state, bought.tracking_number) == ("purchased", sold.number)
    assert (sold.reference, now_of(house, parcel).state) == (bought.label_id, "labelled")
    with transaction(house.packer) as uow:
        document = label_pdf(uow, tenant_id=house.tenant, parcel_id=parcel.id)
        stored = uow.session.execute(text("select document from carrier_label")).scalar_one()
        assert document == bytes(stored)
        with pytest.raises(CarrierLabelUnlike, match="as PDF"):
            label_zpl(uow, tenant_id=house.tenant, parcel_id=parcel.id)
    assert document.startswith(b"%PDF-")
    charged = run(system(), lambda uow: uow.session.execute(text("select charged_minor from label")).scalar_one())
    assert charged == sold.cost_minor
    assert_sound()


@pytest.mark.parametrize(
    "faults",
    [
        UpsFaults(lose_after=1),
        UpsFaults(lose_after=1, blind=3),
        UpsFaults(fail_after=1, blind=1, lag=2),
        UpsFaults(garble_after=1, lag=3),
        UpsFaults(fail_before=1),
        UpsFaults(busy=2, lose_after=1, lag=1),
    ],
)
def test_under_any_fault_one_label_is_paid_for_in_the_end(house: House, ups: UpsDesk, faults: UpsFaults) -> None:
    parcel = cleared(house)
    ups.faults = faults
    label(parcel)
    label(parcel)
    assert len(ups.books.paid) <= 1
    for minutes in range(0, 60, 2):
        with clock.at(NOON + timedelta(minutes=minutes)):
            purchase_pending_labels()
        assert len(ups.books.paid) <= 1
    (sold,) = ups.books.paid
    assert labels() == [("purchased", sold.number, "")]
    assert now_of(house, parcel).tracking_number == sold.number
    assert_sound()


def test_a_crash_after_the_carrier_sold_buys_nothing_again(
    house: House, ups: UpsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = cleared(house)

    def crash(point: str) -> None:
        if point == "label.after_purchase":
            raise KeyboardInterrupt

    monkeypatch.setattr("shipping.jobs.crashpoint", crash)
    with pytest.raises(KeyboardInterrupt):
        label(parcel)
    monkeypatch.undo()
    with clock.at(NOON + timedelta(minutes=2)):
        assert purchase_pending_labels() == 1
    (sold,) = ups.books.paid
    assert labels() == [("purchased", sold.number, "")]


def test_a_refusal_leaves_the_parcel_where_it_is_with_the_words_of_the_carrier(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house, ship_to=ANN.__class__(**{**_fields(ANN), "postal_code": "00000"}))
    refused = label(parcel)
    found = now_of(house, parcel)
    assert (refused.state, found.state, found.label_id) == ("refused", "cleared", None)
    assert event_types()[-1] == "label_refused"
    said = run(system(), lambda uow: uow.session.execute(text("select error from label")).scalar_one())
    assert said == "Address Validation Error on ShipTo address: the postal code is unknown"
    assert purchase_pending_labels() == 0
    assert ups.books.paid == []
    assert_sound()


def _fields(address: object) -> dict[str, object]:
    return {name: getattr(address, name) for name in address.__slots__}  # type: ignore[attr-defined] # a slotted value


def test_a_voided_parcel_costs_nothing(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house)
    bought = label(parcel)
    void(house, parcel)
    assert purchase_pending_labels() == 1
    assert ups.books.paid == []
    assert labels() == [("voided", bought.tracking_number, "done")]
    assert_sound()


@pytest.mark.parametrize("faults", [UpsFaults(lose_after=1, blind=1), UpsFaults(fail_before=1, blind=1)])
def test_a_parcel_given_up_in_doubt_is_looked_for_and_never_bought_to_be_voided(
    house: House, ups: UpsDesk, faults: UpsFaults
) -> None:
    parcel = cleared(house)
    ups.faults = faults
    label(parcel)
    void(house, parcel)
    with clock.at(NOON + LATER):
        purchase_pending_labels()
    assert ups.books.paid == []
    ((state, _, owed),) = labels()
    assert (state, owed) == ("voided", "done")
    assert len(ups.books.shipments) <= 1
    assert_sound()


def test_scans_reach_the_timeline_of_the_parcel(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house)
    label(parcel)
    (sold,) = ups.books.paid
    sold.scans[:] = [
        UpsScan("M", "MP", "Label created", NOON, 60),
        UpsScan("I", "DP", "Departed from Facility", NOON + timedelta(hours=1), 60, "Leipzig"),
    ]
    assert fetch_due_tracking() == 0
    with clock.at(NOON + timedelta(hours=2)):
        assert run_lane("tracking") == 1
        assert run_lane("tracking") == 0
    assert now_of(house, parcel).tracking_status == "in_transit"
    sold.scans.append(UpsScan("D", "FS", "DELIVERED", NOON + timedelta(hours=20), 60, "Leipzig"))
    with clock.at(NOON + timedelta(hours=21)):
        assert fetch_due_tracking() == 1
    with clock.at(NOON + timedelta(hours=60)):
        assert fetch_due_tracking() == 0, "what was delivered is watched no more"
    assert now_of(house, parcel).tracking_status == "delivered"
    assert event_types()[-1] == "parcel_delivered"
    with transaction(house.manager) as uow:
        scans = scans_of(uow, tenant_id=house.tenant, parcel_id=parcel.id)
    assert [scan.status for scan in scans] == ["delivered", "in_transit", "pre_transit"]
    assert_sound()


def test_a_person_settles_what_no_look_up_can(house: House, ups: UpsDesk) -> None:
    bought, never = cleared(house), cleared(house, reference="ord_2")
    ups.faults = UpsFaults(lose_after=1, blind=100)
    first = label(bought)
    ups.faults = UpsFaults(fail_before=1, blind=100)
    second = label(never)
    with transaction(house.manager) as uow:
        waiting = doubtful_labels(uow, site_id=house.site)
    assert [(each.label_id, each.parcel_id) for each in waiting] == [
        (first.label_id, bought.id), (second.label_id, never.id),
    ]  # fmt: skip
    (sold,) = ups.books.paid

    def settle(label_id: str, number: str) -> None:
        as_manager(
            house,
            lambda uow: settle_doubt(uow, tenant_id=house.tenant, label_id=label_id, tracking_number=number),
        )

    settle(first.label_id, sold.number)
    settle(second.label_id, "")
    purchase_pending_labels()
    assert len(ups.books.paid) == 2
    assert sorted(state for state, _, _ in labels()) == ["purchased", "purchased"]
    with transaction(house.manager) as uow:
        assert doubtful_labels(uow, site_id=house.site) == []
        with pytest.raises(CarrierLabelUnlike, match="no label to print"):
            label_pdf(uow, tenant_id=house.tenant, parcel_id=bought.id)
    with pytest.raises(NotInDoubt):
        settle(first.label_id, sold.number)
    assert_sound()


def test_a_merchant_s_own_account_goes_before_the_house_s(house: House, ups: UpsDesk, ups_url: str) -> None:
    own = open_account(house, ups_url, tenant=house.tenant, name="Their own")
    mine, other = cleared(house), cleared(house, tenant_id=house.other_tenant, reference="ord_2")
    label(mine)
    label(other)
    used = run(
        system(),
        lambda uow: {r.tenant_id: r.account_id for r in uow.session.execute(text("select * from carrier_label"))},
    )
    assert used[house.tenant] == own.id
    assert used[house.other_tenant] != own.id
    assert len(ups.books.paid) == 2


def test_a_return_label_is_bought_as_a_return(house: House, ups: UpsDesk) -> None:
    parcel = as_manager(
        house,
        lambda uow: create_return_label(
            uow, tenant_id=house.tenant, site_id=house.site, reference="rma_1", party="cus_1", ship_from=ANN,
            contents=[content(1, 2)],
        ),
    )  # fmt: skip
    assert parcel.state == "cleared"
    assert purchase_pending_labels() == 1
    assert [each.is_return for each in ups.books.paid] == [True]
    assert now_of(house, parcel).state == "labelled"


def test_a_manifest_is_closed_without_telling_the_carrier_what_it_knows(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house)
    bought = label(parcel)
    closed = as_manager(
        house,
        lambda uow: close_manifest(uow, site_id=house.site, carrier=bought.carrier, ship_date=bought.ship_date),
    )
    assert closed.parcel_count == 1
    assert transmit_manifests() == 1
    state = run(system(), lambda uow: uow.session.execute(text("select state from manifest")).scalar_one())
    assert state == "transmitted"
    assert_sound()


def test_two_buyers_at_once_pay_once(house: House, ups: UpsDesk) -> None:
    parcel = cleared(house)
    ups.faults = UpsFaults(lose_after=1, lag=1)
    purchase_label(tenant_id=house.tenant, parcel_id=parcel.id)
    purchase_label(tenant_id=house.tenant, parcel_id=parcel.id)
    assert len(ups.books.shipments) == 1
    assert labels()[0][0] == "purchased"
