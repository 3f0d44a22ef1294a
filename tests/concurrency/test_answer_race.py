from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import run, transaction
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

ANSWERS = ("substitute", "leave_out", "wait", "cancel")


@pytest.mark.thorough
def test_of_answers_that_race_the_first_counts_and_no_unit_is_sent_twice(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-05-1": 2}, B={"B-02-02-1": 2})
        api.set_substitutes(uow, item_id=house.items["B"], drafts=[api.SubstituteDraft("A")])
        lines = (api.LineDraft("B", 2, 1_000, substitutes="ask"),)
        order = api.place_order(uow, tenant_id=house.tenant, draft=h.draft(lines=lines))
        uow.session.flush()
        h.to_floor(uow, house)
        api.short_pick(uow, task_id=h.claim(uow, house).tasks[0].task_id, found=0, reason="BIDF")
        uow.session.flush()
        (question,) = api.order_questions(uow, order.id)
    start = Barrier(len(ANSWERS))

    def answer(choice: str) -> str:
        start.wait()
        about = {"tenant_id": house.tenant, "order_id": order.id, "question_id": question.id}
        try:
            run(system(), lambda uow: api.answer_question(uow, choice=choice, **about), now=h.NOW)
        except api.QuestionClosed:
            return ""
        return choice

    with ThreadPoolExecutor(len(ANSWERS)) as people:
        won = [choice for choice in people.map(answer, ANSWERS) if choice]

    with transaction(system(), now=h.NOW) as uow:
        assert won == [api.order_questions(uow, order.id)[0].choice]
        (a,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert a.reserved == (2 if won == ["substitute"] else 0)
        assert h.broken_invariants(uow) == []
