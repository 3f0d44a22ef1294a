"""What late and lost parcels cost a merchant: a form on the page of what was saved."""

from app.importers.fields import minor
from app.web.formats import money
from app.web.pages import Field, Form, Option
from app.web.routes.answers import Done, Submitted
from app.web.routes.visits import Desk
from kernel.access.queries import get_merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.money import decimals
from shipping import api as shipping

_INTRO = (
    "With terms, the service that keeps the promise at the least expected cost is taken: its price, and what lateness,"
    " adjustments and losses cost on average. Without, the cheapest."
)


def terms_form(desk: Desk) -> Form | None:
    """Return the form for who leads the floor."""
    if not (desk.visit.may("work:plan") and desk.visit.works_here):
        return None
    merchants = tuple(Option(key, f"{name}: {_told(desk, key)}") for key, name in desk.merchants().items())
    fields = (
        Field("terms_of", "Merchant", "select", options=(Option("", "Choose"), *merchants), required=True),
        Field("late_penalty", "A late parcel costs", inputmode="decimal", required=True, hint="Such as 5.00"),
        Field(
            "value_share", "A lost parcel costs of its value, in %", inputmode="numeric", required=True,
            hint="0 where the carrier pays it, 100 where nobody does",
        ),
    )  # fmt: skip
    return Form("/savings/terms", "Keep them", fields, "Contract terms", _INTRO, csrf_token=desk.visit.csrf_token)


def _told(desk: Desk, tenant_id: str) -> str:
    found = shipping.freight_terms(desk.uow, tenant_id)
    if found is None:
        return "none, by price"
    return f"{money(found.late_penalty_minor, found.currency)} late, {found.value_share_bp / 100:g} % lost"


def keep_terms(uow: UnitOfWork, form: Submitted) -> Done:
    """Set a merchant's terms as they were entered."""
    if not form["terms_of"]:
        raise Invalid("Choose a merchant.", pointer="/terms_of")
    merchant = get_merchant(uow, form["terms_of"])
    penalty = minor(form["late_penalty"], decimals(merchant.currency))
    if penalty is None:
        raise Invalid("This is no amount.", remedy="Enter such as 5.00.", pointer="/late_penalty")
    share = minor(form["value_share"])
    if share is None:
        raise Invalid("This is no share.", remedy="Enter 0 to 100.", pointer="/value_share")
    shipping.set_freight_terms(uow, tenant_id=merchant.id, late_penalty_minor=penalty, value_share_bp=share)
    return Done("/savings", f"The services of {merchant.name} are chosen by expected cost from now on.")
