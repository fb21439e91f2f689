"""What several files of tests use."""

import os
import shutil

import pytest


@pytest.fixture(scope="module")
def chromium():
    """A headless browser. Where none is installed the test is skipped."""
    path = next(filter(None, (os.environ.get("CHROMIUM"), shutil.which("chromium"), shutil.which("google-chrome"))), None)
    if path is None:
        pytest.skip("drives a page in Chromium, which is not installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        yield browser
        browser.close()
