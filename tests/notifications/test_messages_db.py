import email
import email.policy
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from fulfillment import api as fulfillment
from fulfillment.commands.follow_parcel import follow_parcel
from kernel import clock
from kernel.db.relay import relay
from kernel.db.transactions import transaction
from kernel.events import Event
from kernel.settings import settings
from notifications.api import SUBSCRIPTIONS, MessageView, find_messages
from notifications.domain.outcomes import MailKind, MailOutcome
from notifications.domain.schedule import DELAYS
from notifications.domain.wording import ENGLISH
from notifications.gateways.mail import RecordingMailer
from notifications.jobs import default_mailer, send_due_messages
from returns.api import RefundInstructed as ReturnRefund
from returns.api import ReturnAuthorized
from returns.models import ReturnRequest
from shipping.events.tracking import ParcelException
from tests.fulfillment import house as h
from tests.notifications.desk import SYSTEM, broken
from tests.plugin.databases import FreshDatabase


@pytest.fixture
def house(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[h.House]:
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "a key of tests")
    monkeypatch.setenv("PICKSTREAM_HOME", str(home))
    monkeypatch.setenv("PICKSTREAM_PUBLIC_URL", "https://track.example")
    settings.cache_clear()
    with transaction(SYSTEM) as uow:
        built = h.build(uow)
        h.stock(uow, built, A={"A-01-01-1": 50})
    with clock.at(h.NOW):
        yield built
    assert broken() == {}


def place(house: h.House, **other: object) -> fulfillment.OrderView:
    with transaction(SYSTEM, now=h.NOW) as uow:
        order = h.order(uow, house, ("A", 1), **other)
    relay(SUBSCRIPTIONS)
    return order


def tell(event: Event) -> None:
    with transaction(SYSTEM) as uow:
        uow.emit(event)
    relay(SUBSCRIPTIONS)


def about(order: fulfillment.OrderView) -> dict[str, str]:
    return {"tenant_id": order.tenant_id, "order_id": order.id, "customer_id": order.customer.id}


def trouble(order: fulfillment.OrderView, **other: str) -> ParcelException:
    facts = {"parcel_id": "par_1", "carrier": "sim", "status": "exception", "reason": "weather_delay", "place": ""}
    return ParcelException(**about(order), **(facts | {"sentence": "Late"} | other))  # type: ignore[arg-type]  # all text


def letters(order: fulfillment.OrderView) -> list[MessageView]:
    with transaction(SYSTEM) as uow:
        return list(find_messages(uow, order_id=order.id).items)[::-1]


def kinds(order: fulfillment.OrderView) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in letters(order)]


def test_the_customer_is_written_at_each_occasion_once(house: h.House) -> None:
    order = place(house, number="10482")
    tell(fulfillment.OrderShipped(**about(order), units=1))
    tell(fulfillment.OrderShipped(**about(order), units=1))
    tell(fulfillment.OrderDelivered(**about(order), units=1))
    mailer = RecordingMailer()
    assert send_due_messages(mailer) == 3
    assert send_due_messages(mailer) == 0
    assert kinds(order) == [("order_confirmed", "sent"), ("shipped", "sent"), ("delivered", "sent")]
    first = mailer.sent[0]
    assert first["To"].addresses[0].addr_spec.lower() == "ana@example.com"
    assert first["From"].addresses[0].display_name == "Acme"
    assert first["Subject"] == "Your order 10482 at Acme is confirmed"
    body = words(first)
    assert "Hello Ana," in body
    assert "Friday, November 27" in body
    assert f"https://track.example/t/{fulfillment.tracking_token(order.id)}" in body
    assert [message["Message-ID"] for message in mailer.sent] == [f"<{m.id}@mail.example>" for m in letters(order)]
    with transaction(SYSTEM) as uow:
        statement = "select summary, audience from event where type = 'notifications.message_sent.v1' order by seq"
        told = [tuple(row) for row in uow.session.execute(text(statement))]
    assert told[1] == ("E-mail “Your parcel is on its way” sent", "staff")


