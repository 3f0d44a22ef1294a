"""What packing could not decide is proven by workers, once, and the next order of the same pieces gets the answer."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.lanes import run_lane
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from shipping.api import Content, PackPlanView, plan_parcels
from shipping.domain.carton_space import WorkBudget
from shipping.domain.packing_exact import arrange
from shipping.domain.packing_proof import decide_fit
from shipping.domain.packing_verdicts import as_placed, shapes_of
from shipping.packing_proofs import MOST_UNITS, ask_for_proof, claim_question
from tests.shipping.house import NOON, House, as_packer, build_house
from tests.shipping.test_domain_packing import RODS, is_sound, units

# Ten pieces that the search puts into a box of 400 x 300 x 250 mm, though the one of 330 x 250 x 180 mm holds them.
TEN = (
    (87, 153, 77), (137, 83, 42), (175, 115, 44), (67, 100, 99), (131, 79, 102), (145, 116, 114), (49, 145, 100),
    (94, 72, 94), (191, 79, 120), (162, 120, 63),
)  # fmt: skip
CONTENTS = [Content(f"itm_{n}", f"lin_{n}", f"SKU-{n}", f"Thing {n}", 1, 100, *dims) for n, dims in enumerate(TEN)]


def plan(house: House, contents: list[Content]) -> PackPlanView:
    return as_packer(
        house, lambda uow: plan_parcels(uow, tenant_id=house.tenant, site_id=house.site, contents=contents)
    )


def answers(uow: UnitOfWork) -> list[str]:
    return list(uow.session.scalars(text("select answer from packing_proof order by answer")))


@pytest.mark.usefixtures("database")
def test_the_next_order_of_the_same_pieces_gets_the_proven_carton() -> None:
    house = build_house()
    first = plan(house, CONTENTS)
    assert ([c.carton_code for c in first.cartons], first.is_proven) == (["M12"], False)
    assert plan(house, CONTENTS) == first
    assert run(system(), answers) == ["open"], "asked once"

    with clock.at(NOON):
        assert run_lane("proofs") == 1
        assert run_lane("proofs") == 0, "answered once"

    assert run(system(), answers) == ["fits"]
    turned = [replace(c, length_mm=c.height_mm, height_mm=c.length_mm, line_id=f"{c.line_id}b") for c in CONTENTS[::-1]]
    proven = plan(house, turned)
    assert ([c.carton_code for c in proven.cartons], proven.is_proven) == (["M8"], True)
    assert {place[0] for carton in proven.cartons for place in carton.placements} == {c.line_id for c in turned}


@pytest.mark.usefixtures("database")
def test_a_question_is_left_to_the_worker_that_took_it() -> None:
    run(system(), lambda uow: ask_for_proof(uow, RODS, (100, 100, 100)), now=NOON)

    taken = run(system(), claim_question, now=NOON)

    assert taken is not None
    assert (taken.shapes, taken.inner) == (shapes_of(RODS), (100, 100, 100))
    assert run(system(), claim_question, now=NOON) is None


@pytest.mark.usefixtures("database")
def test_more_pieces_than_anybody_waits_for_are_not_asked_for() -> None:
    many = units(*[(10, 10, 10 + n) for n in range(MOST_UNITS + 1)])

    run(system(), lambda uow: ask_for_proof(uow, many, (100, 100, 100)))

    assert run(system(), answers) == []


def test_proofs_agree_with_arranging_in_every_way() -> None:
    dice = random.Random(13)  # noqa: S311 - reproducible sample
    found = set()
    for _ in range(30):
        pieces = units(
            *[(dice.randint(20, 90), dice.randint(20, 90), dice.randint(10, 60)) for _ in range(3)], (40, 40, 30),
            (40, 30, 40), keep_upright=dice.random() < 0.5,
        )  # fmt: skip
        pieces = [replace(piece, fragile=dice.random() < 0.4) for piece in pieces]
        inner = (dice.randint(60, 140), dice.randint(60, 120), dice.randint(50, 100))
        arranged = arrange(pieces, inner, WorkBudget(1_000_000))
        verdict = decide_fit(shapes_of(pieces), inner, effort=10)
        assert verdict.answer == (arranged if isinstance(arranged, str) else "fits")
        assert verdict.answer != "fits" or is_sound(as_placed(pieces, verdict), inner)
        found.add(verdict.answer)
    assert found == {"fits", "impossible"}


def test_proof_that_takes_too_long_says_so() -> None:
    assert decide_fit(shapes_of(units(*TEN)), (330, 250, 180), effort=0).answer == "unknown"


@pytest.mark.thorough
def test_serving_pages_loads_no_solver() -> None:
    code = "import sys, app.main, app.worker; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
