"""Working days are counted in one place: weekends and holidays at both ends, and what a site says itself."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel import actors
from kernel.db.transactions import run
from kernel.errors import Invalid, NotFound
from shipping.api import (
    CutOff,
    clear_site_day,
    journey_days,
    next_cut_offs,
    next_working_day,
    set_site_day,
    site_days,
    soonest_delivery,
)
from shipping.domain.regions import regions_of
from shipping.domain.working_days import SiteCalendar, WorkingDays, locality_of
from tests.shipping.house import House, build_house

BERLIN, MUNICH, PARIS = locality_of("DE", "10115"), locality_of("DE", "80331"), locality_of("FR", "75001")
# A Wednesday evening, after the last collection before Christmas Eve.
EVE = datetime(2026, 12, 23, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "code", "regions"),
    [
        ("DE", "80331", ("BY",)), ("DE", "98527", ("TH",)), ("DE", "89073", ("BW", "BY")), ("DE", "20095", ("HH",)),
        ("GB", "EH1 1AA", ("SCT",)), ("GB", "GU1 1AA", ("ENG",)), ("GB", "bt1 1aa", ("NIR",)), ("CA", "H2X", ("QC",)),
        ("FR", "67000", ("6AE",)), ("FR", "75001", ()), ("AU", "2600", ("ACT", "NSW")), ("HK", "", ()), ("ZZ", "1", ()),
    ],
)  # fmt: skip
def test_a_postal_code_names_the_regions_that_it_may_lie_in(country: str, code: str, regions: tuple[str, ...]) -> None:
    assert regions_of(country, code) == regions


def test_a_region_that_is_named_stands_before_the_postal_code() -> None:
    assert locality_of("de", "10115", "DE-BY") == MUNICH
    assert locality_of("DE", "10115", "Somewhere") == BERLIN
    assert locality_of("US", "89501", "NV").regions == ("NV",)


def test_weekends_are_those_of_the_country() -> None:
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    assert [locality_of("SA", "11564").works_on(day) for day in (friday, sunday)] == [False, True]
    assert [locality_of("ZZ", "").works_on(day) for day in (friday, sunday)] == [True, False]


@pytest.mark.parametrize(
    ("start", "count", "places", "end"),
    [
        ("2026-11-20", 1, (BERLIN,), "2026-11-23"),
        ("2026-11-21", 0, (BERLIN,), "2026-11-21"),
        # In transit: a holiday is no day of travel, whether it is the sender's or the recipient's.
        ("2027-01-05", 2, (BERLIN,), "2027-01-07"),
        ("2027-01-05", 2, (BERLIN, MUNICH), "2027-01-08"),
        ("2026-10-30", 2, (BERLIN, PARIS), "2026-11-03"),
        ("2026-07-13", 2, (BERLIN, PARIS), "2026-07-16"),
        # On the day of delivery: Epiphany in Munich, Bastille Day in Paris, and three days off in a row.
        ("2027-01-05", 1, (BERLIN, MUNICH), "2027-01-07"),
        ("2026-07-13", 1, (BERLIN, PARIS), "2026-07-15"),
        ("2026-12-24", 1, (BERLIN,), "2026-12-28"),
        # Where a district lies in two regions, the holiday of either counts.
        ("2027-01-05", 1, (locality_of("DE", "17268"), locality_of("DE", "63739")), "2027-01-07"),
    ],
)  # fmt: skip
def test_days_of_a_journey(start: str, count: int, places: tuple[object, ...], end: str) -> None:
    days = WorkingDays(places)  # type: ignore[arg-type]  # the tuple of localities above
    assert days.after(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_what_a_site_says_stands_before_weekday_and_holiday() -> None:
    christmas, sunday, monday = date(2026, 12, 25), date(2026, 12, 27), date(2026, 12, 28)
    calendar = SiteCalendar(BERLIN, {sunday: True, monday: False})
    week = (0, 1, 2, 3, 4)
    assert [calendar.is_collected(day, week) for day in (christmas, sunday, monday)] == [False, True, False]
    assert [calendar.works_on(day) for day in (christmas, sunday, monday)] == [False, True, False]
    assert calendar.journey(MUNICH).after(sunday, 1) == monday, "what has left is not kept back by a closed site"


@pytest.fixture
def house(database: object) -> House:
    assert database
    return build_house()


def cut_offs(house: House, now: datetime) -> dict[str, CutOff]:
    found = run(actors.system(), lambda uow: next_cut_offs(uow, site_id=house.site, now=now), now=now)
    return {each.service: each for each in found}


def say(house: House, day: date, *, works: bool, now: datetime = EVE) -> None:
    run(
        house.manager, lambda uow: set_site_day(uow, site_id=house.site, day=day, works=works, reason="Stock"), now=now
    )  # fmt: skip


def test_no_carrier_collects_on_a_holiday_or_a_closed_day(house: House) -> None:
    """Thursday is a working day, Friday and Saturday are Christmas; Northpost would collect on Saturdays."""
    found = cut_offs(house, EVE)
    assert {each.ship_date for each in found.values()} == {date(2026, 12, 24)}
    say(house, date(2026, 12, 24), works=False)
    found = cut_offs(house, EVE)
    assert {each.ship_date for each in found.values()} == {date(2026, 12, 28)}
    assert found["tracked"].at_utc == datetime(2026, 12, 28, 15, 30, tzinfo=UTC)
    say(house, date(2026, 12, 25), works=True)
    assert {each.ship_date for each in cut_offs(house, EVE).values()} == {date(2026, 12, 25)}


def test_saturday_collections_stay_and_their_parcels_arrive_on_working_days(house: House) -> None:
    friday_night = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    found = cut_offs(house, friday_night)
    assert (found["express"].ship_date, found["ground"].ship_date) == (date(2026, 11, 28), date(2026, 11, 30))
    soonest = run(actors.system(), lambda uow: soonest_delivery(
        uow, site_id=house.site, country="DE", postal_code="10115", currency="EUR", service_level="express",
        ready_at=friday_night,
    ), now=friday_night)  # fmt: skip
    assert soonest == date(2026, 11, 30)


def test_a_cut_off_is_a_local_time_also_in_the_nights_in_which_clocks_change(house: House) -> None:
    spring, autumn = datetime(2026, 3, 28, 17, tzinfo=UTC), datetime(2026, 10, 24, 17, tzinfo=UTC)
    assert cut_offs(house, spring)["ground"].at_utc == datetime(2026, 3, 30, 15, 30, tzinfo=UTC)
    assert cut_offs(house, autumn)["ground"].at_utc == datetime(2026, 10, 26, 16, 30, tzinfo=UTC)
    # 23:30 UTC on 30 April is 1 May in Berlin, a holiday; the next collection is not until Saturday.
    late = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)
    assert cut_offs(house, late)["express"].ship_date == date(2026, 5, 2)


def test_a_holiday_on_any_part_of_the_way_makes_the_delivery_later(house: House) -> None:
    def soonest(now: datetime, country: str, code: str) -> date | None:
        return run(actors.system(), lambda uow: soonest_delivery(
            uow, site_id=house.site, country=country, postal_code=code, currency="EUR", service_level="express",
            ready_at=now,
        ), now=now)  # fmt: skip

    for week, country, code, days in [
        (datetime(2027, 1, 5, 9, tzinfo=UTC), "DE", "10115", 0),
        (datetime(2027, 1, 5, 9, tzinfo=UTC), "DE", "80331", 1),
        (datetime(2026, 7, 13, 9, tzinfo=UTC), "FR", "75001", 1),
    ]:
        found = soonest(week, country, code), soonest(week + timedelta(days=7), country, code)
        assert found[0] is not None
        assert found[1] is not None
        assert found[0] + timedelta(days=7 - days) == found[1], (country, code)


def test_days_are_listed_with_their_reasons_and_taken_back(house: House) -> None:
    first, last = date(2026, 12, 24), date(2026, 12, 26)
    say(house, first, works=False)
    say(house, last, works=True)

    def listed() -> list[tuple[str, str, str]]:
        found = run(house.manager, lambda uow: site_days(uow, site_id=house.site, first=first, last=last))
        return [(each.kind, each.holiday, each.reason) for each in found]

    second = "Second Day of Christmas"
    assert listed() == [("closed", "", "Stock"), ("holiday", "Christmas Day", ""), ("extra", second, "Stock")]
    after = run(house.manager, lambda uow: next_working_day(uow, site_id=house.site, after=first), now=EVE)
    assert after == last
    for day in (first, last):
        run(house.manager, lambda uow, day=day: clear_site_day(uow, site_id=house.site, day=day), now=EVE)  # type: ignore[misc]  # bound now
    assert listed() == [("holiday", "Christmas Day", ""), ("holiday", second, "")]


def test_a_day_that_cannot_be_meant_is_refused(house: House) -> None:
    def tried(day: date, reason: str = "Stock") -> Invalid:
        with pytest.raises(Invalid) as caught:
            run(house.manager, lambda uow: set_site_day(
                uow, site_id=house.site, day=day, works=False, reason=reason
            ), now=EVE)  # fmt: skip
        return caught.value

    assert tried(date(2026, 12, 22)).pointer == "/day"
    assert tried(date(2029, 1, 1)).pointer == "/day"
    assert tried(date(2026, 12, 24), "  ").pointer == "/reason"
    with pytest.raises(NotFound):
        run(house.manager, lambda uow: clear_site_day(uow, site_id=house.site, day=date(2026, 12, 24)), now=EVE)
    with pytest.raises(NotFound):
        run(house.manager, lambda uow: journey_days(uow, site_id="sit_no", country="DE", postal_code="10115"))
    found = run(house.manager, lambda uow: site_days(
        uow, site_id=house.site, first=date(2026, 12, 22), last=date(2026, 12, 24)
    ))  # fmt: skip
    assert found == []
