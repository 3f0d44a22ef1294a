from collections.abc import Iterable, Sequence

from app.web.addresses import address
from app.web.faces.arrivals import ArrivalItem, ArrivalPage, ReceiptRow
from app.web.formats import long_date
from app.web.labels import person_words
from app.web.pages import Empty, Fact, Field, Form, Link, Option, Tone
from app.web.routes.visits import Desk, Visit, desk_of
from inventory import api as inventory
from kernel.quantity import MAX_QUANTITY, counted

_RECEIPTS = 8
_NAMED = 6


def arrival_page(
    visit: Visit,
    arrival_id: str,
    *,
    location: str = "",
    plate: str = "",
    unknown: str = "",
    ask_reason: bool = False,
    ask_serials: bool = False,
) -> ArrivalPage:
    """Return the page of one arrival; `ask_reason` for an item that was not announced, `ask_serials` for one whose
    units turned out to have serial numbers; `unknown` is a barcode that nothing has, which a lead may bind.
    """
    with desk_of(visit) as desk:
        found = inventory.get_arrival(desk.uow, arrival_id)
        is_open = found.state in inventory.OPEN_STATES
        may_receive = is_open and visit.works_here and visit.may("work:pick")
        items = inventory.items_by_id(desk.uow, {line.item_id for line in found.lines}) if may_receive else {}
        asked = _printed(items.values(), ask_serials=ask_serials)
        return ArrivalPage(
            frame=desk.frame,
            shell=desk.shell("/arrivals"),
            number=found.external_id,
            state=found.state.upper(),
            facts=_facts(desk, found),
            lines=tuple(_line(line) for line in found.lines),
            lines_empty=Empty("Nothing is announced.", "Scan what came."),
            receipts=_receipts(desk, found, may_undo=may_receive),
            receipts_empty=Empty("Nothing was received yet.", "What you scan is listed here, and can be undone."),
            scan=_scan(visit, found, (location, plate), ask_reason=ask_reason, asked=asked) if may_receive else None,
            bind=_bind(visit, found, unknown) if may_receive and unknown and visit.may("stock:write") else None,
            ends=_ends(visit, found, may_close=may_receive),
        )


def _facts(desk: Desk, found: inventory.ArrivalView) -> tuple[Fact, ...]:
    site = next((each.name for each in desk.sites if each.id == found.site_id), "")
    by = person_words(found.closed_by, desk.people()) if desk.visit.works_here else ""
    told = (
        ("Merchant", desk.merchants().get(found.tenant_id, "") if desk.visit.works_here else ""),
        ("Site", site),
        ("Supplier", found.supplier),
        ("Expected", long_date(found.expected_on)),
        ("Units", counted(sum(line.expected for line in found.lines), "unit")),
        ("Plates", _plates(desk, found)),
        ("Note", found.note),
        ("Cancelled by" if found.state == "cancelled" else "Closed by", by),
    )
    return (*(Fact(name, value) for name, value in told if value), *_moves(desk, found))


def _moves(desk: Desk, found: inventory.ArrivalView) -> Iterable[Fact]:
    """Lead those who carry goods to the moves of what came, and to those that went straight to a waiting order."""
    if not (desk.visit.works_here and (desk.visit.may("work:pick") or desk.visit.may("work:plan"))):
        return
    brought = inventory.taken_in(desk.uow, tenant_id=found.tenant_id, arrival_id=found.id)
    tally = inventory.tally_moves(desk.uow, brought)
    for label, cause in (("Moves", ""), ("Cross-docks", "cross_dock")):
        states = [(state, n) for (of, state), n in tally.items() if cause in ("", of)]
        waiting = sum(n for state, n in states if state in inventory.LIVE_MOVES)
        done = sum(n for state, n in states if state == "done")
        if waiting or done:
            show = "" if waiting else "done"
            href = address("/moves", arrival=found.id, cause=cause, show=show)
            yield Fact(label, f"{waiting:,} to do, {done:,} done", href)


def _plates(desk: Desk, found: inventory.ArrivalView) -> str:
    told = inventory.announced_plates(desk.uow, tenant_id=found.tenant_id, arrival_id=found.id)
    return f"{sum(bool(each.plate_id) for each in told):,} of {len(told):,} here" if told else ""


def _line(line: inventory.ArrivalLineView) -> ArrivalItem:
    words, tone = _verdict(line)
    return ArrivalItem(
        Link(line.name or line.sku, f"/items/{line.item_id}"), line.sku, line.expected, line.received, line.damaged,
        line.missing, words, tone, f"Not announced: {line.reason}" if line.reason else "",
    )  # fmt: skip


def _verdict(line: inventory.ArrivalLineView) -> tuple[str, Tone]:
    if line.missing:
        if line.outcome:
            return f"{line.missing:,} short", "stop"
        return ("More to come", "info") if line.received or line.damaged else ("Expected", "plain")
    if line.over:
        return f"{line.over:,} over", "warn"
    return (f"{line.damaged:,} damaged", "warn") if line.damaged else ("Complete", "ok")


