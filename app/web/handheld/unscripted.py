"""The handheld without its script: the same work, one step a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.web.handheld.carton_form import carton_fields, weight_fields
from app.web.handheld.codes import comparable
from app.web.handheld.operations import TYPED, DeviceOp, Kind
from app.web.handheld.tasks import Step, Task, guide_of, to_do_of
from app.web.handheld.zone_choice import zone_form
from app.web.pages import Field, Form, Frame, Option, ScanPage, ScanStep, ScanVerdict
from inventory import api as inventory
from shipping import api as shipping

_VERBS: Final = {
    "scan_location": "Scan location",
    "scan_item": "Scan item",
    "scan_tote": "Scan tote",
    "scan_carton": "Choose carton",
    "read_weight": "Save weight",
    "scan_label": "Scan label",
    "scan_lane": "Scan lane",
    "zero_check": "Empty",
}
_NOUNS: Final = {
    "scan_location": "location",
    "scan_item": "item",
    "scan_tote": "tote",
    "scan_carton": "carton",
    "read_weight": "weight",
    "scan_label": "label",
    "scan_lane": "lane or container",
    "zero_check": "answer",
}
_REASONS: Final = {
    "BIDF": "Bin empty",
    "BIDP": "Too few",
    "DAMAGED": "Damaged",
    "WRONG_ITEM": "Wrong item",
    "UNREACHABLE": "Cannot reach",
}
_LATER: Final = "LATER"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person sent from the plain page."""

    op_id: str
    task: str
    step: str
    code: str
    quantity: str = ""
    reason: str = ""
    takes_over: bool = False
    note: str = ""


def judge(work: Mapping[str, Any], entry: Entry) -> DeviceOp | ScanVerdict:
    """Return the op that an entry stands for, or the verdict that it is wrong: what was scanned, what is needed."""
    task = _task_of(work, entry)
    step = next((each for each in open_steps(task) if each["id"] == entry.step), None) if task else None
    if task is None or step is None:
        return ScanVerdict("attention", "The work has changed", advice="Go on with what is shown.")
    if entry.takes_over:
        return _op(task, step, entry, code="", qty=0, kind="take")
    if step["prompt"] == "zero_check":
        return _zero_check(task, step, entry)
    if step["prompt"] == "scan_carton":
        return _carton(work, task, step, entry)
    if step["prompt"] == "read_weight":
        return _weight(task, step, entry)
    return _short(task, step, entry) if entry.reason else _scan(work, task, step, entry)


def _scan(work: Mapping[str, Any], task: Task, step: Step, entry: Entry) -> DeviceOp | ScanVerdict:
    asked = [each for each in open_steps(task) if each.get("any_order")] if step.get("any_order") else [step]
    code = comparable(entry.code)
    serial = inventory.serial_in_scan(entry.code.strip())
    if serial:
        code = inventory.gtin_in(entry.code.strip()) or code
    fitting = next((each for each in asked if _fits(each, code) and bool(serial) >= bool(each.get("serial"))), None)
    if fitting is None and code not in work["known"] and inventory.is_serial(entry.code.strip()):
        fitting = next((each for each in asked if each.get("serial")), None)
    if fitting is None:
        return _wrong(work, asked, entry.code, code)
    units = 1 if fitting.get("any_order") else fitting.get("qty", 1)
    return _op(task, fitting, entry, code=code, qty=units)


def _zero_check(task: Task, step: Step, entry: Entry) -> DeviceOp | ScanVerdict:
    if entry.reason == _LATER:
        return _op(task, step, entry, code="", qty=0, kind="skip")
    if not (entry.quantity.isascii() and entry.quantity.isdecimal()):
        return ScanVerdict("attention", "Say how many units you see", entry.quantity, advice="0 if it is empty.")
    return _op(task, step, entry, code="", qty=int(entry.quantity), kind="seen")


