from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from kernel import clock
from kernel.actors import Actor, Role, system
from kernel.db.transactions import transaction
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from kernel.states import IllegalTransition
from shipping.api import (
    NothingToManifest,
    board_counts,
    find_manifests,
    get_manifest,
    hand_over_manifest,
    manifest_parcels,
    manifest_pdf,
    pull_parcel,
    purchase_label,
    reopen_parcel,
    transmit_manifests,
    void_parcel,
)
from shipping.gateways.carriers import Purchased, Refused
from shipping.gateways.recording_carrier import RecordingCarrier
from tests.shipping.house import (
    NOON,
    TODAY,
    House,
    as_manager,
    assert_sound,
    build_house,
    close,
    content,
    event_types,
    everything,
    label,
    pack,
    ready,
    weigh,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel", "manifest", "manifest_parcel", "label")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def test_a_pulled_parcel_is_told_on_the_drivers_list_and_its_label_is_given_back() -> None:
    house = build_house()
    (_, _), (found, bought) = ready(house, 2)
    manifest = close(house, "northpost", TODAY)
    with transaction(house.manager) as uow:
        with pytest.raises(Invalid):
            pull_parcel(uow, tenant_id=found.tenant_id, parcel_id=found.id, reason=" ")
        pull_parcel(uow, tenant_id=found.tenant_id, parcel_id=found.id, reason="cancelled")
        with pytest.raises(IllegalTransition):
            pull_parcel(uow, tenant_id=found.tenant_id, parcel_id=found.id, reason="again")
    with transaction(house.manager) as uow:
        told = get_manifest(uow, manifest_id=manifest.id)
        assert (told.parcel_count, told.pulled, told.content_hash) == (2, 1, manifest.content_hash)
        printed = pypdfium2.PdfDocument(manifest_pdf(uow, manifest_id=manifest.id))[0].get_textpage().get_text_bounded()
        assert "1, 1 pulled" in printed
        assert [p.state for p in manifest_parcels(uow, manifest_id=manifest.id)].count("voided") == 1
        owed = uow.session.scalar(text("select carrier_void from label where id = :id"), {"id": bought.label_id})
        assert owed == "due"
    assert_sound()


def test_closing_takes_what_is_labelled_and_counts_what_stays_behind() -> None:
    house = build_house()
    on_board = ready(house, 3) + ready(house, 1, tenant_id=house.other_tenant)
    held = pack(house, [content(1, 3)], "ord_held")
    weigh(house, held, held.expected_g - 300)
    pack(house, reference="ord_packed")
    weigh(house, pack(house, reference="ord_cleared"))
    manifest = close(house, "northpost", TODAY)
    assert (manifest.state, manifest.parcel_count) == ("closed", 4)
    assert manifest.total_weight_g == sum(parcel.expected_g for parcel, _ in on_board)
    assert manifest.reconciliation == {
        "ready": 4, "on_manifest": 4, "redated": 0, "unreconciled": 0, "not_weighed": 1, "held": 1,
        "label_pending": 1, "for_a_later_day": 0,
    }  # fmt: skip
    with transaction(house.manager) as uow:
        parcels = manifest_parcels(uow, manifest_id=manifest.id)
        assert manifest_pdf(uow, manifest_id=manifest.id).startswith(b"%PDF")
        assert board_counts(uow, site_id=house.site).held == 1
    assert {p.id for p in parcels} == {parcel.id for parcel, _ in on_board}
    assert {p.state for p in parcels} == {"manifested"}
    assert_sound()


def test_a_second_truck_gets_a_manifest_of_its_own_and_no_parcel_twice() -> None:
    house = build_house()
    ready(house, 2)
    first = close(house, "northpost", TODAY)
    late = pack(house, reference="ord_late")
    weigh(house, late)
    label(late)
    second = close(house, "northpost", TODAY)
    with transaction(house.manager) as uow:
        assert [p.id for p in manifest_parcels(uow, manifest_id=second.id)] == [late.id]
        assert [m.id for m in find_manifests(uow, site_id=house.site).items] == [second.id, first.id]
    assert_sound()


def test_yesterdays_label_is_redated_and_tomorrows_stays() -> None:
    house = build_house()
    ready(house, 1)
    after_hours = NOON + timedelta(hours=8)
    late = pack(house, reference="ord_late")
    weigh(house, late)
    with clock.at(after_hours):
        label(late)
    manifest = close(house, "northpost", TODAY)
    assert (manifest.parcel_count, manifest.reconciliation["for_a_later_day"]) == (1, 1)
    missed = pack(house, reference="ord_missed")
    weigh(house, missed)
    label(missed)
    tomorrow = close(house, "northpost", TODAY + timedelta(days=1))
    assert (tomorrow.parcel_count, tomorrow.reconciliation["redated"]) == (2, 1)
    with transaction(house.manager) as uow:
        assert {p.ship_date for p in manifest_parcels(uow, manifest_id=tomorrow.id)} == {TODAY + timedelta(days=1)}
    assert_sound()


def test_nothing_ready_or_a_day_that_is_over_or_far_away_changes_nothing() -> None:
    house = build_house()
    ready(house, 1)
    before = everything(*TABLES)
    with pytest.raises(NothingToManifest):
        close(house, "cargo_line", TODAY)
    with pytest.raises(Invalid):
        close(house, "northpost", TODAY - timedelta(days=1))
    with pytest.raises(Invalid):
        close(house, "northpost", TODAY.replace(year=TODAY.year + 4))
    assert everything(*TABLES) == before


def test_a_parcel_on_a_closed_manifest_is_neither_voided_nor_reopened() -> None:
    house = build_house()
    ((parcel, _),) = ready(house)
    close(house, "northpost", TODAY)
    before = everything(*TABLES)
    for give_up in (void_parcel, reopen_parcel):
        with pytest.raises(IllegalTransition):
            as_manager(
                house,
                lambda uow, verb=give_up: verb(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="wrong"),  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
            )
    assert everything(*TABLES) == before


JOIN_LATE = (
    "insert into manifest_parcel select tenant_id, id, (select id from manifest), label_id, tracking_number, sscc,"
    " 1, 1 from parcel where state = 'labelled'"
)


@pytest.mark.parametrize(
    "statement",
    [
        "update manifest set content_hash = 'x'",
        "update manifest set parcel_count = 7",
        "update manifest set state = 'open'",
        "delete from manifest",
        JOIN_LATE,
        "update manifest_parcel set weight_g = 1",
        "delete from manifest_parcel",
    ],
)
def test_the_database_itself_refuses_any_change_of_a_closed_manifest(statement: str) -> None:
    house = build_house()
    ready(house)
    close(house, "northpost", TODAY)
    later = pack(house, reference="ord_later")
    weigh(house, later)
    label(later)
    with pytest.raises(DBAPIError, match=r"is closed|may not join|permission denied"):
        run_sql(house, statement)
    assert_sound()


def run_sql(house: House, statement: str) -> None:
    with transaction(house.manager) as uow:
        uow.session.execute(text(statement))


def test_a_manifest_is_sent_once_and_a_refusal_stays_visible() -> None:
    house = build_house()
    carrier = RecordingCarrier()
    parcel = pack(house)
    weigh(house, parcel)
    from_carrier = label(parcel)
    manifest = close(house, from_carrier.carrier, TODAY)
    carrier.answers[f"{manifest.id}.1"] = Refused("unfit_parcels", "one is unknown")
    assert transmit_manifests(gateway=carrier) == 1
    assert transmit_manifests(gateway=carrier) == 0
    with transaction(house.manager) as uow:
        assert get_manifest(uow, manifest_id=manifest.id).transmit_error == "one is unknown"
    with transaction(system()) as uow:
        uow.session.execute(text("update manifest set transmit_due_at = :now"), {"now": NOON})
    assert transmit_manifests() == 1
    with transaction(house.manager) as uow:
        assert get_manifest(uow, manifest_id=manifest.id).state == "transmitted"
    assert transmit_manifests() == 0
    assert_sound()


def test_a_carrier_that_was_away_when_labels_were_written_is_told_of_them_with_the_manifest() -> None:
    house = build_house()
    written = ready(house, 3)
    # The double draws its numbers from 1 on, as the house does: what it sold before takes those of ours.
    carrier = RecordingCarrier()
    later = pack(house, reference="ord_later")
    weigh(house, later)
    carrier.labels |= {f"other_{n}": (None, Purchased(f"X{n}", Money(1, "EUR"))) for n in range(900)}  # type: ignore[misc]  # of others
    bought = purchase_label(tenant_id=house.tenant, parcel_id=later.id, gateway=carrier)
    manifest = close(house, "northpost", TODAY)

    assert transmit_manifests(gateway=carrier) == 1

    with transaction(house.manager) as uow:
        sent = get_manifest(uow, manifest_id=manifest.id)
    assert (sent.state, sent.transmit_error) == ("transmitted", "")
    (order,) = carrier.manifests.values()
    assert set(order.tracking_numbers) == {each.tracking_number for _, each in written} | {bought.tracking_number}
    assert {each.label_id for _, each in written} < carrier.labels.keys()
    assert_sound()


def test_a_manifest_with_a_number_of_somebody_else_stays_refused() -> None:
    house = build_house()
    ((_, written),) = ready(house)
    carrier = RecordingCarrier(answers={written.label_id: Refused("number_taken", "it is another's")})
    manifest = close(house, "northpost", TODAY)
    assert transmit_manifests(gateway=carrier) == 1
    with transaction(house.manager) as uow:
        assert get_manifest(uow, manifest_id=manifest.id).transmit_error == "Parcels are unknown or voided"
    assert carrier.manifests == {}


def test_closing_tells_every_order_but_no_customer() -> None:
    house = build_house()
    ready(house, 2)
    manifest = close(house, "northpost", TODAY)
    assert [event_types(f"ord_{n}")[-1] for n in range(2)] == ["parcel_manifested"] * 2
    with transaction(system()) as uow:
        (told,) = uow.session.execute(
            text("select summary, audience, body::jsonb->'data' as data from event where stream = 'ord_0'"
                 " and type = 'shipping.parcel_manifested.v1'")
        ).all()  # fmt: skip
    assert (told.summary, told.audience) == ("On Northpost's closed list, waiting for the driver", "staff")
    assert (told.data["manifest_id"], told.data["ship_date"]) == (manifest.id, TODAY.isoformat())
    assert told.data["lines"] == [{"line_id": "lin_1", "item_id": "itm_1", "quantity": 1}]


def test_a_long_manifest_takes_no_more_statements_than_a_short_one(database: Connection) -> None:
    house = build_house()
    counts = []
    for count in (1, 12):
        ready(house, count)
        with counted(database) as statements:
            close(house, "northpost", TODAY)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(connection, "before_cursor_execute", note)
    yield statements
    event.remove(connection, "before_cursor_execute", note)


def test_handing_over_tells_every_order_once() -> None:
    house = build_house()
    ready(house, 2)
    manifest = close(house, "northpost", TODAY)
    done = as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, driver="Joe"))
    assert (done.state, done.driver) == ("handed_over", "Joe")
    assert [event_types(f"ord_{n}")[-1] for n in range(2)] == ["parcel_handed_over"] * 2
    with transaction(system()) as uow:
        summary, data = uow.session.execute(
            text("select summary, body::jsonb->'data' from event where type = 'shipping.parcel_handed_over.v1' limit 1")
        ).one()
    assert summary == "Handed to Northpost"
    assert data["lines"] == [{"line_id": "lin_1", "item_id": "itm_1", "quantity": 1}]
    before = everything(*TABLES)
    with pytest.raises(IllegalTransition):
        as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    assert everything(*TABLES) == before
    assert_sound()


def test_another_site_and_a_merchant_see_no_manifest() -> None:
    house = build_house()
    ready(house)
    manifest = close(house, "northpost", TODAY)
    for actor in (
        Actor("usr_z", Role.MANAGER, site="sit_other"),
        Actor("key_y", Role.MERCHANT, tenant=house.tenant),
    ):
        with transaction(actor) as uow:
            assert find_manifests(uow).items == ()
            with pytest.raises(NotFound):
                get_manifest(uow, manifest_id=manifest.id)
