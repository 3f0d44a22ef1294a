"""The dock without the handheld's script: choose a truck, scan onto it, take the last one off again."""

from collections.abc import Mapping
from typing import Any, Final

from app.web.faces.shell import Field, Form, Frame, Option
from app.web.handheld.codes import comparable
from app.web.handheld.device_ops import DeviceOp, Kind
from app.web.handheld.loading import LOAD
from app.web.pages import ScanPage, ScanStep, ScanVerdict

UNDO: Final = "UNDO"
"""The reason that the plain page sends when the last unit comes off again."""
_NAMED: Final = 3


def judge_load(work: Mapping[str, Any], *, op_id: str, code: str, reason: str) -> DeviceOp | ScanVerdict:
    """Return the op that a scan at the dock stands for, or the verdict that it does not go on this truck."""
    truck = work["truck"]
    if truck is None:
        return ScanVerdict("attention", "This truck is not loaded any more", advice="Choose another one.")
    if reason == UNDO:
        last = truck["last"]
        if last is None:
            return ScanVerdict("attention", "Nothing to take off", advice="You loaded nothing on this truck yet.")
        return _op(last, op_id, last["steps"][0]["expect"][0], code, kind="undo")
    scanned = comparable(code)
    task = next((each for each in work["tasks"] if scanned in each["steps"][0]["expect"]), None)
    return _op(task, op_id, scanned, code) if task else _stopped(work, scanned, code)


def _op(task: Mapping[str, Any], op_id: str, code: str, raw: str, *, kind: Kind = "scan") -> DeviceOp:
    return DeviceOp(
        op_id=op_id, task=task["task"], v=task["v"], step="unit", kind=kind, code=code, raw=raw or code, qty=1
    )


def _stopped(work: Mapping[str, Any], scanned: str, raw: str) -> ScanVerdict:
    name = work["known"].get(scanned, f"Unknown code {raw.strip()}")
    stop = work["stops"].get(scanned)
    if stop is None:
        return ScanVerdict("stop", "Not on this truck", name, advice="Put it aside, and take it to the floor office.")
    return ScanVerdict(stop["tone"], stop["title"], name, advice=stop["advice"])


def load_page(
    work: Mapping[str, Any], *, frame: Frame, person: str, csrf_token: str, verdict: ScanVerdict | None = None
) -> ScanPage:
    """Return the page of the chosen truck, or the choice of one."""
    truck = work["truck"]
    choice = _choice_form(work)
    if truck is None:
        step = ScanStep("Which truck?", "Load it", "Choose what the driver takes.")
        if not work["trucks"]:
            step = ScanStep("Nothing to load", "Look again", "Parcels appear here when they stand on a lane.")
        return ScanPage(frame, person, "", "", step, choice, work["build"], verdict, csrf_token=csrf_token)
    hidden = _hidden(truck)
    code = Field("code", "Parcel or container", required=True, autocomplete="off", maximum=200, first=True)
    return ScanPage(
        frame, person, truck["name"], f"{truck['loaded']:,} / {truck['parcels']:,}", _step(work),
        Form("/scan", "Load", (*hidden, code), csrf_token=csrf_token), work["build"], verdict,
        later_form=_undo_form(truck["last"], hidden, csrf_token) if truck["last"] else None,
        zone_form=choice if len(work["trucks"]) > 1 else None, csrf_token=csrf_token,
    )  # fmt: skip


def _undo_form(last: Mapping[str, Any], hidden: tuple[Field, ...], csrf_token: str) -> Form:
    undo = Field("reason", "", "hidden", UNDO)
    number = str(last["title"]).rpartition(" ")[2]
    return Form("/scan", f"Take off {number}", (*hidden, undo), tone="plain", csrf_token=csrf_token)


def _hidden(truck: Mapping[str, Any]) -> tuple[Field, ...]:
    values = {"task": LOAD, "step": "unit", "job": LOAD, "truck": str(truck["id"])}
    return tuple(Field(name, "", "hidden", value) for name, value in values.items())


def _choice_form(work: Mapping[str, Any]) -> Form:
    job = Field("job", "", "hidden", LOAD)
    if not work["trucks"]:
        return Form("/scan", "Look again", (job,), method="get")
    chosen = work["truck"]["id"] if work["truck"] else ""
    options = tuple(Option(each["id"], _words(each), each["id"] == chosen) for each in work["trucks"])
    return Form(
        "/scan", "Load it", (job, Field("truck", "Truck", "select", options=options)), method="get",
        tone="plain" if chosen else "primary",
    )  # fmt: skip


def _words(truck: Mapping[str, Any]) -> str:
    return f"{truck['name']}, {truck['where']}: {truck['loaded']:,} of {truck['parcels']:,}"


def _step(work: Mapping[str, Any]) -> ScanStep:
    truck, tasks = work["truck"], work["tasks"]
    where = f"{truck['name']}. {truck['where']}"
    missing = [f"{task['title']} on {task['show']['where']}" for task in tasks]
    missing += [f"{each['name']}: {each['words']}" for each in truck["missing"]]
    more = f", and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
    named = f"Missing: {', '.join(missing[:_NAMED])}{more}" if missing else ""
    heading = "Scan onto truck" if tasks else "Not all loaded" if missing else "All loaded"
    return ScanStep(heading, "Load", where, named, f"{truck['loaded']:,} of {truck['parcels']:,} loaded")
