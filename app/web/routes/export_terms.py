from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.desk import Fact
from app.web.faces.export_terms import ExportTermsPage
from app.web.faces.shell import Field, Form, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.policy_page import chosen_merchant, merchant_choice
from app.web.routes.visits import Visit, desk_of, visitor
from kernel.access.queries import get_merchant
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Keeper = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=64)]
_HERE: Final = "/export-terms"
_DUTIES: Final = {
    "DAP": "The recipient pays duties and taxes (DAP).",
    "DDP": "The carrier's account pays duties and taxes (DDP).",
}
_CHOICES: Final = {"DAP": "The recipient (DAP)", "DDP": "Our account at the carrier (DDP)"}
_INTRO: Final = (
    "It goes with every label that is bought from a real carrier for a parcel over a customs border, from now on."
)


@router.get(_HERE)
def show_terms(visit: Viewer, merchant: Words = "") -> Response:
    """Show who exports a merchant's goods, and let it be changed."""
    return staff_page(visit, _page(visit, merchant))


@router.post(_HERE)
def change_terms(request: Request, visit: Keeper, form: Sent) -> Response:
    """Change who exports a merchant's goods from now on."""

    def work(uow: UnitOfWork) -> Done:
        merchant = get_merchant(uow, form["merchant"] if visit.works_here else visit.actor.tenant)
        shipping.set_export_terms(uow, tenant_id=merchant.id, terms=_terms(form), version=form.whole("version"))
        return Done(address(_HERE, merchant=merchant.id if visit.works_here else ""), "The terms were changed.")

    return submit(request, visit, form, work, again=lambda: _page(visit, form["merchant"]))


def _terms(form: Submitted) -> shipping.ExportTerms:
    return shipping.ExportTerms(
        eori=form["eori"].replace(" ", "").upper(), vat_number=form["vat_number"].replace(" ", "").upper(),
        signer=form["signer"].strip(), phone="".join(form["phone"].split()), incoterm=form["incoterm"],
    )  # fmt: skip


def _page(visit: Visit, merchant_id: str) -> ExportTermsPage:
    with desk_of(visit) as desk:
        names = desk.merchants()
        chosen = chosen_merchant(desk, names, merchant_id)
        view = shipping.export_terms(desk.uow, chosen)
        return ExportTermsPage(
            frame=desk.frame,
            shell=desk.shell(_HERE),
            merchant=names[chosen],
            choice=merchant_choice(_HERE, names, chosen) if visit.works_here and len(names) > 1 else None,
            missing=_missing(view.terms),
            facts=_facts(view.terms),
            form=_form(visit, view) if visit.may("stock:write") else None,
        )


def _missing(terms: shipping.ExportTerms) -> str:
    told = (("the signer", terms.signer), ("the phone number", terms.phone), ("the EORI number", terms.eori))
    names = [name for name, value in told if not value]
    if not names:
        return ""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    words = f"Carriers ask for {listed} too."
    return words if terms.eori else f"{words} Without the EORI number nothing is exported from the EU or GB."


def _facts(terms: shipping.ExportTerms) -> tuple[Fact, ...]:
    told = (
        ("EORI number", terms.eori), ("VAT number", terms.vat_number), ("Signer", terms.signer), ("Phone", terms.phone),
    )  # fmt: skip
    named = (Fact(label, value) for label, value in told if value)
    return (*named, Fact("Duties and taxes", _DUTIES[terms.incoterm]))


def _form(visit: Visit, view: shipping.ExportTermsView) -> Form:
    terms = view.terms
    options = tuple(Option(key, said, key == terms.incoterm) for key, said in _CHOICES.items())
    fields = (
        Field("eori", "EORI number", value=terms.eori, hint="Such as DE1234567.", maximum=20, autocomplete="off"),
        Field("vat_number", "VAT number", value=terms.vat_number, maximum=20, autocomplete="off"),
        Field("signer", "Who signs the declaration", value=terms.signer, maximum=35, autocomplete="off"),
        Field("phone", "Phone", value=terms.phone, hint="Such as +49 30 123456.", maximum=20, autocomplete="off"),
        Field("incoterm", "Who pays duties and taxes?", "select", terms.incoterm, options=options, required=True),
        Field("merchant", "", "hidden", view.tenant_id),
        Field("version", "", "hidden", str(view.version)),
    )  # fmt: skip
    return Form(_HERE, "Save", fields, "Change the terms", _INTRO, csrf_token=visit.csrf_token)
