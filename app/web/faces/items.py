"""What an item is: its description as a form."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class ItemFormPage:
    """`GET /items/new` and `GET /items/{id}/edit`."""

    template: ClassVar[str] = "staff/item_form.html"
    frame: Frame
    shell: Shell
    heading: str
    back: Link
    form: Form
