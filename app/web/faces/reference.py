"""The interface's reference: every operation in words, from the same document that machines read."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Frame


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called, what it does, and which scope a key needs for it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    needs_key: bool
    example: str = ""


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """Operations on the same subject."""

    subject: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """`GET /docs`."""

    template: ClassVar[str] = "reference.html"
    frame: Frame
    title: str
    introduction: tuple[str, ...]
    groups: tuple[OperationGroup, ...]