def test_a_moved_promise_is_written_of_unless_it_moved_again(house: h.House) -> None:
    order = place(house, number="10482")
    assert order.promised_on is not None
    now, before = order.promised_on.isoformat(), "2026-11-26"
    for day in (before, now, now):
        tell(fulfillment.PromiseMoved(**about(order), promised_on=day, formerly_on="2026-11-25", cause="of a flood"))
    mailer = RecordingMailer()
    send_due_messages(mailer)
    assert kinds(order) == [("order_confirmed", "sent"), ("promise_moved", "suppressed"), ("promise_moved", "sent")]
    assert mailer.sent[-1]["Subject"] == "Your order 10482 from Acme: a new delivery day"
    assert "We now expect it by Friday, November 27." in words(mailer.sent[-1])


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_trouble_is_told_once_for_a_parcel_and_cause(house: h.House) -> None:
    order = place(house)
    tell(trouble(order))
    tell(trouble(order, reason="natural_disaster"))
    tell(trouble(order, reason="damaged"))
    tell(trouble(order, parcel_id="par_2"))
    tell(trouble(order, parcel_id="par_3", kind="return"))
    tell(trouble(order, parcel_id="par_4", status="cancelled", reason=""))
    exceptions = [(one.subject, one.cause) for one in letters(order) if one.kind == "exception"]
    assert exceptions == [("par_1", "weather"), ("par_1", "damaged"), ("par_2", "weather")]
    mailer = RecordingMailer()
    send_due_messages(mailer)
    assert "Bad weather is holding up" in words(mailer.sent[1])


def returned(house: h.House, order: fulfillment.OrderView, *, refund_minor: int = 0) -> None:
    with transaction(SYSTEM) as uow:
        uow.session.add(
            ReturnRequest(
                tenant_id=order.tenant_id, id="rma_1", order_id=order.id, customer_id=order.customer.id,
                site_id=house.site, state="authorized", note="", decision="", currency="EUR",
                refund_minor=refund_minor, parcel_id="", tracking_number="", requested_at=h.NOW, decided_at=h.NOW,
                received_at=None, closed_at=None, expires_at=datetime(2026, 12, 8, 23, 30, tzinfo=UTC), version=1,
            )
        )  # fmt: skip


def test_an_accepted_return_is_told_with_its_last_day(house: h.House) -> None:
    order = place(house, number="10483")
    returned(house, order)
    tell(ReturnAuthorized(**about(order), return_id="rma_1", why="in time"))
    mailer = RecordingMailer()
    assert send_due_messages(mailer) == 2
    body = words(mailer.sent[1])
    assert "Your return rma_1 for order 10483 is approved" in body
    assert "Wednesday, December 9" in body, "half past eleven in UTC is the next day in Hamburg"


def lost(house: h.House) -> tuple[fulfillment.OrderView, dict[str, str]]:
    """Return a sent order whose parcel the carrier lost, and how the commands name that parcel."""
    with transaction(SYSTEM, now=h.NOW) as uow:
        order, (parcel,) = h.packed(uow, house, ("A", 2))
        for state in (fulfillment.ParcelState.SHIPPED, fulfillment.ParcelState.LOST):
            follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=state)
            uow.session.flush()
    return order, {"tenant_id": house.tenant, "order_id": order.id, "parcel_id": parcel.id}


def test_what_is_sent_again_is_told_once_and_leads_to_its_own_page(house: h.House) -> None:
    order, parcel = lost(house)
    with transaction(SYSTEM, now=h.NOW) as uow:
        again = fulfillment.send_again(uow, **parcel, reason="no scan for ten days")
    mailer = RecordingMailer()
    with clock.at(h.NOW):
        relay(SUBSCRIPTIONS)
        send_due_messages(mailer)
    assert ("sent_again", "sent") in kinds(order)
    body = words(mailer.sent[-1])
    assert f"order {order.external_id} did not arrive" in body
    assert f"order {order.external_id}-R1" in body
    assert f"https://track.example/t/{fulfillment.tracking_token(again.id)}" in body
    assert again.promised_on is not None
    assert f"by {ENGLISH.day_in_words(again.promised_on)}." in body
    assert kinds(again) == [("order_confirmed", "suppressed")], "one letter about one decision"


