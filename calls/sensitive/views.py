"""The pages of sensitive calls under /settings/, and the door through which one is opened without being named."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from calls.models import Call
from calls.sensitive import actions
from calls.sensitive.forms import BreakForm, MarkForm, NumberForm, PeopleForm, VerdictForm
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice.sensitive import BrokenGlass, Closed, SensitiveCall, SensitiveNumber, Verdict

SHOWN = 50


# --- Pages -----------------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_SENSITIVE_CALLS)
def overview(request: HttpRequest) -> HttpResponse:
    """What is closed, what was opened with a reason, and which numbers close calls by themselves."""
    return _overview(request)


def _overview(request: HttpRequest, *, form: NumberForm | None = None, status: int = 200) -> HttpResponse:
    opened = BrokenGlass.objects.with_people()
    standing = SensitiveCall.objects.standing().select_related("marked_by").prefetch_related("named__user")
    marked = list(standing[:SHOWN])
    calls = dict(Call.objects.filter(pk__in=[one.pk for one in marked]).values_list("pk", "started_at"))
    context = {
        "marked": [(one, calls.get(one.pk)) for one in marked],
        "unreviewed": list(opened.unreviewed()[:SHOWN]),
        "reviewed": list(opened.exclude(reviewed_at=None)[:SHOWN]),
        "numbers": SensitiveNumber.objects.select_related("added_by").prefetch_related("named"),
        "verdicts": Verdict.choices,
        "number_form": form or NumberForm(),
        "now": timezone.now(),
    }
    return render(request, "sensitive/overview.html", context, status=status)


@require_safe
@require(Permission.SEE_SENSITIVE_CALLS)
def call_settings(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call: whether it is sensitive, who may open it, and who has. None of its words."""
    return _call_settings(request, call_id)


def _call_settings(request: HttpRequest, call_id: UUID, *, form: Form | None = None, status: int = 200) -> HttpResponse:
    call = get_object_or_404(Call.objects.only("id", "started_at"), pk=call_id)
    mark = SensitiveCall.objects.standing().select_related("marked_by").filter(pk=call_id).first()
    named = list(mark.named.values_list("user_id", flat=True)) if mark else []
    fresh = PeopleForm(initial={"people": named}) if mark else MarkForm()
    openings = BrokenGlass.objects.with_people().filter(call=call_id)
    context = {"call": call, "mark": mark, "form": form or fresh, "openings": openings, "now": timezone.now()}
    return render(request, "sensitive/call.html", context, status=status)


# --- Deeds -----------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.MARK_SENSITIVE_CALLS)
def mark_call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Close a call to everybody but the people named."""
    form = MarkForm(request.POST)
    return _about_call(
        request,
        call_id,
        form,
        lambda given: actions.mark(by=request.user, call_id=call_id, **given),
        gettext("The call is sensitive now."),
    )


@require_POST
@require(Permission.NAME_PEOPLE)
def name_people(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Say anew who may open it."""
    form = PeopleForm(request.POST)
    return _about_call(
        request,
        call_id,
        form,
        lambda given: actions.name_people(by=request.user, call_id=call_id, **given),
        gettext("Saved."),
    )


@require_POST
@require(Permission.LIFT_SENSITIVITY)
def lift(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Open it to everyone again."""
    try:
        actions.lift(by=request.user, call_id=call_id)
    except SensitiveCall.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, gettext("The call is no longer sensitive."))
    return redirect("sensitive:call", call_id)


@require_POST
@require(Permission.OPEN_SENSITIVE_CALLS)
def break_glass(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Open a sensitive call with a reason; without one nothing opens."""
    get_object_or_404(SensitiveCall.objects.standing(), pk=call_id)
    form = BreakForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {"reason": "", "words": "", **form.cleaned_data}
    try:
        actions.break_glass(by=request.user, call_id=call_id, **given)
    except SensitiveCall.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Refused as refused:
        shut = Closed(call_id)
        context = {"reason": str(shut), "call_id": call_id, "reasons": shut.reasons}
        return render(request, "403.html", context | {"problem": str(refused), "kept": given}, status=422)
    messages.warning(request, gettext("Open to you for 60 minutes. The clinic admins have been told."))
    return redirect("calls:detail", call_id)


@require_POST
@require(Permission.GIVE_BACK_CALLS)
def give_back(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Close it again before its time."""
    get_object_or_404(SensitiveCall, pk=call_id)
    if actions.give_back(by=request.user, call_id=call_id):
        messages.success(request, gettext("Closed again."))
    return redirect("calls:list")


@require_POST
@require(Permission.REVIEW_OPENINGS)
def review_opening(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    """Say whether an opening was justified."""
    form = VerdictForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {"verdict": "", "words": ""}
    try:
        actions.review(by=request.user, glass_id=glass_id, **given)
    except BrokenGlass.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return _overview(request, status=422)
    messages.success(request, gettext("Reviewed."))
    return redirect("sensitive:overview")


@require_POST
@require(Permission.PROTECT_NUMBERS)
def protect_number(request: HttpRequest) -> HttpResponse:
    """Mark the calls of a number by themselves."""
    form = NumberForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.protect_number(
                by=request.user, text=given["number"], why=given["why"], people=list(given["people"])
            )
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, gettext("Saved. Calls from now on are marked by themselves."))
            return redirect("sensitive:overview")
    return _overview(request, form=form, status=422)


@require_POST
@require(Permission.FORGET_NUMBERS)
def forget_number(request: HttpRequest, number_id: int) -> HttpResponse:
    """Mark its calls no longer."""
    try:
        actions.forget_number(by=request.user, number_id=number_id)
    except SensitiveNumber.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, gettext("Forgotten. Calls that are marked stay so."))
    return redirect("sensitive:overview")


def _about_call(
    request: HttpRequest, call_id: UUID, form: Form, deed: Callable[[dict], object], done: str
) -> HttpResponse:
    if form.is_valid():
        try:
            deed(form.cleaned_data | {"people": list(form.cleaned_data["people"])})
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect("sensitive:call", call_id)
    return _call_settings(request, call_id, form=form, status=422)
