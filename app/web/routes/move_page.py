from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.moves import MovePage, OwnMoveRow, StepRow
from app.web.labels import person_words
from app.web.pages import Fact, Field, Form, Link
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_moves import CAUSES, STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.quantity import MAX_QUANTITY, counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Carrier = Annotated[Visit, Depends(visitor("work:pick", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]


@router.get("/moves/{move_id}")
def show_move(visit: Viewer, move_id: str) -> Response:
    """Show one move: where to go, what to take, where to put it."""
    return staff_page(visit, _move_page(visit, move_id))


@router.post("/moves/{move_id}/do")
def do(request: Request, visit: Carrier, move_id: str, form: Sent) -> Response:
    """Note what was carried, and lead on: to the rest of the move, or to the next one."""

    def work(uow: UnitOfWork) -> Done:
        if inventory.is_sscc_scan(form["barcode"]):
            return _with_plate(uow, move_id, form)
        units = form.units("quantity")
        state = inventory.do_move(
            uow, move_id=move_id, from_code=form["from_code"], barcode=form["barcode"], to_code=form["to_code"],
            quantity=units, reason=form["reason"],
        )  # fmt: skip
        words = f"{counted(units, 'unit')} moved to {form['to_code']}."
        if state != "done":
            return Done(f"/moves/{move_id}", f"{words} The rest of them is still to be moved.")
        following = inventory.next_move(uow, move_id)
        return Done(f"/moves/{following}", words) if following else Done("/moves", f"{words} That was the last move.")

    return submit(request, visit, form, work, again=lambda: _move_page(visit, move_id))


@router.post("/moves/{move_id}/claim")
def claim(request: Request, visit: Carrier, move_id: str, form: Sent) -> Response:
    """Take a move in hand."""

    def work(uow: UnitOfWork) -> Done:
        inventory.claim_move(uow, move_id=move_id)
        return Done(f"/moves/{move_id}", "It is yours for half an hour.")

    return submit(request, visit, form, work, again=lambda: _move_page(visit, move_id))


@router.post("/moves/{move_id}/release")
def release(request: Request, visit: Carrier, move_id: str, form: Sent) -> Response:
    """Leave a move to somebody else."""

    def work(uow: UnitOfWork) -> Done:
        inventory.release_move(uow, move_id=move_id)
        return Done("/moves", "Somebody else can take it now.")

    return submit(request, visit, form, work, again=lambda: _move_page(visit, move_id))


@router.post("/moves/{move_id}/undo")
def undo(request: Request, visit: Carrier, move_id: str, form: Sent) -> Response:
    """Note that units were carried back."""

    def work(uow: UnitOfWork) -> Done:
        inventory.undo_move(uow, move_id=move_id, number=form.whole("number"))
        code = inventory.get_move(uow, move_id).head.from_code
        return Done(f"/moves/{move_id}", f"Taken back. Carry the units to {code} again.", "warn")

    return submit(request, visit, form, work, again=lambda: _move_page(visit, move_id))


@router.post("/moves/{move_id}/cancel")
def cancel(request: Request, visit: Lead, move_id: str, form: Sent) -> Response:
    """Leave the units where they are."""

    def work(uow: UnitOfWork) -> Done:
        inventory.cancel_move(uow, move_id=move_id, reason=form["reason"])
        return Done("/moves", "The units stay where they are. Nobody is asked for them again for a day.", "warn")

    return submit(request, visit, form, work, again=lambda: _move_page(visit, move_id))


def own_rows(desk: Desk) -> tuple[OwnMoveRow, ...]:
    """Return what the person carried lately, with the way back."""
    return tuple(
        OwnMoveRow(
            f"{each.quantity:,} \N{MULTIPLICATION SIGN} {each.name or each.sku}",
            Link(f"{each.from_code} \N{RIGHTWARDS ARROW} {each.to_code}", f"/moves/{each.move_id}"),
            each.done_at, each.undone, None if each.undone else _undo(desk.visit, each),
        )
        for each in inventory.own_moves(desk.uow, site_id=desk.narrowed_to)
    )  # fmt: skip


def _undo(visit: Visit, each: inventory.OwnMove) -> Form:
    fields = (Field("number", "", "hidden", str(each.number)),)
    return Form(f"/moves/{each.move_id}/undo", "Undo", fields, tone="plain", csrf_token=visit.csrf_token)


def _with_plate(uow: UnitOfWork, move_id: str, form: Submitted) -> Done:
    """Carry the whole plate that was scanned in place of an item, if it lies there and holds what is to be moved."""
    move = inventory.get_move(uow, move_id).head
    plate = inventory.plate_by_sscc(uow, scan=form["barcode"], site_id=move.site_id)
    here = form["from_code"] == move.from_code == plate.head.location_code
    if not here or (move.item_id, move.lot) not in {(each.item_id, each.lot) for each in plate.contents}:
        raise inventory.WrongScan(
            f"Plate {plate.head.sscc} lies in {plate.head.location_code or 'no location'} with"
            f" {counted(plate.head.units, 'unit')} of {counted(plate.head.items, 'item')}.",
            remedy=f"Scan a plate in {move.from_code} that holds SKU {move.sku}, or the item.", pointer="/barcode",
        )  # fmt: skip
    inventory.move_plate(uow, plate_id=plate.head.id, to_code=form["to_code"])
    words = f"Plate {plate.head.sscc} went to {form['to_code']} with {counted(plate.head.units, 'unit')}."
    state = inventory.get_move(uow, move_id).head.state
    following = inventory.next_move(uow, move_id) if state == "done" else move_id
    return Done(f"/moves/{following}" if following else "/moves", words)


def _move_page(visit: Visit, move_id: str) -> MovePage:
    with desk_of(visit) as desk:
        found = inventory.get_move(desk.uow, move_id)
        head, people = found.head, desk.people()
        words, tone = STATES[head.state]
        live = head.state in inventory.LIVE_MOVES
        following = inventory.next_move(desk.uow, move_id)
        barred = live and head.state == "claimed" and head.claimed_by != visit.actor.id
        carries = live and visit.may("work:pick")
        return MovePage(
            frame=desk.frame,
            shell=desk.shell("/moves"),
            source=head.from_code,
            target=head.to_code,
            item=Link(head.name or head.sku, f"/items/{head.item_id}"),
            sku=head.sku,
            lot=head.lot,
            units=head.remaining if live else head.moved,
            why=head.why,
            urgent=head.urgent and live,
            words=words,
            tone=tone,
            facts=_facts(desk, found, people),
            steps=tuple(
                StepRow(
                    each.to_code, each.quantity, person_words(each.done_by, people), each.done_at, each.reason,
                    each.undone,
                )
                for each in found.steps
            ),
            own=own_rows(desk),
            following=Link("Next move", f"/moves/{following}") if following else None,
            note=f"{people.get(head.claimed_by, 'Somebody else')} has it in hand." if barred and carries else "",
            scan=_scan(visit, head) if carries else None,
            others=_others(visit, head),
        )  # fmt: skip


def _facts(desk: Desk, found: inventory.MoveView, people: Mapping[str, str]) -> tuple[Fact, ...]:
    head = found.head
    ended = {"done": "Done by", "cancelled": "Cancelled by"}.get(head.state, "")
    told = (
        ("Why", CAUSES[head.cause]),
        ("Merchant", desk.merchants().get(head.tenant_id, "")),
        ("Lot", head.lot),
        ("Good until", head.expires_on.isoformat() if head.expires_on else ""),
        ("Units", f"{head.moved:,} of {head.quantity:,} moved"),
        (ended, person_words(found.closed_by, people) if ended else ""),
        ("Reason", found.note),
    )
    return tuple(Fact(label, value) for label, value in told if value)


def _scan(visit: Visit, head: inventory.MoveHead) -> Form:
    left = str(head.remaining)
    hint = "Say why when it is another place than the one above."
    fields = (
        Field("from_code", "Scan where they lie", required=True, maximum=32, autocomplete="off", first=True),
        Field("barcode", "Scan the item, or its plate", required=True, maximum=200, autocomplete="off"),
        Field("quantity", "Units you move", "number", left, required=True, inputmode="numeric", maximum=MAX_QUANTITY),
        Field("to_code", "Scan where you put them", required=True, maximum=32, autocomplete="off"),
        Field("reason", "Why another place?", hint=hint, maximum=200, autocomplete="off"),
    )
    return Form(f"/moves/{head.id}/do", "Moved", fields, csrf_token=visit.csrf_token)


def _others(visit: Visit, head: inventory.MoveHead) -> tuple[Form, ...]:
    if head.state not in inventory.LIVE_MOVES:
        return ()
    token, mine = visit.csrf_token, head.state == "claimed" and head.claimed_by == visit.actor.id
    forms = []
    if visit.may("work:pick") and mine:
        forms.append(Form(f"/moves/{head.id}/release", "Leave it to others", tone="plain", csrf_token=token))
    elif visit.may("work:pick") and head.state == "open":
        forms.append(Form(f"/moves/{head.id}/claim", "Take it in hand", tone="plain", csrf_token=token))
    if visit.may("work:plan"):
        why = (Field("reason", "Why do they stay?", required=True, maximum=200, autocomplete="off"),)
        words = "The units stay where they are. Nobody is asked for them again for a day."
        forms.append(
            Form(f"/moves/{head.id}/cancel", "Cancel the move", why, "Do without it", words, "plain", csrf_token=token)
        )
    return tuple(forms)
