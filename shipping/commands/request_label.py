from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import select, text

from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.ids import new_id
from shipping.carrier_requests import label_request
from shipping.commands.record_label import settle_label
from shipping.domain.rates import Parcel, Quote
from shipping.domain.zones import Place
from shipping.events.labels import LabelRequested
from shipping.freight_risks import risks_of
from shipping.gateway_choice import OFFLINE, is_offline
from shipping.gateways.carriers import Purchased
from shipping.goods_takers import goods_in
from shipping.models.parcels import LabelRow, ParcelRow
from shipping.rate_shop import Shop, service_key, shop_parcel
from shipping.repository import about, items_of, label_view, lock_parcel, next_serial
from shipping.return_exports import customs_facts
from shipping.site_terms import SiteTerms, terms_of
from shipping.states import PARCEL
from shipping.views import Content, LabelRequest

LEASE = timedelta(seconds=60)
_ADD_QUOTES = text(
    "insert into rate_quote (tenant_id, id, label_id, rank, carrier, service, price_minor, currency, arrives_on,"
    " chosen, details) select :tenant, q.id, :label, q.rank, q.carrier, q.service, q.price_minor, q.currency,"
    " q.arrives_on, q.chosen, q.details from jsonb_to_recordset(cast(:quotes as jsonb)) as q(id text, rank bigint,"
    " carrier text, service text, price_minor bigint, currency text, arrives_on date, chosen boolean, details jsonb)"
)


class HeldByAudit(Refusal):
    """The weight audit holds this parcel."""

    code = "held_by_audit"
    title = "The weight audit holds this parcel"


class NotWeighed(Refusal):
    """The parcel was not weighed yet, or has to be weighed once more."""

    code = "not_weighed"
    title = "Weigh the parcel first"