def _task_of(work: Mapping[str, Any], entry: Entry) -> Task | None:
    """Return the task that an entry is for: at the bench the one whose tote was scanned instead of the one shown, at
    the lanes the one whose parcel was.
    """
    tasks: list[Task] = work["tasks"]
    asked = next((each for each in tasks if each["task"] == entry.task), None)
    if asked is not None and asked["kind"] == "sort" and entry.step == "label":
        code = comparable(entry.code)
        return next((each for each in tasks if code in each["steps"][0]["expect"]), asked)
    if asked is None or asked["kind"] != "pack" or entry.step != "tote":
        return asked
    code = comparable(entry.code)
    waiting = [each for each in tasks if any(step["id"] == "tote" for step in open_steps(each))]
    return next((each for each in waiting if each["kind"] == "pack" and code in each["steps"][0]["expect"]), asked)


def _carton(work: Mapping[str, Any], task: Task, step: Step, entry: Entry) -> DeviceOp | ScanVerdict:
    code = comparable(entry.code)
    if not _fits(step, code):
        return _wrong(work, [step], entry.code, code)
    suggested = [comparable(choice["code"]) for choice in step["choices"] if choice.get("suggested")]
    is_other = bool(suggested) and code not in suggested
    if is_other and entry.reason not in {reason["code"] for reason in step["reasons"]}:
        return ScanVerdict("attention", "Why not the proposed carton?", entry.code, advice="Choose a reason as well.")
    wants_note = any(reason["code"] == entry.reason and reason.get("note") for reason in step["reasons"])
    if is_other and wants_note and not entry.note:
        return ScanVerdict("attention", "Say what it is", entry.code, advice="Write a few words as well.")
    told = f"{entry.reason}: {entry.note}" if wants_note else entry.reason
    return _op(task, step, entry, code=code, qty=1, reason=told if is_other else "")


def page(
    work: Mapping[str, Any], *, frame: Frame, person: str, csrf_token: str, verdict: ScanVerdict | None = None,
    after: Entry | None = None,
) -> ScanPage:  # fmt: skip
    """Return the page for the first open step, or for the next batch when nothing is open.

    `after` is the scan that was just taken: its step is over even where the server keeps no count of it.
    """
    task = _turned_to(work, after)
    steps = _left(task, after) if task else []
    batch = work["batch"]
    return ScanPage(
        frame=frame, person=person, batch=batch["id"] if batch else "",
        progress=f"{batch['lines_done']} / {batch['lines']}" if batch else "",
        step=_shown(task, steps) if task and steps else _between(work), build=work["build"], csrf_token=csrf_token,
        form=_form(task, steps[0], csrf_token) if task and steps else _claim_form(work, csrf_token), verdict=verdict,
        short_form=_second_form(task, steps, csrf_token) if task and steps else None,
        later_form=_later_form(task, steps[0], csrf_token) if task and task["kind"] == "zero" else None,
        zone_form=zone_form(work, csrf_token) if not task else None,
    )  # fmt: skip


def _turned_to(work: Mapping[str, Any], after: Entry | None) -> Task | None:
    """Return the task to show: that of the parcel just scanned, else the first."""
    tasks: list[Task] = work["tasks"]
    scanned = comparable(after.code) if after and after.task.startswith("sort:") else ""
    meant = next((task for task in tasks if scanned and scanned in task["steps"][0]["expect"]), None)
    return meant or next(iter(tasks), None)


def _left(task: Task, after: Entry | None) -> list[Step]:
    steps = open_steps(task)
    is_same = after is not None and (after.task == task["task"] or task["kind"] == "sort")
    is_over = is_same and after is not None and not after.reason
    return [step for step in steps if not (is_over and after and step["id"] == after.step and len(steps) > 1)] or steps


def open_steps(task: Task) -> list[Step]:
    """Return the steps of a task that are still to do, as the server knows it."""
    counts = (task["at"] or {}).get("counts", {})
    return [step for step in task["steps"] if counts.get(step["id"], 0) < step.get("qty", 1)]


def _fits(step: Step, code: str) -> bool:
    pattern = step.get("pattern")
    return code in step["expect"] or bool(pattern and re.fullmatch(pattern, code))


