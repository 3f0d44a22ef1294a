"""Which way e-mails leave this installation."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from notifications.domain.outcomes import MailKind, MailOutcome
from notifications.gateways.mail import (
    InvalidMailError,
    Mailer,
    OutgoingMail,
    SmtpMailer,
    SmtpSecurity,
    build_message,
)

_SCHEMES = {
    "smtp": (SmtpSecurity.STARTTLS, 587),
    "smtps": (SmtpSecurity.TLS, 465),
    "smtp+plain": (SmtpSecurity.NONE, 25),
}


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes each e-mail as `<message id>.eml` into a folder: any mail program opens them.

    It is the way out of an installation without mail server, so that a newcomer sees what customers would get. The
    same message is the same file, so that a repeated hand-over leaves no second copy.
    """

    folder: Path
    domain: str = "pickstream.invalid"

    def send(self, mail: OutgoingMail) -> MailOutcome:
        """Write ``mail``; see :class:`Mailer`."""
        try:
            message = build_message(mail, self.domain)
            self.folder.mkdir(parents=True, exist_ok=True)
            # Renamed into place, so that nobody opens half a message.
            unfinished = self.folder / f".{mail.message_id}.part"
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(self.folder / f"{mail.message_id}.eml")
        except InvalidMailError as error:
            return MailOutcome(MailKind.REFUSED, error=str(error))
        except OSError as error:
            return MailOutcome(MailKind.RETRY, error=f"{type(error).__name__}: {error}")
        return MailOutcome(MailKind.SENT)


def mailer_for(smtp_url: str, mail_from: str, folder: Path) -> Mailer:
    """Return the mailer of an SMTP address, or the one that writes into ``folder`` when there is none.

    Args:
        smtp_url: ``smtp://user:password@host:port`` insists on STARTTLS, ``smtps://`` on TLS, and ``smtp+plain://``
            sends in the clear, for a server on the same machine.
        mail_from: our sender; its domain is our name in Message-IDs.
        folder: where mails are written without a server.

    Raises:
        ValueError: the address is of another kind or names no host.
    """
    domain = mail_from.rpartition("@")[2]
    if not smtp_url:
        return FolderMailer(folder, domain)
    parts = urlsplit(smtp_url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"A mail server is smtp://, smtps:// or smtp+plain:// and a host, not {parts.scheme}://")
    security, port = _SCHEMES[parts.scheme]
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpMailer(parts.hostname, parts.port or port, domain, security, username, password)
