"""The settings of a clinic for its admins: hours, holidays, the policy in versions, what the telephone may say."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.people.access import may, require
from clinics.people.language import LANGUAGES, current
from clinics.people.recent import recently_signed_in, recently_signed_in_to_change
from clinics.people.roles import Permission
from clinics.practice import actions, hours, phases
from clinics.practice.closures import Closure
from clinics.practice.models import CallPolicy, Fact, Holiday
from clinics.practice.pages import changes
from clinics.practice.pages.forms import TOPICS, ClosureForm, FactForm, HolidayForm, MomentForm, PolicyForm, WeekForm
from clinics.practice.pages.index import SECTIONS
from clinics.practice.pages.platform import sites_elsewhere
from clinics.practice.policies import policy_in_force, read_holidays, read_week

VERSIONS = 50


@require_safe
@require(Permission.SEE_SETTINGS)
def index(request: HttpRequest) -> HttpResponse:
    """Everything that can be set, with a line on what it does."""
    sections = [one for one in SECTIONS if may(request.user, one.permission)]
    policy = policy_in_force()
    shown = {"policy": policy, "phase": phases.words(policy.phase), "languages": LANGUAGES.items()}
    return render(request, "settings/index.html", {"sections": sections} | shown)


@require_POST
@require(Permission.SET_LANGUAGE)
def set_language(request: HttpRequest) -> HttpResponse:
    """The language of the portal for everybody who has chosen none."""
    language = request.POST.get("language", "")
    if language not in ("", *LANGUAGES):
        raise SuspiciousOperation("a language of nobody's")
    actions.set_language(by=request.user, language=language)
    messages.success(request, gettext("Saved for the whole clinic."))
    return redirect("practice:index")


# --- Hours -----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_SETTINGS, to_change=Permission.SET_HOURS)
def week(request: HttpRequest) -> HttpResponse:
    """The regular week and the holidays; a new week is shown in words before it is saved."""
    known = read_week()
    form = WeekForm(request.POST if request.method == "POST" else None, week=known)
    if request.method != "POST":
        return _hours_page(request, form)
    if not form.is_valid():
        return _hours_page(request, form, status=422)
    if "confirmed" not in request.POST:
        return _hours_page(request, form, proposed=form.week())
    try:
        actions.set_hours(by=request.user, week=form.week())
    except ValidationError as wrong:
        form.add_error(None, wrong)
        return _hours_page(request, form, status=422)
    messages.success(request, gettext("The opening hours are changed. New calls hear them within seconds."))
    return redirect("practice:hours")


@require_POST
@require(Permission.SET_HOLIDAYS)
def set_holiday(request: HttpRequest) -> HttpResponse:
    """A day with other hours."""
    form = HolidayForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            actions.set_holiday(by=request.user, day=given["day"], name=given["name"], spans=form.spans())
            messages.success(request, gettext("The day is saved."))
            return redirect("practice:hours")
        except ValidationError as wrong:
            form.add_error(None, wrong)
    return _hours_page(request, WeekForm(week=read_week()), holiday=form, status=422)


@require_POST
@require(Permission.REMOVE_HOLIDAYS)
def remove_holiday(request: HttpRequest, holiday_id: int) -> HttpResponse:
    """Back to the regular hours on a day."""
    actions.remove_holiday(by=request.user, day=get_object_or_404(Holiday, pk=holiday_id).day)
    messages.success(request, gettext("The day has its regular hours again."))
    return redirect("practice:hours")


@require_POST
@require(Permission.CLOSE_CLINIC)
def close_now(request: HttpRequest) -> HttpResponse:
    """Closed from this moment on, whatever the hours say."""
    form = ClosureForm(request.POST)
    if form.is_valid():
        try:
            actions.close_now(by=request.user, until=form.moment(ZoneInfo(request.clinic.timezone)))
            messages.success(request, gettext("The clinic is closed now. New calls hear it within seconds."))
            return redirect("practice:hours")
        except ValidationError as wrong:
            form.add_error("at", wrong.messages)
    return _hours_page(request, WeekForm(week=read_week()), closing=form, status=422)


@require_POST
@require(Permission.OPEN_CLINIC)
def open_again(request: HttpRequest) -> HttpResponse:
    """Back to the hours."""
    if actions.open_again(by=request.user):
        messages.success(request, gettext("The hours hold again. New calls hear it within seconds."))
    return redirect("practice:hours")


def _hours_page(
    request: HttpRequest,
    form: WeekForm,
    *,
    closing: ClosureForm | None = None,
    proposed: hours.Week | None = None,
    holiday: HolidayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    zone = ZoneInfo(request.clinic.timezone)
    known, today = read_week(), timezone.now().astimezone(zone).date()
    asked = MomentForm(request.GET) if request.GET.get("at") else MomentForm()
    moment = asked.moment(zone) if asked.is_bound and asked.is_valid() else None
    closed_until = Closure.objects.until()
    context = {
        "form": form,
        "holiday": holiday or HolidayForm(),
        "holidays": Holiday.objects.filter(day__gte=today - timedelta(days=1)),
        "before": hours.sentence(known, current()) or gettext("No opening hours are set."),
        "after": (hours.sentence(proposed, current()) or gettext("The clinic is always closed."))
        if proposed is not None
        else "",
        "asked": asked,
        "what_happens": _what_happens(request, known, moment, closed_until) if moment else [],
        "sites": sites_elsewhere(request.clinic),
        "closed_until": closed_until,
        "closing": closing or ClosureForm(),
    }
    return render(request, "settings/hours.html", context, status=status)


def _what_happens(
    request: HttpRequest, known: hours.Week, moment: datetime, closed_until: datetime | None
) -> list[tuple[str, str]]:
    """What a call at this moment meets at each clock of the clinic's: the sites on it, and a sentence."""
    here = ZoneInfo(request.clinic.timezone)
    clocks = [("", here), *((names, ZoneInfo(zone)) for zone, names in sites_elsewhere(request.clinic))]
    others = read_holidays()
    return [
        (names, hours.what_happens(known, others, moment.astimezone(zone), current(), closed_until=closed_until))
        for names, zone in clocks
    ]