def _wrong(work: Mapping[str, Any], asked: list[Step], raw: str, code: str) -> ScanVerdict:
    numbered = [step for step in asked if step.get("serial") and code in step["expect"]]
    if numbered:
        item, needed = _needed(numbered[0], work["known"]), "A serial number of "
        return ScanVerdict("stop", "Scan the serial number", item, needed + item, "Each unit of it has its own.")
    needed = " or ".join(_needed(step, work["known"]) for step in asked)
    scanned = work["known"].get(code, f"Unknown code {raw.strip()}")
    return ScanVerdict("stop", f"Wrong {_NOUNS[asked[0]['prompt']]}", scanned, needed, asked[0].get("advice", ""))


def _needed(step: Step, known: Mapping[str, str]) -> str:
    if step.get("choices"):
        return " or ".join(choice["name"] for choice in step["choices"][:1])
    if step["expect"]:
        return known.get(step["expect"][0], step["expect"][0])
    return "The label of this parcel" if step["prompt"] == "scan_label" else f"Any free {_NOUNS[step['prompt']]}"


def _short(task: Task, step: Step, entry: Entry) -> DeviceOp | ScanVerdict:
    if entry.reason not in task["exceptions"] or not entry.quantity.isdecimal():
        return ScanVerdict("attention", "Say how many are there, and why", advice="Choose a reason from the list.")
    return _op(task, step, entry, code="", qty=int(entry.quantity), kind="short", reason=entry.reason)


def _weight(task: Task, step: Step, entry: Entry) -> DeviceOp | ScanVerdict:
    try:
        grams = shipping.grams_of(entry.code)
    except shipping.UnusableReading as why:
        return ScanVerdict("stop", "Not a weight", entry.code, "Grams, such as 1920", f"{why.detail} {why.remedy}")
    if entry.reason == shipping.TYPED_OTHER and not entry.note.strip():
        return ScanVerdict("attention", "Say why it was typed", entry.code, advice="Write a few words as well.")
    told = f"{entry.reason}: {entry.note.strip()}" if entry.note.strip() else entry.reason
    op = _op(task, step, entry, code="", qty=1, kind="weight", weight_g=grams, reason=told if entry.reason else "")
    return op.model_copy(update={"entry": TYPED if entry.reason else None})


def _op(
    task: Task, step: Step, entry: Entry, *, code: str, qty: int, kind: Kind = "scan", weight_g: int = 0,
    reason: str = "",
) -> DeviceOp:  # fmt: skip
    return DeviceOp(
        op_id=entry.op_id, task=task["task"], v=task["v"], step=step["id"], kind=kind, code=code, raw=entry.code,
        qty=qty, reason=reason or None, weight_g=weight_g or None,
    )  # fmt: skip


def _shown(task: Task, steps: list[Step]) -> ScanStep:
    step = steps[0]
    show = task["show"]
    heading = {
        "zero_check": f"Is {task['title']} empty now?",
        "read_weight": "Put it on the scale",
        "scan_carton": "Choose a carton",
        "scan_label": "Stick the label on",
    }
    if task["kind"] == "sort" and step["prompt"] == "scan_label":
        heading["scan_label"] = "Scan a parcel"
    quantity = f"{show['qty']} {show['unit']}" if task["kind"] == "pick" and "qty" in show else ""
    item = show.get("item", "") or ", ".join(f"{line['qty']} x {line['name']}" for line in show.get("lines", ()))
    target = show["tote"]["label"] if task["kind"] == "pick" and "tote" in show else ""
    claim = show.get("claim")
    care = tuple((mark["key"], mark["label"]) for mark in show.get("care", ()))
    where = f"{claim['by']} packs this since {claim['since']}" if claim else show.get("where", "")
    return ScanStep(
        heading.get(step["prompt"], str(task["title"])), _VERBS[step["prompt"]], where, item, quantity, target,
        f"then {show['next']}" if show.get("next") else "", _parts(task, steps), care, guide_of(task, step),
        to_do_of(task, step), show.get("document", {}).get("href", ""),
    )  # fmt: skip


