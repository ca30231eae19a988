"""A process that traces and reports to the addresses it is given, with a patient's words wherever words could be."""

from __future__ import annotations

import logging
import sys
from typing import Any

from celery import Celery, signals

from clinics.spans import span
from cliniqai import errors, tracing

CANARY, NUMBER = sys.argv[3:5]
logger = logging.getLogger("calls.webhooks")


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    words = environ["QUERY_STRING"]
    with span("twilio"):
        pass
    try:
        raise ValueError(f"Failing row contains ({words})")
    except ValueError:
        logger.exception("turn failed for %s", words)
    start_response("503 Service Unavailable", [])
    return [words.encode()]


traces = tracing.start(sys.argv[1], process="web")
errors.start(sys.argv[2], process="web", release="test")
assert traces is not None
environ = {
    "REQUEST_METHOD": "POST", "QUERY_STRING": f"q={CANARY}", "HTTP_HOST": "north.example.org",
    "PATH_INFO": "/calls/voice/0b0e7d1c-4f0e-4a44-9d1b-0f6f2a3f0a11/turn/4/", "HTTP_COOKIE": f"name={CANARY}",
}  # fmt: skip
wrapped = traces.around(application)
wrapped(environ, lambda *args: None)
wrapped({**environ, "PATH_INFO": f"/{CANARY}/{NUMBER}/"}, lambda *args: None)

traces.watch_jobs(signals)
jobs = Celery("test", set_as_current=False)
jobs.conf.task_always_eager = True


@jobs.task(name="notifications.wake")
def wake(words: str) -> None:
    raise KeyError(words)


wake.apply(args=[CANARY], throw=False)
traces.provider.shutdown()
logging.error("said %s", CANARY)

import sentry_sdk  # noqa: E402  (loaded by now)

sentry_sdk.flush(5)
