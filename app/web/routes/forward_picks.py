import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.moves import FaceRow, ForwardPicksPage
from app.web.pages import Empty, Field, Form, Link, Option, Pager
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=800)]
_ROWS = 100
_MAX_LINES = 1_000
_LINE = re.compile(r"(?P<sku>.+?)[\s,;]+(?P<place>[^\s,;]+)[\s,;]+(?P<least>[0-9]{1,9})[\s,;]+(?P<most>[0-9]{1,9})")


@router.get("/forward-picks")
def list_faces(visit: Viewer, q: Words = "", cursor: Words = "") -> Response:
    """Show how full each pick face is to be, and how full it is."""
    return staff_page(visit, _page(visit, q.strip(), cursor))


@router.post("/forward-picks")
def set_faces(request: Request, visit: Lead, form: Sent) -> Response:
    """Set rules, one a line as a spreadsheet gives them: SKU, location, minimum, maximum."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        rules = _rules(uow, form["merchant"], form["rules"])
        inventory.set_forward_picks(uow, tenant_id=form["merchant"], site_id=site_id, rules=rules)
        return Done("/forward-picks", f"{counted(len(rules), 'rule')} set. Faces below their minimum are filled up.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/forward-picks/remove")
def remove_face(request: Request, visit: Lead, form: Sent) -> Response:
    """Forget one rule."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        inventory.remove_forward_pick(
            uow, tenant_id=form["merchant"], site_id=site_id, item_id=form["item"], location_code=form["place"]
        )
        return Done("/forward-picks", f"{form['place']} is filled up no more.", "warn")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _rules(uow: UnitOfWork, tenant_id: str, text: str) -> list[inventory.FaceRule]:
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    lines = lines[1:] if lines and lines[0].lower().startswith("sku") and not _LINE.fullmatch(lines[0]) else lines
    if not 1 <= len(lines) <= _MAX_LINES:
        raise Invalid("Write one rule a line.", remedy=f"Up to {_MAX_LINES:,} at once.", pointer="/rules")
    read = [(line, _LINE.fullmatch(line)) for line in lines]
    for line, found in read:
        if found is None:
            raise Invalid(
                f"{line[:60]!r} is no rule.", remedy="Write SKU, location, minimum, maximum, such as MUG-BL, "
                "A-03-2, 6, 40.", pointer="/rules",
            )  # fmt: skip
    cells = [found.groupdict() for _, found in read if found]
    items = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=[each["sku"] for each in cells])
    if unknown := sorted({each["sku"] for each in cells} - items.keys()):
        raise Invalid(
            f"This merchant has no item {', '.join(unknown[:5])}.", remedy="Check the SKU and the merchant.",
            pointer="/rules",
        )  # fmt: skip
    return [
        inventory.FaceRule(items[each["sku"]].id, each["place"], int(each["least"]), int(each["most"]))
        for each in cells
    ]


def _page(visit: Visit, query: str = "", cursor: str = "") -> ForwardPicksPage:
    with desk_of(visit) as desk:
        found = inventory.find_forward_picks(
            desk.uow, site_id=desk.narrowed_to, search=query, cursor=cursor, limit=_ROWS
        )
        names = desk.merchants()
        following = address("/forward-picks", q=query, cursor=found.next) if found.next else ""
        return ForwardPicksPage(
            frame=desk.frame,
            shell=desk.shell("/moves"),
            filters=Form(
                "/forward-picks", "Filter", (Field("q", "Location or SKU", "search", query, maximum=100),),
                method="get", tone="plain",
            ),
            rows=tuple(_row(desk, each, names) for each in found.items),
            empty=Empty("No rule matches.", "Take the filter away.")
            if query
            else Empty("No pick face has a rule.", "Each face with a rule is filled up from bulk in time."),
            edit=_edit(desk, names) if visit.may("work:plan") and desk.site else None,
            pager=Pager("", "", following) if following else Pager(),
        )  # fmt: skip


def _row(desk: Desk, each: inventory.ForwardPickView, names: dict[str, str]) -> FaceRow:
    fields = (
        desk.site_field(), Field("merchant", "", "hidden", each.tenant_id), Field("item", "", "hidden", each.item_id),
        Field("place", "", "hidden", each.location_code),
    )  # fmt: skip
    remove = Form("/forward-picks/remove", "Remove", fields, tone="plain", csrf_token=desk.visit.csrf_token)
    return FaceRow(
        each.location_code, Link(each.name or each.sku, f"/items/{each.item_id}"), each.sku,
        names.get(each.tenant_id, ""), each.min_units, each.max_units, each.held, each.free,
        "warn" if each.free <= each.min_units else "ok", remove if desk.visit.may("work:plan") else None,
    )  # fmt: skip


def _edit(desk: Desk, names: dict[str, str]) -> Form:
    merchants = tuple(Option(key, name) for key, name in sorted(names.items(), key=lambda pair: pair[1]))
    fields = (
        desk.site_field(),
        Field("merchant", "Merchant", "select", required=True, options=merchants),
        Field("rules", "Rules", "textarea", required=True, hint="One a line: SKU, location, minimum, maximum"),
    )
    words = "A face is filled up to its maximum when its minimum or fewer units are free. Rules are replaced."
    return Form("/forward-picks", "Set the rules", fields, "Set rules", words, csrf_token=desk.visit.csrf_token)