def _parts(task: Task, steps: list[Step]) -> tuple[tuple[str, Any], ...]:
    still = {_NOUNS[step["prompt"]] for step in steps}
    here = _NOUNS[steps[0]["prompt"]]
    nouns = list(dict.fromkeys(_NOUNS[step["prompt"]] for step in task["steps"]))
    if len(nouns) == 1:
        return ()
    return tuple((noun, "current" if noun == here else "todo" if noun in still else "done") for noun in nouns)


def _between(work: Mapping[str, Any]) -> ScanStep:
    offer = work["offer"]
    if work.get("job"):
        return ScanStep("Nothing to sort", "Look again", "Parcels appear here as soon as they have their label.")
    if offer is None:
        return ScanStep("Nothing to pick", "Look again", "New work appears here as soon as orders are released.")
    told = f"{offer['orders']} orders, {offer['lines']} lines, {offer['stops']} stops, {offer['meters']} m"
    return ScanStep("Your next batch", "Next batch", told)


def _claim_form(work: Mapping[str, Any], csrf_token: str) -> Form:
    if work.get("job"):
        return Form("/scan", "Look again", (Field("job", "", "hidden", work["job"]),), method="get")
    verb = "Next batch" if work["offer"] else "Look again"
    return Form("/scan", verb, (Field("task", "", "hidden", "claim"),), csrf_token=csrf_token)


def _form(task: Task, step: Step, csrf_token: str) -> Form:
    hidden = _hidden(task, step)
    if step["prompt"] == "zero_check":
        return Form("/scan", "Empty", (*hidden, Field("qty", "", "hidden", "0")), csrf_token=csrf_token)
    if step.get("choices"):
        fields = (*hidden, *carton_fields(step))
        return Form("/scan", _VERBS[step["prompt"]], fields, csrf_token=csrf_token)
    if step["prompt"] == "read_weight":
        return Form("/scan", _VERBS[step["prompt"]], (*hidden, *weight_fields(step)), csrf_token=csrf_token)
    field = Field(
        "code", _NOUNS[step["prompt"]].capitalize(), required=True, autocomplete="off", maximum=200, first=True
    )
    return Form("/scan", _VERBS[step["prompt"]], (*hidden, field), csrf_token=csrf_token)


def _second_form(task: Task, steps: list[Step], csrf_token: str) -> Form | None:
    if task["show"].get("claim") and steps[0]["id"] == "tote":
        fields = (*_hidden(task, steps[0]), Field("take", "", "hidden", "yes"))
        return Form("/scan", "Take over", fields, "Take over", tone="plain", csrf_token=csrf_token)
    if task["kind"] == "zero":
        seen = Field("qty", "Units seen", "number", required=True, maximum=99_999)
        return Form(
            "/scan", "Have it counted", (*_hidden(task, steps[0]), seen), "Not empty", tone="plain",
            csrf_token=csrf_token,
        )  # fmt: skip
    return _short_form(task, steps, csrf_token) if task["exceptions"] else None


def _later_form(task: Task, step: Step, csrf_token: str) -> Form:
    fields = (*_hidden(task, step), Field("reason", "", "hidden", _LATER))
    return Form("/scan", "Later", fields, tone="plain", csrf_token=csrf_token)


def _short_form(task: Task, steps: list[Step], csrf_token: str) -> Form | None:
    step = next((each for each in steps if each["prompt"] == "scan_item"), None)
    if step is None:
        return None
    reasons = tuple(Option(reason, _REASONS.get(reason, reason)) for reason in task["exceptions"])
    fields = (
        *_hidden(task, step),
        Field("qty", "How many are there", "number", "0", required=True, maximum=max(0, step.get("qty", 1) - 1)),
        Field("reason", "Reason", "select", options=reasons, required=True),
    )
    return Form("/scan", "Save the short pick", fields, "Short", tone="plain", csrf_token=csrf_token)


def _hidden(task: Task, step: Step) -> tuple[Field, ...]:
    """Return what a form carries beside the scan; at the lanes also the job, so that the next step is one of it."""
    job = (Field("job", "", "hidden", task["kind"]),) if task["kind"] == "sort" else ()
    return Field("task", "", "hidden", task["task"]), Field("step", "", "hidden", step["id"]), *job
