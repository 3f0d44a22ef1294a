import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifications.domain.outcomes import MailKind
from notifications.gateways.mail import Mailer, SmtpMailer, SmtpSecurity
from notifications.gateways.mail_servers import FolderMailer, mailer_for
from tests.notifications.test_email_mailer import MAIL, Mailbox, part, smtp_server

Mailing = tuple[Mailer, Callable[[], list[EmailMessage]]]


@pytest.fixture(params=["folder", "server"])
def mailing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailing]:
    """What the configuration can choose, and what it handed over."""
    if request.param == "folder":
        folder = tmp_path / "deep" / "mail"
        yield mailer_for("", "orders@mail.test", folder), lambda: opened(folder)
        return
    box = Mailbox()
    with smtp_server(box) as port:
        yield mailer_for(f"smtp+plain://127.0.0.1:{port}", "orders@mail.test", tmp_path), lambda: box.received


def opened(folder: Path) -> list[EmailMessage]:
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in folder.glob("*.eml")]
    return [message for message in read if isinstance(message, EmailMessage)]


def test_every_chosen_mailer_hands_over_the_whole_mail(mailing: Mailing) -> None:
    mailer, handed_over = mailing
    assert mailer.send(MAIL).kind is MailKind.SENT
    (message,) = handed_over()
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == "<msg_01@mail.test>"
    assert part(message, "plain").splitlines() == MAIL.text.splitlines()
    assert part(message, "html").strip() == MAIL.html


def test_every_chosen_mailer_refuses_a_malformed_mail(mailing: Mailing) -> None:
    mailer, handed_over = mailing
    assert mailer.send(replace(MAIL, recipient="nobody")).kind is MailKind.REFUSED
    assert mailer.send(replace(MAIL, subject="a\r\nBcc: x@example.com")).kind is MailKind.REFUSED
    assert handed_over() == []


def test_the_same_mail_is_one_file_and_a_full_folder_is_tried_again(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    mailer.send(MAIL)
    mailer.send(MAIL)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["msg_01.eml"]
    (tmp_path / "taken").write_text("a file stands where the folder would be")
    outcome = FolderMailer(tmp_path / "taken").send(MAIL)
    assert (outcome.kind, bool(outcome.error)) == (MailKind.RETRY, True)


@pytest.mark.parametrize(
    ("address", "security", "port", "username", "password"),
    [
        ("smtp://mx.example", SmtpSecurity.STARTTLS, 587, "", ""),
        ("smtps://ann:p%40ss@mx.example", SmtpSecurity.TLS, 465, "ann", "p@ss"),
        ("smtp+plain://mx.example:2525", SmtpSecurity.NONE, 2525, "", ""),
    ],
)
def test_the_address_says_how(address: str, security: SmtpSecurity, port: int, username: str, password: str) -> None:
    mailer = mailer_for(address, "orders@shop.example", Path())
    assert isinstance(mailer, SmtpMailer)
    found = (mailer.host, mailer.port, mailer.domain, mailer.security, mailer.username, mailer.password)
    assert found == ("mx.example", port, "shop.example", security, username, password)


@pytest.mark.parametrize("address", ["http://mx.example", "smtp://", "mx.example"])
def test_another_kind_of_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        mailer_for(address, "orders@shop.example", Path())
