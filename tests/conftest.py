"""What several files of tests use."""

import os
import shutil

import pytest

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
