import gc

import pytest

# A marker that costs time or needs a browser is left out unless its option asks for it.
OPTIONS = {"slow": "--run-slow", "thorough": "--run-thorough", "browser": "--run-browser"}

THOROUGH_SECONDS = 600
"""The first of the thorough tests that needs the compiled search waits for its compilation on a new machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pickstream")
    for marker, option in OPTIONS.items():
        group.addoption(option, action="store_true", help=f"include the tests marked `{marker}`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = {marker for marker, option in OPTIONS.items() if not config.getoption(option)}
    deselected = [item for item in items if any(item.get_closest_marker(marker) for marker in left_out)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in set(deselected)]
    for item in items:
        if item.get_closest_marker("thorough") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(THOROUGH_SECONDS))


def pytest_collection_finish() -> None:
    # What is imported by now stays until the end: no later collection of garbage needs to look through it again.
    gc.collect()
    gc.freeze()
