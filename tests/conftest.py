"""What several files of tests use."""

import os
import shutil

import pytest

from thalweg.engine.core.context import building
from thalweg.engine.ops import random_seed


@pytest.fixture(autouse=True)
def no_seed_is_left():
    """A test that sets the process' seed does not decide the numbers of the next."""
    yield
    if random_seed.global_seed() is not None:
        with building(None):
            random_seed.set_seed(None)


NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WEBGL = ["--use-angle=swiftshader", "--enable-webgl", "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="session")
def chromium():
    """A headless browser; one for all, since Playwright runs once in a process. Where none is installed the test is skipped."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("drives a page in Chromium, which is not installed; install one or name it by CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=WEBGL)
        yield browser
        browser.close()
