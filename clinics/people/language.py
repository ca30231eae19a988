"""Which language a page speaks: the person's own, else the clinic's, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

LANGUAGES = dict(settings.LANGUAGES)
ENGLISH = "en"
FOR_PROGRAMS = "/api/"
"""What programs read says the same to everybody: codes, and English beside them."""


class LanguageMiddleware:
    """Everything below it speaks the language of the request; what other threads do is not touched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        if response.streaming:
            response.streaming_content = _said_in(language, response.streaming_content)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def language_of(request: HttpRequest) -> str:
    """One of ours, for who asks."""
    if request.path.startswith(FOR_PROGRAMS):
        return ENGLISH
    user, clinic = getattr(request, "user", None), getattr(request, "clinic", None)
    chosen = user.language if user is not None and user.is_authenticated else ""
    wanted = chosen or (clinic.language if clinic else "") or translation.get_language_from_request(request)
    return current(wanted)


def current(language: str | None = None) -> str:
    """The language of the page at hand, or this one, without its country: "en", "es"."""
    short = (language or translation.get_language() or ENGLISH).partition("-")[0]
    return short if short in LANGUAGES else ENGLISH


def _said_in(language: str, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts of a download, each made while the language is the page's."""
    parts = iter(parts)
    while True:
        with translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part