def test_a_refund_of_a_lost_parcel_is_told_with_its_amount(house: h.House) -> None:
    order, parcel = lost(house)
    with transaction(SYSTEM, now=h.NOW) as uow:
        fulfillment.refund_parcel(uow, **parcel, reason="no scan for ten days")
    mailer = RecordingMailer()
    with clock.at(h.NOW):
        relay(SUBSCRIPTIONS)
        send_due_messages(mailer)
    assert ("parcel_refunded", "sent") in kinds(order)
    assert "paying you back 24.90 EUR" in words(mailer.sent[-1])


def test_a_refund_of_a_return_is_told_and_one_of_nothing_is_not(house: h.House) -> None:
    order = place(house, number="10484")
    returned(house, order, refund_minor=1_250)
    tell(ReturnRefund(**about(order), return_id="rma_1", amount_minor=1_250, currency="EUR"))
    tell(ReturnRefund(**about(order), return_id="rma_2", amount_minor=0, currency="EUR"))
    mailer = RecordingMailer()
    assert send_due_messages(mailer) == 2
    assert mailer.sent[1]["Subject"] == "Your refund of 12.50 EUR for order 10484 from Acme"
    assert "Your return rma_1 of order 10484 is checked" in words(mailer.sent[1])


def test_without_an_address_nothing_is_sent_and_the_reason_is_kept(house: h.House) -> None:
    order = place(house, customer=fulfillment.CustomerDraft("c-9", "Bo"))
    assert send_due_messages(RecordingMailer()) == 0
    (letter,) = letters(order)
    assert (letter.state, letter.error) == ("suppressed", "the customer left no e-mail address")


def test_a_customer_is_written_in_their_language(house: h.House) -> None:
    place(house, customer=fulfillment.CustomerDraft("c-2", "Ana Souza", "ana@example.com", locale="pt-BR"), number="7")
    mailer = RecordingMailer()
    send_due_messages(mailer)
    assert mailer.sent[0]["Subject"] == "Seu pedido 7 na Acme está confirmado"


def test_a_refused_letter_fails_at_once_and_a_delayed_one_is_tried_ten_times(house: h.House) -> None:
    refused, delayed = place(house), place(house)
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update message set next_at = :far where order_id = :o"), FAR | {"o": delayed.id})
    send_due_messages(RecordingMailer(outcome=MailOutcome(MailKind.REFUSED, 550, "no such mailbox")))
    assert [(one.state, one.error) for one in letters(refused)] == [("failed", "no such mailbox")]
    busy = RecordingMailer(outcome=MailOutcome(MailKind.RETRY, 451, "later"))
    for step in range(12):
        with clock.at(FAR["far"] + step * timedelta(days=2)):
            send_due_messages(busy)
    (letter,) = letters(delayed)
    assert (letter.state, letter.attempts, len(busy.sent)) == ("failed", len(DELAYS), len(DELAYS))
    assert "later" in letter.error


FAR = {"far": h.NOW + timedelta(days=1)}


@pytest.mark.thorough
def test_a_worker_that_dies_after_the_hand_over_sends_the_same_message_again(house: h.House) -> None:
    order = place(house)
    program = (
        "from kernel.settings import settings\n"
        "from notifications.jobs import default_mailer, send_due_messages\n"
        "send_due_messages(default_mailer(settings()))\n"
    )
    environment = os.environ | {"PICKSTREAM_CRASHPOINT": "mail.before_record"}
    died = subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    folder = settings().home / "mail"
    first = {path.name for path in folder.iterdir()}
    assert first == {f"{letters(order)[0].id}.eml"}
    mailer = default_mailer(settings())
    assert send_due_messages(mailer) == 0, "the letter is leased"
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update message set claimed_until = claimed_until - interval '1 hour'"))
    assert send_due_messages(mailer) == 1
    assert {path.name for path in folder.iterdir()} == first
    (path,) = folder.iterdir()
    opened = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert opened["Message-ID"] == f"<{letters(order)[0].id}@pickstream.invalid>"