def request_label(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> LabelRequest:
    """Choose the cheapest service that keeps the promise and record the intent to buy its label.

    All quotes are kept. A parcel that has a label, or is getting one, gives that one again. Where the carrier has an
    API or an account the label is "requested", and `shipping.jobs` buys it outside of any transaction. A carrier
    without one knows nothing of us: its label comes from our own number range and is "purchased" at once.

    Raises:
        NotFound: this caller has no such parcel.
        HeldByAudit, NotWeighed: the parcel is not cleared.
        IllegalTransition: the parcel is past this, or voided.
        NoServiceFits: nobody takes it there.
        DangerousGoodsRefused: nobody takes the dangerous goods inside.
        ExportFactsMissing: a real carrier takes it over a customs border, and something is missing that customs asks.

    Emits:
        shipping.label_requested.v1, and shipping.label_purchased.v1 when it is bought at once.
    """
    return label_parcel(uow, lock_parcel(uow, tenant_id, parcel_id))


def label_parcel(uow: UnitOfWork, parcel: ParcelRow) -> LabelRequest:
    """Do as `request_label` for a parcel whose row is locked."""
    label = _live_label(uow, parcel)
    if label is None:
        label, shop = _intend(uow, parcel)
        _buy_own(uow, parcel, label)
        _keep_quotes(uow, label, shop)
    else:
        _buy_own(uow, parcel, label)
    return label_view(label)


def want_label(uow: UnitOfWork, parcel: ParcelRow) -> LabelRow:
    """Record the intent for a parcel whose row is locked, and return the label's row, without buying it."""
    label = _live_label(uow, parcel)
    if label is None:
        label, shop = _intend(uow, parcel)
        _keep_quotes(uow, label, shop)
    return label


def _buy_own(uow: UnitOfWork, parcel: ParcelRow, label: LabelRow) -> None:
    """Buy the label of a carrier that knows nothing of us."""
    terms = terms_of(uow, parcel.site_id)
    service = terms.service(label.carrier, label.service)
    is_ours = is_offline(service.gateway if service else "") and not _has_account(terms, label)
    if label.state == "requested" and not label.attempts and is_ours:
        outcome = OFFLINE.purchase_label(label_request(label, parcel, terms.site))
        if isinstance(outcome, Purchased):
            settle_label(uow, parcel, label, outcome)


def _intend(uow: UnitOfWork, parcel: ParcelRow) -> tuple[LabelRow, Shop]:
    _require_cleared(parcel)
    terms = terms_of(uow, parcel.site_id)
    ends = _ends(terms.site, parcel)
    box = Parcel((parcel.length_mm, parcel.width_mm, parcel.height_mm), parcel.weight_g or parcel.expected_g)
    items = items_of(uow, [parcel])[parcel.id]
    shop = shop_parcel(
        uow, terms=terms, box=box, origin=ends[0], destination=ends[1], currency=parcel.currency,
        level=parcel.service_level, promised_on=parcel.promised_on,
        risks=risks_of(
            uow, tenant_id=parcel.tenant_id, site_id=parcel.site_id, currency=parcel.currency,
            value_minor=parcel.value_minor,
        ),
        goods=goods_in(items),
    )  # fmt: skip
    chosen = shop.chosen
    if terms.route(parcel.tenant_id, chosen.carrier, chosen.service):
        customs_facts(uow, parcel, terms.site)
    label = _record(uow, parcel, shop)
    _tell(uow, parcel, items, label)
    return label, shop


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


def _has_account(terms: SiteTerms, label: LabelRow) -> bool:
    return terms.route(label.tenant_id, label.carrier, label.service) is not None


def _ends(site: SiteView, parcel: ParcelRow) -> tuple[Place, Place]:
    here = Place(site.country, site.postal_code, is_residential=False)
    address = parcel.ship_to
    there = Place(address["country"], address["postal_code"], is_residential=not address["company"])
    return (replace(there, is_residential=False), here) if parcel.kind == "return" else (here, there)


def _record(uow: UnitOfWork, parcel: ParcelRow, shop: Shop) -> LabelRow:
    chosen = shop.chosen
    label = LabelRow(
        tenant_id=parcel.tenant_id, id=new_id("lbl"), parcel_id=parcel.id, state="requested", carrier=chosen.carrier,
        service=chosen.service, price_minor=chosen.cost_minor, currency=chosen.currency,
        baseline_minor=shop.baseline_minor, baseline=shop.baseline, why=shop.why,
        ship_date=shop.ship_date, arrives_on=chosen.delivery_on,
        serial=next_serial(uow, f"tracking_{chosen.carrier}"), tracking_number="", charged_minor=None,
        requested_at=uow.now, attempts=0, next_attempt_at=uow.now, purchased_at=None, voided_at=None,
        carrier_void="", error="",
    )  # fmt: skip
    uow.session.add(label)
    parcel.label_id = label.id
    return label


def _keep_quotes(uow: UnitOfWork, label: LabelRow, shop: Shop) -> None:
    offers = [(quote, "") for quote, _ in shop.quotes] + [(each.quote, each.reason) for each in shop.refused]
    rows = [_quote_row(rank, quote, shop, refused) for rank, (quote, refused) in enumerate(offers, start=1)]
    document = msgspec.json.encode(rows).decode()
    uow.session.flush()
    uow.session.execute(_ADD_QUOTES, {"tenant": label.tenant_id, "label": label.id, "quotes": document})


def _quote_row(rank: int, quote: Quote, shop: Shop, refused: str) -> dict[str, Any]:
    details = {
        "zone": asdict(quote.zone), "billed_g": quote.billed.billed_g, "basis": quote.billed.basis,
        "freight_minor": quote.freight_minor, "surcharges": [list(s) for s in quote.surcharges],
        "transit_days": quote.transit_days, "meets_promise": quote.meets_promise,
    }  # fmt: skip
    if refused:
        details["refused"] = refused
    cost = shop.expected.get(service_key(quote))
    if cost is not None:
        details["expected"] = asdict(cost) | {"total_minor": cost.total_minor}
    return {
        "id": new_id("quo"), "rank": rank,
        "carrier": quote.carrier, "service": quote.service, "price_minor": quote.cost_minor,
        "currency": quote.currency, "arrives_on": quote.delivery_on, "chosen": quote is shop.chosen, "details": details,
    }  # fmt: skip


def _tell(uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], label: LabelRow) -> None:
    requested = LabelRequested(
        **about(parcel, items), label_id=label.id, carrier=label.carrier, service=label.service,
        price_minor=label.price_minor, currency=label.currency, saved_minor=label.baseline_minor - label.price_minor,
    )  # fmt: skip
    uow.emit(requested)
