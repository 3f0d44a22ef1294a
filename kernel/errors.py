from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in a request: where (JSON pointer, RFC 6901), which, and in words."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):
    """A command's "no": it changed nothing, and says what to do instead.

    Subclasses stand where they are raised and name `code`, `status` and `title`; the edge turns any of them into one
    RFC 9457 problem document, with `facts` as its extension members.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The request was refused"

    def __init__(self, detail: str, *, remedy: str = "", pointer: str = "", **facts: Any) -> None:  # noqa: ANN401
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy
        self.pointer = pointer
        self.facts = facts

    def problem(self) -> dict[str, Any]:
        """Return the problem document's members, without `instance` and `request_id`, which the edge knows."""
        text = f"{self.detail} {self.remedy}".strip()
        members: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": text,
            "code": self.code,
        }
        if self.pointer:
            members["errors"] = [{"pointer": self.pointer, "code": self.code, "message": text}]
        return members | self.facts


class Invalid(Refusal):
    """A request whose values cannot be right; names every field that is wrong."""

    code = "invalid"
    status = 422
    title = "Some values are not valid"

    def __init__(self, detail: str, *, errors: tuple[FieldError, ...] = (), **rest: Any) -> None:  # noqa: ANN401
        super().__init__(detail, **rest)
        self.errors = errors

    def problem(self) -> dict[str, Any]:
        """Return the problem document with one entry for each faulty field."""
        members = Refusal.problem(self)
        if self.errors:
            members["errors"] = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in self.errors]
        return members


class NotFound(Refusal):
    """A thing that does not exist for this caller: whether another tenant has it, nobody learns."""

    code = "not_found"
    status = 404
    title = "Not found"


class Forbidden(Refusal):
    """The caller is known, and may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class Unauthenticated(Refusal):
    """The caller is not known."""

    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class VersionConflict(Refusal):
    """An edit against a version that is no longer the newest."""

    code = "version_conflict"
    status = 412
    title = "Somebody else changed this meanwhile"
