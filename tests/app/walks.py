"""Every page a person reaches by links from the menu: one or two of each kind."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urljoin

from conftest import Visitor

from app.web.faces.shell import NAVIGATION

_ID = re.compile(r"(?<=/)[a-z]{3}_[0-9a-z]{26}|(?<=/t/)[^/?]+")
_OF_EACH_KIND = 2


def follow(visitor: Visitor, role: str) -> dict[str, int]:
    """Follow the links from every page of the menu; the status of each address opened."""
    todo, opened, kinds = deque(NAVIGATION[role]), {}, Counter()  # type: ignore[index, var-annotated]
    while todo:
        path = todo.popleft()
        if path in opened or kinds[_kind(path)] >= _OF_EACH_KIND:
            continue
        kinds[_kind(path)] += 1
        answer = visitor.get(path, follow_redirects=True)
        opened[path] = answer.status_code
        if "text/html" in answer.headers.get("content-type", ""):
            todo.extend(_links(path, answer.text))
    return opened


def pages(visitor: Visitor, role: str) -> list[str]:
    """What of these a browser shows: pages, and no files or answers of the interface."""
    return [path for path in follow(visitor, role) if not re.search(r"\.\w+$|^/v1/", path.partition("?")[0])]


def _kind(path: str) -> str:
    return _ID.sub("*", path.partition("?")[0])


def _links(page: str, html: str) -> list[str]:
    found = [unescape(href).partition("#")[0] for href in re.findall(r'<a\b[^>]*?href="([^"]+)"', html)]
    return [urljoin(page, href) for href in found if href and not re.match(r"[a-z]+:|//", href)]
