from fulfillment.commands.pack_bench import require_at_bench
from fulfillment.commands.pack_order import require_ready
from fulfillment.domain.order_drafts import MAX_NOTE, is_blank, is_printable
from fulfillment.events.value_added import ServiceExcused
from fulfillment.models import OrderNote, ServicePhoto, ServiceStep
from fulfillment.repository import OrderInHand, lock_order
from fulfillment.value_added.photos import redrawn
from fulfillment.value_added.steps import AskedInHand, asked_in_hand, unused_photo
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id

MAX_STEP_SECONDS = 86_400


class NothingDue(Refusal):
    """Nothing of a service is left to be done now."""

    code = "nothing_due"
    title = "Nothing of this is left to do"


class PhotoMissing(Refusal):
    """A service is proved by a photo, and there is none."""

    code = "photo_missing"
    title = "A photo is needed"


def perform_service(uow: UnitOfWork, *, tenant_id: str, order_id: str, asked_id: str, seconds: int = 0) -> str:
    """Confirm that all that is due of an asked service is done, in so many seconds, and return the step's id. It is
    charged when the parcel of its goods is closed. The newest photo of it that proves nothing yet is its evidence.

    Raises:
        NotFound, Invalid: no such order or service, or no such number of seconds.
        NotReadyToPack: as `pack_order`.
        PackTaken: another packer's claim is running.
        NothingDue: it is done already, or none of its units are here.
        PhotoMissing: the merchant wants a photo of it.
    """
    if not 0 <= seconds <= MAX_STEP_SECONDS:
        raise Invalid(f"This lies between 0 and {MAX_STEP_SECONDS}.", pointer="/seconds")
    _, asked = _due_now(uow, tenant_id, order_id, asked_id)
    photo_id = unused_photo(uow, asked)
    if asked.row.photo_required and not photo_id:
        raise PhotoMissing(f"The merchant wants a photo of {asked.row.name}.", remedy="Take it, then confirm.")
    return _add_step(uow, asked, state="confirmed", seconds=seconds, photo_id=photo_id).id


def excuse_service(uow: UnitOfWork, *, tenant_id: str, order_id: str, asked_id: str, reason: str) -> str:
    """Let the order go out without what is due of an asked service, because it is not possible, and return the step's
    id. Nothing is charged; a note on the order says why. Emits ServiceExcused.

    Raises:
        NotFound, Invalid: no such order or service, or no reason.
        NotReadyToPack, NothingDue: as `perform_service`.
    """
    if is_blank(reason) or len(reason) > MAX_NOTE or not is_printable(reason, prose=True):
        raise Invalid(f"A reason has 1 to {MAX_NOTE} printable characters.", pointer="/reason")
    order, asked = _due_now(uow, tenant_id, order_id, asked_id, of_any=True)
    step = _add_step(uow, asked, state="excused", reason=reason)
    note = OrderNote(
        tenant_id=tenant_id, id=new_id("not"), order_id=order_id, author=uow.actor.id, at=uow.now,
        text=f"{asked.row.name} was not possible: {reason}",
    )  # fmt: skip
    uow.session.add(note)
    uow.emit(
        ServiceExcused(
            **order.about, step_id=step.id, line_id=asked.row.line_id, service=asked.row.code, name=asked.row.name,
            quantity=step.quantity,
        )
    )  # fmt: skip
    uow.audit(
        "order.service_excused", subject=order_id, tenant_id=tenant_id, reason=reason, service=asked.row.code,
        quantity=step.quantity,
    )  # fmt: skip
    return step.id


def keep_photo(uow: UnitOfWork, *, tenant_id: str, order_id: str, asked_id: str, content: bytes) -> str:
    """Keep a picture of an asked service, drawn anew as JPEG without where and by whom it was taken; return its id.

    Raises:
        NotFound: no such order or service.
        NotReadyToPack, NothingDue, PackTaken: as `perform_service`.
        NoPicture: it is no JPEG, PNG or WebP, or too large.
    """
    _, asked = _due_now(uow, tenant_id, order_id, asked_id)
    drawn = redrawn(content)
    photo = ServicePhoto(
        tenant_id=tenant_id, id=new_id("pho"), order_id=order_id, asked_id=asked.row.id, content=drawn.content,
        content_type="image/jpeg", sha256=drawn.sha256, width=drawn.width, height=drawn.height, taken_at=uow.now,
        taken_by=uow.actor.id,
    )  # fmt: skip
    uow.session.add(photo)
    uow.session.flush()
    return photo.id


def _due_now(
    uow: UnitOfWork, tenant_id: str, order_id: str, asked_id: str, *, of_any: bool = False
) -> tuple[OrderInHand, AskedInHand]:
    """Return the locked order and the asked service of which something is due; `of_any` packer's order."""
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    require_ready(order)
    if not of_any:
        require_at_bench(uow, order)
    asked = next((each for each in asked_in_hand(uow, order) if each.row.id == asked_id), None)
    if asked is None:
        raise NotFound("The order asks for no such service.", remedy="Read the order again.")
    if not asked.due:
        raise NothingDue(f"Nothing of {asked.row.name} is left to do now.", remedy="Go on with the next step.")
    return order, asked


def _add_step(
    uow: UnitOfWork, asked: AskedInHand, *, state: str, seconds: int = 0, photo_id: str = "", reason: str = ""
) -> ServiceStep:  # fmt: skip
    row = asked.row
    step = ServiceStep(
        tenant_id=row.tenant_id, id=new_id("stp"), order_id=row.order_id, asked_id=row.id, quantity=asked.due,
        state=state, parcel_id="", seconds=seconds, photo_id=photo_id, reason=reason, done_at=uow.now,
        done_by=uow.actor.id,
    )  # fmt: skip
    uow.session.add(step)
    uow.session.flush()
    return step