# --- Policy ----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_SETTINGS, to_change=Permission.PUBLISH_POLICY)
@recently_signed_in_to_change
def policy(request: HttpRequest) -> HttpResponse:
    """How the telephone answers: a draft, what it would change, and then the next version."""
    latest = CallPolicy.objects.order_by("-version").first()
    if latest is None:
        raise Http404
    before = changes_of(latest)
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=latest)
    if request.method != "POST":
        return _policy_page(request, form)
    if not form.is_valid():
        return _policy_page(request, form, status=422)
    wanted = form.changes()
    if not wanted:
        form.add_error(None, gettext("Nothing differs from the version in force."))
        return _policy_page(request, form, status=422)
    if "confirmed" not in request.POST:
        return _policy_page(request, form, diff=changes.between(before, before | wanted))
    return _publish(request, form, wanted)


def _publish(request: HttpRequest, form: PolicyForm, wanted: dict[str, object]) -> HttpResponse:
    try:
        published = actions.publish_policy(by=request.user, changes=wanted)
    except ValidationError as wrong:
        form.add_error(None, wrong.messages)
        return _policy_page(request, form, status=422)
    messages.success(
        request, gettext("Version %(version)s is in force for new calls.") % {"version": published.version}
    )
    return redirect("practice:policy")


def _policy_page(
    request: HttpRequest, form: PolicyForm, *, diff: list[changes.Change] | None = None, status: int = 200
) -> HttpResponse:
    versions = CallPolicy.objects.select_related("published_by")[:VERSIONS]
    policy = policy_in_force()
    context = {"form": form, "diff": diff, "versions": versions, "policy": policy, "phase": phases.words(policy.phase)}
    return render(request, "settings/policy.html", context, status=status)


@require_safe
@require(Permission.SEE_SETTINGS)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """What one version changed against the one before, and what it would change if it came back."""
    row = get_object_or_404(CallPolicy.objects.select_related("published_by"), version=number)
    before = CallPolicy.objects.filter(version=number - 1).first()
    latest = CallPolicy.objects.order_by("-version").first()
    assert latest is not None
    context = {
        "row": row,
        "latest": latest,
        "diff": changes.between(changes_of(before), changes_of(row)) if before else [],
        "back": changes.between(changes_of(latest), restorable(row)),
    }
    return render(request, "settings/version.html", context)


@require_POST
@require(Permission.RESTORE_POLICY)
@recently_signed_in
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Publish what an earlier version said as the next one. The safety rules and the phase stay as they are."""
    row = get_object_or_404(CallPolicy, version=number)
    try:
        published = actions.publish_policy(by=request.user, changes=restorable(row))
        messages.success(
            request,
            gettext("Version %(version)s says again what version %(number)s said.")
            % {"version": published.version, "number": number},
        )
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    return redirect("practice:policy")


def changes_of(row: CallPolicy) -> dict[str, object]:
    """Every field of a version that people read about."""
    return {name: getattr(row, name) for name in changes.LABELS}


def restorable(row: CallPolicy) -> dict[str, object]:
    """What of an earlier version may come back: what a clinic sets itself and no second person guards."""
    return {name: value for name, value in changes_of(row).items() if name not in ("phase", "own_rules")}


# --- Facts -----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_SETTINGS, to_change=Permission.APPROVE_FACTS)
def facts(request: HttpRequest) -> HttpResponse:
    """What the telephone may say of the clinic, each with who approved it and how long it holds."""
    form = FactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_fact(by=request.user, **form.cleaned_data)
            messages.success(request, gettext("The telephone says it from now on."))
            return redirect("practice:facts")
        except ValidationError as wrong:
            form.add_error(None, wrong)
    today = timezone.localdate()
    rows = [(fact, fact.expires_on is not None and fact.expires_on < today) for fact in Fact.objects.with_people()]
    context = {"form": form, "facts": rows, "topics": TOPICS}
    return render(request, "settings/facts.html", context, status=422 if form.errors else 200)


@require_POST
@require(Permission.REMOVE_FACTS)
def remove_fact(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Say something no longer; who asks for it gets a call back instead."""
    fact = get_object_or_404(Fact, pk=fact_id)
    actions.remove_fact(by=request.user, topic=fact.topic, language=fact.language)
    messages.success(request, gettext("The telephone no longer says it."))
    return redirect("practice:facts")
