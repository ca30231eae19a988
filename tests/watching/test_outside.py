"""Somebody outside hears that all is well, and hears nothing when it is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.db.models import F

from notifications.heartbeat import beat
from notifications.models import Heartbeat
from notifications.watching import outside

pytestmark = pytest.mark.django_db


class Service(ThreadingHTTPServer):
    """A service that notices silence: it counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[str] = []
        self.status = 200


class Asked(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def service(settings) -> Iterator[Service]:
    with Service() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/secret-of-the-switch"
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def alive() -> None:
    connection.set_schema_to_public()
    beat("worker")
    beat("sweeper")


@pytest.fixture(autouse=True)
def no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is not the product's."""
    monkeypatch.setattr(outside, "refuse_in_transaction", lambda: None)


def test_all_is_well_is_told_once_a_minute(service: Service) -> None:
    switch = outside.Switch()

    assert [switch.tend(), switch.tend()] == [1, 0]
    switch._due -= outside.PING_SECONDS
    assert switch.tend() == 1
    assert service.asked == ["/secret-of-the-switch"] * 2


@pytest.mark.parametrize(("who", "seconds"), [("worker", 90), ("sweeper", 30)])
def test_nobody_is_told_when_one_of_them_is_silent(service: Service, who: str, seconds: int) -> None:
    Heartbeat.objects.filter(name=who).update(at=F("at") - timedelta(seconds=seconds))

    assert outside.Switch().tend() == 0
    assert service.asked == []


def test_nobody_is_told_before_a_worker_was_ever_seen(service: Service) -> None:
    Heartbeat.objects.filter(name="worker").delete()

    assert outside.Switch().tend() == 0


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_service_that_refuses_was_not_told(service: Service, status: int, caplog: pytest.LogCaptureFixture) -> None:
    service.status = status

    assert outside.Switch().tend() == 0
    assert str(status) in caplog.text
    assert "secret-of-the-switch" not in caplog.text


def test_a_service_that_is_away_is_asked_again_and_named_nowhere(settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.HEARTBEAT_URL = "http://127.0.0.1:1/secret-of-the-switch"

    assert outside.Switch().tend() == 0
    assert "not reached: ConnectionError" in caplog.text
    assert "secret-of-the-switch" not in caplog.text


def test_without_an_address_nobody_is_asked(settings) -> None:
    settings.HEARTBEAT_URL = ""

    assert outside.Switch().tend() == 0


def test_it_is_refused_inside_a_transaction(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        outside.Switch().tend()
