"""What is to be done to an order's goods before their carton is closed: confirmed, with a photo, or excused."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Empty, Field, Form, Link
from app.web.faces.value_added import BenchService, BenchServicesPage
from app.web.routes.answers import Done, PageRoute, Submitted, page_response, submit, submitted
from app.web.routes.imports import Upload, uploaded
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork

router = APIRouter(route_class=PageRoute)
Packer = Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("audit:release", of_the_house=True))]
_DONE = "Done; it is charged when the carton is closed."


@router.get("/packing/{order_id}/services")
def show_steps(visit: Packer, order_id: str) -> Response:
    """Show what an order asks for beside its goods, and let each step be confirmed."""
    return page_response(_page(visit, order_id), flash_shown=bool(visit.notices))


@router.post("/packing/{order_id}/services/{asked_id}")
def perform(
    request: Request, visit: Packer, order_id: str, asked_id: str, upload: Annotated[Upload, Depends(uploaded)]
) -> Response:
    """Confirm a step, with the photo that came along."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        whose = {"tenant_id": order.tenant_id, "order_id": order_id, "asked_id": asked_id}
        if upload.content:
            fulfillment.keep_photo(uow, **whose, content=upload.content)
        fulfillment.perform_service(uow, **whose, seconds=upload.form.whole_or_zero("seconds"))
        left = any(step.due for step in fulfillment.services_due(uow, [order_id]).get(order_id, ()))
        return Done(f"/packing/{order_id}/services" if left else "/scan", "Done.")

    return submit(request, visit, upload.form, work, again=lambda: _page(visit, order_id))


@router.post("/packing/{order_id}/services/{asked_id}/excuse")
def excuse(
    request: Request, visit: Lead, order_id: str, asked_id: str, form: Annotated[Submitted, Depends(submitted)]
) -> Response:
    """Let the order go out without a step that is not possible."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.excuse_service(
            uow, tenant_id=order.tenant_id, order_id=order_id, asked_id=asked_id, reason=form["reason"]
        )
        return Done(f"/packing/{order_id}/services", "The order goes out without it.")

    return submit(request, visit, form, work, again=lambda: _page(visit, order_id))


def _page(visit: Visit, order_id: str) -> BenchServicesPage:
    with desk_of(visit) as desk:
        order = fulfillment.get_order(desk.uow, order_id)
        steps = fulfillment.services_due(desk.uow, [order_id]).get(order_id, ())
        return BenchServicesPage(
            frame=desk.frame,
            person=visit.actor.name,
            order_number=order.external_id,
            steps=tuple(_step(visit, order_id, step) for step in steps),
            empty=Empty("Nothing is to be done to these goods.", "Close the carton."),
            back=Link("Back to scanning", "/scan"),
        )


def _step(visit: Visit, order_id: str, step: fulfillment.ServiceDue) -> BenchService:
    count = step.due or step.done
    name = step.name if count == 1 else f"{count} \N{MULTIPLICATION SIGN} {step.name}"
    told = f"About {step.seconds * count:,} seconds." if step.seconds else "Confirm it when it is done."
    may_excuse = visit.may("audit:release") and step.due
    return BenchService(
        name, f"On {step.item or step.sku} ({step.sku})" if step.sku else "For the whole order", step.text,
        told if step.due else _DONE, not step.due,
        _perform_form(visit, order_id, step) if step.due else None,
        _excuse_form(visit, order_id, step) if may_excuse else None,
    )  # fmt: skip


def _perform_form(visit: Visit, order_id: str, step: fulfillment.ServiceDue) -> Form:
    hint = "JPEG, PNG or WebP, up to 2 MB."
    photo = Field("file", "Photo", "file", required=step.photo_required and not step.has_photo, hint=hint, picture=True)
    seconds = Field("seconds", "Seconds it took", "number", str(step.seconds * step.due), maximum=86_400)
    fields = (photo, seconds) if step.photo_required else (seconds,)
    return Form(f"/packing/{order_id}/services/{step.asked_id}", "Done", fields, csrf_token=visit.csrf_token)


def _excuse_form(visit: Visit, order_id: str, step: fulfillment.ServiceDue) -> Form:
    fields = (Field("reason", "Why is it not possible?", required=True, maximum=500),)
    action = f"/packing/{order_id}/services/{step.asked_id}/excuse"
    words = "Nothing is charged. The order's story and a note say why."
    return Form(action, "Send it without", fields, "Not possible", words, "stop", csrf_token=visit.csrf_token)
