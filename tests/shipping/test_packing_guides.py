import random
import re
import xml.etree.ElementTree as ET

from shipping.domain.carton_plans import CartonType, PackItem, Placement
from shipping.domain.cartons import choose_carton
from shipping.domain.packing_steps import Piece, in_order, steps_of
from shipping.packing_guides import packing_guide
from shipping.packing_views import PlannedCarton
from shipping.views import Content

INNER = (300, 200, 200)


def guide(
    *placements: tuple[str, int, int, int, int, int, int], sides: tuple[int, int, int] = (100, 100, 100)
) -> object:
    contents = tuple(
        Content(f"itm_{ref}", ref, f"SKU-{ref}", f"Thing {ref}", sum(p[0] == ref for p in placements), 100, *sides)
        for ref in sorted({place[0] for place in placements})
    )
    return packing_guide(PlannedCarton("M", "Medium", INNER, INNER, 900, contents, placements), name="c1")


def test_steps_go_from_the_bottom_up_and_say_where_each_piece_lies() -> None:
    steps = guide(
        ("b", 0, 0, 120, 60, 60, 60),
        ("a", 0, 0, 0, 100, 80, 120),
        ("a", 200, 120, 0, 100, 80, 120),
        sides=(100, 80, 120),
    )

    assert [step.sentence for step in steps] == [
        "1 of 3: put SKU-a upright in the left rear corner",
        "2 of 3: put SKU-a upright in the right front corner",
        "3 of 3: put SKU-b on its side in the left rear corner on top of SKU-a",
    ]


def test_a_block_of_equal_pieces_is_one_step() -> None:
    row = [("a", x, y, 0, 100, 100, 100) for x in (0, 100, 200) for y in (0, 100)]

    assert [step.sentence for step in guide(*row)] == [
        "1 of 1: put 6 \N{MULTIPLICATION SIGN} SKU-a side by side in the middle"
    ]
    gap = guide(("a", 0, 0, 0, 100, 100, 100), ("a", 200, 0, 0, 100, 100, 100))
    assert [step.count for step in gap] == [1, 1]


def test_pictures_are_well_formed_named_in_words_and_without_inline_style_or_script() -> None:
    steps = guide(("a", 0, 0, 0, 100, 100, 100), ("<b>", 100, 0, 0, 100, 100, 100), ("c", 0, 0, 100, 100, 100, 100))
    page = "".join(step.picture for step in steps)

    assert not re.search(r"style=|<style|<script|\son\w+=|javascript:", page)
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    for number, step in enumerate(steps):
        drawn = ET.fromstring(step.picture)  # noqa: S314 - our own text
        assert drawn.get("role") == "img"
        title = drawn.find("title")
        assert title is not None
        assert (title.text, title.get("id")) == (step.sentence, drawn.get("aria-labelledby"))
        assert [use.get("class") for use in drawn.iter("use")].count("pk-new") == 1
        assert [use.get("class") for use in drawn.iter("use")].count("pk-in") == number


def test_what_is_nearer_is_painted_later() -> None:
    steps = guide(("a", 0, 100, 0, 300, 100, 100), ("b", 0, 0, 0, 300, 100, 100), ("c", 0, 0, 100, 300, 200, 100))

    assert re.findall(r'<use href="#c1-(\d)"', steps[-1].picture) == ["1", "0", "2"]


def test_every_plan_can_be_carried_out_from_the_bottom_up() -> None:
    dice = random.Random(11)  # noqa: S311 - reproducible examples, not cryptography
    carton = CartonType("M", (400, 300, 200), (408, 308, 208), 250, 8.0, 60_000, 80)
    for _ in range(20):
        items = [
            PackItem(f"i{n}", *(dice.randint(20, 120) for _ in range(3)), 100, dice.randint(1, 6))
            for n in range(dice.randint(1, 4))
        ]
        pieces = {item.ref: Piece(item.ref, (item.l_mm, item.w_mm, item.h_mm)) for item in items}
        for parcel in choose_carton(items, [carton]).parcels:
            ordered = in_order(parcel.placements)
            steps = steps_of(parcel.placements, carton.inner_mm, pieces)
            assert sum(step.count for step in steps) == len(ordered)
            assert not any(_is_under(late, early) for i, late in enumerate(ordered) for early in ordered[:i])


def _is_under(low: Placement, high: Placement) -> bool:
    beside = (
        low.x_mm + low.l_mm <= high.x_mm or high.x_mm + high.l_mm <= low.x_mm
        or low.y_mm + low.w_mm <= high.y_mm or high.y_mm + high.w_mm <= low.y_mm
    )  # fmt: skip
    return not beside and low.z_mm + low.h_mm <= high.z_mm
