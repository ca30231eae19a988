"""Printed as JSON by a process of its own: what a production says of itself, and how it answers."""

from __future__ import annotations

import importlib
import json
import sys

import django
from django.conf import settings
from django.core import checks
from django.test import Client, override_settings

django.setup()
said = checks.run_checks(include_deployment_checks=True)
plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing was collected for a test
with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain_files}):
    page = Client(HTTP_HOST="example.org").get("/sign-in/", secure=True)
    plain = Client(HTTP_HOST="example.org").get("/sign-in/")
    inside = Client(HTTP_HOST="example.org", raise_request_exception=False).get("/metrics")
application = importlib.import_module("cliniqai.wsgi").application
told = {
    "loaded": [
        name for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter", "sentry_sdk") if name in sys.modules
    ],
    "wrapped": type(application).__name__,
    "checks": [f"{one.id}: {one.msg}" for one in said],
    "headers": dict(page.headers),
    "cookies": {name: dict(morsel) for name, morsel in page.cookies.items()},
    "plain": [plain.status_code, plain.headers.get("Location")],
    "inside": inside.status_code,
}
sys.stdout.write(json.dumps(told) + "\n")
