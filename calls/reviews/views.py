"""The pages of reviewing: the week's calls, one call with its form, the measured figures, and the download."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from calls.models import Call, Review
from calls.reviews import actions, exporting, listing, rows
from calls.reviews.card import card
from calls.reviews.forms import ReviewForm, WithdrawForm
from calls.reviews.measured import measured
from clinics import audit
from clinics.people.access import may, require
from clinics.people.recent import recently_signed_in
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404
from tasks.rows import zone_of_clinic

PAGE = 50


# --- Pages -----------------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_REVIEWS)
def review_list(request: HttpRequest) -> HttpResponse:
    """What waits for a review: this week's calls and those carried over, or one week's."""
    found = listing.weeks(now=timezone.now(), zone=zone_of_clinic(), person=request.user)
    wanted = rows.Wanted.of(request.GET.dict(), [week.week for week in found])
    audit.record_read(by=request.user, what="calls.review list", about=None, request=request)
    return render(request, "calls/reviews.html", rows.page(found, wanted, size=PAGE))


@require_safe
@require(Permission.SEE_REVIEWS)
def review_detail(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call as its reviewer reads it, with the review it has."""
    call = _call(request, call_id)
    audit.record_read(by=request.user, what="transcript", about=call.id, request=request)
    return render(request, "calls/review.html", card(call))


@require_safe
@require(Permission.SEE_REVIEWS)
def figures(request: HttpRequest) -> HttpResponse:
    """Measured recall and false alarms of this clinic, week by week."""
    found = listing.weeks(now=timezone.now(), zone=zone_of_clinic())
    context = measured(found) | {
        "may_export": may(request.user, Permission.EXPORT_REVIEWS),
        "utterances": exporting.waiting(),
    }
    return render(request, "calls/review_figures.html", context)


@require(Permission.EXPORT_REVIEWS)
@recently_signed_in
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The confirmed utterances as a download; who took it is written down."""
    body = "".join(f"{line}\n" for line in exporting.lines())
    given = exporting.calls_given()
    audit.record_read(by=request.user, what="calls.utterance export", about=None, request=request, rows=given)
    headers = {"Content-Disposition": 'attachment; filename="reviewed-utterances.jsonl"'}
    return HttpResponse(body, content_type="application/x-ndjson; charset=utf-8", headers=headers)


# --- Deeds -----------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.REVIEW_CALLS)
def save_review(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Write a review; the second of two reviewers gets 409 with what the first one wrote."""
    call, form = _call(request, call_id), ReviewForm(request.POST)
    if not form.is_valid():
        return _refused(request, call, gettext("That was not understood. Look at the call and try again."))
    given = {"judgement": form.judgement(), "share": form.share()}
    try:
        actions.save_review(by=request.user, call_id=call_id, seen=form.cleaned_data["seen"], **given)
    except actions.Taken as taken:
        return _taken(request, call, taken.review)
    except actions.Refused as refused:
        return _refused(request, call, str(refused), field=form.field_of(refused.field))
    return _saved(request, call, gettext("Review saved."), onwards=form.cleaned_data["then"] == "next")


@require_POST
@require(Permission.WITHDRAW_REVIEWS)
def withdraw_review(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Take a review back, so that the call comes up again."""
    call, form = _call(request, call_id), WithdrawForm(request.POST)
    if not form.is_valid():
        return _refused(request, call, gettext("That was not understood. Look at the call and try again."))
    try:
        actions.withdraw_review(by=request.user, call_id=call_id, seen=form.cleaned_data["seen"])
    except actions.Taken as taken:
        return _taken(request, call, taken.review)
    except actions.Refused as refused:
        return _refused(request, call, str(refused))
    return _saved(request, call, gettext("Review taken back. The call comes up again."), onwards=False)


def _saved(request: HttpRequest, call: Call, sentence: str, *, onwards: bool) -> HttpResponse:
    if onwards:
        messages.success(request, sentence)
        return _go(request, _next_path(request, call))
    if request.htmx:
        context = card(call) | {"saved": sentence}
        response = render(request, "calls/review.html#review", context)
        return trigger_client_event(response, "say", {"value": sentence})
    messages.success(request, sentence)
    return redirect("reviews:detail", call.id)


def _taken(request: HttpRequest, call: Call, review: Review) -> HttpResponse:
    """What the other reviewer wrote, with what this one was about to write kept in the form."""
    who = (
        gettext("You have written a review")
        if review.by_id == request.user.id
        else gettext("%(by)s was quicker") % {"by": review.by}
    )
    now = gettext("Below is what the call has now; your entries are still in the form. Save again to replace it.")
    return _answer(request, card(call, kept=request.POST) | {"problem": f"{who}. {now}"}, status=409)


def _refused(request: HttpRequest, call: Call, sentence: str, *, field: str = "") -> HttpResponse:
    context = card(call, kept=request.POST) | {"problem": sentence, "field": field}
    return _answer(request, context, status=422)


def _answer(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    template = "calls/review.html#review" if request.htmx else "calls/review.html"
    response = render(request, template, context, status=status)
    return trigger_client_event(response, "say", {"value": context["problem"]}) if request.htmx else response


def _go(request: HttpRequest, path: str) -> HttpResponse:
    return HttpResponseClientRedirect(path) if request.htmx else redirect(path)


def _next_path(request: HttpRequest, call: Call) -> str:
    found = listing.weeks(now=timezone.now(), zone=zone_of_clinic(), person=request.user)
    after = listing.next_open(found, after=call.id)
    return reverse("reviews:detail", args=[after]) if after else reverse("reviews:list")


def _call(request: HttpRequest, call_id: UUID) -> Call:
    """A real call of this clinic: test calls are not reviewed."""
    return seen_or_404(Call.objects.real(), request.user, pk=call_id)
