"""Large files of floors: a worker reads them, tells how far it is, and drops what was cancelled."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.floor import reading_files
from fulfillment.jobs import read_floor_files
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import NotFound
from tests.fulfillment import house as h

PLAN = api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
CSV = "".join(api.plan_to_csv(PLAN)).encode()


def asked(house: h.House, content: bytes, **fields: object) -> str:
    with transaction(house.manager(), now=h.NOW) as uow:
        return api.ask_for_floor_file(
            uow,
            site_id=house.site,
            content=content,
            form="csv",
            unit="mm",
            file="hall.csv",
            **fields,  # type: ignore[arg-type]  # whichever are set
        )


def view(house: h.House, file_id: str) -> api.FloorFileView:
    with transaction(house.manager(), now=h.NOW) as uow:
        return api.get_floor_file(uow, file_id, site_id=house.site)


def built() -> h.House:
    with transaction(system(), now=h.NOW) as uow:
        return h.build(uow)


def test_a_worker_makes_a_version_of_whom_it_came_from(database: Connection) -> None:
    house = built()
    file_id = asked(house, CSV, note="Hall 2")
    assert (view(house, file_id).state, view(house, file_id).progress) == ("waiting", 0)
    with pytest.raises(api.FloorFileUnderWay):
        asked(house, CSV)

    assert (read_floor_files(), read_floor_files()) == (1, 0)

    found = view(house, file_id)
    assert (found.state, found.progress, found.version, found.faults, found.why) == ("ready", 100, 2, 0, "")
    with transaction(house.manager(), now=h.NOW) as uow:
        head = api.get_floor_plan(uow, site_id=house.site, version=2).head
        assert (head.note, head.source, head.created_by) == ("Hall 2", "hall.csv", house.manager().id)
        assert api.floor_version(uow, house.site) == 1
        assert api.latest_floor_file(uow, site_id=house.site) == found
        with pytest.raises(api.FloorFileOver):
            api.cancel_floor_file(uow, file_id, site_id=house.site)
        with pytest.raises(NotFound):
            api.cancel_floor_file(uow, "flf_nobody", site_id=house.site)


@pytest.mark.parametrize("when", ["waiting", "reading", "checking"])
def test_of_a_file_that_was_cancelled_nothing_is_kept(
    database: Connection, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    house = built()
    file_id = asked(house, CSV, in_force=True)

    def cancel() -> None:
        with transaction(house.manager(), now=h.NOW) as uow:
            assert api.get_floor_file(uow, file_id, site_id=house.site).state == when
            api.cancel_floor_file(uow, file_id, site_id=house.site)

    step = {"reading": "plan_from_file", "checking": "checked_floor"}.get(when)
    if step is None:
        cancel()
    else:
        work = getattr(reading_files, step)
        monkeypatch.setattr(reading_files, step, lambda *given, **named: (cancel(), work(*given, **named))[1])
    read_floor_files()

    assert (view(house, file_id).state, view(house, file_id).version) == ("cancelled", None)
    with transaction(system(), now=h.NOW) as uow:
        assert len(api.find_floor_plans(uow, site_id=house.site).items) == 1
    assert read_floor_files() == 0


def in_force(uow: UnitOfWork, house: h.House) -> int:
    return api.floor_version(uow, house.site)


def test_a_version_comes_into_force_unless_something_is_wrong_with_it(database: Connection) -> None:
    house = built()
    with transaction(system(), now=h.NOW) as uow:
        h.stock(uow, house, A={"A-01-01-1": 1})
    less = replace(PLAN, bins=PLAN.bins[1:])
    stray = replace(PLAN, bins=(replace(PLAN.bins[0], x_mm=9_999), *PLAN.bins[1:]))
    told = []
    for plan in (PLAN, less, stray):
        file_id = asked(house, "".join(api.plan_to_csv(plan)).encode(), in_force=True)
        read_floor_files()
        found = view(house, file_id)
        with transaction(system(), now=h.NOW) as uow:
            told.append((found.state, found.version, bool(found.faults), bool(found.why), in_force(uow, house)))

    assert told == [("ready", 2, False, False, 2), ("ready", 3, False, True, 2), ("ready", 4, True, False, 2)]


def test_a_version_that_was_kept_comes_into_force_though_its_worker_died(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = built()
    file_id = asked(house, CSV, in_force=True)
    with monkeypatch.context() as patched:
        patched.setattr(reading_files, "put_floor_plan_in_force", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            read_floor_files()
    assert (view(house, file_id).state, view(house, file_id).version) == ("checking", 2)

    with transaction(system()) as uow:
        uow.session.execute(text("update floor_file set claimed_until = claimed_until - interval '1 hour'"))
    read_floor_files()

    assert (view(house, file_id).state, view(house, file_id).why) == ("ready", "")
    with transaction(system(), now=h.NOW) as uow:
        assert (in_force(uow, house), len(api.find_floor_plans(uow, site_id=house.site).items)) == (2, 2)


@pytest.mark.parametrize("content", [b"code;x\n", b"\xff\xfe\x00", b""])
def test_a_file_that_nobody_can_read_says_why(database: Connection, content: bytes) -> None:
    house = built()
    file_id = asked(house, content)
    read_floor_files()

    found = view(house, file_id)
    assert (found.state, found.version) == ("failed", None)
    assert found.why
