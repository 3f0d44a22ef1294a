"""The door of inventory opens on all of its rooms, and no two of them lend the same name."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import inventory
from inventory import api

ROOMS = sorted(path.parent.name for path in Path(inventory.__file__).parent.glob("*/api.py"))


def test_every_room_lends_its_names_through_the_one_door() -> None:
    doors = [import_module("inventory.core"), *(import_module(f"inventory.{room}.api") for room in ROOMS)]
    lent = Counter(name for door in doors for name in door.__all__)
    assert [name for name, times in lent.items() if times > 1] == []
    assert {name for name in vars(api) if not name.startswith("_")} == set(lent)
