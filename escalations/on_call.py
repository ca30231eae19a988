"""Who is on call, now and at any other moment; the clinic's admins change the shifts, the numbers and the times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from clinics.people.access import require
from clinics.people.models import User
from clinics.people.roles import Permission, Role
from clinics.phones import readable
from clinics.practice import rostering, rota
from clinics.practice.actions import publish_policy
from clinics.practice.rota import Duty
from clinics.practice.shifts import Shift, read_rota
from escalations.on_call_forms import MomentForm, NumberForm, ShiftForm, TimesForm
from escalations.opening import times_of_clinic
from escalations.rungs import zone_of_clinic

GAPS_SHOWN = 5
SHIFTS_SHOWN = 4  # of more the list is folded: on a telephone each is a card, and who has it now stands above


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One shift in words."""

    id: int
    day: str
    hours: str
    place: str
    person: str
    note: str


# --- The page ------------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_ESCALATIONS)
def on_call(request: HttpRequest) -> HttpResponse:
    """Who is on call, and what the admins can change about it."""
    return _page(request)


def _page(request: HttpRequest, *, status: int = 200, **forms: Form) -> HttpResponse:
    zone, now = zone_of_clinic(), timezone.now()
    duties, people = read_rota(), {user.pk: user for user in User.objects.active().order_by("name")}
    asked = MomentForm(request.GET if "at" in request.GET else None, zone=zone)
    moment = asked.cleaned_data["at"] if asked.is_bound and asked.is_valid() else None
    context = {
        "now_line": _who(duties, people, now.astimezone(zone)),
        "asked": asked,
        "asked_line": _who(duties, people, moment) if moment else "",
        "asked_for": _moment(moment) if moment else "",
        "gaps": [_gap(gap, zone) for gap in rota.gaps(duties, since=now.astimezone(zone))],
        "gaps_shown": GAPS_SHOWN,
        "shifts_shown": SHIFTS_SHOWN,
        "shifts": _shift_rows(zone, now),
        "numbered": sum(bool(user.phone) for user in people.values()),
        "people": [(user, readable(user.phone) if user.phone else "") for user in people.values()],
        "shift_form": ShiftForm(initial={"since": now.astimezone(zone).date()}),
        "number_form": NumberForm(),
        "times_form": TimesForm(times=times_of_clinic()),
    }
    return render(request, "escalations/on_call.html", context | forms, status=status)


# --- Deeds ---------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.ADD_SHIFTS)
def add_shift(request: HttpRequest) -> HttpResponse:
    """Put somebody on call."""
    form = ShiftForm(request.POST)
    return _do(
        request, form, "shift_form", lambda: rostering.add_shift(by=request.user, **form.given()), gettext("Added.")
    )


@require_POST
@require(Permission.REMOVE_SHIFTS)
def remove_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Take a shift away."""
    try:
        rostering.remove_shift(by=request.user, shift_id=shift_id)
    except Shift.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, gettext("The shift was removed."))
    return redirect("escalations:on_call")


@require_POST
@require(Permission.SET_ON_CALL_NUMBERS)
def set_number(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Keep or forget the number of a person."""
    form = NumberForm(request.POST)

    def keep() -> None:
        rostering.set_number(by=request.user, person_id=person_id, text=form.cleaned_data["number"])

    try:
        return _do(request, form, "number_form", keep, gettext("The number was saved."), number_of=person_id)
    except User.DoesNotExist as missing:
        raise Http404 from missing


@require_POST
@require(Permission.SET_LADDER_TIMES)
def set_times(request: HttpRequest) -> HttpResponse:
    """Publish a policy with other times of the ladder."""
    form = TimesForm(request.POST, times=times_of_clinic())

    def publish() -> None:
        publish_policy(by=request.user, changes={"ladder": form.times()})

    return _do(request, form, "times_form", publish, gettext("The times are in force for the next escalation."))


def _do(
    request: HttpRequest, form: Form, name: str, deed: Callable[[], object], done: str, **more: object
) -> HttpResponse:
    """Act on a form that is filled in, else show the page again with what is wrong."""
    if form.is_valid():
        try:
            deed()
        except ValidationError as wrong:
            form.add_error(None, list(wrong.messages))
        else:
            messages.success(request, done)
            return redirect("escalations:on_call")
    return _page(request, status=422, **{name: form}, **more)


# --- Words ---------------------------------------------------------------------------------------------------------
def _who(duties: list[Duty], people: dict[UUID, User], at: datetime) -> list[tuple[str, str]]:
    """(what they are asked as, names): the person on call, the backups, the admins."""
    line = rota.on_call(duties, at)
    admins = [user.name for user in people.values() if user.role == Role.ADMIN]

    def names(ids: tuple[UUID, ...]) -> str:
        return ", ".join(_called(people[one]) for one in ids if one in people)

    backups = [names(ids) for ids in line[1:]]
    return [
        (gettext("On call"), names(line[0]) if line else gettext("nobody")),
        (gettext("Backup"), gettext(", then ").join(filter(None, backups)) or gettext("nobody")),
        (gettext("Clinic admins"), ", ".join(admins) or gettext("nobody")),
    ]


def _called(user: User) -> str:
    return user.name if user.phone else gettext("%(name)s (no telephone number)") % {"name": user.name}


def _shift_rows(zone: tzinfo, now: datetime) -> list[ShiftRow]:
    rows = Shift.objects.staffed().with_people().not_over(now.astimezone(zone).date())
    return [_shift_row(row) for row in sorted(rows, key=lambda row: (row.weekday is None, row.weekday or 0))]


def _shift_row(row: Shift) -> ShiftRow:
    once = row.weekday is None
    day = (
        gettext("%(day)s, once") % {"day": date_format(row.since, "D j M Y")}
        if once
        else gettext("Every %(weekday)s") % {"weekday": WEEKDAYS[row.weekday]}
    )
    hours = gettext("%(begins)s to %(ends)s") % {"begins": f"{row.begins:%H:%M}", "ends": f"{row.ends:%H:%M}"} + (
        gettext(" the next day") if row.ends <= row.begins else ""
    )
    note = gettext("until %(day)s") % {"day": date_format(row.until, "j M Y")} if row.until and not once else ""
    if not row.person.phone:
        note = ", ".join(filter(None, [note, gettext("no telephone number")]))
    place = gettext("On call") if row.place == rota.FIRST else gettext("Backup %(number)s") % {"number": row.place - 1}
    return ShiftRow(
        row.pk, day, gettext("All day") if row.begins == row.ends == time.min else hours, place, row.person.name, note
    )


def _moment(at: datetime) -> str:
    return date_format(at, "D j M, H:i")


def _gap(gap: rota.Gap, zone: tzinfo) -> str:
    return gettext("%(begins)s to %(ends)s") % {
        "begins": _moment(gap.begins.astimezone(zone)),
        "ends": _moment(gap.ends.astimezone(zone)),
    }
