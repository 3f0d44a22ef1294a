from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from app.web.pages import Field, Form, Notice, Shell
from kernel.errors import Invalid, Refusal

P = TypeVar("P")
_SECRET = ("password", "hidden", "file")


def show_refusal(page: P, *, action: str, entered: Mapping[str, str], refusal: Refusal) -> P:
    """Return a page that tells why an action was refused: in its header, and in the form that was sent.

    That form (the one for `action`) holds again what was entered; a field that the refusal points at says it itself.
    """
    told = refusal_words(refusal)
    found: list[Form] = []

    def visit(value: Any) -> Any:  # noqa: ANN401 - pages are trees of many values
        if isinstance(value, Form):
            if value.action != action or value.method != "post":
                return value
            found.append(value)
            return _refused(value, entered, refusal, told)
        if isinstance(value, Shell):
            return replace(value, notices=(*value.notices, Notice("stop", f"Not done. {told}")))
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            return tuple(visit(part) for part in value)
        if is_dataclass(value) and not isinstance(value, type):
            parts = {field.name: getattr(value, field.name) for field in fields(value)}
            changed = {name: new for name, part in parts.items() if (new := visit(part)) is not part}
            return replace(value, **changed) if changed else value
        return value

    shown: P = visit(page)
    return shown


def refusal_words(refusal: Refusal) -> str:
    """Return a refusal as sentences: what, why, and what to do."""
    faults = [fault.message for fault in refusal.errors[:3]] if isinstance(refusal, Invalid) else []
    # "Some values are not valid" says less than the detail behind it.
    title = "" if type(refusal) is Invalid else refusal.title
    parts = (part.rstrip(".") for part in (title, refusal.detail, *faults, refusal.remedy))
    return " ".join(f"{part}." for part in dict.fromkeys(parts) if part)


def _refused(form: Form, entered: Mapping[str, str], refusal: Refusal, told: str) -> Form:
    wrong = _wrong_fields({field.name for field in form.fields}, refusal, told)
    shown = tuple(_filled(field, entered, wrong.get(field.name, "")) for field in form.fields)
    return replace(form, fields=shown, error="" if wrong else told)


def _wrong_fields(names: set[str], refusal: Refusal, told: str) -> dict[str, str]:
    """Return what is wrong with each field: the innermost name on a pointer that the form has."""
    faults = [(fault.pointer, fault.message) for fault in refusal.errors] if isinstance(refusal, Invalid) else []
    wrong: dict[str, str] = {}
    for pointer, message in (*faults, (refusal.pointer, told)):
        name = next((part for part in reversed(pointer.split("/")) if part in names), "")
        if name:
            wrong.setdefault(name, message)
    return wrong


def _filled(field: Field, entered: Mapping[str, str], error: str) -> Field:
    if field.kind in _SECRET:
        return replace(field, error=error)
    value = entered.get(field.name, "")
    if field.kind == "checkbox":
        return replace(field, checked=bool(value), error=error)
    options = tuple(replace(option, selected=option.value == value) for option in field.options)
    return replace(field, value=value, options=options, error=error)