def _receipts(desk: Desk, found: inventory.ArrivalView, *, may_undo: bool) -> tuple[ReceiptRow, ...]:
    people = desk.people()
    works_here = desk.visit.works_here  # Merchants see what came, not who of the house took it in.
    return tuple(
        ReceiptRow(
            f"{each.quantity:,} \N{MULTIPLICATION SIGN} {each.name or each.sku}",
            _where(each),
            person_words(each.received_by, people) if works_here else "", each.received_at, each.undone_at is not None,
            _undo(desk.visit, each) if may_undo and each.undone_at is None else None,
        )
        for each in inventory.arrival_receipts(
            desk.uow, tenant_id=found.tenant_id, arrival_id=found.id, limit=_RECEIPTS
        )
    )  # fmt: skip


def _where(each: inventory.ArrivalReceiptView) -> str:
    lot = f", lot {each.lot}" if each.lot else ""
    more = f" and {len(each.serials) - _NAMED} more" if len(each.serials) > _NAMED else ""
    lot += f", serial {', '.join(each.serials[:_NAMED])}{more}" if each.serials else ""
    return f"Into {each.location_code}{lot}" if each.location_code else "Damaged, set aside"


def _undo(visit: Visit, receipt: inventory.ArrivalReceiptView) -> Form:
    action = f"/arrivals/{receipt.arrival_id}/receipts/{receipt.id}/undo"
    return Form(action, "Undo", tone="plain", csrf_token=visit.csrf_token)


def _scan(
    visit: Visit, found: inventory.ArrivalView, where: tuple[str, str], *, ask_reason: bool, asked: Sequence[Field]
) -> Form:
    condition = tuple(
        Option(each.value, each.value.capitalize(), each is inventory.Condition.GOOD) for each in inventory.Condition
    )
    fields = [
        Field("barcode", "Barcode, SKU or plate", required=True, maximum=200, autocomplete="off", first=True),
        Field("quantity", "Units", "number", "1", required=True, inputmode="numeric", maximum=MAX_QUANTITY),
        Field("location_code", "Location", value=where[0], maximum=32, autocomplete="off"),
        Field("plate", "Onto plate", value=where[1], maximum=64, autocomplete="off"),
        Field("condition", "Condition", "radio", options=condition, required=True),
    ]
    fields[3:3] = asked
    if ask_reason:
        fields.insert(0, Field("reason", "Why take it in all the same?", maximum=200, autocomplete="off"))
    return Form(f"/arrivals/{found.id}/receive", "Receive", tuple(fields), csrf_token=visit.csrf_token)


def _bind(visit: Visit, found: inventory.ArrivalView, barcode: str) -> Form | None:
    if inventory.gtin_in(barcode.strip()) is None:
        return None
    items = tuple(Option(line.item_id, f"{line.name or line.sku} ({line.sku})") for line in found.lines)
    fields = (
        Field("barcode", "", "hidden", barcode.strip()),
        Field("item", "What is it?", "select", options=(Option("", "Choose"), *items), required=True),
        Field("units", "Units in it", "number", "1", "More than one for a case.", required=True, inputmode="numeric"),
    )
    action, words = f"/arrivals/{found.id}/bind", "Only if you hold it in your hand and are sure."
    return Form(action, "Bind it", fields, f"Bind barcode {barcode.strip()}", words, csrf_token=visit.csrf_token)


def _printed(items: Iterable[inventory.ItemView], *, ask_serials: bool) -> list[Field]:
    """Ask for what is printed on units of the announced items."""
    found, hint = list(items), "If the barcode does not carry it."
    fields = []
    if any(item.lot_tracked for item in found):
        fields += [
            Field("lot", "Lot", maximum=20, autocomplete="off", hint=hint),
            Field("expires_on", "Good until", "date", hint=hint),
        ]
    if ask_serials or any(item.serial_tracked for item in found):
        many = "One for each unit, separated by spaces, if the barcode does not carry it."
        fields.append(Field("serials", "Serial numbers", "textarea", maximum=20_000, autocomplete="off", hint=many))
    return fields


def _ends(visit: Visit, found: inventory.ArrivalView, *, may_close: bool) -> tuple[Form, ...]:
    ends = []
    if may_close:
        missing = Field("missing", "", "hidden", str(found.missing))
        sure = "Close, told as short" if found.missing else "Close"
        ends.append(
            Form(
                f"/arrivals/{found.id}/close", sure, (missing,), "Close the arrival", _short_words(found),
                tone="stop" if found.missing else "primary", csrf_token=visit.csrf_token,
            )
        )  # fmt: skip
    if found.state == "announced" and visit.may("stock:write"):
        words = "Nothing of it came. The merchant is told that it will not come."
        ends.append(
            Form(
                f"/arrivals/{found.id}/cancel", "Cancel it", (), "It will not come", words, tone="plain",
                csrf_token=visit.csrf_token,
            )
        )  # fmt: skip
    return tuple(ends)


def _short_words(found: inventory.ArrivalView) -> str:
    short = [line for line in found.lines if line.missing]
    if not short:
        return "All announced units are here. Nothing more can be received after this."
    named = "; ".join(f"{line.missing:,} \N{MULTIPLICATION SIGN} {line.name or line.sku}" for line in short[:_NAMED])
    others = f"; and {counted(len(short) - _NAMED, 'other item')}" if len(short) > _NAMED else ""
    verb = "is" if found.missing == 1 else "are"
    return f"{counted(found.missing, 'unit')} {verb} told as missing: {named}{others}. Nothing more can be received."
