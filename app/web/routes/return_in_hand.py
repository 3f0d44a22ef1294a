from app.web.export_papers import crosses_border
from app.web.formats import money
from app.web.labels import return_label
from app.web.pages import Fact, Field, Form, GradeTile, ReturnInHand
from app.web.routes.order_forms import RETURN_WORDS
from app.web.routes.visits import Desk, Visit
from app.web.wording_staff import status_words
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.quantity import counted
from returns import api as returns
from shipping import api as shipping

_GRADES = {
    "A": ("Like new", "Goes back on sale"),
    "B": ("Open box", "Is refurbished"),
    "C": ("Worn", "Is sold off, half the price is refunded"),
    "D": ("Damaged", "Is destroyed, nothing is refunded unless it was our fault"),
}


def in_hand(
    desk: Desk, found: returns.ReturnView, order: fulfillment.OrderView, *, ask_swap: bool = False
) -> ReturnInHand:
    """Return a return as it lies on the bench: the unit to grade next, or else the form that its state asks for.

    `ask_swap` after another unit was scanned than the order got: the grader decides whether to go on.
    """
    visit = desk.visit
    waiting = next((line for line in found.lines if line.received > line.graded), None)
    line = waiting or found.lines[0]
    tiles = tuple(GradeTile(grade, *words) for grade, words in _GRADES.items()) if waiting else ()
    several = f" and {len(found.lines) - 1} more" if len(found.lines) > 1 and not waiting else ""
    return ReturnInHand(
        label=return_label(found.id),
        item=f"{line.name or line.sku}{several}",
        sku=line.sku,
        reason=RETURN_WORDS.get(line.reason, line.reason).lower(),
        tiles=tiles,
        form=_form(visit, found, waiting, _questions(desk, waiting, ask_swap=ask_swap) if waiting else ()),
        facts=(*_facts(desk, found, order), *_swaps(desk, found)),
        forms=_others(visit, found),
    )


def _facts(desk: Desk, found: returns.ReturnView, order: fulfillment.OrderView) -> tuple[Fact, ...]:
    received = sum(line.received for line in found.lines)
    graded = sum(line.graded for line in found.lines)
    told = (
        ("State", status_words(found.state).words),
        ("Decision", found.decision),
        ("Units", f"{received} of {sum(line.announced for line in found.lines)} received, {graded} graded"),
        ("Refund", money(found.refund_minor, found.currency)),
        ("Note", found.note),
        ("Tracking", found.tracking_number),
    )
    papers = [Fact("Label", "Print the label", f"/parcels/{found.parcel_id}/label.pdf")] if found.parcel_id else []
    if found.parcel_id and crosses_border(desk.uow, shipping.parcel_by_id(desk.uow, parcel_id=found.parcel_id)):
        papers.append(
            Fact("For customs", "Print the pro forma invoice", f"/parcels/{found.parcel_id}/commercial-invoice.pdf")
        )
    return (Fact("Order", order.external_id), *(Fact(name, value) for name, value in told if value), *papers)


def _swaps(desk: Desk, found: returns.ReturnView) -> tuple[Fact, ...]:
    """Say which units came back that the order did not get."""
    graded = returns.inspections(desk.uow, found.id) if found.state in ("received", "closed") else ()
    told = [", ".join(each.serials) or "no serial number was read" for each in graded if each.is_swap]
    return (Fact("Another unit than sent", "; ".join(told), tone="stop"),) if told else ()


def _questions(desk: Desk, waiting: returns.ReturnLineView, *, ask_swap: bool) -> tuple[Field, ...]:
    """Ask for the serial number of a unit that has one."""
    if not inventory.serial_tracked(desk.uow, [waiting.item_id]):
        return ()
    hint = "Leave it empty only if nobody can read it."
    serial = Field("serial", "Serial number", maximum=200, autocomplete="off", hint=hint, first=True)
    swap = Field("accept_swap", "It is another unit than we sent: note that, and go on", "checkbox")
    return (serial, swap) if ask_swap else (serial,)


def _form(
    visit: Visit, found: returns.ReturnView, waiting: returns.ReturnLineView | None, questions: tuple[Field, ...]
) -> Form | None:
    if not visit.may("returns:write"):
        return None
    if waiting:
        left = waiting.received - waiting.graded
        note = Field("note", "Note", maximum=500)
        address = f"/returns/{found.id}/grade/{waiting.line_id}"
        return Form(
            address, f"Save the grade ({counted(left, 'unit')} left)", (*questions, note), csrf_token=visit.csrf_token
        )
    if found.state == "requested":
        return _decision(visit, found, "authorize", "Authorize", "primary")
    missing = [line for line in found.lines if line.announced > line.received]
    if found.state in ("authorized", "label_issued", "expired", "received") and missing:
        return _receive(visit, found, missing)
    return None


def _receive(visit: Visit, found: returns.ReturnView, missing: list[returns.ReturnLineView]) -> Form:
    fields = tuple(
        Field(
            f"qty_{line.line_id}", line.name or line.sku, "number", str(line.announced - line.received), required=True,
            inputmode="numeric", maximum=line.announced - line.received, hint="Units received",
        )
        for line in missing
    )  # fmt: skip
    return Form(f"/returns/{found.id}/receive", "Book as received", fields, csrf_token=visit.csrf_token)


def _others(visit: Visit, found: returns.ReturnView) -> tuple[Form, ...]:
    if not visit.may("returns:write"):
        return ()
    if found.state == "requested":
        return (_decision(visit, found, "deny", "Deny", "stop"),)
    incomplete = any(line.received < line.announced for line in found.lines)
    graded = all(line.graded == line.received for line in found.lines)
    if found.state == "received" and incomplete and graded:
        return (
            Form(f"/returns/{found.id}/close", "Close without the rest", csrf_token=visit.csrf_token, tone="plain"),
        )
    return ()


def _decision(visit: Visit, found: returns.ReturnView, verb: str, words: str, tone: str) -> Form:
    why = Field("reason", "Reason", required=verb == "deny", maximum=500, hint="The customer reads it.")
    if tone == "stop":
        return Form(f"/returns/{found.id}/{verb}", words, (why,), words, tone="stop", csrf_token=visit.csrf_token)
    return Form(f"/returns/{found.id}/{verb}", words, (why,), csrf_token=visit.csrf_token)
