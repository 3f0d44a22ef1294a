"""Work as the handheld's contract puts it (see `app.web.pages`): tasks made of steps that a device can judge alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.web.handheld.codes import comparable
from app.web.wording_care import care_marks
from fulfillment import api as fulfillment
from inventory import api as inventory

Task = dict[str, Any]
Step = dict[str, Any]


EXCEPTIONS: Final = tuple(fulfillment.SHORT_REASONS)
_TOTE: Final = "T-[0-9]{2,8}"
_SIDES: Final = {"L": "left", "R": "right"}
_SHAPES: Final = ("square", "circle", "triangle", "diamond")


def bind_task(batch: fulfillment.WorkPackage, slot: fulfillment.WorkSlot) -> Task:
    """Return the task to put an empty tote into a slot of the cart."""
    step = new_step("tote", "scan_tote", "TOTE", [], pattern=_TOTE)
    show = {"tote": _tote(slot.slot, ""), "order": slot.order_number, "care": care_of(batch.kept_apart)}
    task = f"bind:{batch.batch_id}:{slot.slot}"
    return new_task("bind", task, batch.version, title=f"Slot {slot.slot}", steps=[step], show=show)


def fetch_task(batch: fulfillment.WorkPackage) -> Task:
    """Return the task to take a walk's totes from where the zone before left them: any of them proves it."""
    where = f"They stand where zone {batch.zones[batch.leg - 1]} hands over. Scan one of them."
    return _totes_task("fetch", batch, "Fetch the totes", where)


def pass_task(batch: fulfillment.WorkPackage) -> Task:
    """Return the task to leave a walk's totes for the next zone, behind the picks of this one."""
    where = f"Put the totes where zone {batch.zones[batch.leg]} hands over, and scan one of them."
    return _totes_task("pass", batch, "Hand over", where)


def _totes_task(noun: str, batch: fulfillment.WorkPackage, title: str, where: str) -> Task:
    totes = [comparable(slot.tote) for slot in batch.slots if slot.tote and slot.is_open]
    step = new_step("tote", "scan_tote", "TOTE", totes, pattern=None if totes else _TOTE)
    task = f"{noun}:{batch.batch_id}:{batch.leg}"
    return new_task("carry", task, batch.version, title=title, steps=[step], show={"where": where})


def pick_task(work: fulfillment.WorkTask, following: fulfillment.WorkTask | None) -> Task:
    """Return the task to take units of one item from one location into one tote."""
    left = work.quantity - work.done
    place = comparable(work.location_code)
    steps = [
        new_step("loc", "scan_location", "LOC", [place], skip_if="same_loc"),
        new_step(
            "item",
            "scan_item",
            "ITEM",
            item_codes(work.sku, work.gtins),
            qty=left,
            advice=_advice(work),
            case=cases(work.packs),
        ),
        new_step("tote", "scan_tote", "TOTE", [comparable(work.tote)]),
    ]
    show = _show(work, left) | {
        "where": _where(work),
        "tote": _tote(work.slot, work.tote),
        "next": following.location_code if following else None,
    }
    at = _reached(work.step, left)
    return new_task(
        "pick",
        work.task_id,
        work.version,
        title=work.location_code,
        steps=steps,
        show=show,
        at=at,
        exceptions=EXCEPTIONS,
    )


def zero_task(work: fulfillment.WorkTask | fulfillment.ZeroCheck) -> Task:
    """Return the question whether a bin is empty that the book says is; it follows the pick that empties it."""
    step = new_step("empty", "zero_check", "", [])
    show = {"item": _item_name(work), "sku": work.sku, "where": "By the book none of it is left there."}
    return new_task("zero", f"zero:{work.task_id}", work.version, title=work.location_code, steps=[step], show=show)


def put_back_task(work: fulfillment.WorkTask) -> Task:
    """Return the task to bring cancelled units back to where they came from."""
    left = work.quantity - work.done
    steps = [
        new_step("item", "scan_item", "ITEM", item_codes(work.sku, work.gtins), qty=left),
        new_step("loc", "scan_location", "LOC", [comparable(work.location_code)]),
    ]
    show = _show(work, left) | {
        "where": _in_one_piece(f"Cancelled: take it from {work.tote or 'the tote'} and put it back here.")
    }
    return new_task(
        "pick", f"back:{work.task_id}:{left}", work.version, title=work.location_code, steps=steps, show=show
    )


