"""The notification page and the bell. Every line is the signed-in person's own."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import require
from clinics.people.roles import Permission
from notifications import actions
from notifications.kinds import FAMILIES
from notifications.models import Notification

PER_PAGE = 50
IN_BELL = 20
SHOWS = ("", "unread", "archived")


@require_safe
@require(Permission.SEE_NOTIFICATIONS)
def list_page(request: HttpRequest) -> HttpResponse:
    """The inbox, newest first, 50 a page; `?show=` and `?kind=` narrow it, `?before=<id>` goes on."""
    context = _inbox(request, request.GET.get("show", ""), request.GET.get("kind", ""), request.GET.get("before", ""))
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "notifications/list.html", context)
    return render(request, f"notifications/list.html#{'lines' if context['later'] else 'inbox'}", context)


def _inbox(request: HttpRequest, show: str, kind: str, before: str = "") -> dict[str, object]:
    """One page of the lines that are asked for; what makes no sense is read as not given."""
    show, kind = show if show in SHOWS else "", kind if kind in FAMILIES else ""
    mine = actions.inbox(by=request.user)
    lines = {"": mine.shown, "unread": mine.unread, "archived": mine.archived}[show]().of_family(kind)
    last = _own(mine, before)
    if last is not None:
        lines = lines.before(last)
    found = list(lines[: PER_PAGE + 1])
    query = urlencode({name: value for name, value in (("show", show), ("kind", kind)) if value})
    return {
        "lines": found[:PER_PAGE],
        "more": len(found) > PER_PAGE,
        "later": last is not None,
        "show": show,
        "kind": kind,
        "query": f"?{query}",
        "more_query": f"?{query}{'&' if query else ''}before=",
        "families": [("", gettext("All types")), *((name, gettext(label)) for name, label in FAMILIES.items())],
        "unread": mine.unread().count(),
        "place": "page",
    }


@require_safe
@require(Permission.SEE_NOTIFICATIONS)
def bell(request: HttpRequest) -> HttpResponse:
    """What the bell shows: with `?count` the number beside it, else the last lines."""
    mine = actions.inbox(by=request.user)
    if "count" in request.GET:
        return render(request, "notifications/list.html#count", {"unread": mine.unread().count()})
    return _bell(request)


@require_POST
@require(Permission.MARK_NOTIFICATIONS)
def mark_read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Mark one line as read and give it back."""
    try:
        line = actions.mark_read(by=request.user, notification_id=notification_id)
    except Notification.DoesNotExist as absent:
        raise Http404 from absent
    if not request.htmx:
        return redirect("notifications:list")
    place = "bell" if (request.htmx.target or "").startswith("bell-") else "page"
    return _told(
        render(request, "notifications/list.html#line", {"line": line, "place": place}), gettext("Marked as read.")
    )


@require_POST
@require(Permission.MARK_NOTIFICATIONS)
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark what was shown as read; `up_to` is the moment of the newest line on the page."""
    count = actions.mark_all_read(by=request.user, up_to=_moment(request.POST.get("up_to", "")))
    return _after(request, ngettext("%(count)s marked as read.", "%(count)s marked as read.", count) % {"count": count})


@require_POST
@require(Permission.CLEAR_NOTIFICATIONS)
def clear_read(request: HttpRequest) -> HttpResponse:
    """Take the read lines off the list; for a moment that can be undone."""
    count, moment = actions.clear_read(by=request.user)
    undo = {"url": "/notifications/bring-back/", "keys": moment.isoformat(), "seconds": actions.UNDO_SECONDS}
    return _after(
        request,
        ngettext("%(count)s cleared.", "%(count)s cleared.", count) % {"count": count},
        undo=undo if count else None,
    )


@require_POST
@require(Permission.BRING_NOTIFICATIONS_BACK)
def bring_back(request: HttpRequest) -> HttpResponse:
    """Undo the last clearing, named by its moment."""
    moment = _moment(request.POST.get("seen", ""))
    count = actions.bring_back(by=request.user, cleared_at=moment) if moment else 0
    if not request.htmx:
        return redirect("notifications:list")
    said = (
        ngettext("%(count)s brought back.", "%(count)s brought back.", count) % {"count": count}
        if count
        else gettext("There is nothing to undo any more.")
    )
    return _told(HttpResponse(status=200), said, more={"inbox:changed": {}})


def _after(request: HttpRequest, said: str, *, undo: dict[str, object] | None = None) -> HttpResponse:
    """The list that the deed was done in, as it is now."""
    if not request.htmx:
        messages.success(request, said)
        return redirect("notifications:list")
    if request.htmx.target == "inbox-page":
        context = _inbox(request, request.POST.get("show", ""), request.POST.get("kind", ""))
        answer = render(request, "notifications/list.html#inbox", context)
    else:
        answer = _bell(request)
    if undo is None:
        return _told(answer, said)
    return _told(answer, "", more={"toast": {"words": said, "tone": "good", "undo": undo}})


def _bell(request: HttpRequest) -> HttpResponse:
    mine = actions.inbox(by=request.user)
    context = {"lines": mine.shown()[:IN_BELL], "unread": mine.unread().count(), "place": "bell"}
    return render(request, "notifications/list.html#bell", context)


def _told(response: HttpResponse, said: str, *, more: dict[str, object] | None = None) -> HttpResponse:
    """Say it to whoever listens to the page, and let the number beside the bell be asked for again."""
    told = {"say": said} if said else {}
    response["HX-Trigger"] = json.dumps(told | {"stream:notification": {"kind": "notification.read"}} | (more or {}))
    return response


def _own(mine: object, text: str) -> Notification | None:
    try:
        return mine.filter(pk=UUID(text)).first()  # type: ignore[attr-defined]
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else None
