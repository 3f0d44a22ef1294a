from collections.abc import Sequence

from sqlalchemy import select

from kernel.access.queries import get_merchant
from kernel.db.transactions import UnitOfWork
from shipping.commands.create_parcel import Box, add_parcel, check_contents, find_box
from shipping.commands.plan_parcels import SizeUnknown
from shipping.commands.request_label import request_label
from shipping.models.parcels import ParcelRow
from shipping.repository import items_of, parcel_view
from shipping.site_terms import terms_of
from shipping.views import Content, ParcelView, ShipTo


def create_return_label(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, reference: str, party: str, ship_from: ShipTo,
    contents: Sequence[Content],
) -> ParcelView:  # fmt: skip
    """Prepare a parcel back to the site, with the intent to buy its label; `purchase_label` of `shipping.jobs` buys it.

    The parcel's address is the sender's. It is rated with its expected weight, which the dock compares on arrival.

    Raises:
        Invalid: no contents, or impossible values.
        NeedsSeveralParcels: the contents do not fit one carton.
        SizeUnknown: nobody knows how large the goods are, and nothing was sent under this reference.
        NoServiceFits: nobody fetches it from there.

    Emits:
        shipping.label_requested.v1, and shipping.label_purchased.v1 (kind "return") when it is bought.
    """
    check_contents(contents, ship_from, 0)
    view = add_parcel(
        uow, tenant_id=tenant_id, site=terms_of(uow, site_id).site, kind="return", reference=reference, party=party,
        ship_to=ship_from, contents=contents, box=_box(uow, tenant_id, site_id, reference, contents),
        promised_on=None, service_level="economy", value_minor=0,
        currency=get_merchant(uow, tenant_id).currency, tote="",
    )  # fmt: skip
    request_label(uow, tenant_id=tenant_id, parcel_id=view.id)
    parcel = uow.session.get_one(ParcelRow, (tenant_id, view.id))
    return parcel_view(parcel, items_of(uow, [parcel])[parcel.id])


def _box(uow: UnitOfWork, tenant_id: str, site_id: str, reference: str, contents: Sequence[Content]) -> Box:
    """Return the carton for the way back: goods whose size nobody knows go back in one like that they came in."""
    try:
        return find_box(uow, tenant_id, site_id, contents, None)
    except SizeUnknown:
        sent = select(ParcelRow.carton_code).where(
            ParcelRow.tenant_id == tenant_id, ParcelRow.reference == reference, ParcelRow.kind == "outbound"
        )
        code = uow.session.scalar(sent.order_by(ParcelRow.packed_at.desc(), ParcelRow.id.desc()).limit(1))
        if code is None:
            raise
        return find_box(uow, tenant_id, site_id, contents, code)
