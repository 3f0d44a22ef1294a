from kernel.db.relay import Handler, Subscription
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope
from notifications.commands.queue_message import queue_message
from notifications.domain.exception_causes import cause_of
from notifications.domain.messages import MessageKind
from notifications.domain.owner_letters import OwnerLetterKind
from notifications.events import EndpointDisabled, EndpointFailing


def _about_order(kind: MessageKind) -> Handler:
    def write(uow: UnitOfWork, envelope: Envelope) -> None:
        queue_message(uow, envelope=envelope, kind=kind)

    return write


def _about_exception(uow: UnitOfWork, envelope: Envelope) -> None:
    """Write once for a parcel and cause; parcels on their way back to us are no news to the customer."""
    facts = envelope.data()
    cause = cause_of(str(facts["status"]), str(facts["reason"]))
    if cause is not None and envelope.order_id and facts["kind"] == "outbound":
        parcel = str(facts["parcel_id"])
        queue_message(uow, envelope=envelope, kind=MessageKind.EXCEPTION, subject=parcel, cause=cause.value)


def _about(kind: MessageKind, subject: str) -> Handler:
    """Write once for each parcel or return that `subject` names among the facts."""

    def write(uow: UnitOfWork, envelope: Envelope) -> None:
        queue_message(uow, envelope=envelope, kind=kind, subject=str(envelope.data()[subject]))

    return write


def _about_refund(kind: MessageKind, subject: str) -> Handler:
    """Write about money that is paid back; nothing is news to nobody."""

    def write(uow: UnitOfWork, envelope: Envelope) -> None:
        facts = envelope.data()
        if facts["amount_minor"]:
            queue_message(uow, envelope=envelope, kind=kind, subject=str(facts[subject]))

    return write


def _about_failing_endpoint(uow: UnitOfWork, envelope: Envelope) -> None:
    """Write to the owner once for a failure and how long it lasts."""
    facts = envelope.data()
    queue_message(
        uow, envelope=envelope, kind=OwnerLetterKind.ENDPOINT_FAILING, subject=str(facts["endpoint_id"]),
        cause=f"{facts['failing_since']}/{facts['hours']}",
    )  # fmt: skip


def _about_disabled_endpoint(uow: UnitOfWork, envelope: Envelope) -> None:
    endpoint = str(envelope.data()["endpoint_id"])
    queue_message(uow, envelope=envelope, kind=OwnerLetterKind.ENDPOINT_DISABLED, subject=endpoint, cause=envelope.id)


SUBSCRIPTIONS = (
    Subscription(
        "notifications.messages",
        {
            "fulfillment.order_promised.v1": _about_order(MessageKind.ORDER_CONFIRMED),
            "fulfillment.order_shipped.v1": _about_order(MessageKind.SHIPPED),
            "fulfillment.order_delivered.v1": _about_order(MessageKind.DELIVERED),
            "shipping.parcel_exception.v1": _about_exception,
            "returns.return_authorized.v1": _about(MessageKind.RETURN_AUTHORIZED, "return_id"),
            "fulfillment.replacement_ordered.v1": _about(MessageKind.SENT_AGAIN, "parcel_id"),
            "fulfillment.refund_instructed.v1": _about_refund(MessageKind.PARCEL_REFUNDED, "parcel_id"),
            "fulfillment.customer_asked.v1": _about(MessageKind.CHOICE_ASKED, "question_id"),
            "fulfillment.promise_moved.v1": _about(MessageKind.PROMISE_MOVED, "promised_on"),
            "returns.refund_instructed.v1": _about_refund(MessageKind.RETURN_REFUNDED, "return_id"),
            EndpointFailing.TYPE: _about_failing_endpoint,
            EndpointDisabled.TYPE: _about_disabled_endpoint,
        },
    ),
)
