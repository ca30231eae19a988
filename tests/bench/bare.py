"""The baseline: a Django view that finds the clinic by its host and commits one INSERT, on the same server."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.bare_settings")

import django
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

DOCUMENT = "<?xml version='1.0' encoding='UTF-8'?><Response><Say>One moment, please.</Say><Hangup/></Response>"


def insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (words) VALUES (%s)", [request.POST.get("SpeechResult", "")])
    return HttpResponse(DOCUMENT, content_type="text/xml")


urlpatterns = [path("bare/", insert)]
THREADS = 8
django.setup()
settings.MIDDLEWARE = ["clinics.tenancy.ClinicMiddleware"]  # after start: allauth does not start without its own
_django = WSGIHandler()
gc.collect()
gc.freeze()  # as cliniqai/warm.py does for the product
_pages = WSGIMiddleware(_django, workers=THREADS)


async def application(scope, receive, send) -> None:
    if scope["type"] == "http":
        await _pages(scope, receive, send)
        return
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
