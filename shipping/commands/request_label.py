from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select, text

from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.ids import new_id
from shipping.cut_offs import next_cut_off
from shipping.domain.rates import Parcel, Quote, QuoteRefusal, cards_in_force, choose_quote, rate_parcel
from shipping.domain.zones import Place
from shipping.events import LabelRequested
from shipping.models import LabelRow, ParcelRow
from shipping.rate_cards import cards_of, charts_of
from shipping.repository import about, items_of, lock_parcel, next_serial
from shipping.site_terms import Service, SiteTerms, terms_of
from shipping.states import PARCEL
from shipping.views import Content, LabelRequest

LEASE = timedelta(seconds=60)
_ADD_QUOTES = text(
    "insert into rate_quote (tenant_id, id, label_id, rank, carrier, service, price_minor, currency, arrives_on,"
    " chosen, details) select :tenant, q.id, :label, q.rank, q.carrier, q.service, q.price_minor, q.currency,"
    " q.arrives_on, q.chosen, q.details from jsonb_to_recordset(cast(:quotes as jsonb)) as q(id text, rank bigint,"
    " carrier text, service text, price_minor bigint, currency text, arrives_on date, chosen boolean, details jsonb)"
)
_LEVELS = {"economy": 0, "standard": 1, "express": 2}


class HeldByAudit(Refusal):
    """The weight audit holds this parcel."""

    code = "held_by_audit"
    title = "The weight audit holds this parcel"


class NotWeighed(Refusal):
    """The parcel was not weighed yet, or has to be weighed once more."""

    code = "not_weighed"
    title = "Weigh the parcel first"


class NoServiceFits(Refusal):
    """No service of the site takes this parcel to its destination."""

    code = "no_service_fits"
    title = "No carrier service takes this parcel"


@dataclass(frozen=True, slots=True)
class Shop:
    """The outcome of a rate shop: the quotes cheapest first with their ship dates, the chosen one, why, and what the
    site's baseline service would have cost, in minor units.
    """

    quotes: tuple[tuple[Quote, date], ...]
    chosen: Quote
    ship_date: date
    why: str
    baseline_minor: int


