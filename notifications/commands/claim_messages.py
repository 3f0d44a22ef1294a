from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from fulfillment.api import REPLACEMENT, OrderView, OutcomeView, get_order, tracking_token
from kernel.access.queries import MerchantView, find_users, get_merchant, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.money import Money
from kernel.settings import settings
from notifications.documents import render_email
from notifications.domain.messages import MessageFacts, MessageKind, compose
from notifications.domain.owner_letters import HOUSE, EndpointFacts, OwnerLetterKind, compose_owner_letter
from notifications.domain.wording import ExceptionCause, Language
from notifications.gateways.mail import OutgoingMail
from notifications.models import Message
from notifications.queries import get_endpoint
from returns.api import ReturnView, get_return

LEASE_SECONDS = 300
NEWS_FOR = timedelta(days=7)
"""What happened longer ago is no news to a customer: an import of old orders writes to nobody."""
_TO_OWNERS = frozenset(OwnerLetterKind)
_ABOUT_RETURNS = frozenset({MessageKind.RETURN_AUTHORIZED, MessageKind.RETURN_REFUNDED})
_ABOUT_OUTCOMES = frozenset({MessageKind.SENT_AGAIN, MessageKind.PARCEL_REFUNDED})


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """One letter to be handed over by whoever holds `claim`; `mail` is None when it cannot be written, and why."""

    claim: str
    message_id: str
    mail: OutgoingMail | None
    problem: str = ""


_CLAIM = text(
    """
    update message m set claim = :claim, claimed_until = clock_timestamp() + make_interval(secs => :lease)
    from (select tenant_id, id from message where state = 'queued' and next_at <= :now
          and (claimed_until is null or claimed_until <= clock_timestamp())
          order by next_at limit :limit for update skip locked) due
    where m.tenant_id = due.tenant_id and m.id = due.id returning m.id
    """
)


def claim_messages(uow: UnitOfWork, *, limit: int) -> list[ClaimedMessage]:
    """Take up to `limit` due letters for five minutes and write them, from what is true now."""
    claim = new_id("clm")
    facts = {"claim": claim, "now": uow.now, "limit": limit, "lease": LEASE_SECONDS}
    ids = list(uow.session.execute(_CLAIM, facts).scalars())
    rows = uow.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)) if ids else ()
    return [_written(uow, claim, row) for row in rows]


def _written(uow: UnitOfWork, claim: str, row: Message) -> ClaimedMessage:
    if not row.attempts and uow.now - row.occurred_at > NEWS_FOR:
        return ClaimedMessage(claim, row.id, None, "it happened too long ago to be news")
    if row.kind in _TO_OWNERS:
        return _to_owner(uow, claim, row)
    try:
        order = get_order(uow, row.order_id)
        facts = _facts(uow, row, order)
    except NotFound as error:
        return ClaimedMessage(claim, row.id, None, error.detail)
    if overtaken := _overtaken(row, order):
        return ClaimedMessage(claim, row.id, None, overtaken)
    recipient = order.customer.email or order.ship_to.email
    if not recipient:
        return ClaimedMessage(claim, row.id, None, "the customer left no e-mail address")
    merchant = get_merchant(uow, row.tenant_id)
    content = render_email(compose(MessageKind(row.kind), facts))
    mail = OutgoingMail(
        message_id=row.id, sender_name=merchant.name, sender_address=settings().mail_from, recipient=recipient,
        subject=content.subject, text=content.text, html=content.html, composed_at=row.created_at,
        reply_to=merchant.support_email,
    )  # fmt: skip
    return ClaimedMessage(claim, row.id, mail)


def _overtaken(row: Message, order: OrderView) -> str:
    """Say why a letter is no news any more, "" where it is."""
    if row.kind == MessageKind.ORDER_CONFIRMED and _was_told(row, order):
        return "the letter about the lost parcel says it"
    if row.kind == MessageKind.PROMISE_MOVED and row.subject != str(order.promised_on):
        return "another day was promised since"
    return ""


def _was_told(row: Message, order: OrderView) -> bool:
    """Say whether a confirmation is that of a replacement, promised as it was decided; a day found later is news."""
    return order.channel == REPLACEMENT and row.occurred_at <= order.received_at


