"""Handing e-mails to a mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from notifications.domain.outcomes import MailKind, MailOutcome
from notifications.gateways.trust import client_tls

SMTP_TIMEOUT_S = 15.0
_PERMANENT = 500
_SERVICE_READY = 200


class InvalidMailError(ValueError):
    """An address or header of the mail is malformed; sending it again cannot help."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One e-mail to one person.

    Attributes:
        message_id: our id of the message; the same id always makes the same Message-ID.
        sender_name: the brand, shown as the sender.
        sender_address: an address that the mail server may send from.
        composed_at: when the message was decided upon; its Date header, the same at every attempt.
        reply_to: where answers go, or empty for the sender.
    """

    message_id: str
    sender_name: str
    sender_address: str
    recipient: str
    subject: str
    text: str
    html: str
    composed_at: datetime
    reply_to: str = ""


class Mailer(Protocol):
    """Hands one e-mail over once. Never raises for what the server or the address does, never tries again."""

    def send(self, mail: OutgoingMail) -> MailOutcome:
        """Hand ``mail`` over and say how it ended."""
        ...


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands e-mails to an SMTP server, one connection each.

    After an attempt whose end is unknown (the server vanished during the hand-over) the caller tries again; the
    Message-ID derives from our id, so that mail systems and people recognize the second copy as the same message.

    Attributes:
        domain: our name towards the server and in Message-IDs.
        username: empty for no sign-in.
        timeout_s: seconds for each step of the conversation.
    """

    host: str
    port: int
    domain: str
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = SMTP_TIMEOUT_S
    ssl_context: ssl.SSLContext = field(default_factory=client_tls)

    def send(self, mail: OutgoingMail) -> MailOutcome:
        """Hand over once; see :class:`Mailer`."""
        try:
            message = build_message(mail, self.domain)
            with self._session() as session:
                return _hand_over(session, message)
        except InvalidMailError as error:
            return MailOutcome(MailKind.REFUSED, error=str(error))
        except smtplib.SMTPResponseException as error:
            # Greeting and sign-in failed: that is about the server and us, not about this message.
            return MailOutcome(MailKind.RETRY, error.smtp_code, _said(error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return MailOutcome(MailKind.RETRY, error=f"{type(error).__name__}: {error}")

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        session = self._connect()
        try:
            if self.security is SmtpSecurity.STARTTLS:
                # Raises where the server offers no STARTTLS: there is no silent way back to plain text.
                session.starttls(context=self.ssl_context)
            if self.username:
                session.login(self.username, self.password)
            yield session
            # A server that fails at the goodbye has taken the message all the same.
            with suppress(smtplib.SMTPException, OSError):
                session.quit()
        finally:
            session.close()

    def _connect(self) -> smtplib.SMTP:
        # The own name is given, because smtplib would ask the name service for it at every connection.
        if self.security is SmtpSecurity.TLS:
            return smtplib.SMTP_SSL(
                self.host, self.port, local_hostname=self.domain, timeout=self.timeout_s, context=self.ssl_context
            )
        return smtplib.SMTP(self.host, self.port, local_hostname=self.domain, timeout=self.timeout_s)


@dataclass(slots=True)
class RecordingMailer:
    """Keeps the mails as they would go out, and answers with ``outcome``."""

    domain: str = "mail.example"
    outcome: MailOutcome = field(default_factory=lambda: MailOutcome(MailKind.SENT, 250))
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, mail: OutgoingMail) -> MailOutcome:
        """Record ``mail`` unless it is malformed."""
        try:
            message = build_message(mail, self.domain)
        except InvalidMailError as error:
            return MailOutcome(MailKind.REFUSED, error=str(error))
        self.sent.append(message)
        return self.outcome


def build_message(mail: OutgoingMail, domain: str) -> EmailMessage:
    """Return ``mail`` as a MIME message with a text and an HTML part.

    Raises:
        InvalidMailError: an address is malformed, or a header contains a line break.
    """
    message = EmailMessage()
    try:
        message["From"] = Address(mail.sender_name, addr_spec=mail.sender_address)
        message["To"] = Address(addr_spec=mail.recipient)
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=mail.reply_to)
        message["Subject"] = mail.subject
    except (HeaderParseError, ValueError, IndexError) as error:
        # The parser of the standard library answers an empty address with an IndexError.
        raise InvalidMailError(f"The mail has a malformed header: {type(error).__name__}") from error
    message["Message-ID"] = f"<{mail.message_id}@{domain}>"
    message["Date"] = mail.composed_at
    # RFC 3834: keeps out-of-office programs from answering.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _hand_over(session: smtplib.SMTP, message: EmailMessage) -> MailOutcome:
    try:
        session.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _answered(code, said)
    except smtplib.SMTPNotSupportedError as error:
        return MailOutcome(MailKind.REFUSED, error=str(error))
    except smtplib.SMTPResponseException as error:
        return _answered(error.smtp_code, error.smtp_error)
    return MailOutcome(MailKind.SENT, 250)


def _answered(code: int, said: bytes | str) -> MailOutcome:
    # smtplib reports -1 for an answer it could not read; a connection that broke is worth another attempt.
    kind = MailKind.REFUSED if code >= _PERMANENT else MailKind.RETRY
    return MailOutcome(kind, code if code >= _SERVICE_READY else None, _said(said))


def _said(said: bytes | str) -> str:
    text = said.decode("utf-8", errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:500]
