"""One clinic's Sunday morning, for every test of the language room."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("America/New_York"))
