"""What a person sent from the plain page, judged as the device's script would."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.web.handheld.codes import comparable
from app.web.handheld.device_ops import DeviceOp, Kind
from app.web.handheld.operations import TYPED
from app.web.handheld.tasks import Step, Task
from app.web.pages import ScanVerdict
from inventory import api as inventory
from shipping import api as shipping

NOUNS: Final = {
    "scan_location": "location",
    "scan_item": "item",
    "scan_tote": "tote",
    "scan_carton": "carton",
    "read_weight": "weight",
    "scan_label": "label",
    "scan_lane": "lane or container",
    "zero_check": "answer",
}
LATER: Final = "LATER"


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
    if entry.reason == LATER:
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
    return ScanVerdict("stop", f"Wrong {NOUNS[asked[0]['prompt']]}", scanned, needed, asked[0].get("advice", ""))


def _needed(step: Step, known: Mapping[str, str]) -> str:
    if step.get("choices"):
        return " or ".join(choice["name"] for choice in step["choices"][:1])
    if step["expect"]:
        return known.get(step["expect"][0], step["expect"][0])
    return "The label of this parcel" if step["prompt"] == "scan_label" else f"Any free {NOUNS[step['prompt']]}"


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
