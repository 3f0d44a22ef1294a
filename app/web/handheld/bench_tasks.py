"""What is to be done at the packing bench: verify, close, weigh, and stick the label on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.web.handheld.codes import comparable
from app.web.handheld.tasks import Step, Task, cases, item_codes, new_step, new_task
from app.web.wording_care import care_words
from fulfillment import api as fulfillment
from shipping import api as shipping


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an order at the bench: the person themselves (`is_me`), or another, with their name and since when.

    `is_certain` when nobody else can have its tote, because the person walked for it.
    """

    is_me: bool = False
    is_certain: bool = False
    name: str = ""
    since: str = ""

    @property
    def told(self) -> dict[str, str] | None:
        """Who else has it, as the contract says it."""
        return {"by": self.name, "since": self.since} if self.name else None


NOBODY: Final = Holder()
_GUIDED: Final = {"scan_item", "scan_carton", "read_weight"}
_SSCC: Final = "(?:00)?[0-9]{18}"
_OTHER_LABEL: Final = "Take it off, and scan the label that was printed for this parcel."


def pack_task(
    work: fulfillment.PackWork, carton: Step, version: int, holder: Holder,
    services: Sequence[fulfillment.ServiceDue] = (),
) -> Task:  # fmt: skip
    """Return the task to verify an order's units, close its carton, weigh it and stick its label on.

    Its first scan claims the order, so that it waits for the server unless the packer brought the tote themselves.
    What is to be done to its goods is listed with them, and confirmed on a page of its own, where a photo can be taken.
    """
    items = [_item_step(number, line) for number, line in enumerate(work.lines, start=1)]
    scanned = {f"item-{n}": line.scanned for n, line in enumerate(work.lines, start=1) if line.scanned}
    confirm = "device" if holder.is_certain else "server"
    # Goods of a parcel that was opened again stand in no tote: the order's own number finds them.
    names = work.totes or (work.order_number,)
    tote = new_step("tote", "scan_tote", "TOTE", [comparable(name) for name in names], confirm=confirm)
    steps = [tote, *items, carton, *_scale_steps()]
    lines = [
        {"name": _pack_name(line), "qty": line.picked, "step": f"item-{number}"}
        for number, line in enumerate(work.lines, start=1)
    ]
    lines += [
        {"name": _service_name(each), "qty": 1, "step": f"service-{number}"}
        for number, each in enumerate(services, start=1)
    ]
    done = {f"service-{number}": 1 for number, each in enumerate(services, start=1) if not each.due}
    to_do = f"/packing/{work.order_id}/services" if services else None
    label = f"Tote {work.totes[0]}" if work.totes else f"Order {work.order_number}"
    mark = {"slot": 0, "label": label, "shape": ""}
    guide = f"/packing/{work.order_id}"
    show = {
        "order": work.order_number,
        "lines": lines,
        "tote": mark,
        "claim": holder.told,
        "guide": guide,
        "to_do": to_do,
    }
    at = {"step": "item-1", "counts": {"tote": 1} | scanned | done} if scanned or holder.is_me else None
    return new_task(
        "pack", f"pack:{work.order_id}", version, title=f"Order {work.order_number}", steps=steps, show=show, at=at
    )


def to_do_of(task: Task, step: Step) -> str:
    """Return the address of what is to be done to an order's goods before they are closed, "" for nothing."""
    return str(task["show"].get("to_do", "")) if step["prompt"] in ("scan_item", "scan_carton") else ""


def _service_name(each: fulfillment.ServiceDue) -> str:
    count = each.due or each.done
    name = each.name if count == 1 else f"{count} \N{MULTIPLICATION SIGN} {each.name}"
    return f"{name} on {each.item or each.sku}" if each.sku else name


def guide_of(task: Task, step: Step) -> str:
    """Return the address of the pictures of how an order is packed, "" where they are no help."""
    return str(task["show"].get("guide", "")) if step["prompt"] in _GUIDED else ""


def _item_step(number: int, line: fulfillment.PackLine) -> Step:
    """Return the step that verifies a line; each unit that has a serial number waits for the server's word on it."""
    serial = {"serial": True, "each_scan": True, "confirm": "server"}
    how = serial if line.serial_tracked else {"case": cases(line.packs)}
    codes = item_codes(line.sku, line.gtins)
    return new_step(f"item-{number}", "scan_item", "ITEM", codes, qty=line.picked, any_order=True, **how)


def _pack_name(line: fulfillment.PackLine) -> str:
    care = care_words(line.kept_apart)
    named = f"{line.name or line.sku} ({care.lower()})" if care else line.name or line.sku
    return f"{named}, by serial number" if line.serial_tracked else named


def weigh_task(parcel: shipping.ParcelView) -> Task:
    """Return the task to weigh a closed parcel and stick its label on."""
    show = _of_parcel(parcel)
    return new_task("pack", f"weigh:{parcel.id}", 1, title=show["where"], steps=_scale_steps(), show=show)


def label_task(parcel: shipping.ParcelView) -> Task:
    """Return the task to stick the label onto a parcel that was weighed, and to scan it back."""
    codes = label_codes(parcel.sscc, parcel.tracking_number)
    steps = [new_step("label", "scan_label", "LABEL", codes, advice=_OTHER_LABEL)]
    show = _of_parcel(parcel) | {"document": label_paper(parcel.id)}
    return new_task("pack", f"label:{parcel.id}", 1, title=show["where"], steps=steps, show=show)


def _of_parcel(parcel: shipping.ParcelView) -> dict[str, Any]:
    lines = [{"name": content.name, "qty": content.quantity, "step": ""} for content in parcel.contents]
    tote = f", from tote {parcel.tote}" if parcel.tote else ""
    return {"where": f"Parcel \N{HORIZONTAL ELLIPSIS}{parcel.sscc[-6:]}{tote}", "lines": lines}


def label_codes(sscc: str, tracking_number: str) -> list[str]:
    """Return what a scanner may read from a parcel's label, as the handheld compares it: the license plate first."""
    return list(dict.fromkeys([*plate_forms(sscc), *filter(None, [comparable(tracking_number)])]))


def plate_forms(sscc: str) -> list[str]:
    """Return how scanners send a license plate, the plain one first."""
    return [sscc, f"00{sscc}", f"(00){sscc}"]


def label_name(sscc: str) -> str:
    """Return what a parcel's label is called."""
    return f"The label of parcel \N{HORIZONTAL ELLIPSIS}{sscc[-6:]}"


def label_paper(parcel_id: str) -> dict[str, str]:
    """Return where a parcel's label is printed."""
    return {"label": "the label", "href": f"/parcels/{parcel_id}/label.pdf"}


def _scale_steps() -> list[Step]:
    return [
        new_step("weight", "read_weight", "WEIGHT", [], confirm="server", reasons=_typed_reasons()),
        new_step("label", "scan_label", "LABEL", [], pattern=_SSCC),
    ]


def _typed_reasons() -> list[dict[str, object]]:
    """Return why a weight may be typed, as the device asks it."""
    return [
        {"code": code, "name": name} | ({"note": True} if code == shipping.TYPED_OTHER else {})
        for code, name in shipping.TYPED_REASONS.items()
    ]
