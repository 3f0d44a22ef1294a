from datetime import timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.commands.answer_question import answer_for_silence
from fulfillment.queries.questions import questions_due
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

PRICE = 1_000


@pytest.mark.parametrize(
    ("policy", "wish", "plain", "delicate"),
    [
        ("never", "allowed", "never", "never"),
        ("never", "ask", "never", "never"),
        ("agreed", "", "never", "never"),
        ("agreed", "allowed", "allowed", "ask"),
        ("agreed", "ask", "ask", "ask"),
        ("agreed", "never", "never", "never"),
        ("ask", "", "ask", "ask"),
        ("ask", "allowed", "allowed", "ask"),
        ("ask", "never", "never", "never"),
    ],
)
def test_who_gets_another_item(policy: str, wish: str, plain: str, delicate: str) -> None:
    assert api.consent_for(policy, wish, delicate=False) == plain
    assert api.consent_for(policy, wish, delicate=True) == delicate


@pytest.mark.parametrize(
    ("rule", "own", "pays"),
    [
        ("same", 1_500, 1_000), ("same", None, 1_000), ("lower", 1_001, None), ("lower", 900, 900),
        ("lower", None, None), ("never_more", 1_500, 1_000), ("never_more", 900, 900), ("never_more", None, 1_000),
    ],
)  # fmt: skip
def test_nobody_pays_more_than_was_ordered(rule: str, own: int | None, pays: int | None) -> None:
    assert api.price_of_substitute(rule, own, PRICE) == pays


def alternates(uow: UnitOfWork, house: h.House, *drafts: api.SubstituteDraft) -> None:
    api.set_substitutes(uow, item_id=house.items["B"], drafts=drafts)


def short(
    uow: UnitOfWork, *, wish: str = "", a: int = 9, gift: bool = False, found: int = 0, comes: int = 0, **policy: object
) -> tuple[h.House, api.OrderView, api.WorkPackage, api.TaskResult]:
    """Bring an order of 3 B and 1 C onto a walk, and find too few B; A may go out instead, for less."""
    house = h.build(uow)
    if comes:
        coming = inventory.ArrivalDraft("PO-1", h.NOW.date(), (inventory.ArrivalLineDraft("B", comes),))
        inventory.announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=coming)
    h.stock(uow, house, A={"A-01-05-1": a}, B={"B-02-02-1": 3}, C={"A-01-03-1": 9})
    alternates(uow, house, api.SubstituteDraft("A", "never_more", 900))
    if policy:
        api.set_order_policy(
            uow, tenant_id=house.tenant, on_shortage="wait", horizon_days=14,
            when_short=api.ShortPolicy(**policy),  # type: ignore[arg-type]  # the fields of a policy
        )  # fmt: skip
    lines = (api.LineDraft("B", 3, PRICE, substitutes=wish), api.LineDraft("C", 1, PRICE))
    order = api.place_order(uow, tenant_id=house.tenant, draft=h.draft(lines=lines, gift=gift))
    uow.session.flush()
    h.to_floor(uow, house)
    work = h.claim(uow, house)
    task = next(t for t in work.tasks if t.sku == "B")
    result = api.short_pick(uow, task_id=task.task_id, found=found, reason="BIDP" if found else "BIDF", tote=task.tote)
    uow.session.flush()
    return house, order, work, result


def events(uow: UnitOfWork, name: str) -> list[dict[str, object]]:
    return [event.data() for event in uow.emitted if type(event).__name__ == name]


