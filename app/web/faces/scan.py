"""What the handheld shows before (or without) its script: one prompt, one code field, the last verdict."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from app.web.faces.shell import Form, Frame, Option


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """What became of the last scan. A `stop` names what was scanned and what is needed, and stays until it is right."""

    tone: Literal["ok", "attention", "stop"]
    title: str
    scanned: str = ""
    needed: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ScanStep:
    """The question of the moment: where, what, how many, into what, and the one verb; `care` is what its goods need.

    `guide` is the address of pictures of how it is packed, `to_do` that of what is to be done to the goods before,
    `label` where the parcel's label is printed.
    """

    heading: str
    verb: str
    hint: str = ""
    item: str = ""
    quantity: str = ""
    target: str = ""
    upcoming: str = ""
    parts: tuple[tuple[str, Literal["done", "current", "todo"]], ...] = ()
    care: tuple[tuple[str, str], ...] = ()
    guide: str = ""
    to_do: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ScanPage:
    """`GET /scan`. The form posts one `code`; the script, where it runs, replaces all from the JSON."""

    template: ClassVar[str] = "scan.html"
    frame: Frame
    person: str
    batch: str
    progress: str
    step: ScanStep
    form: Form
    build: str
    verdict: ScanVerdict | None = None
    exceptions: tuple[Option, ...] = ()
    short_form: Form | None = None
    later_form: Form | None = None
    zone_form: Form | None = None
    csrf_token: str = ""
