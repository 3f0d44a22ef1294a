"""The owner of a failing endpoint hears of it in time, and old attempts are forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.access.commands import create_user
from kernel.actors import Role
from kernel.db.relay import relay
from kernel.db.transactions import transaction
from notifications.api import MessageView, find_messages, owner_letters, resume_endpoint, skip_delivery
from notifications.domain.owner_letters import EndpointFacts, OwnerLetterKind, compose_owner_letter
from notifications.domain.schedule import DISABLE_AFTER
from notifications.gateways.mail import RecordingMailer
from notifications.jobs import forget_old_attempts, send_due_messages, warn_failing_owners
from notifications.subscriptions import SUBSCRIPTIONS
from tests.notifications.desk import SYSTEM, Desk, broken, opened
from tests.plugin.databases import FreshDatabase

HOUR = timedelta(hours=1)
START = datetime.now(UTC)


@pytest.fixture
def desk(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PICKSTREAM_PUBLIC_URL", "https://dc.example")
    with opened(monkeypatch) as found:
        with transaction(SYSTEM) as uow:
            for name in ("second", "first"):
                create_user(
                    uow, email=f"{name}@nordhus.example", name=name, role=Role.MERCHANT, password="a long password",
                    merchant_id=found.tenant, site_id=None,
                )  # fmt: skip
        yield found


def letters(desk: Desk, endpoint: str) -> list[MessageView]:
    with transaction(desk.owner) as uow:
        return list(owner_letters(uow, endpoint))[::-1]


def pass_hours(hours: float, mailer: RecordingMailer) -> int:
    """Look after the endpoints and send the letters, so many hours after the start; return the warnings."""
    with clock.at(START + hours * HOUR):
        warned = warn_failing_owners()
        relay(SUBSCRIPTIONS)
        send_due_messages(mailer)
    return warned


def failing(desk: Desk) -> str:
    endpoint = desk.register()
    desk.receiver.answer = lambda _: 503
    desk.tell(1, 2)
    with clock.at(START):
        desk.deliver()
    return endpoint


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\n", " ")


def test_the_owner_is_warned_at_each_mark_once_and_told_when_it_is_off(desk: Desk) -> None:
    endpoint, mailer = failing(desk), RecordingMailer()
    warned = [pass_hours(at, mailer) for at in (0.5, 1.1, 1.2, 23, 25, 71, 73, 100)]
    assert warned == [0, 1, 0, 0, 1, 0, 1, 0]
    with clock.at(START + DISABLE_AFTER + HOUR):
        desk.deliver()
    assert pass_hours(122, mailer) == 0
    assert [(one.kind, one.state) for one in letters(desk, endpoint)] == [
        ("endpoint_failing", "sent"), ("endpoint_failing", "sent"), ("endpoint_failing", "sent"),
        ("endpoint_disabled", "sent"),
    ]  # fmt: skip
    first, last = mailer.sent[0], mailer.sent[-1]
    assert {one["To"].addresses[0].addr_spec for one in mailer.sent} == {"second@nordhus.example"}
    assert first["Subject"] == f"Your webhook endpoint {desk.receiver.url} does not answer"
    body = words(first)
    assert "2 deliveries wait for it." in body
    assert f"https://dc.example/webhooks?endpoint={endpoint}" in body
    assert last["Subject"] == f"Your webhook endpoint {desk.receiver.url} was switched off"
    assert "Nothing could be delivered to it for five days." in words(last)


def test_marks_that_passed_unseen_make_one_letter(desk: Desk) -> None:
    failing(desk)
    mailer = RecordingMailer()
    assert [pass_hours(at, mailer) for at in (80, 81)] == [1, 0]
    assert len(mailer.sent) == 1


def test_who_works_again_is_not_warned_and_warned_anew_of_the_next_failure(desk: Desk) -> None:
    endpoint, mailer = failing(desk), RecordingMailer()
    assert pass_hours(1.5, mailer) == 1
    assert desk.endpoint(endpoint).warned_at is not None
    desk.receiver.answer = lambda _: 204
    with clock.at(START + 2 * HOUR):
        desk.deliver()
    assert desk.endpoint(endpoint).warned_at is None
    assert pass_hours(30, mailer) == 0
    desk.receiver.answer = lambda _: 503
    desk.tell(3)
    with clock.at(START + 30 * HOUR):
        desk.deliver()
    assert [pass_hours(at, mailer) for at in (30.5, 31.5)] == [0, 1]
    assert [one.state for one in letters(desk, endpoint)] == ["sent", "sent"]


def test_a_warning_that_is_no_longer_true_is_not_sent(desk: Desk) -> None:
    endpoint = failing(desk)
    with clock.at(START + 2 * HOUR):
        assert warn_failing_owners() == 1
        relay(SUBSCRIPTIONS)
        desk.receiver.answer = lambda _: 204
        desk.deliver()
        mailer = RecordingMailer()
        assert send_due_messages(mailer) == 0
    (letter,) = letters(desk, endpoint)
    assert (letter.state, letter.error) == ("suppressed", "the endpoint is not in this state any more")


def test_gone_is_told_at_once_and_not_among_letters_to_customers(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = lambda _: 410
    desk.tell(1)
    desk.deliver()
    mailer = RecordingMailer()
    assert pass_hours(0.1, mailer) == 0
    assert "gone for good" in words(mailer.sent[0])
    with transaction(desk.owner) as uow:
        assert find_messages(uow).items == ()
        sent = uow.session.scalars(text("select type from event where type = 'notifications.message_sent.v1'")).all()
    assert sent == []
    desk.act(resume_endpoint, endpoint_id=endpoint)
    assert desk.endpoint(endpoint).failing_since is None


@pytest.mark.parametrize("kind", OwnerLetterKind)
def test_a_letter_has_no_header_of_its_own_in_the_name(kind: OwnerLetterKind) -> None:
    facts = EndpointFacts(
        "Shop\r\nBcc: all@example.com", "https://x.example", "A", 1, START, "gone", "https://dc.example"
    )
    letter = compose_owner_letter(kind, facts)
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject


def attempts() -> int:
    with transaction(SYSTEM) as uow:
        return int(uow.session.execute(text("select count(*) from webhook_attempt")).scalar_one())


def age_everything(days: int) -> None:
    """Let all that happened have happened so many days before."""
    with transaction(SYSTEM) as uow:
        for table, column in (("webhook_attempt", "at"), ("webhook_delivery", "settled_at")):
            uow.session.execute(
                text(f"update {table} set {column} = {column} - :ago"),  # noqa: S608 - our own names
                {"ago": timedelta(days=days)},
            )


def test_old_attempts_are_forgotten_in_small_transactions_and_open_ones_stay(desk: Desk) -> None:
    endpoint = desk.register()
    for number in range(6):
        desk.tell(number, customer=f"cus_{number}")
    desk.deliver()
    desk.receiver.answer = lambda _: 503
    desk.tell(7, customer="cus_open")
    desk.deliver()
    age_everything(31)
    desk.receiver.answer = lambda _: 204
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update webhook_endpoint set retry_at = :now"), {"now": uow.now})
    desk.tell(8, customer="cus_new")
    desk.deliver()
    before = attempts()

    assert forget_old_attempts(keep=timedelta(days=30), at_once=2) == 6

    assert attempts() == before - 6
    kept = {one.stream: len(one.attempts) for one in desk.deliveries(endpoint)}
    assert (kept["cus_0"], kept["cus_new"]) == (0, 1)
    assert kept["cus_open"] >= 1
    assert forget_old_attempts(keep=timedelta(days=30)) == 0
    assert broken() == {}


def test_the_newest_day_is_never_forgotten_and_a_skipped_delivery_goes_whole(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = lambda _: 503
    desk.tell(1)
    desk.deliver()
    desk.act(skip_delivery, endpoint_id=endpoint, stream="cus_a", n=1, reason="not needed")
    assert forget_old_attempts(keep=timedelta(0)) == 0
    age_everything(2)
    with clock.at(datetime.now(UTC) + 2 * HOUR):
        assert forget_old_attempts(keep=timedelta(0)) == 1
    assert broken() == {}
