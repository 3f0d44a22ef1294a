"""What weighing teaches a site: the fit in the background, what it raises, and who settles it."""

from datetime import timedelta

import pytest

from kernel import actors
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid, NotFound
from shipping.api import (
    WeightFinding,
    count_weight_findings,
    override_rates,
    release_held_parcel,
    settle_weight_finding,
    void_parcel,
    weight_findings,
)
from shipping.domain.weight_drift import Reading, find_drift
from shipping.site_terms import terms_of
from shipping.weights.fits import fit_site, record_fit, refit_weights
from shipping.weights.history import confirmed_parcels
from tests.shipping.house import NOON, House, as_manager, build_house, content, everything, pack, weigh

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.thorough]
TABLES = ("weight_finding", "item_weight", "site_weight")


def weigh_right(house: House, readings_g: list[int], weight_g: int = 300) -> None:
    for n, reading_g in enumerate(readings_g):
        assert weigh(house, pack(house, [content(1, 1, weight_g)], f"ord_{n}"), reading_g).decision == "PASS"


def fit_now(house: House, minutes: int = 0) -> None:
    def work(uow: UnitOfWork) -> None:
        parcels = confirmed_parcels(uow, site_id=house.site)
        sheet = terms_of(uow, house.site).sheet
        record_fit(uow, site_id=house.site, fit=fit_site(parcels, sheet), parcels=parcels)

    run(actors.system("weights"), work, now=NOON + timedelta(minutes=minutes))


def findings(house: House) -> list[WeightFinding]:
    with transaction(house.manager) as uow:
        return weight_findings(uow, site_id=house.site)


def test_a_fit_teaches_items_and_cartons_and_the_next_parcel_is_expected_so() -> None:
    house = build_house()
    first = pack(house, [content(1, 1, 300)], "ord_x")
    weigh_right(house, [first.expected_g + 12 + n % 3 for n in range(30)])
    assert refit_weights() == 1
    assert refit_weights() == 0, "one fit per five minutes"
    with transaction(house.manager) as uow:
        learned = terms_of(uow, house.site)
    assert learned.weights is not None
    assert learned.packaging.tares["S4"].mean != learned.sheet.tares["S4"].mean
    again = pack(house, [content(1, 1, 300)], "ord_y")
    assert abs(again.expected_g - first.expected_g - 13) <= 3


def test_held_and_unvouched_parcels_are_not_learned_from() -> None:
    house = build_house()
    held, given_up, vouched = (pack(house, [content(1, 2)], f"ord_{n}") for n in range(3))
    for parcel in (held, given_up, vouched):
        assert weigh(house, parcel, parcel.expected_g - 300).decision == "HOLD"
    as_manager(
        house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=given_up.id, reason="one is missing")
    )
    for parcel, confirmed in ((held, False), (vouched, True)):
        release(house, parcel.id, contents_confirmed=confirmed)
    with transaction(house.manager) as uow:
        found = confirmed_parcels(uow, site_id=house.site)
    assert [parcel.lines[0].quantity for parcel in found] == [2]
    assert len(found) == 1


def release(house: House, parcel_id: str, *, contents_confirmed: bool = False) -> None:
    as_manager(
        house,
        lambda uow: release_held_parcel(
            uow, tenant_id=house.tenant, parcel_id=parcel_id, reason="looked", evidence="opened",
            contents_confirmed=contents_confirmed,
        ),
    )  # fmt: skip


def weigh_ten_times_the_entry(house: House) -> None:
    """Weigh a new item of 1,000 g whose entry says 100: the first parcel is counted, the others pass."""
    first = pack(house, [content(1, 1, 100)], "ord_first")
    assert [weigh(house, first, first.expected_g + 900).decision for _ in range(2)] == ["RECHECK", "HOLD"]
    release(house, first.id, contents_confirmed=True)
    weigh_right(house, [first.expected_g + 905, first.expected_g + 895], weight_g=100)


