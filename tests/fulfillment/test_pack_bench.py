"""Who packs an order: a claim at the bench, its end, and taking over; and which carton it goes into."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.commands.pack_bench import PACK_LEASE
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from shipping import api as shipping
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

ANNA, BEN = (
    Actor(f"usr_{name}", Role.PACKER, name.capitalize(), "", "", frozenset({"work:pack"})) for name in ("anna", "ben")
)
_ops = count(1)
PEN, CUP = "4006381333931", "4000417025005"


def ready(uow: UnitOfWork, *wanted: tuple[str, int]) -> tuple[h.House, api.OrderView]:
    """An order whose goods wait in a tote."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
    order = h.order(uow, house, *wanted)
    uow.session.flush()
    h.to_floor(uow, house)
    h.pick_all(uow, house)
    return house, order


def at(house: h.House, who: Actor) -> Actor:
    return Actor(who.id, who.role, who.name, "", house.site, who.scopes)


def send(
    house: h.House, who: Actor, kind: str, order: api.OrderView, *, now: datetime = h.NOW, **fields: object
) -> api.OpAck:
    """Report one operation as a packer of the site, in a transaction of its own."""
    op = api.WorkOp(op_id=f"bench-{next(_ops)}", kind=kind, order_id=order.id, **fields)  # type: ignore[arg-type]  # the fields of WorkOp
    return run(at(house, who), lambda uow: api.apply_work_op(uow, site_id=house.site, op=op), now=now)


def audited(order: api.OrderView) -> list[tuple[str, str, str, dict[str, object]]]:
    """What the audit trail says of an order's packing: who, what, why, and the details."""
    rows = text("select actor, action, reason, details from audit_entry where subject = :order order by at, id")
    with transaction(system()) as uow:
        found = uow.session.execute(rows, {"order": order.id}).all()
    told = ("order.packing_taken_over", "order.carton_overruled")
    return [(row.actor, row.action, row.reason, row.details) for row in found if row.action in told]


def test_of_two_packers_only_the_first_gets_the_order(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))

    assert send(house, ANNA, "pack_start", order).status == "applied"
    second = send(house, BEN, "pack_start", order, now=h.NOW + timedelta(minutes=2))

    assert (second.status, second.tone, second.code) == ("rejected", "attention", "pack_taken")
    assert second.facts == {"packer": "usr_anna", "since": h.NOW.isoformat()}
    assert send(house, BEN, "pack_item", order, barcode=PEN, quantity=1).code == "pack_taken"
    assert send(house, BEN, "pack_carton", order).code == "pack_taken"
    with transaction(system(), now=h.NOW) as uow:
        claims = api.pack_claims(uow, site_id=house.site)
    assert claims == {order.id: api.PackClaim(order.id, "usr_anna", h.NOW, h.NOW + PACK_LEASE)}


def test_each_scan_keeps_the_claim_and_without_one_it_ends(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 2))
    later = h.NOW + PACK_LEASE - timedelta(seconds=1)
    send(house, ANNA, "pack_start", order)
    send(house, ANNA, "pack_item", order, now=later, barcode=PEN, quantity=1)

    assert send(house, BEN, "pack_start", order, now=later + PACK_LEASE - timedelta(seconds=1)).code == "pack_taken"
    with transaction(system(), now=later + PACK_LEASE) as uow:
        assert api.pack_claims(uow, site_id=house.site) == {}
    assert send(house, BEN, "pack_start", order, now=later + PACK_LEASE).status == "applied"

    assert audited(order) == []
    assert send(house, ANNA, "pack_item", order, now=later + PACK_LEASE, barcode=PEN, quantity=1).code == "pack_taken"


def test_taking_over_is_audited_and_everything_is_scanned_anew(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1), ("B", 1))
    send(house, ANNA, "pack_start", order)
    send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1)

    assert send(house, BEN, "pack_take_over", order).title == "Yours now"

    assert audited(order) == [
        ("usr_ben", "order.packing_taken_over", "", {"packer": "usr_anna", "since": h.NOW.isoformat()})
    ]
    send(house, BEN, "pack_item", order, barcode=CUP, quantity=1)
    assert send(house, BEN, "pack_carton", order).code == "wrong_contents"
    assert send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1).code == "pack_taken"
    send(house, BEN, "pack_item", order, barcode=PEN, quantity=1)
    assert send(house, BEN, "pack_carton", order).status == "applied"


def test_an_order_given_back_is_anybodys_and_its_scans_are_kept_for_its_packer(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 2))
    send(house, ANNA, "pack_start", order)
    send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1)

    assert send(house, BEN, "pack_leave", order).status == "applied"
    assert send(house, BEN, "pack_start", order).code == "pack_taken"
    assert send(house, ANNA, "pack_leave", order).status == "applied"

    for who, scanned in ((ANNA, 1), (BEN, 0)):
        with transaction(at(house, who)) as uow:
            assert api.pack_work(uow, order.id).lines[0].scanned == scanned
    assert send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1).status == "applied"
    assert send(house, ANNA, "pack_carton", order).status == "applied"


def test_of_packers_that_race_for_one_order_one_wins(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    racers = [Actor(f"usr_{number}", Role.PACKER, "", "", "", frozenset({"work:pack"})) for number in range(6)]
    start = Barrier(len(racers))

    def race(who: Actor) -> str:
        start.wait()
        return send(house, who, "pack_start", order).status

    with ThreadPoolExecutor(len(racers)) as bench:
        answers = list(bench.map(race, racers))

    assert sorted(answers) == ["applied", *["rejected"] * (len(racers) - 1)]
    winner = racers[answers.index("applied")]
    with transaction(system(), now=h.NOW) as uow:
        assert {claim.packer for claim in api.pack_claims(uow, site_id=house.site).values()} == {winner.id}


@pytest.mark.parametrize(("carton", "reason"), [("M8", "FRAGILE"), ("own", "TOO_SMALL")])
def test_the_packer_may_overrule_the_proposed_carton_and_says_why(
    database: Connection, carton: str, reason: str
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    send(house, ANNA, "pack_start", order)
    send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1)

    assert send(house, ANNA, "pack_carton", order, code="NOPE", reason=reason).code == "unknown_carton"
    assert audited(order) == []
    assert send(house, ANNA, "pack_carton", order, code=carton, reason=reason).status == "applied"

    with transaction(system()) as uow:
        (parcel,) = shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id)
    assert parcel.carton_code == carton
    ((actor, action, why, details),) = audited(order)
    assert (actor, action, why, details["chosen"]) == ("usr_anna", "order.carton_overruled", reason, carton)
    assert details["planned"] not in ([], [carton])


def test_the_proposed_carton_scanned_by_name_overrules_nothing(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1)
    send(house, ANNA, "pack_carton", order, code="M8", reason="FRAGILE")
    proposed = audited(order)[0][3]["planned"]
    with transaction(system(), now=h.NOW) as uow:
        (parcel,) = shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id)
        api.reopen_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="again")
    send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1)

    assert isinstance(proposed, list)
    assert send(house, ANNA, "pack_carton", order, code=proposed[0]).status == "applied"

    assert len(audited(order)) == 1
