from collections.abc import Iterable, Mapping

from app.web.faces.counts import CountPage, EffectCard, EntryRow, OwnCountRow, ShortedRow
from app.web.labels import person_words
from app.web.pages import Fact, Field, Form, Link, Option
from app.web.routes.visits import Desk, Visit, desk_of
from app.web.wording_counts import CAUSES, OUTCOMES, STATES, difference_words
from app.web.wording_orders import midday
from fulfillment.api import OrderHead, order_heads
from inventory import api as inventory
from kernel.quantity import MAX_QUANTITY, counted


def count_page(visit: Visit, count_id: str) -> CountPage:
    """Return the page of one count: to count it, or to decide on it, or what came of it."""
    with desk_of(visit) as desk:
        found = inventory.get_count(desk.uow, count_id)
        effects = inventory.count_effects(desk.uow, count_id) if visit.may("work:plan") else ()
        heads = _heads(desk, [*found.shorted, *(each for effect in effects for each in effect.shorted)])
        head, people = found.head, desk.people()
        words, tone = STATES[head.state]
        may_count = head.state in inventory.TO_COUNT and visit.may("work:pick") and not found.barred
        following = inventory.next_to_count(desk.uow, count_id)
        return CountPage(
            frame=desk.frame,
            shell=desk.shell("/counts"),
            place=head.location_code,
            item=Link(head.name or head.sku, f"/items/{head.item_id}"),
            sku=head.sku,
            words=words,
            tone=tone,
            facts=_facts(desk, found, people),
            entries=tuple(_entry(each, people) for each in found.entries),
            effects=_effects(visit, desk.frame.zone, found, effects, heads),
            own=own_rows(desk),
            following=Link("Next bin", f"/counts/{following}") if following else None,
            note=_note(found, may_count=may_count),
            scan=_scan(visit, head) if may_count else None,
            empty=_empty(visit, head) if may_count else None,
            decide=_decide(visit, found, _lots(desk, head)) if effects else None,
            others=_others(visit, head, decides=bool(effects)),
        )


def own_rows(desk: Desk) -> tuple[OwnCountRow, ...]:
    """Return what the person counted lately, with the way back where there is one."""
    return tuple(
        OwnCountRow(
            Link(each.location_code, f"/counts/{each.count_id}"),
            f"{each.counted:,} \N{MULTIPLICATION SIGN} {each.name or each.sku}",
            OUTCOMES.get(each.state, STATES[each.state][0]), each.counted_at, each.withdrawn,
            Form(f"/counts/{each.count_id}/withdraw", "Undo", tone="plain", csrf_token=desk.visit.csrf_token)
            if each.may_withdraw and not each.withdrawn
            else None,
        )
        for each in inventory.own_counts(desk.uow, site_id=desk.narrowed_to)
    )  # fmt: skip


def _heads(desk: Desk, shorted: Iterable[inventory.ShortedPromise]) -> Mapping[str, OrderHead]:
    return order_heads(desk.uow, [each.reference for each in shorted if each.kind == "order"])


def _facts(desk: Desk, found: inventory.CountView, people: Mapping[str, str]) -> tuple[Fact, ...]:
    head = found.head
    by = person_words(found.created_by, people)
    closed = {"approved": "Booked by", "cancelled": "Cancelled by"}.get(head.state, "")
    told = (
        ("Merchant", desk.merchants().get(head.tenant_id, "")),
        ("Why", CAUSES[head.cause] + (f" by {by}" if head.cause == "requested" and by else "")),
        ("Reason", head.note),
        ("Class", head.abc),
        ("Bin", "Frozen until it is counted" if head.frozen else ""),
        ("Book said", f"{found.expected:,}" if found.expected is not None else ""),
        ("Found", f"{found.expected + (head.difference or 0):,}" if found.expected is not None else ""),
        (closed, person_words(found.closed_by, people) if closed else ""),
        ("Decision", found.decision),
    )
    return tuple(Fact(label, value) for label, value in told if value)


def _note(found: inventory.CountView, *, may_count: bool) -> str:
    if found.head.state not in inventory.TO_COUNT or may_count:
        return ""
    return (
        "Somebody else confirms this count: whoever counted it, or saw the figures, does not." if found.barred else ""
    )


def _entry(each: inventory.CountEntryView, people: Mapping[str, str]) -> EntryRow:
    return EntryRow(
        f"Count {each.number}", person_words(each.counted_by, people), each.counted_at, each.withdrawn, each.counted,
        each.expected, each.difference,
    )  # fmt: skip


