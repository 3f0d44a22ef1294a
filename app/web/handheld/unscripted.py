"""The handheld without its script: the same work, one step a page."""

from collections.abc import Mapping
from typing import Any, Final

from app.web.handheld.bench_tasks import guide_of, to_do_of
from app.web.handheld.carton_form import carton_fields, weight_fields
from app.web.handheld.codes import comparable
from app.web.handheld.entries import LATER, NOUNS, Entry, open_steps
from app.web.handheld.tasks import Step, Task
from app.web.handheld.zone_choice import zone_form
from app.web.pages import Field, Form, Frame, Option, ScanPage, ScanStep, ScanVerdict

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
_REASONS: Final = {
    "BIDF": "Bin empty",
    "BIDP": "Too few",
    "DAMAGED": "Damaged",
    "WRONG_ITEM": "Wrong item",
    "UNREACHABLE": "Cannot reach",
}


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
    still = {NOUNS[step["prompt"]] for step in steps}
    here = NOUNS[steps[0]["prompt"]]
    nouns = list(dict.fromkeys(NOUNS[step["prompt"]] for step in task["steps"]))
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
        "code", NOUNS[step["prompt"]].capitalize(), required=True, autocomplete="off", maximum=200, first=True
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
    fields = (*_hidden(task, step), Field("reason", "", "hidden", LATER))
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
