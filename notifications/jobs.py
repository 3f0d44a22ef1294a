import random
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache, partial

from kernel import actors, clock
from kernel.crashpoints import crashpoint
from kernel.db.jobs import take_slot
from kernel.db.transactions import run
from kernel.settings import Settings
from notifications.commands.claim_deliveries import LEASE_SECONDS, ClaimedStream, claim_deliveries
from notifications.commands.claim_messages import ClaimedMessage, claim_messages
from notifications.commands.feed_endpoints import feed_endpoints
from notifications.commands.forget_attempts import forget_attempts
from notifications.commands.record_attempts import Attempt, Sent, record_attempts
from notifications.commands.record_messages import record_messages
from notifications.commands.warn_owners import warn_owners
from notifications.domain.outcomes import DeliveryKind, MailOutcome
from notifications.domain.signing import signed_headers
from notifications.gateways.mail import Mailer
from notifications.gateways.mail_servers import mailer_for
from notifications.gateways.webhooks import TOTAL_TIMEOUT_S, HttpWebhookSender, WebhookSender

IN_FLIGHT = 8
SEND_WINDOW_S = LEASE_SECONDS - 2 * TOTAL_TIMEOUT_S
"""A worker starts no request later than this after its claim, so that it is silent before the claim can pass on."""
WORK_S = 45.0
MAIL_BATCH = 20
FORGET_BATCH = 5_000
RETENTION_EVERY = timedelta(hours=1)
_actor = actors.system("notifications")


def default_sender(settings: Settings) -> WebhookSender:
    """Return the sender that calls receivers, with the operator's exempt hosts."""
    return _sender(tuple(settings.webhook_allow_hosts))


def default_mailer(settings: Settings) -> Mailer:
    """Return the mailer for the configured server, or one that writes into `mail` under the data directory."""
    return mailer_for(settings.smtp_url, settings.mail_from, settings.home / "mail")


@lru_cache
def _sender(allow_hosts: tuple[str, ...]) -> WebhookSender:
    # Kept, because reading the certificate authorities takes longer than a delivery.
    return HttpWebhookSender(allow_hosts=frozenset(allow_hosts))


def deliver_due(sender: WebhookSender, *, limit: int = 2_000) -> int:
    """Feed the endpoints and send what is due; return how many deliveries arrived.

    No transaction is open during a request: a stream is leased for 60 s by the database's clock, and its outcome is
    recorded only by the holder of the lease. A worker that dies leaves a lease to run out, and the same events go out
    again with the same ids; one that was frozen starts no request any more when its lease is about to end. Requests
    run in threads, everything about the database in the calling one, which records what has ended and claims the next
    while others are still waiting for a slow receiver.
    """
    with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="webhook") as threads:
        return _Round(sender, threads, limit).work()


@dataclass(slots=True)
class _Round:
    """One run of the deliverer: what is in the air, and what may still be started."""

    sender: WebhookSender
    threads: ThreadPoolExecutor
    left: int
    ends_at: float = field(default_factory=lambda: time.monotonic() + WORK_S)
    flying: set[Future[Sent]] = field(default_factory=set)

    def work(self) -> int:
        arrived = 0
        while self._may_start() and (run(_actor, feed_endpoints) or not arrived):
            self._launch()
            if not self.flying:
                break
            while self.flying:
                arrived += self._land()
                self._launch()
        return arrived

    def _may_start(self) -> bool:
        return self.left > 0 and time.monotonic() < self.ends_at

    def _launch(self) -> None:
        free = min(IN_FLIGHT - len(self.flying), self.left)
        if free <= 0 or not self._may_start():
            return
        until = time.monotonic() + SEND_WINDOW_S
        for claimed in run(_actor, partial(claim_deliveries, limit=free)):
            self.left -= len(claimed.deliveries)
            # A copy of the context takes the time that this job lives in along into the thread.
            self.flying.add(self.threads.submit(copy_context().run, _send, self.sender, claimed, until))

    def _land(self) -> int:
        landed, self.flying = wait(self.flying, return_when=FIRST_COMPLETED)
        sent = [future.result() for future in landed]
        crashpoint("webhooks.before_record")
        return run(_actor, partial(record_attempts, sent=sent, jitter=_jitter()))


def _send(sender: WebhookSender, claimed: ClaimedStream, until: float) -> Sent:
    """Send a stream's deliveries in order, up to the first that fails."""
    attempts: list[Attempt] = []
    for delivery in claimed.deliveries:
        if time.monotonic() >= until:
            break
        headers = signed_headers(delivery.event_id, clock.now(), delivery.body, claimed.secrets)
        headers["content-type"] = "application/cloudevents+json"
        outcome = sender.send(url=claimed.url, headers=headers, body=delivery.body)
        attempts.append(Attempt(delivery, clock.now(), outcome))
        if outcome.kind is not DeliveryKind.DELIVERED:
            break
    return Sent(claimed, tuple(attempts))


def warn_failing_owners() -> int:
    """Warn the owners of endpoints that have failed for long; return how many."""
    return run(_actor, warn_owners)


def forget_old_attempts(*, keep: timedelta, at_once: int = FORGET_BATCH) -> int:
    """Delete old delivery attempts, `at_once` in a transaction, once an hour; return how many were deleted.

    Small transactions hold locks for a moment only, and what one run does not finish in time is left to the next.
    """
    if not run(_actor, lambda uow: take_slot(uow, "webhook_attempts.forget", RETENTION_EVERY)):
        return 0
    ends_at, done = time.monotonic() + WORK_S, 0
    while time.monotonic() < ends_at:
        forgotten = run(_actor, partial(forget_attempts, keep=keep, limit=at_once))
        done += forgotten
        if forgotten < at_once:
            break
    return done


def send_due_messages(mailer: Mailer, *, limit: int = 1_000) -> int:
    """Write the letters that are due and hand them to the mail server; return how many it took.

    As with webhooks, no transaction is open meanwhile, and a worker that dies leaves a lease behind: the letter goes
    out again with the same Message-ID.
    """
    ends_at, sent, left = time.monotonic() + WORK_S, 0, limit
    while left > 0 and time.monotonic() < ends_at:
        claimed = run(_actor, partial(claim_messages, limit=min(left, MAIL_BATCH)))
        if not claimed:
            break
        left -= len(claimed)
        outcomes = _hand_over(mailer, claimed, ends_at)
        crashpoint("mail.before_record")
        sent += run(_actor, partial(record_messages, claimed=claimed, outcomes=outcomes, jitter=_jitter()))
    return sent


def _hand_over(mailer: Mailer, claimed: Sequence[ClaimedMessage], until: float) -> dict[str, MailOutcome]:
    outcomes: dict[str, MailOutcome] = {}
    for one in claimed:
        if one.mail is not None and time.monotonic() < until:
            outcomes[one.message_id] = mailer.send(one.mail)
    return outcomes


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads retries, guards nothing
