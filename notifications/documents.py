"""Letters laid out as e-mail bodies."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.domain.messages import Letter

_TEMPLATES = Environment(
    loader=PackageLoader("notifications", "templates"),
    # Names of brands and customers are foreign text: HTML escapes it, plain text must not.
    autoescape=select_autoescape(enabled_extensions=("html",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class EmailContent:
    """One message in the two forms that mail programs show."""

    subject: str
    text: str
    html: str


def render_email(letter: Letter) -> EmailContent:
    """Lay ``letter`` out as plain text and as HTML without remote assets, scripts or tracking."""
    return EmailContent(
        subject=letter.subject,
        text=_TEMPLATES.get_template("letter.txt").render(letter=letter),
        html=_TEMPLATES.get_template("letter.html").render(letter=letter),
    )