def request_label(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> LabelRequest:
    """Choose the cheapest service that keeps the promise and record the intent to buy its label.

    All quotes are kept. A parcel that has a label, or is getting one, gives that one again. `purchase_label` of
    `shipping.jobs` buys it afterwards, outside of any transaction.

    Raises:
        NotFound: this caller has no such parcel.
        HeldByAudit, NotWeighed: the parcel is not cleared.
        IllegalTransition: the parcel is past this, or voided.
        NoServiceFits: nobody takes it there.

    Emits:
        shipping.label_requested.v1
    """
    return label_view(want_label(uow, lock_parcel(uow, tenant_id, parcel_id)))


def want_label(uow: UnitOfWork, parcel: ParcelRow) -> LabelRow:
    """Do as `request_label` for a parcel whose row is locked, and return the label's row."""
    live = _live_label(uow, parcel)
    if live is not None:
        return live
    _require_cleared(parcel)
    terms = terms_of(uow, parcel.site_id)
    ends = _ends(terms.site, parcel)
    box = Parcel((parcel.length_mm, parcel.width_mm, parcel.height_mm), parcel.weight_g or parcel.expected_g)
    shop = shop_parcel(
        uow, terms=terms, box=box, origin=ends[0], destination=ends[1], currency=parcel.currency,
        level=parcel.service_level, promised_on=parcel.promised_on,
    )  # fmt: skip
    label = _record(uow, parcel, shop)
    _tell(uow, parcel, items_of(uow, [parcel])[parcel.id], label)
    return label


def shop_parcel(
    uow: UnitOfWork, *, terms: SiteTerms, box: Parcel, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None,
) -> Shop:  # fmt: skip
    """Quote a parcel with every service of a site, each from its own next collection on, and choose one.

    Raises:
        NoServiceFits: no service gives a price; `services` says why, service by service.
    """
    charts = charts_of(uow, terms, uow.now.date())
    quotes: list[tuple[Quote, date]] = []
    refusals: list[str] = []
    for card in cards_in_force(cards_of(uow, terms, currency), uow.now.date()):
        ship_on = _ship_date(terms.service(card.carrier, card.service), uow.now, terms.site.time_zone)
        if ship_on is None:
            continue
        answer = rate_parcel(
            box, origin, destination, card, chart=charts.get(card.carrier), ship_on=ship_on, promised_on=promised_on
        )
        if isinstance(answer, QuoteRefusal):
            refusals.append(f"{answer.carrier} {answer.service}: {answer.reason}")
        else:
            quotes.append((answer, ship_on))
    if not quotes:
        raise NoServiceFits(
            "No service of this site takes the parcel to its destination.",
            remedy="Change the address, the carton or the site's services.", services=refusals, currency=currency,
        )  # fmt: skip
    return _choose(quotes, terms, level)


def label_view(row: LabelRow) -> LabelRequest:
    """Return a label, wanted or bought, as others see it."""
    return LabelRequest(
        tenant_id=row.tenant_id, label_id=row.id, parcel_id=row.parcel_id, state=row.state, carrier=row.carrier,
        service=row.service, price_minor=row.price_minor, currency=row.currency,
        saved_minor=row.baseline_minor - row.price_minor, why=row.why, ship_date=row.ship_date,
        arrives_on=row.arrives_on, tracking_number=row.tracking_number,
    )  # fmt: skip


def _live_label(uow: UnitOfWork, parcel: ParcelRow) -> LabelRow | None:
    if parcel.label_id is None or parcel.state == "voided":
        return None
    return uow.session.scalar(
        select(LabelRow).where(LabelRow.tenant_id == parcel.tenant_id, LabelRow.id == parcel.label_id)
    )


def _require_cleared(parcel: ParcelRow) -> None:
    if parcel.state == "held":
        raise HeldByAudit("It gets no label before a person has looked.", remedy="Release it, or pack it anew.")
    if parcel.state == "packed":
        again = " once more" if parcel.weight_g else ""
        raise NotWeighed(f"The parcel has to be weighed{again}.", remedy="Put it on the scale.")
    PARCEL.after(parcel.state, "label")


def _ends(site: SiteView, parcel: ParcelRow) -> tuple[Place, Place]:
    here = Place(site.country, site.postal_code, is_residential=False)
    address = parcel.ship_to
    there = Place(address["country"], address["postal_code"], is_residential=not address["company"])
    return (replace(there, is_residential=False), here) if parcel.kind == "return" else (here, there)


def _ship_date(service: Service | None, now: datetime, time_zone: str) -> date | None:
    cut_off = next_cut_off(service, now=now, time_zone=time_zone) if service else None
    return cut_off.ship_date if cut_off else None


def _choose(quotes: list[tuple[Quote, date]], terms: SiteTerms, level: str) -> Shop:
    ranked = tuple(sorted(quotes, key=lambda q: (q[0].cost_minor, q[0].delivery_on, q[0].carrier, q[0].service)))
    dates = {(quote.carrier, quote.service): ship_on for quote, ship_on in ranked}
    wanted = _LEVELS.get(level, 1)
    fit = [quote for quote, _ in ranked if _LEVELS[quote.level] >= wanted]
    choice = choose_quote(fit or [quote for quote, _ in ranked])
    chosen = choice.chosen or choice.fastest
    assert chosen is not None, "there is at least one quote"
    named = {(s.carrier, s.service) for s in terms.services if s.is_baseline}
    baseline = next((q for q, _ in ranked if (q.carrier, q.service) in named), chosen)
    why = _why(chosen, fit=bool(fit), keeps=choice.chosen is not None, level=level)
    return Shop(ranked, chosen, dates[(chosen.carrier, chosen.service)], why, baseline.cost_minor)


def _why(chosen: Quote, *, fit: bool, keeps: bool, level: str) -> str:
    if not keeps:
        return f"No service arrives by the promised day; this one is the fastest, on {chosen.delivery_on}."
    if not fit:
        return f"No {level} service takes the parcel; this is the cheapest of the others."
    return f"The cheapest {level} service that keeps the promise; it arrives on {chosen.delivery_on}."


def _record(uow: UnitOfWork, parcel: ParcelRow, shop: Shop) -> LabelRow:
    chosen = shop.chosen
    label = LabelRow(
        tenant_id=parcel.tenant_id, id=new_id("lbl"), parcel_id=parcel.id, state="requested", carrier=chosen.carrier,
        service=chosen.service, price_minor=chosen.cost_minor, currency=chosen.currency,
        baseline_minor=shop.baseline_minor, why=shop.why, ship_date=shop.ship_date, arrives_on=chosen.delivery_on,
        serial=next_serial(uow, f"tracking_{chosen.carrier}"), tracking_number="", charged_minor=None,
        requested_at=uow.now, attempts=0, next_attempt_at=uow.now, purchased_at=None, voided_at=None,
        carrier_void="", error="",
    )  # fmt: skip
    uow.session.add(label)
    uow.session.flush()
    parcel.label_id = label.id
    rows = [_quote_row(rank, quote, chosen) for rank, (quote, _) in enumerate(shop.quotes, start=1)]
    document = msgspec.json.encode(rows).decode()
    uow.session.execute(_ADD_QUOTES, {"tenant": label.tenant_id, "label": label.id, "quotes": document})
    return label


def _quote_row(rank: int, quote: Quote, chosen: Quote) -> dict[str, Any]:
    details = {
        "zone": asdict(quote.zone), "billed_g": quote.billed.billed_g, "basis": quote.billed.basis,
        "freight_minor": quote.freight_minor, "surcharges": [list(s) for s in quote.surcharges],
        "transit_days": quote.transit_days, "meets_promise": quote.meets_promise,
    }  # fmt: skip
    return {
        "id": new_id("quo"), "rank": rank,
        "carrier": quote.carrier, "service": quote.service, "price_minor": quote.cost_minor,
        "currency": quote.currency, "arrives_on": quote.delivery_on, "chosen": quote is chosen, "details": details,
    }  # fmt: skip


def _tell(uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], label: LabelRow) -> None:
    requested = LabelRequested(
        **about(parcel, items), label_id=label.id, carrier=label.carrier, service=label.service,
        price_minor=label.price_minor, currency=label.currency, saved_minor=label.baseline_minor - label.price_minor,
    )  # fmt: skip
    uow.emit(requested)
