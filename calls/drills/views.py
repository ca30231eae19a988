"""The drills of one clinic: how it stands, the last ones, and a button for the next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from calls.drills import actions, policy
from clinics import audit, drilling
from clinics.models import Drill, DrillState
from clinics.people.access import require
from clinics.people.models import User
from clinics.people.roles import Permission

SHOWN = 30


@require_safe
@require(Permission.SEE_DRILLS)
def drill_list(request: HttpRequest) -> HttpResponse:
    """htmx asks again while a drill is under way and gets the list alone."""
    drills = list(Drill.objects.filter(clinic=request.clinic)[:SHOWN])
    names = dict(User.objects.filter(pk__in=[one.asked_by for one in drills]).values_list("pk", "name"))
    last, now = Drill.objects.last_passed(request.clinic), timezone.now()
    context = {
        "drills": [
            (one, names.get(one.asked_by, gettext("Timetable")), policy.BROKE.get(one.broke, "")) for one in drills
        ],
        "running": any(one.state in (DrillState.ASKED, DrillState.RUNNING) for one in drills),
        "standing": drilling.standing(last, now),
        "stale": drilling.is_stale(last, now),
        "minutes": int(policy.ANSWERED_WITHIN.total_seconds() // 60),
        "every": policy.EVERY.days,
        "valid": drilling.VALID_FOR.days,
    }
    return render(request, "drills/list.html#list" if request.htmx else "drills/list.html", context)


@require_POST
@require(Permission.RUN_DRILLS)
def ask(request: HttpRequest) -> HttpResponse:
    try:
        drill = actions.ask(clinic=request.clinic, by=request.user.id)
    except actions.CannotDrill as refused:
        messages.error(request, str(refused))
    else:
        audit.record_change(by=request.user, of=drill, changes={"drill": ("", "asked for")})
        messages.success(request, gettext("The drill begins within seconds. Somebody has to acknowledge its alarm."))
    return redirect("drills:list")