def _effects(
    visit: Visit, zone: str, found: inventory.CountView, effects: Iterable[inventory.CountEffect],
    heads: Mapping[str, OrderHead],
) -> tuple[EffectCard, ...]:  # fmt: skip
    def rows(shorted: Iterable[inventory.ShortedPromise]) -> tuple[ShortedRow, ...]:
        return tuple(
            _shorted(each, heads.get(each.reference), zone, may_open=visit.may("orders:read")) for each in shorted
        )

    if found.head.state == "approved" and found.shorted:
        return (EffectCard("Who lost units by it", _loses(found.shorted, "lost"), rows(found.shorted)),)
    by_difference = {each.difference: each for each in effects}
    return tuple(
        EffectCard(
            f"If it is {difference_words(each.difference)}",
            f"The book says {each.held:,} now; {each.booked:,} would be left. {_loses(each.shorted, 'would lose')}"
            if each.difference < 0
            else f"The book says {each.held:,} now; {each.booked:,} would be booked. Nobody would lose anything.",
            rows(each.shorted),
        )
        for each in by_difference.values()
    )


def _loses(shorted: Iterable[inventory.ShortedPromise], verb: str) -> str:
    lost = list(shorted)
    if not lost:
        return "No promise would lose anything."
    who = counted(len({each.reference for each in lost}), "order or hold", "orders or holds")
    return f"{who} {verb} {counted(sum(each.quantity for each in lost), 'promised unit')}."


def _shorted(each: inventory.ShortedPromise, head: OrderHead | None, zone: str, *, may_open: bool) -> ShortedRow:
    told = ["Merchant's feed", "customer's tracker"] if "customer" in each.told else ["Merchant's feed"]
    return ShortedRow(
        head.external_id if head else each.reference,
        f"/orders/{each.reference}" if head and may_open else "",
        head.state if head else "",
        midday(head.promised_on, zone) if head and head.promised_on else None,
        each.quantity,
        ", ".join(told),
    )


def _scan(visit: Visit, head: inventory.CountHead) -> Form:
    fields = (
        Field("location_code", "Scan the location", required=True, maximum=32, autocomplete="off", first=True),
        Field("barcode", "Scan the item", required=True, maximum=200, autocomplete="off"),
        Field("counted", "Units you count", "number", required=True, inputmode="numeric", maximum=MAX_QUANTITY),
    )
    return Form(f"/counts/{head.id}/count", "Counted", fields, csrf_token=visit.csrf_token)


def _empty(visit: Visit, head: inventory.CountHead) -> Form:
    fields = (Field("location_code", "Scan the location", required=True, maximum=32, autocomplete="off"),)
    return Form(
        f"/counts/{head.id}/empty", "None is there", fields, "None of it is there", tone="plain",
        csrf_token=visit.csrf_token,
    )  # fmt: skip


def _lots(desk: Desk, head: inventory.CountHead) -> tuple[str, ...]:
    """Return the lots in the bin, when there are several to choose from."""
    bins = inventory.item_stock(desk.uow, head.item_id).bins
    here = [b.lot for b in bins if (b.site_id, b.location_code) == (head.site_id, head.location_code) and b.quantity]
    return tuple(sorted(here)) if len(here) > 1 else ()


def _decide(visit: Visit, found: inventory.CountView, lots: tuple[str, ...]) -> Form:
    options = tuple(
        Option(str(each.number), f"Count {each.number}: {each.counted:,} units, {difference_words(each.difference)}")
        for each in found.entries
        if each.difference is not None and not each.withdrawn
    )
    of_lot = tuple(Option(lot, lot or "Unknown lot") for lot in lots)
    fields = (
        Field("number", "Which count is right?", "radio", required=True, options=options),
        *((Field("lot", "Which lot differs?", "select", required=True, options=of_lot),) if lots else ()),
        Field("reason", "Why?", required=True, maximum=200, autocomplete="off"),
    )
    intro = "The difference is booked on what the book says by then; the bin opens, and who loses units is told."
    return Form(f"/counts/{found.head.id}/approve", "Book it", fields, "Decide", intro, csrf_token=visit.csrf_token)


def _others(visit: Visit, head: inventory.CountHead, *, decides: bool) -> tuple[Form, ...]:
    if not visit.may("work:plan"):
        return ()
    if head.state not in inventory.LIVE_COUNTS:
        why = (Field("reason", "Why?", required=True, maximum=200, autocomplete="off"),)
        words = "A new count of this bin. What it finds is booked on top of what was booked before."
        action = f"/counts/{head.id}/ask"
        return (
            Form(action, "Have it counted", why, "Count it anew", words, tone="plain", csrf_token=visit.csrf_token),
        )
    again = Form(
        f"/counts/{head.id}/return", "Have it counted again",
        (Field("reason", "Why?", required=True, maximum=200, autocomplete="off"),), "Count it again",
        "Somebody counts it who has not yet. You do not: you saw the figures.", tone="plain",
        csrf_token=visit.csrf_token,
    )  # fmt: skip
    cancel = Form(
        f"/counts/{head.id}/cancel", "Cancel the count",
        (Field("reason", "Why is it not counted?", required=True, maximum=200, autocomplete="off"),), "Do without it",
        "The book stays as it is. It can be asked for again.", tone="plain", csrf_token=visit.csrf_token,
    )  # fmt: skip
    return (*((again,) if decides else ()), *(() if head.frozen else (cancel,)))
