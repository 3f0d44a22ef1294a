import email
import email.policy
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from notifications.domain.outcomes import MailKind
from notifications.gateways.mail import Mailer, OutgoingMail, RecordingMailer, SmtpMailer, SmtpSecurity

MAIL = OutgoingMail(
    message_id="msg_01",
    sender_name="Olive & Co — Läden",
    sender_address="orders@olive.example",
    recipient="ada@example.com",
    subject="Your order 1001 · Zoë 東京",
    text="Hello Ada,\n\nit left.\n",
    html="<p>Hello Ada,</p>",
    composed_at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
    reply_to="help@olive.example",
)
Mailing = tuple[Mailer, Callable[[], list[EmailMessage]]]


@dataclass
class Mailbox:
    """An SMTP server's handler that keeps mails, or answers as told at one step."""

    rcpt_answer: str = ""
    data_answer: str = "250 OK"
    received: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.data_answer == "vanish":
            server.transport.abort()
            return "250 OK"
        assert isinstance(envelope.content, bytes)
        self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.data_answer


class RudeMailbox(Mailbox):
    """Takes the mail and hangs up without a goodbye."""

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - as above
        server.transport.abort()
        return "221 Bye"


@contextmanager
def smtp_server(box: Mailbox, **options: object) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=0, server_hostname="mx.test", **options)
    # The controller asks its configured port for a first answer; with port 0 the kernel's choice is known only here.
    with socket.create_server(("127.0.0.1", 0)) as free:
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mailer_at(port: int, **options: object) -> SmtpMailer:
    settings: dict[str, object] = {"security": SmtpSecurity.NONE, "timeout_s": 5.0} | options
    return SmtpMailer("127.0.0.1", port, "mail.test", **settings)  # type: ignore[arg-type] # options of several types


@pytest.fixture(params=["smtp", "recording"])
def mailing(request: pytest.FixtureRequest) -> Iterator[Mailing]:
    """Every implementation of the port, and what it handed over."""
    if request.param == "recording":
        double = RecordingMailer(domain="mail.test")
        yield double, lambda: double.sent
        return
    box = Mailbox()
    with smtp_server(box) as port:
        yield mailer_at(port), lambda: box.received


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def test_every_mailer_hands_over_the_whole_mail(mailing: Mailing) -> None:
    mailer, handed_over = mailing
    assert mailer.send(MAIL).kind is MailKind.SENT
    (message,) = handed_over()
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "Olive & Co — Läden <orders@olive.example>"
    assert message["To"] == MAIL.recipient
    assert message["Reply-To"] == MAIL.reply_to
    assert message["Date"].datetime == MAIL.composed_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert part(message, "plain").splitlines() == MAIL.text.splitlines()
    assert part(message, "html").strip() == MAIL.html


def test_a_second_copy_is_recognizable(mailing: Mailing) -> None:
    mailer, handed_over = mailing
    mailer.send(MAIL)
    mailer.send(MAIL)
    mailer.send(replace(MAIL, message_id="msg_02"))
    assert [message["Message-ID"] for message in handed_over()] == [
        "<msg_01@mail.test>",
        "<msg_01@mail.test>",
        "<msg_02@mail.test>",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": ""},
        {"recipient": "ada"},
        {"recipient": "ada@example.com, eve@example.com"},
        {"recipient": "ada@example.com\r\nBcc: eve@example.com"},
        {"recipient": "<ada@example.com>"},
        {"subject": "Hello\nBcc: eve@example.com"},
        {"sender_name": "Olive\r\nBcc: eve@example.com"},
        {"sender_address": "orders"},
        {"reply_to": "help"},
    ],
    ids=str,
)
def test_every_mailer_refuses_a_malformed_header(mailing: Mailing, changes: dict[str, str]) -> None:
    mailer, handed_over = mailing
    outcome = mailer.send(replace(MAIL, **changes))
    assert outcome.kind is MailKind.REFUSED
    assert outcome.error.startswith("The mail has a malformed header")
    assert handed_over() == []


@pytest.mark.parametrize(
    ("box", "kind", "code"),
    [
        (Mailbox(rcpt_answer="550 No such user"), MailKind.REFUSED, 550),
        (Mailbox(rcpt_answer="450 Greylisted"), MailKind.RETRY, 450),
        (Mailbox(data_answer="554 Looks like spam"), MailKind.REFUSED, 554),
        (Mailbox(data_answer="451 Later"), MailKind.RETRY, 451),
        (Mailbox(data_answer="vanish"), MailKind.RETRY, None),
    ],
    ids=lambda value: f"{value.rcpt_answer}{value.data_answer}" if isinstance(value, Mailbox) else str(value),
)
def test_the_servers_answer_decides(box: Mailbox, kind: MailKind, code: int | None) -> None:
    with smtp_server(box) as port:
        outcome = mailer_at(port).send(MAIL)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert outcome.error


def test_a_mail_that_was_taken_is_sent_even_without_a_goodbye() -> None:
    box = RudeMailbox()
    with smtp_server(box) as port:
        assert mailer_at(port).send(MAIL).kind is MailKind.SENT
    assert len(box.received) == 1


def test_no_server_means_another_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = mailer_at(port).send(MAIL)
    assert (outcome.kind, outcome.code) == (MailKind.RETRY, None)
    assert outcome.error.startswith("ConnectionRefusedError")


def test_a_server_that_never_speaks_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = mailer_at(silent.getsockname()[1], timeout_s=0.2).send(MAIL)
    assert outcome.kind is MailKind.RETRY
    assert "timed out" in outcome.error


def test_without_starttls_nothing_goes_out_in_plain_text() -> None:
    box = Mailbox()
    with smtp_server(box) as port:
        outcome = mailer_at(port, security=SmtpSecurity.STARTTLS).send(MAIL)
    assert outcome.kind is MailKind.RETRY
    assert "STARTTLS" in outcome.error
    assert box.received == []


def test_a_refused_sign_in_is_not_the_messages_fault() -> None:
    box = Mailbox()
    with smtp_server(box) as port:
        outcome = mailer_at(port, username="u", password="p").send(MAIL)
    assert outcome.kind is MailKind.RETRY
    assert box.received == []


def test_starttls_encrypts_and_checks_the_certificate(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    box = Mailbox()
    with smtp_server(box, tls_context=server_side, require_starttls=True) as port:
        trusted = mailer_at(port, security=SmtpSecurity.STARTTLS, ssl_context=trusting).send(MAIL)
        unknown = mailer_at(port, security=SmtpSecurity.STARTTLS).send(MAIL)
    assert trusted.kind is MailKind.SENT
    assert unknown.kind is MailKind.RETRY
    assert "SSLCertVerificationError" in unknown.error
    assert len(box.received) == 1


def test_the_password_is_not_shown() -> None:
    assert "hunter2" not in repr(mailer_at(25, username="u", password="hunter2"))