def _to_owner(uow: UnitOfWork, claim: str, row: Message) -> ClaimedMessage:
    """Write to whoever looks after an endpoint, unless it was removed or works again meanwhile."""
    kind = OwnerLetterKind(row.kind)
    try:
        endpoint = get_endpoint(uow, row.subject)
    except NotFound as error:
        return ClaimedMessage(claim, row.id, None, error.detail)
    still = {OwnerLetterKind.ENDPOINT_FAILING: endpoint.failing_since is not None and endpoint.state == "active",
             OwnerLetterKind.ENDPOINT_DISABLED: endpoint.state == "disabled"}[kind]  # fmt: skip
    if not still:
        return ClaimedMessage(claim, row.id, None, "the endpoint is not in this state any more")
    merchant = get_merchant(uow, row.tenant_id)
    recipient = _owner_of(uow, merchant)
    if not recipient:
        return ClaimedMessage(claim, row.id, None, "the merchant has neither people nor a support address")
    facts = EndpointFacts(
        name=endpoint.description or endpoint.url, url=endpoint.url, merchant=merchant.name, waiting=endpoint.waiting,
        failing_since=endpoint.failing_since, reason=endpoint.disabled_reason,
        page_url=f"{settings().base_url}/webhooks?endpoint={endpoint.id}",
    )  # fmt: skip
    content = render_email(compose_owner_letter(kind, facts))
    mail = OutgoingMail(
        message_id=row.id, sender_name=HOUSE, sender_address=settings().mail_from, recipient=recipient,
        subject=content.subject, text=content.text, html=content.html, composed_at=row.created_at,
    )  # fmt: skip
    return ClaimedMessage(claim, row.id, mail)


def _owner_of(uow: UnitOfWork, merchant: MerchantView) -> str:
    """Return the address of the merchant's first person, else the merchant's support address."""
    people = [user for user in find_users(uow) if user.merchant_id == merchant.id and user.active]
    return min(people, key=lambda user: user.id).email if people else merchant.support_email


def _facts(uow: UnitOfWork, row: Message, order: OrderView) -> MessageFacts:
    zone = ZoneInfo(get_site(uow, order.site_id).time_zone)
    name = order.customer.name.split()
    facts = MessageFacts(
        brand=get_merchant(uow, row.tenant_id).name,
        order_number=order.external_id,
        action_url=_tracker(order),
        first_name=name[0] if name else "",
        language=Language.PORTUGUESE if order.customer.locale.lower().startswith("pt") else Language.ENGLISH,
        promised_on=order.promised_on,
        delivered_on=row.occurred_at.astimezone(zone).date(),
        cause=ExceptionCause(row.cause or ExceptionCause.OTHER),
    )
    if row.kind in _ABOUT_RETURNS:
        return _of_return(facts, get_return(uow, row.subject), zone)
    if row.kind in _ABOUT_OUTCOMES:
        return _of_outcome(uow, facts, _outcome(order, row.subject), order.currency)
    return facts


def _of_return(facts: MessageFacts, returned: ReturnView, zone: ZoneInfo) -> MessageFacts:
    return replace(
        facts,
        return_number=returned.id,
        return_by=returned.expires_at.astimezone(zone).date(),
        refund=Money(returned.refund_minor, returned.currency),
    )


def _of_outcome(uow: UnitOfWork, facts: MessageFacts, outcome: OutcomeView, currency: str) -> MessageFacts:
    """Add what was decided about a parcel that did not arrive; what is sent again is followed on its own page."""
    if not outcome.replacement_id:
        return replace(facts, refund=Money(outcome.refund_minor, currency))
    again = get_order(uow, outcome.replacement_id)
    return replace(
        facts, replacement_number=again.external_id, promised_on=again.promised_on, action_url=_tracker(again)
    )


def _outcome(order: OrderView, parcel_id: str) -> OutcomeView:
    for outcome in order.outcomes:
        if outcome.parcel_id == parcel_id:
            return outcome
    raise NotFound("Nothing was decided about this parcel.", remedy="Read the order again.")


def _tracker(order: OrderView) -> str:
    return f"{settings().base_url}/t/{tracking_token(order.id)}"
