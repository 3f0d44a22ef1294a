"""The door of a context opens on all of its rooms, and no two of them lend the same name."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest


@pytest.mark.parametrize("context", ["inventory", "shipping", "fulfillment"])
def test_every_room_lends_its_names_through_the_one_door(context: str) -> None:
    api = import_module(f"{context}.api")
    folder = Path(api.__file__ or "").parent
    rooms = sorted(path.parent.name for path in folder.glob("*/api.py"))
    doors = [import_module(f"{context}.core"), *(import_module(f"{context}.{room}.api") for room in rooms)]
    lent = Counter(name for door in doors for name in door.__all__)
    assert [name for name, times in lent.items() if times > 1] == []
    assert {name for name in vars(api) if not name.startswith("_")} == set(lent)
