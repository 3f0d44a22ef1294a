from kernel.db.relay import Subscription
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.events import Envelope
from shipping.commands.request_label import request_label
from shipping.events.labels import LabelRefused
from shipping.events.parcels import ParcelHoldReleased, ParcelWeighed
from shipping.export_facts import ExportFactsMissing
from shipping.rate_shop import NoServiceFits


def _want_label_after_pass(uow: UnitOfWork, envelope: Envelope) -> None:
    if envelope.event(ParcelWeighed).decision == "PASS":
        _want_label(uow, envelope)


def _want_label(uow: UnitOfWork, envelope: Envelope) -> None:
    """Record the intent to buy a label for a parcel that was just cleared, if it is still waiting for one."""
    data = envelope.data()
    try:
        request_label(uow, tenant_id=envelope.tenant_id, parcel_id=data["parcel_id"])
    except (NoServiceFits, ExportFactsMissing) as refusal:
        uow.emit(
            LabelRefused(
                tenant_id=envelope.tenant_id,
                order_id=envelope.order_id,
                customer_id=envelope.customer_id,
                parcel_id=data["parcel_id"],
                lines=data["lines"],
                why=refusal.title.lower(),
            )
        )
    except Refusal:
        # The parcel was voided or went on meanwhile: then there is nothing to want.
        return


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(
        "shipping.labels",
        {ParcelWeighed.TYPE: _want_label_after_pass, ParcelHoldReleased.TYPE: _want_label},
    ),
)
"""A cleared parcel gets its label by itself; `jobs.purchase_pending_labels` buys what is wanted."""
