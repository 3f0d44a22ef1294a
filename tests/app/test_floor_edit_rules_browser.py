"""The drawing board's rules as pure functions, run where they run: lengths, names, copies, edits and undoing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from face_server import serving
from playwright.sync_api import Browser

from app.web.rendering import static_url
from fulfillment import api as fulfillment
from fulfillment.domain.floor_document import plan_from_document, plan_to_document
from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.layout import LayoutError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(browser: Browser) -> Iterator[Ask]:
    """Call a function of one of the modules; `body` sees the module as `m` and what is given as `a`."""
    with serving({"/": "<!doctype html><title>Rules</title>"}) as base:
        page = browser.new_page()
        page.goto(f"{base}/")

        def call(module: str, body: str, *given: Any) -> Any:
            asked = f"async ([address, a]) => {{ const m = await import(address); return {body}; }}"
            return page.evaluate(asked, [static_url(f"js/floor_edit/{module}.js"), list(given)])

        yield call
        page.close()


def document(**sizes: int) -> Any:
    return json.loads(json.dumps(plan_to_document(fulfillment.sample_warehouse(**sizes))))


def faults(drawn: dict[str, Any]) -> list[str]:
    try:
        check_floor(plan_from_document(drawn))
    except LayoutError as error:
        return [fault.code for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("code", "by", "after"),
    [
        ("07", 1, "08"), ("09", 1, "10"), ("99", 1, "100"), ("A-9", 3, "A-12"), ("A", 1, "B"), ("Z", 1, "AA"),
        ("AZ", 1, "BA"), ("x", 2, "z"), ("01L1", 1, "01L2"), ("R1a", 1, "R2a"), ("-", 1, "-2"),
    ],
)  # fmt: skip
def test_a_copys_name_counts_on(ask: Ask, code: str, by: int, after: str) -> None:
    assert ask("naming", "m.nextCode(a[0], a[1])", code, by) == after


def test_locations_are_named_by_a_pattern(ask: Ask) -> None:
    name = "m.nameBin(a[0], {bay: 7, level: 2, code: 'K'})"
    assert ask("naming", name, "A-{bay:02}-{level}") == "A-07-2"
    assert ask("naming", name, "{code}{bay:3}.{level:02}") == "K007.02"
    problems = ask(
        "naming", "[['A-{bay}', 2, 2], ['A-{level}', 2, 1], ['{aisle}', 1, 1], [' ', 1, 1], ['A', 1, 1]]"
        ".map((each) => m.patternProblem(...each).length > 0)",
    )  # fmt: skip
    assert problems == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("code", "names", "after"),
    [
        ("A-01-03-2", {"01": "02"}, "A-02-03-2"), ("01L1", {"01": "04"}, "04L1"), ("A-01-1", {"A": "C"}, "C-01-1"),
        ("Q-09-1", {"K": "L"}, "Q-10-1"), ("01-01-1", {"01": "02"}, "02-01-1"),
    ],
)  # fmt: skip
def test_a_copys_locations_follow_its_name(ask: Ask, code: str, names: dict[str, str], after: str) -> None:
    assert ask("naming", "m.renameWithin(a[0], new Map(Object.entries(a[1])), 1)", code, names) == after


def test_lengths_are_read_and_told_in_meters(ask: Ask) -> None:
    assert ask("geometry", "['3.4', '3,4', ' 0.05', '-2', '', 'x'].map((each) => m.fromMeters(each)).map(String)") == [
        "3400", "3400", "50", "-2000", "NaN", "NaN",
    ]  # fmt: skip
    assert ask("geometry", "[3400, 1, 0, -250, 12345].map(m.meters)") == ["3.4", "0.001", "0.0", "-0.25", "12.345"]
    assert ask("geometry", "[149, 150, -151].map((each) => m.snap(each, 100))") == [100, 200, -200]
    assert ask("geometry", "m.readCorners('0; 0\\n3.4 12\\n')") == [[0, 0], [3400, 12000]]
    assert ask("geometry", "m.readCorners('0; 0\\n3.4')") is None


def test_the_side_is_that_of_the_way(ask: Ask) -> None:
    found = ask("geometry", "[[-5, 3], [5, 3]].map((at) => m.beside([[0, 0], [0, 10]], at))")
    assert found == [{"away": 5, "side": "L"}, {"away": 5, "side": "R"}]


def test_undoing_brings_back_what_was_there_and_an_edit_ends_redoing(ask: Ask) -> None:
    steps = "[1, 2, 3].reduce(m.record, m.begin(0))"
    assert ask("history", f"m.undo(m.undo({steps})).present") == 1
    assert ask("history", f"m.redo(m.undo({steps})).present") == 3
    assert ask("history", f"m.redo(m.record(m.undo({steps}), 9))") == {"past": [0, 1, 2], "present": 9, "future": []}
    assert ask("history", "m.undo(m.begin(0)).present") == 0
    assert (
        ask("history", "Array.from({length: 500}).reduce((h, _, n) => m.record(h, n + 1), m.begin(0)).past.length")
        == 200
    )


def test_an_aisle_is_repeated_with_its_racks_and_the_floor_is_sound(ask: Ask) -> None:
    drawn = document(aisles=1, bays=6, levels=2, blocks=2)
    left, front, right, back = plan_from_document(drawn).floor.bounds
    drawn["floor"]["coordinates"] = [
        [[left, front], [right + 20_000, front], [right + 20_000, back], [left, back], [left, front]]
    ]
    for cross in drawn["cross_aisles"]:
        cross["x_to_mm"] += 20_000

    found = ask("repeat", "m.repeatParts(a[0], m.withRacks(a[0], [{kind: 'aisle', index: 0}]), 6, 3400, 0).plan", drawn)

    assert [aisle["code"] for aisle in found["aisles"]] == ["01", "02", "03", "04", "05", "06", "07"]
    assert [aisle["x_mm"] - found["aisles"][0]["x_mm"] for aisle in found["aisles"]] == [3_400 * n for n in range(7)]
    assert len(found["racks"]) == 7 * len(drawn["racks"])
    assert {rack["code"] for rack in found["racks"]} >= {"07L1", "07R2"}
    assert len({each["code"] for each in found["bins"]}) == len(found["bins"]) == 7 * len(drawn["bins"])
    assert faults(found) == []


def test_a_copy_that_would_name_locations_twice_is_refused(ask: Ask) -> None:
    drawn = document(aisles=1, bays=2, levels=1, blocks=1)
    drawn["bins"].append(drawn["bins"][0] | {"code": "A-02-01-1", "x_mm": 1})
    copied = "m.repeatParts(a[0], m.withRacks(a[0], [{kind: 'aisle', index: 0}]), 1, 9000, 0)"
    told = f"(() => {{ try {{ return {copied}; }} catch (error) {{ return error.message; }} }})()"
    assert ask("repeat", told, drawn) == "A-02-01-1 would be there twice."


def test_what_is_moved_there_and_back_is_as_it_was(ask: Ask) -> None:
    drawn = document(aisles=2, bays=4, levels=2, blocks=1)
    there = "m.moveParts(m.moveParts(a[0], m.allParts(a[0]), 700, -300), m.allParts(a[0]), -700, 300)"
    assert ask("plan", there, drawn) == drawn
    rack = "m.moveParts(a[0], [{kind: 'rack', index: 0}], 0, 300)"
    moved = ask("plan", rack, drawn)
    changed = [new["y_mm"] - old["y_mm"] for old, new in zip(drawn["bins"], moved["bins"], strict=True)]
    assert sorted(set(changed)) == [0, 300]
    assert changed.count(300) == 2 * 4, "the locations of one rack"


def test_a_rack_put_down_on_another_one_does_not_take_its_locations(ask: Ask) -> None:
    drawn = document(aisles=2, bays=4, levels=2, blocks=1)
    onto = "m.moveParts(a[0], [{kind: 'rack', index: 1}], 500, 0)"
    back = f"m.moveParts({onto}, [{{kind: 'rack', index: 1}}], -500, 0)"
    assert ask("plan", f"m.partOf({onto}, {{kind: 'rack', index: 1}}).polygon", drawn) != drawn["racks"][1]["polygon"]
    assert ask("plan", back, drawn) == drawn


def test_deleting_a_rack_takes_its_locations_along(ask: Ask) -> None:
    drawn = document(aisles=1, bays=4, levels=2, blocks=1) | {"closed_bins": ["A-01-01-1", "A-01-02-1"]}
    left = ask("plan", "m.removeParts(a[0], [{kind: 'rack', index: 0}])", drawn)
    assert [rack["code"] for rack in left["racks"]] == ["01R1"]
    assert {each["side"] for each in left["bins"]} == {"R"}
    assert left["closed_bins"] == ["A-01-02-1"]


def test_a_renamed_aisle_keeps_its_locations(ask: Ask) -> None:
    drawn = document(aisles=2, bays=2, levels=1, blocks=1)
    found = ask("fields", "m.enter(a[0], {kind: 'aisle', index: 0}, 'code', 'Q').plan", drawn)
    assert {each["aisle"] for each in found["bins"]} == {"Q", "02"}
    assert faults(found) == []
    taken = ask("fields", "m.enter(a[0], {kind: 'aisle', index: 0}, 'code', '02')", drawn)
    assert taken == {"problem": "02 is there already."}
    assert ask("fields", "m.enter(a[0], {kind: 'aisle', index: 0}, 'width_mm', 'wide').problem", drawn)


def test_a_rack_is_filled_from_the_way_beside_it(ask: Ask) -> None:
    plan = fulfillment.sample_warehouse(aisles=1, bays=4, levels=1, blocks=1)
    drawn = plan_to_document(replace(plan, bins=()))
    shelving = {
        "along": "y", "bays": 4, "bayMm": 1200, "levels": 3, "pattern": "{code}-{bay:02}-{level}", "firstBay": 2,
        "step": 2, "zone": "A",
    }  # fmt: skip
    found = ask("shelving", "a[0].racks.reduce((plan, rack) => m.fillRack(plan, rack, a[1]), a[0])", drawn, shelving)
    assert [each["code"] for each in found["bins"]][:4] == ["01L1-02-1", "01L1-02-2", "01L1-02-3", "01L1-04-1"]
    assert [each["code"] for each in found["bins"]][-1] == "01R1-08-3"
    assert {(each["code"][2], each["side"], each["aisle"]) for each in found["bins"]} == {
        ("L", "L", "01"),
        ("R", "R", "01"),
    }
    assert faults(found) == []


def test_racks_laid_out_anew_as_they_were_have_the_same_locations(ask: Ask) -> None:
    drawn = document(aisles=2, bays=12, levels=3, blocks=2)
    anew = "a[0].racks.reduce((plan, rack) => m.fillRack(plan, rack, m.shelvingOf(plan, rack)), a[0])"
    found = ask("shelving", anew, drawn)
    assert sorted(found["bins"], key=lambda each: each["code"]) == sorted(drawn["bins"], key=lambda each: each["code"])
    odd = ask("naming", "m.patternOf([{code: 'A-1', bay: 0, level: 1}, {code: 'B-7-1', bay: 1, level: 1}])")
    assert odd is None
