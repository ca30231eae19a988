"""`/healthz` and `/readyz` on every host, answered before any clinic is looked up.

`/healthz` says that the process answers. `/readyz` says whether a call would be served and its notice sent: 503 with
the names of what is failing. Names only, never a reason: reasons go to the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from notifications.heartbeat import sweeper_last_seen, worker_last_seen

WORKER_SILENCE = timedelta(seconds=60)
SWEEPER_SILENCE = timedelta(seconds=30)
REMEMBERED_SECONDS = 1.0  # strangers may ask too: however many do, the services are asked once a second

log = logging.getLogger(__name__)
_redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
_remembered: tuple[float, list[str]] = (0.0, [])


class HealthMiddleware:
    """Answers the two paths and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info)
        if view is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = view()
        response["Cache-Control"] = "no-store"
        return response


def healthz() -> HttpResponse:
    return JsonResponse({"status": "ok"})


def readyz() -> HttpResponse:
    global _remembered  # noqa: PLW0603  (one answer per process, replaced whole)
    asked, names = _remembered
    if time.monotonic() - asked > REMEMBERED_SECONDS:
        names = failing()
        _remembered = (time.monotonic(), names)
    return JsonResponse({"status": "failing" if names else "ok", "failing": names}, status=503 if names else 200)


def failing() -> list[str]:
    """The names of the parts that do not answer."""
    return [name for name, works in CHECKS.items() if not _safely(name, works)]


def postgresql_answers() -> bool:
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def redis_answers() -> bool:
    return bool(_redis.ping())


def worker_answers() -> bool:
    return _recent(worker_last_seen(), within=WORKER_SILENCE)


def sweeper_answers() -> bool:
    return _recent(sweeper_last_seen(), within=SWEEPER_SILENCE)


def _recent(moment: datetime | None, *, within: timedelta) -> bool:
    return moment is not None and timezone.now() - moment < within


def _safely(name: str, works: Callable[[], bool]) -> bool:
    try:
        return works()
    except Exception as error:  # whatever it is, that part does not answer
        log.warning("readyz: %s: %s", name, type(error).__name__)
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "postgresql": postgresql_answers,
    "redis": redis_answers,
    "worker": worker_answers,
    "sweeper": sweeper_answers,
}
VIEWS: dict[str, Callable[[], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}
