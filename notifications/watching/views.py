"""The page of dead letters, for the admins of a clinic."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.people.access import require
from clinics.people.roles import Permission
from notifications.kinds import TABLE
from notifications.watching import letters
from notifications.watching.incidents import open_incidents

SHOWN = 200


@require_safe
@require(Permission.SEE_DELIVERIES)
def dead_letters(request: HttpRequest) -> HttpResponse:
    """What never arrived, grouped by what it was about."""
    dead = letters.dead_of(request.clinic)
    found = sorted(letters.in_words(dead[:SHOWN]), key=lambda letter: letter.delivery.event.kind)
    audit.record_read(by=request.user, what="deliveries", about=None, request=request)
    context = {
        "groups": [(kind, list(some)) for kind, some in groupby(found, key=lambda letter: letter.delivery.event.kind)],
        "count": dead.count(),
        "shown": SHOWN,
        "why": letters.WHY.items(),
        "incidents": open_incidents(request.clinic),
    }
    return render(request, "notifications/deliveries.html", context)


@require_POST
@require(Permission.RETRY_DELIVERIES)
def retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    done = letters.bring_back(clinic=request.clinic, by=request.user, delivery_id=delivery_id)
    return _back(request, done.deliveries, gettext("It is tried again."))


@require_POST
@require(Permission.RETRY_DELIVERIES)
def retry_kind(request: HttpRequest) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in TABLE:
        messages.error(request, gettext("Choose what to try again."))
        return redirect("notifications:deliveries")
    done = letters.bring_back(clinic=request.clinic, by=request.user, kind=kind)
    late = (
        " "
        + ngettext(
            "%(count)s is past its time and stays; try it by itself.",
            "%(count)s are past their time and stay; try those one by one.",
            done.expired,
        )
        % {"count": done.expired}
        if done.expired
        else ""
    )
    return _back(
        request,
        done.deliveries,
        ngettext("%(count)s is tried again.", "%(count)s are tried again.", done.deliveries)
        % {"count": done.deliveries}
        + late,
        none=late.strip(),
    )


@require_POST
@require(Permission.DISCARD_DELIVERIES)
def discard(request: HttpRequest, delivery_id: int) -> HttpResponse:
    try:
        done = letters.discard(
            clinic=request.clinic, by=request.user, delivery_id=delivery_id, why=request.POST.get("why", "")
        )
    except ValueError as refused:
        messages.error(request, str(refused))
        return redirect("notifications:deliveries")
    return _back(request, int(done), gettext("It is put aside."))


def _back(request: HttpRequest, done: int, sentence: str, *, none: str = "") -> HttpResponse:
    if done:
        messages.success(request, sentence)
    else:
        messages.warning(request, none or gettext("Nothing was changed: it is not a dead letter any more."))
    return redirect("notifications:deliveries")
