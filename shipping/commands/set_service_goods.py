from typing import Final

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, NotFound
from shipping.domain.dangerous_goods import ACCEPTANCES, AIR, MODES, MOST_BY_AIR, GoodsTerms
from shipping.models.site import CarrierServiceRow
from shipping.site_terms import Service, forget_terms, terms_of

_BY_AIR: Final = (
    "By air, limited quantities and fully regulated goods need a shipper's declaration, which is not written here:"
    " choose none, or batteries of Section II, and send others by a service on the ground."
)


def set_service_goods(uow: UnitOfWork, *, site_id: str, carrier: str, service: str, goods: GoodsTerms) -> Service:
    """State which dangerous goods a service takes, and whether it goes by air, from the next label on.

    Raises:
        NotFound: the site does not use this service.
        Invalid: names what is not one of `ACCEPTANCES` and `MODES`, or more than `MOST_BY_AIR` for one that flies.
    """
    told = (("dangerous_goods", goods.accepts, ACCEPTANCES), ("mode", goods.mode, MODES))
    wrong = tuple(
        FieldError(f"/{name}", "invalid", f"Choose one of {', '.join(known)}.")
        for name, value, known in told
        if value not in known
    )
    if not wrong and goods.mode == AIR and ACCEPTANCES.index(goods.accepts) > ACCEPTANCES.index(MOST_BY_AIR):
        wrong = (FieldError("/dangerous_goods", "needs_declaration", _BY_AIR),)
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    row = CarrierServiceRow
    found = uow.session.scalar(
        select(row)
        .where(row.site_id == site_id, row.carrier == carrier, row.service == service, row.enabled)
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise NotFound("The site does not use this service.", remedy="Name one of its services.", pointer="/service")
    found.dangerous_goods, found.mode = goods.accepts, goods.mode
    uow.session.flush()
    forget_terms(uow)
    uow.audit(
        "carrier_service.goods_stated", subject=site_id, carrier=carrier, service=service,
        dangerous_goods=goods.accepts, mode=goods.mode,
    )  # fmt: skip
    stated = terms_of(uow, site_id).service(carrier, service)
    assert stated is not None, "it was just found"
    return stated