def reuse_task(found: fulfillment.Reuse) -> Task:
    """Return the task to move cancelled units into the tote of another order that needs them."""
    back, pick, left = found.put_back, found.pick, found.quantity
    steps = [
        new_step("item", "scan_item", "ITEM", item_codes(back.sku, back.gtins), qty=left),
        new_step("tote", "scan_tote", "TOTE", [comparable(pick.tote)], confirm="server"),
    ]
    lies = f"in tote {back.tote}" if back.tote else f"of order {back.order_number}"
    words = _in_one_piece(f"Cancelled, {lies}. Order {pick.order_number} needs it.")
    show = _show(back, left) | {"where": words, "tote": _tote(pick.slot, pick.tote)}
    return new_task("pick", f"back:{back.task_id}:{left}", back.version, title="Use it here", steps=steps, show=show)


def item_codes(sku: str, gtins: Iterable[str]) -> list[str]:
    """Return every code that may be on an item, as the handheld compares it."""
    return list(dict.fromkeys([*(comparable(gtin) for gtin in gtins), comparable(sku)]))


def item_names(work: fulfillment.WorkTask | fulfillment.PackLine) -> dict[str, str]:
    """Return what the codes on an item and on its cases are called."""
    name = f"{work.name or work.sku} (SKU {work.sku})"
    packs = {code: f"Case of {units:,} {name}" for code, units in cases(work.packs).items()}
    return dict.fromkeys(item_codes(work.sku, work.gtins), name) | packs


def cases(packs: Iterable[inventory.Pack]) -> dict[str, int]:
    """Return what the barcodes of inners and cases count for, as the handheld compares them."""
    return {comparable(pack.gtin): pack.units for pack in packs}


def new_step(step: str, prompt: str, grammar: str, expect: Sequence[str], **more: object) -> Step:
    """Return one step of the contract; `more` are its further fields."""
    return {"id": step, "prompt": prompt, "grammar": grammar, "expect": list(expect)} | more


def new_task(
    kind: str, task: str, version: int, *, title: str, steps: list[Step], show: Mapping[str, object],
    at: Mapping[str, object] | None = None, exceptions: Sequence[str] = (),
) -> Task:  # fmt: skip
    """Return one task of the contract, without what it does not show."""
    return {
        "task": task, "v": version, "kind": kind, "title": title, "offline": True, "at": at, "steps": steps,
        "exceptions": list(exceptions), "show": {key: value for key, value in show.items() if value is not None},
    }  # fmt: skip


def _in_one_piece(words: str) -> str:
    """Return words whose codes no line breaks at a hyphen: half a code on a small screen is read as another one."""
    return words.replace("-", "\N{NON-BREAKING HYPHEN}")


def _show(work: fulfillment.WorkTask, left: int) -> dict[str, object]:
    return {
        "item": _item_name(work), "sku": work.sku, "qty": left, "unit": "each", "order": work.order_number,
        "care": care_of(work.kept_apart),
    }  # fmt: skip


def care_of(kept_apart: str) -> list[dict[str, str]] | None:
    """Return the marks of goods that are kept apart from others, None for those that are not."""
    return [{"key": key, "label": label} for key, label in care_marks(kept_apart)] or None


def _item_name(work: fulfillment.WorkTask | fulfillment.ZeroCheck) -> str:
    return f"{work.name or work.sku}, lot {work.lot}" if work.lot else work.name or work.sku


def _where(work: fulfillment.WorkTask) -> str:
    side = f"{_SIDES.get(work.side, work.side)} side" if work.side else ""
    return ", ".join(part for part in (side, f"level {work.level}" if work.level else "") if part)


def _tote(slot: int, code: str) -> dict[str, object]:
    label = f"{slot} \N{MIDDLE DOT} {code}" if code else f"Slot {slot}"
    return {"slot": slot, "label": label, "shape": _SHAPES[(slot - 1) % len(_SHAPES)]}


def _advice(work: fulfillment.WorkTask) -> str:
    lot = f", lot {work.lot}" if work.lot else ""
    return f"Put it back. Take {work.name or work.sku}{lot}."


def _reached(step: str, left: int) -> dict[str, object] | None:
    """Return where the server stands in a pick: `item` after the location, `tote:2` after two units of the item."""
    if not step:
        return None
    reached, _, quantity = step.partition(":")
    counts = {"loc": 1} if reached == "item" else {"loc": 1, "item": min(int(quantity or left), left)}
    return {"step": reached, "counts": counts}
