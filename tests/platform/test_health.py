"""`/healthz` and `/readyz` answer on every host, without a clinic, and name what is failing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cliniqai import health

HOSTS = ["localhost", "demo.localhost:8000", "nobody.example.org", "10.0.0.7"]


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test asks the services itself."""
    monkeypatch.setattr(health, "_remembered", (time.monotonic() - 60, []))


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The checks, all passing, for a test to spoil."""
    passing = {name: lambda: True for name in health.CHECKS}
    monkeypatch.setattr(health, "CHECKS", passing)
    return passing


def broken() -> bool:
    raise ConnectionError("patient Alice Adams")


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_says_that_the_process_answers(host: str) -> None:
    response = Client().get("/healthz", headers={"host": host})

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_says_that_all_is_ready(host: str, checks: dict[str, object]) -> None:
    response = Client().get("/readyz", headers={"host": host})

    assert (response.status_code, response.json()) == (200, {"status": "ok", "failing": []})


def test_what_fails_is_named_and_no_reason_is_given(checks: dict[str, object]) -> None:
    checks["redis"] = broken
    checks["worker"] = lambda: False

    response = Client().get("/readyz", headers={"host": "localhost"})

    assert (response.status_code, response.json()["failing"]) == (503, ["redis", "worker"])
    assert "Alice" not in response.content.decode()


def test_many_questions_ask_the_services_once(checks: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", 30.0)  # a busy machine needs a second for twenty questions
    asked = []
    checks["redis"] = lambda: asked.append(1) or True

    for _ in range(20):
        Client().get("/readyz", headers={"host": "localhost"})

    assert len(asked) == 1


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_they_are_only_read(method: str) -> None:
    assert getattr(Client(), method)("/readyz", headers={"host": "localhost"}).status_code == 405


@pytest.mark.django_db
def test_postgresql_and_redis_are_really_asked() -> None:
    assert health.postgresql_answers()
    assert health.redis_answers()


@pytest.mark.parametrize(("silent_for", "alive"), [(5, True), (50, True), (61, False)])
def test_a_worker_that_delivers_no_canary_is_failing(
    silent_for: int, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "worker_last_seen", lambda: timezone.now() - timedelta(seconds=silent_for))

    assert health.worker_answers() is alive


def test_a_sweeper_that_never_ran_is_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "sweeper_last_seen", lambda: None)

    assert not health.sweeper_answers()
