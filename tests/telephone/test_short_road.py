"""Webhooks go straight to their gate; whatever is no webhook goes the whole road."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from clinics.models import Clinic

FOR_BROWSERS = ("Content-Security-Policy", "Set-Cookie", "Vary", "X-Frame-Options")


def test_a_webhook_passes_nothing_that_is_for_browsers(post: Callable) -> None:
    response = post()

    assert response.status_code == 200
    assert [name for name in FOR_BROWSERS if response.has_header(name)] == []
    assert response["Content-Length"] == str(len(response.content))
    assert response["Cache-Control"] == "no-store, private"


def test_what_is_no_webhook_is_checked_for_forged_forms(north: Clinic) -> None:
    browser = Client(HTTP_HOST=f"north.{settings.BASE_DOMAIN}", enforce_csrf_checks=True)

    assert browser.post("/sign-in/", {"email": "x"}).status_code == 403
    assert browser.post("/calls/voice/", {"CallSid": "x"}).status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_another_method_goes_the_whole_road_and_is_refused_by_the_gate(north: Clinic, method: str) -> None:
    response = getattr(Client(HTTP_HOST=f"north.{settings.BASE_DOMAIN}"), method)("/calls/voice/")

    assert response.status_code == 405
    assert response.has_header("Content-Security-Policy")