def test_a_gross_error_of_the_catalog_is_raised_once_settled_and_not_raised_again() -> None:
    house = build_house()
    weigh_ten_times_the_entry(house)
    fit_now(house)
    fit_now(house, 5)
    (found,) = findings(house)
    assert (found.kind, found.code, found.name, found.believed_g) == ("catalog", "itm_1", "SKU-1", 100)
    assert found.learned_g == pytest.approx(1_000, rel=0.01)
    assert found.what == "The catalog's 100 g look wrong: a digit missing."
    before = everything(*TABLES)
    for refused, values in ((Invalid, ("maybe", "x")), (Invalid, ("kept", " "))):
        with pytest.raises(refused):
            settle(house, found.id, *values)
    assert everything(*TABLES) == before
    settle(house, found.id, "kept", "It is ten to a box.")
    assert findings(house) == []
    fit_now(house, 10)
    assert findings(house) == []


def settle(house: House, finding_id: str, outcome: str, note: str) -> None:
    as_manager(
        house,
        lambda uow: settle_weight_finding(uow, finding_id=finding_id, outcome=outcome, note=note),
    )


def test_a_drifting_scale_is_raised_with_its_shift_and_is_the_houses_own() -> None:
    house = build_house()
    first = [pack(house, [content(n)], f"ord_a{n}") for n in range(14)]
    for parcel in first:
        # The scale shows too much, and each item is new, so that none of them explains it away.
        assert weigh(house, parcel, parcel.expected_g + 27).decision == "PASS"
    fit_now(house)
    kinds = {found.kind: found for found in findings(house)}
    assert {"scale", "packer", "carton"} <= kinds.keys()
    scale = kinds["scale"]
    assert (scale.tenant_id, scale.code) == ("", "PACK-1")
    assert scale.what.startswith("The last 14 right parcels were 27 g heavier than expected on average.")
    settle(house, scale.id, "corrected", "Zeroed it.")
    fit_now(house, 5)
    assert "scale" not in {found.kind for found in findings(house)}


def test_a_cusum_finds_a_lasting_shift_and_forgives_what_was_put_right() -> None:
    steady = [Reading(z, 10 * z) for z in (0.9, -1.1, 0.3, -0.4) * 50]
    assert find_drift(steady) is None
    assert find_drift([*steady, Reading(9.0, 90)]) is None
    drift = find_drift([*steady, *[Reading(1.5, 15)] * 12])
    assert drift is not None
    assert (round(drift.shift_g), drift.parcels) == (15, 12)
    lighter = find_drift([*steady, *[Reading(-1.5, -15)] * 12])
    assert lighter is not None
    assert lighter.shift_g == pytest.approx(-15, abs=2)
    assert find_drift([*steady, *[Reading(1.5, 15)] * 12, *steady]) is None


def test_override_rates_tell_held_released_and_packed_anew_by_packer() -> None:
    house = build_house()
    released, given_up, right = (pack(house, [content(1, 2)], f"ord_{n}") for n in range(3))
    for parcel in (released, given_up):
        weigh(house, parcel, parcel.expected_g - 300)
    weigh(house, right)
    release(house, released.id)
    as_manager(
        house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=given_up.id, reason="one is missing")
    )
    with transaction(house.manager) as uow:
        (rate,) = override_rates(uow, site_id=house.site)
    assert (rate.packer, rate.weighed, rate.held, rate.released, rate.packed_anew) == ("usr_packer", 3, 2, 1, 1)


def test_a_merchant_sees_findings_about_its_own_items_only() -> None:
    house = build_house()
    weigh_ten_times_the_entry(house)
    fit_now(house)
    (found,) = findings(house)
    for tenant, count in ((house.tenant, 1), (house.other_tenant, 0)):
        with transaction(Actor("key_x", Role.MERCHANT, tenant=tenant)) as uow:
            assert count_weight_findings(uow, site_id=house.site)[0] == count
    stranger = Actor("key_x", Role.MERCHANT, tenant=house.other_tenant)
    with pytest.raises(NotFound), transaction(stranger) as uow:
        settle_weight_finding(uow, finding_id=found.id, outcome="kept", note="mine")
