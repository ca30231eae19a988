"""A pytest plugin: the tests' own PostgreSQL and Valkey, up before pytest-django reads the settings.

They live in DATA_DIR/tests, so a test that flushes Redis never touches what `make run` shows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.development import enter


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Complete the environment; the workers of pytest-xdist inherit it and find nothing left to do."""
    os.environ.setdefault("DEBUG", "1")
    try:
        enter(tests=True)
    except Complaint as complaint:
        raise pytest.UsageError(str(complaint)) from complaint
    return (yield)
