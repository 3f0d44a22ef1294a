"""Who exports the goods of one merchant, and on which terms."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Form, Frame, Shell


@dataclass(frozen=True, slots=True)
class ExportTermsPage:
    """`GET /export-terms`. `missing` names what carriers ask and nobody has told."""

    template: ClassVar[str] = "staff/export_terms.html"
    frame: Frame
    shell: Shell
    merchant: str
    facts: tuple[Fact, ...]
    missing: str = ""
    form: Form | None = None
    choice: Form | None = None
