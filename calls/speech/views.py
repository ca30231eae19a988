"""The sound of a spoken sentence, as the telephone network fetches it: whole, in part, or only whether it changed."""

from __future__ import annotations

import time

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from calls.speech import addresses, shelf
from calls.speech.sound import CONTENT_TYPE
from clinics.ranges import in_part


@require_safe
def clip(request: HttpRequest, clip: str, ends: int, signature: str) -> HttpResponse:
    """The address is the permission: it was given to the network for this clinic, and it ends."""
    now = time.time()
    if not addresses.holds(clip, ends, signature, schema=connection.schema_name, now=now):
        raise Http404
    audio = shelf.read(clip)
    if audio is None:
        raise Http404
    response = in_part(request, audio, content_type=CONTENT_TYPE, etag=f'"{clip}"')
    if addresses.is_passing(clip):
        response["Cache-Control"] = "private, no-store"
    else:
        response["Cache-Control"] = f"public, max-age={int(ends - now)}, immutable"
    return response
