"""A page in a real Chromium, signed in, on which an alarm appears: the last step of the road of an emergency."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from clinics.models import Clinic
from tests.chromium import chromium

WATCH = """() => { window.shown = [];
    new MutationObserver((changes) => {
        if (changes.some((change) => change.addedNodes.length)) window.shown.push(Date.now());
    }).observe(document.getElementById('alarm-list'), {childList: true}) }"""


class Screen:
    """When the page drew an alarm, by this machine's clock."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def seconds_since(self, began: float, *, patience: float) -> float | None:
        """From a moment of `time.time()` to the first alarm drawn after it; None when none was drawn."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            later = [at for at in self._page.evaluate("window.shown") if at / 1000 >= began]
            if later:
                return later[0] / 1000 - began
            self._page.wait_for_timeout(50)
        return None


@contextmanager
def open_screen(clinic: Clinic, port: int, session: str) -> Iterator[Screen]:
    """A page of the portal that hears the stream, for as long as this lasts."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    url = f"http://{clinic.slug}.localhost:{port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            context = browser.new_context()
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
            page = context.new_page()
            page.goto(f"{url}escalations/")
            page.wait_for_selector("#link-state[data-state=live]", timeout=60_000)
            page.evaluate(WATCH)
            yield Screen(page)
        finally:
            browser.close()
