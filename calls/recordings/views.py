"""Listening to a recording: in the browser, from any second, by who may, and written down each time."""

from __future__ import annotations

import logging
import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from calls.models import Call
from calls.recordings import actions, vault
from calls.recordings.models import Recording
from calls.recordings.voicemails import note_listened
from clinics import audit
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404

logger = logging.getLogger(__name__)

HEADERS = {
    "Content-Type": "audio/mpeg",
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-store, private",
    "Content-Disposition": "inline",
}
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})\Z", re.ASCII)


@require_safe
@require(Permission.HEAR_RECORDINGS)
def of_call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The recording of a call; of several the first one. What the API names."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    found = Recording.objects.audible().filter(call=call).first()
    if found is None:
        raise Http404
    return redirect("recordings:listen", found.id)


@require_safe
@require(Permission.HEAR_RECORDINGS)
def listen(request: HttpRequest, recording_id: UUID) -> HttpResponseBase:
    """The audio, or the part of it that was asked for. Nothing of it may stay in the browser's cache."""
    found = seen_or_404(Recording.objects.audible(), request.user, pk=recording_id)
    audit.record_read(by=request.user, what="calls.recording", about=found.id, request=request)
    if request.method == "GET":
        note_listened(recording=found)
    start, end = _wanted(request.headers.get("Range", ""), found.size)
    if start >= end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    part = (start, end) != (0, found.size)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    else:
        # Read whole before the first byte leaves: a damaged file is an error then, and no half of an answer.
        response = StreamingHttpResponse([b"".join(vault.read(found, start=start, end=end))])
    response.status_code = 206 if part else 200
    if part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    for name, value in HEADERS.items():
        response[name] = value
    response["Content-Length"] = str(end - start)
    return response


def _wanted(header: str, size: int) -> tuple[int, int]:
    """From which byte up to which, the end not included; one range is served, anything else is the whole."""
    found = _RANGE.match(header)
    if found is None or found.group() == "bytes=-":
        return 0, size
    first, last = found.groups()
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1 if last else size, size)


@require_POST
@require(Permission.HOLD_RECORDS)
def place_hold(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Nothing of the call is deleted until the hold is lifted."""
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    actions.place_hold(by=request.user, call_id=call.id)
    messages.success(request, gettext("Nothing of this call is deleted until you lift the hold."))
    return redirect(call.path)


@require_POST
@require(Permission.RELEASE_RECORDS)
def lift_hold(request: HttpRequest, call_id: UUID) -> HttpResponse:
    call = seen_or_404(Call.objects.all(), request.user, pk=call_id)
    if actions.lift_hold(by=request.user, call_id=call.id):
        messages.success(request, gettext("The hold is lifted."))
    return redirect(call.path)
