from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.application import application

VERBS = {"get", "post", "put", "patch", "delete"}
OPEN = {"getHealth", "getReadiness", "receiveCarrierEvents"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return application().openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if verb in VERBS:
                yield path, verb, operation


def test_every_operation_has_its_own_name_a_summary_and_tags(document: dict[str, Any]) -> None:
    found = list(operations(document))
    names = Counter(operation["operationId"] for _, _, operation in found)
    assert [name for name, count in names.items() if count > 1] == []
    assert [path for path, _, operation in found if not operation.get("summary") or not operation.get("tags")] == []
    assert document["openapi"].startswith("3.1")


def test_every_error_is_a_problem_document(document: dict[str, Any]) -> None:
    wrong = [
        (path, verb, status)
        for path, verb, operation in operations(document)
        for status, response in operation["responses"].items()
        if status >= "400"
        and set(response.get("content", {"application/problem+json": 0})) != {"application/problem+json"}
    ]
    assert wrong == []


def test_request_bodies_refuse_what_they_do_not_know(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = {
        content["schema"]["$ref"].rsplit("/", 1)[1]
        for _, _, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content.get("schema", {})
    }
    assert bodies
    assert [name for name in sorted(bodies) if schemas[name].get("additionalProperties") is not False] == []
