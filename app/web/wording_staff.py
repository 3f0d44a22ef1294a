"""The staff's words for codes: order and line states, audits, manifests, deliveries of messages, returns."""

from dataclasses import dataclass

from app.web.faces.shell import Tone


@dataclass(frozen=True, slots=True)
class StatusWords:
    """A state as a word and a tone; the template adds the tone's shape, so that color never stands alone."""

    words: str
    tone: Tone


def _table(rows: tuple[tuple[str, str, Tone], ...]) -> dict[str, StatusWords]:
    return {code: StatusWords(words, tone) for code, words, tone in rows}


STATUS_WORDS: dict[str, StatusWords] = _table(
    (
        ("NEW", "New", "info"),
        ("ON_HOLD", "On hold", "warn"),
        ("SCHEDULED", "Scheduled", "plain"),
        ("BACKORDERED", "Waiting for stock", "warn"),
        ("PARTIALLY_ALLOCATED", "Partly allocated", "warn"),
        ("ALLOCATED", "Allocated", "plain"),
        ("PROMISED", "Promised", "plain"),
        ("RELEASED", "Released", "plain"),
        ("PICKING", "Being picked", "info"),
        ("PICKED", "Picked", "plain"),
        ("PACKED", "Packed", "plain"),
        ("AUDIT_HOLD", "Held, weigh", "stop"),
        ("READY_TO_MANIFEST", "Ready for the carrier", "plain"),
        ("MANIFESTED", "On the manifest", "plain"),
        ("SHIPPED", "Shipped", "info"),
        ("PARTIALLY_SHIPPED", "Partly shipped", "info"),
        ("PARTIALLY_PICKED", "Partly picked", "info"),
        ("PARTIALLY_PACKED", "Partly packed", "info"),
        ("PARTIALLY_DELIVERED", "Partly delivered", "info"),
        ("DELIVERED", "Delivered", "ok"),
        ("EXCEPTION", "Exception", "stop"),
        ("RETURN_IN_PROGRESS", "Return in progress", "info"),
        ("RETURNED", "Returned", "muted"),
        ("CANCELLED", "Cancelled", "muted"),
        ("CLOSED_SHORT", "Closed short", "warn"),
        ("PENDING", "Waiting", "muted"),
        ("PRE_TRANSIT", "Label made, no scan yet", "plain"),
        ("PICKED_UP", "With the carrier", "info"),
        ("IN_TRANSIT", "In transit", "info"),
        ("OUT_FOR_DELIVERY", "Out for delivery", "info"),
        ("AVAILABLE_FOR_PICKUP", "Ready to collect", "warn"),
        ("ATTEMPT_FAILED", "Attempt failed", "warn"),
        ("RETURNING", "Coming back", "warn"),
        ("EXPIRED", "No news for long", "stop"),
        ("UNKNOWN", "Unknown carrier code", "warn"),
        ("MEASURED", "Weighed", "plain"),
        ("PASS", "Weight right", "ok"),
        ("WARN", "Weight close", "warn"),
        ("HOLD", "Held, weigh", "stop"),
        ("CHECK_AGREES", "As declared", "ok"),
        ("CHECK_VOUCHED", "Differs, known", "warn"),
        ("CHECK_STOPPED", "Stopped, differs", "stop"),
        ("CHECK_FOUND", "Gone, differs", "warn"),
        ("OVERRIDE", "Released by hand", "warn"),
        ("REJECT", "Back to packing", "stop"),
        ("OPEN", "Open", "info"),
        ("READY", "Ready", "ok"),
        ("CLOSED", "Closed", "ok"),
        ("HANDED_OVER", "Handed over", "ok"),
        ("TRANSMITTED", "Sent to the carrier", "info"),
        ("REJECTED", "Rejected by the carrier", "stop"),
        ("QUEUED", "Waiting", "muted"),
        ("SENT", "Sent", "ok"),
        ("ACKED", "Delivered", "ok"),
        ("RETRY", "Will try again", "warn"),
        ("DEAD", "Gave up", "stop"),
        ("FAILED", "Failed", "stop"),
        ("BOUNCED", "Bounced", "stop"),
        ("REPLAYED", "Replayed", "info"),
        ("ACTIVE", "Active", "ok"),
        ("PAUSED", "Paused", "warn"),
        ("DISABLED", "Switched off", "muted"),
        ("REVOKED", "Revoked", "muted"),
        ("REQUESTED", "Requested", "info"),
        ("AUTHORIZED", "Authorized", "info"),
        ("REVIEW", "Needs a decision", "warn"),
        ("DENIED", "Denied", "muted"),
        ("LABEL_ISSUED", "Label issued", "plain"),
        ("RECEIVED", "Received", "info"),
        ("IDENTIFIED", "Identified", "info"),
        ("GRADED", "Graded", "info"),
        ("DISPOSED", "Done", "ok"),
        ("RUNNING", "Running", "info"),
        ("DONE", "Done", "ok"),
        ("DONE_WITH_FLAGS", "Done, rows to look at", "warn"),
        ("TAKEN", "Taken", "ok"),
        ("KNOWN", "Here already", "plain"),
        ("CREATED", "Created", "ok"),
        ("CHANGED", "Changed", "ok"),
        ("UNCHANGED", "As it was", "plain"),
        ("LEFT_OUT", "Left out", "muted"),
        ("REFUSED", "Refused", "stop"),
        ("DRAFT", "Draft", "muted"),
        ("ASSIGNED", "Assigned", "plain"),
        ("IN_PROGRESS", "In progress", "info"),
        ("UNLOADING", "Unloading", "info"),
        ("ABANDONED", "Abandoned", "stop"),
    )
)


def status_words(code: str) -> StatusWords:
    """Return the word and tone of a state code; an unlisted code is shown in plain letters rather than guessed at."""
    known = STATUS_WORDS.get(code.upper())
    if known is not None:
        return known
    return StatusWords(code.replace("_", " ").capitalize(), "plain")
