"""Which browser the tests and benchmarks drive."""

from __future__ import annotations

import os
import shutil

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
"""The first that is there is taken. The shell is Chromium without a window: it opens a page in a third of the time."""


def chromium() -> str | None:
    """The machine's own Chromium, or `CHROMIUM`; None where there is none, for what Playwright has installed."""
    return next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *BROWSERS])), None)
