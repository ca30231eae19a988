"""The style guide: every part of the portal in every state, to look at and to test."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics.people.access import to_sign_in


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Open to everyone who is signed in, and to anyone while developing."""
    if not (settings.DEBUG or request.user.is_authenticated):
        return to_sign_in(request)
    return render(request, "styleguide/parts.html")
