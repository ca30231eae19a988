"""A reference for each request: in its answer, and in every line that it writes to the log.

Whoever reads "Reference 7f3a91c0d2e4" on a screen can be told what happened then. It names a request and nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
_current: ContextVar[str] = ContextVar("reference", default="-")


def current() -> str:
    """The reference of the request that is being answered; "-" outside of one."""
    return _current.get()


class ReferenceMiddleware:
    """Draws a reference for each request. One that the client sends is not believed: it would write into our log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reference = secrets.token_hex(6)
        token = _current.set(reference)
        try:
            response = self.get_response(request)
            response[HEADER] = reference
            return response
        finally:
            _current.reset(token)
