"""Turns a page value into HTML: one Jinja2 environment, strict about missing names, escaping everything."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.web import formats
from app.web.pages import Column, Empty, Link, Page
from app.web.table_cells import labelled
from app.web.wording_staff import status_words
from kernel.quantity import counted

_HERE = Path(__file__).parent
STATIC_DIR = _HERE / "static"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@cache
def static_root() -> str:
    """Return the address of the static files; it holds a digest of them all, so that they may be cached for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC_DIR.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC_DIR).as_posix().encode())
            digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def static_url(path: str) -> str:
    """Return the address of one static file, such as css/base.css."""
    return f"{static_root()}/{path}"


def render_page(page: Page) -> str:
    """Return the page as a whole HTML document."""
    return _environment().get_template(page.template).render(page=page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=formats.money,
        weight=formats.weight,
        grams=formats.grams,
        signed=formats.signed,
        quantity=formats.quantity,
        counted=counted,
        duration=formats.duration,
        time_left=formats.time_left,
        when=formats.when,
        when_inline=formats.when_inline,
        day=formats.day,
        labelled=labelled,
        status_words=status_words,
    )
    environment.globals.update(static=static_url, new_op_id=lambda: str(uuid4()), Column=Column, Empty=Empty, Link=Link)
    return environment
