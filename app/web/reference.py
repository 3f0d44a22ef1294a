import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.web.faces.reference import Operation, OperationGroup

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 6


def operation_groups(document: Mapping[str, Any], scopes: Mapping[str, str]) -> tuple[OperationGroup, ...]:
    """Return the operations of an OpenAPI document by subject; `scopes` are those that operations need, by name."""
    found: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if operation := item.get(method):
                subject = (operation.get("tags") or ["other"])[0]
                found.setdefault(subject, []).append(_operation(document, method, path, operation, scopes))
    return tuple(OperationGroup(subject, tuple(found[subject])) for subject in sorted(found))


def scopes_of(routes: Iterable[BaseRoute]) -> dict[str, str]:
    """Return which scope each operation asks for, from what its route depends on."""
    return {
        route.operation_id: scope
        for route in _flat(routes)
        if route.operation_id and (scope := _scope(route.dependant))
    }


def _flat(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        elif isinstance(route, APIRoute):
            yield route


def _scope(dependant: Dependant) -> str:
    for needed in dependant.dependencies:
        scope = getattr(needed.call, "scope", "") or _scope(needed)
        if scope:
            return str(scope)
    return ""


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any], scopes: Mapping[str, str]
) -> Operation:
    name = operation.get("operationId", "")
    headers = {part.get("name", "").lower() for part in operation.get("parameters", ())}
    acts = method == "post" and path.startswith("/v1")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    example = json.dumps(_example(document, body), indent=2, ensure_ascii=False) if body else ""
    return Operation(
        name, method.upper(), path, operation.get("summary", ""), operation.get("description", "").split("\n\n")[0],
        scopes.get(name, ""), acts or "idempotency-key" in headers, example,
    )  # fmt: skip


def _example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema, from its own examples wherever it has some."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(document, document["components"]["schemas"][name], depth)
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _example(document, schema[choice][0], depth)
    if "default" in schema or "const" in schema or "enum" in schema:
        return schema.get("default", schema.get("const", (schema.get("enum") or [None])[0]))
    return _plain(document, schema, depth)


def _plain(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - any JSON
    kind = schema.get("type")
    if kind == "object":
        parts = schema.get("properties", {}) if depth < _DEEPEST else {}
        return {name: _example(document, part, depth + 1) for name, part in parts.items()}
    if kind == "array":
        return [_example(document, schema.get("items", {}), depth + 1)] if depth < _DEEPEST else []
    return {"integer": 1, "number": 1.0, "boolean": False}.get(str(kind), "")
