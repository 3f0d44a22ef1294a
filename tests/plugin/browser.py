import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ABSENT = "no Chromium on this machine: install the package `chromium`, or set PICKSTREAM_CHROMIUM to the program"


def chromium_program() -> str | None:
    named = os.environ.get("PICKSTREAM_CHROMIUM")
    return named or next((found for program in PROGRAMS if (found := shutil.which(program))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Skipped from one place, so that the summary folds all of them into one line.
    if item.get_closest_marker("browser") and chromium_program() is None:
        if os.environ.get("PICKSTREAM_REQUIRE_BROWSER"):
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless, one for each worker."""
    # A scan counts when it is on the disk, and a disk that others write to may take seconds.
    expect.set_options(timeout=20_000)
    # Root may not use the sandbox, and /dev/shm is too small in many containers.
    options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_program(), args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser context of its own, with the clock and language fixed."""
    context = browser.new_context(locale="en-US", timezone_id="UTC")
    yield context.new_page()
    context.close()
