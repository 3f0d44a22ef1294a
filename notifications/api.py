"""The door of the notifications context: webhooks to merchants' systems, and letters to customers."""

from notifications.commands.edit_endpoint import delete_endpoint, rotate_secret, send_test_event, update_endpoint
from notifications.commands.register_endpoint import register_endpoint
from notifications.commands.replay_events import Replayed, replay_events, replay_failed, replay_range
from notifications.commands.settle_delivery import BeingSent, NotNext, retry_delivery, skip_delivery
from notifications.commands.switch_endpoint import pause_endpoint, resume_endpoint
from notifications.domain.schedule import DISABLE_AFTER
from notifications.events import EndpointDisabled, EndpointFailing, EndpointTested, MessageSent
from notifications.invariants import INVARIANTS
from notifications.queries import (
    AttemptView,
    DeliveryView,
    EndpointView,
    MessageView,
    find_deliveries,
    find_endpoints,
    find_messages,
    get_endpoint,
    newest_secret,
    owner_letters,
)
from notifications.subscriptions import SUBSCRIPTIONS

__all__ = [
    "DISABLE_AFTER",
    "INVARIANTS",
    "SUBSCRIPTIONS",
    "AttemptView",
    "BeingSent",
    "DeliveryView",
    "EndpointDisabled",
    "EndpointFailing",
    "EndpointTested",
    "EndpointView",
    "MessageSent",
    "MessageView",
    "NotNext",
    "Replayed",
    "delete_endpoint",
    "find_deliveries",
    "find_endpoints",
    "find_messages",
    "get_endpoint",
    "newest_secret",
    "owner_letters",
    "pause_endpoint",
    "register_endpoint",
    "replay_events",
    "replay_failed",
    "replay_range",
    "resume_endpoint",
    "retry_delivery",
    "rotate_secret",
    "send_test_event",
    "skip_delivery",
    "update_endpoint",
]
