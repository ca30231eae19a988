"""The notification page and the bell. Every line is the signed-in person's own."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import require
from clinics.people.roles import Permission
from notifications import actions
from notifications.models import Notification

PER_PAGE = 50
IN_BELL = 20


@require_safe
@require(Permission.SEE_NOTIFICATIONS)
def list_page(request: HttpRequest) -> HttpResponse:
    """The inbox, newest first, 50 a page; `?show=unread` narrows it, `?before=<id>` goes on."""
    only_unread = request.GET.get("show") == "unread"
    mine = actions.inbox(by=request.user)
    lines = mine.unread() if only_unread else mine.shown()
    last = _own(mine, request.GET.get("before", ""))
    if last is not None:
        lines = lines.before(last)
    found = list(lines[: PER_PAGE + 1])
    context = {
        "lines": found[:PER_PAGE],
        "more": len(found) > PER_PAGE,
        "only_unread": only_unread,
        "unread": mine.unread().count(),
        "place": "page",
    }
    fragment = request.htmx and not request.htmx.history_restore_request and last is not None
    return render(request, "notifications/list.html#lines" if fragment else "notifications/list.html", context)


@require_safe
@require(Permission.SEE_NOTIFICATIONS)
def bell(request: HttpRequest) -> HttpResponse:
    """What the bell shows: with `?count` the number beside it, else the last lines."""
    mine = actions.inbox(by=request.user)
    if "count" in request.GET:
        return render(request, "notifications/list.html#count", {"unread": mine.unread().count()})
    return _bell(request)


@require_POST
@require(Permission.SEE_NOTIFICATIONS)
def mark_read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Mark one line as read and give it back."""
    try:
        line = actions.mark_read(by=request.user, notification_id=notification_id)
    except Notification.DoesNotExist as absent:
        raise Http404 from absent
    if not request.htmx:
        return redirect("notifications:list")
    place = "bell" if (request.htmx.target or "").startswith("bell-") else "page"
    return _told(render(request, "notifications/list.html#line", {"line": line, "place": place}), "Marked as read.")


@require_POST
@require(Permission.SEE_NOTIFICATIONS)
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark what was shown as read; `up_to` is the moment of the newest line on the page."""
    count = actions.mark_all_read(by=request.user, up_to=_moment(request.POST.get("up_to", "")))
    return _after(request, f"{count} marked as read.")


@require_POST
@require(Permission.SEE_NOTIFICATIONS)
def clear_read(request: HttpRequest) -> HttpResponse:
    """Take the read lines off the list."""
    count = actions.clear_read(by=request.user)
    return _after(request, f"{count} cleared.")


def _after(request: HttpRequest, said: str) -> HttpResponse:
    return _told(_bell(request), said) if request.htmx else redirect("notifications:list")


def _bell(request: HttpRequest) -> HttpResponse:
    mine = actions.inbox(by=request.user)
    context = {"lines": mine.shown()[:IN_BELL], "unread": mine.unread().count(), "place": "bell"}
    return render(request, "notifications/list.html#bell", context)


def _told(response: HttpResponse, said: str) -> HttpResponse:
    """Say it to whoever listens to the page, and let the number beside the bell be asked for again."""
    response["HX-Trigger"] = json.dumps({"say": said, "stream:notification": {"kind": "notification.read"}})
    return response


def _own(mine: object, text: str) -> Notification | None:
    try:
        return mine.filter(pk=UUID(text)).first()  # type: ignore[attr-defined]
    except ValueError:
        return None


def _moment(text: str) -> object:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else None
