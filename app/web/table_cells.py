import re
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from app.web.pages import Column

_CELL: Final = re.compile(r"<(td|th)(?=[\s>])")
_ROLES: Final = {"td": "cell", "th": "rowheader"}


def labelled(cells: Markup, columns: Sequence[Column]) -> Markup:
    """Return a row's cells with the names of their columns, which a phone shows instead of the head of the table.

    Laid out as a card, a row is no table row any more for some screen readers, so that its cells say what they are.
    """
    names = iter([None if column.quiet else column.label for column in columns])

    def named(cell: re.Match[str]) -> str:
        name = next(names, None)
        label = f' data-label="{escape(name)}"' if name and cell[1] == "td" else ""
        return f'<{cell[1]} role="{_ROLES[cell[1]]}"{label}'

    return Markup(_CELL.sub(named, str(cells)))  # noqa: S704 - the template's own markup, and an escaped label
