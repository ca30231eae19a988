"""A far end that signs as Twilio does unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from clinics.models import Clinic
from clinics.telephone import public_url, signature
from tests.telephone import gate
from tests.telephone.gate import FORM, a_call


@pytest.fixture
def _routes(settings: Any) -> None:
    settings.ROOT_URLCONF = gate.__name__
    gate.seen.clear()


@pytest.fixture
def post(_routes: None, north: Clinic) -> Callable[..., HttpResponse]:
    """Post to north's host, signed as Twilio signs unless told otherwise."""

    def send(
        params: dict[str, str] | None = None,
        *,
        where: str = "/hook/",
        url: str = "",
        token: str = "",
        signed: str | None = None,
        body: str | None = None,
        kind: str = FORM,
        **headers: str,
    ) -> HttpResponse:
        params = a_call() if params is None else params
        url = url or public_url(north, where)
        sign = signature(url, params, token=token or settings.TWILIO_AUTH_TOKEN) if signed is None else signed
        headers = {"HTTP_HOST": f"north.{settings.BASE_DOMAIN}", "HTTP_X_TWILIO_SIGNATURE": sign} | headers
        body = urlencode(params) if body is None else body
        return Client(enforce_csrf_checks=True).generic("POST", where, body, content_type=kind, **headers)

    return send
