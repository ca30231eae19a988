"""A pytest plugin: the tests' own PostgreSQL and Valkey, up before pytest-django reads the settings.

They live in DATA_DIR/tests, so a test that flushes Redis never touches what `make run` shows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.development import enter
from cliniqai.embedded.places import Places

EMBEDDED = "CLINIQAI_TESTS_DATA_DIR"  # set: the services are embedded ones, under this DATA_DIR


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Complete the environment; a worker of pytest-xdist leaves its controller's services for some of its own.

    So no two tests that run at the same time share a database, a Redis or a pub/sub channel.
    """
    os.environ.setdefault("DEBUG", "1")
    if os.environ.get(EMBEDDED) and os.environ.get("PYTEST_XDIST_WORKER"):
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ["DATA_DIR"] = os.environ[EMBEDDED]
    elif not os.environ.get("DATABASE_URL"):
        os.environ[EMBEDDED] = str(Places.of(os.environ).data)
    try:
        enter(tests=True)
    except Complaint as complaint:
        raise pytest.UsageError(str(complaint)) from complaint
    return (yield)