def test_who_agreed_gets_another_item_on_the_same_walk_and_the_difference_back(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work, result = short(uow, wish="allowed", found=1)

        assert "Instead 2 \N{MULTIPLICATION SIGN} Thing A from A-01-05-1" in result.detail
        after = api.work_package(uow, work.batch_id)
        task = next(t for t in after.tasks if t.sku == "A")
        assert (task.quantity, task.state, task.tote) == (2, "CLAIMED", work.tasks[0].tote)
        assert events(uow, "DifferenceRefunded")[0]["amount_minor"] == 200
        assert events(uow, "OrderBackordered") == []
        for left in after.tasks:
            if left.state == "CLAIMED":
                h.pick(uow, left)
        assert h.units(uow, order.id) == {"ordered": 6, "cancelled": 2, "picked": 4}
        assert h.state(uow, order.id) == "PICKED"
        lines = {line.sku: line for line in api.get_order(uow, order.id).lines}
        assert lines["A"].replaces_line_id == lines["B"].id
        assert (lines["A"].unit_price_minor, lines["B"].units.cancelled) == (900, 2)
        assert api.get_order(uow, order.id).shipping_minor == order.shipping_minor
        assert h.broken_invariants(uow) == []
        api.finish_picking(uow, batch_id=work.batch_id)
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert {content.sku for content in parcel.contents} == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"wish": "allowed", "a": 2}, "3 must wait for stock."),
        ({"wish": ""}, "3 must wait for stock."),
        ({"wish": "allowed", "substitutes": "never", "on_short": "leave_out"}, "3 are left out: pack what is there."),
        ({"wish": "never", "on_short": "ship_rest"}, "3 must wait for stock; the rest goes out first."),
    ],
)
def test_without_stock_or_consent_it_is_as_the_merchant_wants(
    database: Connection, case: dict[str, object], said: str
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, _, result = short(uow, **case)  # type: ignore[arg-type]  # a case of `short`

        assert result.detail == said
        assert events(uow, "LineSubstituted") == []
        left_out = case.get("on_short") == "leave_out"
        assert h.units(uow, order.id) == {"ordered": 4, "cancelled" if left_out else "backordered": 3, "allocated": 1}
        assert api.get_order(uow, order.id).split_policy == (
            "split" if "ship_rest" in case.values() else "all_or_nothing"
        )
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert a.reserved == 0
        assert h.broken_invariants(uow) == []


def test_a_gift_is_never_replaced_in_silence(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, order, _, result = short(uow, wish="allowed", gift=True, on_silence="substitute")

        assert "the customer is asked" in result.detail
        assert api.order_questions(uow, order.id)[0].on_silence == "wait"


def test_what_comes_today_is_waited_for(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, order, _, result = short(uow, wish="allowed", comes=3)

        assert result.detail == "3 must wait for stock, which is expected today."
        assert h.units(uow, order.id) == {"ordered": 4, "backordered": 3, "allocated": 1}


@pytest.mark.parametrize(("silence", "sold"), [("wait", False), ("substitute", False), ("substitute", True)])
def test_without_an_answer_it_is_as_was_announced(database: Connection, silence: str, *, sold: bool) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, _, _ = short(uow, wish="ask", a=3, on_silence=silence)
        (question,) = api.order_questions(uow, order.id)
        about = {"tenant_id": house.tenant, "order_id": order.id, "question_id": question.id}
        if sold:
            inventory.take_hold(uow, tenant_id=house.tenant, reference=question.id)
            h.order(uow, house, ("A", 1))
        assert not answer_for_silence(uow, **about)
    with transaction(system(), now=question.due_at) as uow:
        assert questions_due(uow, limit=5) == [(house.tenant, order.id, question.id)]

        assert answer_for_silence(uow, **about)
        uow.session.flush()

        (question,) = api.order_questions(uow, order.id)
        replaced = silence == "substitute" and not sold
        assert (question.choice, question.answered_by) == ("substitute" if replaced else "wait", "silence")
        assert h.units(uow, order.id).get("backordered", 0) == (0 if replaced else 3)
        assert h.state(uow, order.id) == "PICKING"
        assert h.broken_invariants(uow) == []


def test_who_is_asked_holds_the_order_and_the_substitute(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work, result = short(uow, wish="ask", a=3)

        assert result.detail.startswith("3 not found: the customer is asked.")
        (question,) = api.order_questions(uow, order.id)
        assert (question.quantity, question.substitute_sku, question.refund_minor) == (3, "A", 300)
        found = api.get_order(uow, order.id)
        assert (found.state, found.next_step_owner, found.due_at) == (
            "ON_HOLD",
            "customer",
            h.NOW + timedelta(hours=24),
        )
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert a.available == 0
        task = next(t for t in api.work_package(uow, work.batch_id).tasks if t.sku == "C")
        h.pick(uow, task)
        api.finish_picking(uow, batch_id=work.batch_id)
        with pytest.raises(api.NotReadyToPack):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize(
    ("choice", "left", "state"),
    [
        ("wait", {"ordered": 4, "backordered": 3, "allocated": 1}, "PICKING"),
        ("substitute", {"ordered": 7, "cancelled": 3, "allocated": 4}, "PICKING"),
        ("leave_out", {"ordered": 4, "cancelled": 3, "allocated": 1}, "PICKING"),
        ("cancel", {"ordered": 4, "cancelled": 4}, "CANCELLED"),
    ],
)
def test_the_first_answer_is_carried_out(database: Connection, choice: str, left: dict[str, int], state: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work, _ = short(uow, wish="ask")
        (question,) = api.order_questions(uow, order.id)
        about = {"tenant_id": house.tenant, "order_id": order.id, "question_id": question.id}

        api.answer_question(uow, choice=choice, by="customer", **about)
        uow.session.flush()

        assert h.units(uow, order.id) == left
        assert h.state(uow, order.id) == state
        tasks = [t.sku for t in api.work_package(uow, work.batch_id).tasks if t.state == "CLAIMED"]
        assert ("A" in tasks) == (choice == "substitute")
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert a.reserved == (3 if choice == "substitute" else 0)
        assert h.broken_invariants(uow) == []
        told = len(uow.emitted)
        with pytest.raises(api.QuestionClosed):
            api.answer_question(uow, choice="wait", **about)
        assert len(uow.emitted) == told
        assert h.units(uow, order.id) == left


def test_a_question_of_another_merchant_is_not_there(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, _, _ = short(uow, wish="ask")
        (question,) = api.order_questions(uow, order.id)
    with transaction(house.rival(), now=h.NOW) as uow:
        assert api.order_questions(uow, order.id) == ()
        assert api.substitutes_of(uow, house.items["B"]) == ()
        with pytest.raises(NotFound):
            api.answer_question(
                uow, tenant_id=house.tenant, order_id=order.id, question_id=question.id, choice="cancel"
            )


def test_stock_that_comes_ends_the_question(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, _, _ = short(uow, wish="ask")
        told = len(uow.emitted)

        h.stock(uow, house, B={"A-01-01-1": 3})
        h.deliver(uow, uow.emitted[told:])

        (question,) = api.order_questions(uow, order.id)
        assert (question.choice, question.answered_by) == ("wait", "stock")
        assert h.units(uow, order.id)["promised"] == 3
        assert h.broken_invariants(uow) == []


def test_a_substitute_belongs_to_the_same_merchant_and_kind(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        inventory.create_items(
            uow, tenant_id=house.other, items=[inventory.ItemDraft("R", "Rival thing", 1, 1, 1, 1, ())]
        )
        inventory.create_items(
            uow, tenant_id=house.tenant, items=[inventory.ItemDraft("HAZ", "Acid", 1, 1, 1, 1, (), hazmat=True)]
        )
        inventory.create_items(uow, tenant_id=house.tenant, items=[inventory.ItemDraft("=1+1", "Sum", 1, 1, 1, 1, ())])
        alternates(uow, house, api.SubstituteDraft("A"), api.SubstituteDraft("=1+1", "lower", 500))

        for sku in ("R", "B", "HAZ"):
            with pytest.raises(Invalid):
                alternates(uow, house, api.SubstituteDraft(sku))

        assert [each.sku for each in api.substitutes_of(uow, house.items["B"])] == ["A", "=1+1"]
        text = api.substitutes_to_csv(uow, house.tenant)
        assert ",'=1+1," in text
        alternates(uow, house)
        assert api.read_substitutes_csv(uow, tenant_id=house.tenant, text=text) == 1
        assert api.substitutes_to_csv(uow, house.tenant) == text
        with pytest.raises(Invalid):
            api.read_substitutes_csv(uow, tenant_id=house.tenant, text=text + "NOPE,A,same,\r\n")


def test_an_order_that_says_nothing_about_substitutes_keeps_its_fingerprint(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        draft = h.draft(("A", 1), number="FP-1")
        first = api.place_order(uow, tenant_id=house.tenant, draft=draft)
        assert api.place_order(uow, tenant_id=house.tenant, draft=draft).id == first.id
        lines = (api.LineDraft("A", 1, PRICE, substitutes="ask"),)
        with pytest.raises(api.DuplicateOrder):
            api.place_order(uow, tenant_id=house.tenant, draft=h.draft(lines=lines, number="FP-1"))
