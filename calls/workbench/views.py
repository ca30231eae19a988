"""The pages of the safety workbench, and the page of one rule that everybody who sees findings may read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.dialogue.safety import Added, rules_version
from calls.dialogue.safety.reading import Readable, readable
from calls.own_rules import added_by
from calls.reviews import listing
from calls.reviews.measured import measured
from calls.workbench import actions, figures, looking
from calls.workbench.composing import Draft, Refused, compiled, failing, lower_than
from calls.workbench.forms import FORMS, DraftForm, initial, levels
from clinics import audit
from clinics.people.access import may, require
from clinics.people.roles import Permission
from clinics.practice.models import OwnRule, RuleChange
from clinics.practice.own_rules import RuleStatus, Sort
from clinics.practice.policies import Policy, policy_in_force
from tasks.rows import zone_of_clinic

A_PIECE, THE_WHOLE = 2.0, 20.0
"""Seconds of measuring in one answer: a fragment asks again by itself, a page without scripts is loaded again."""


# --- Everybody who sees findings -----------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_ESCALATIONS)
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    """One rule in readable words, with its version, its source and its examples."""
    policy = policy_in_force()
    own = OwnRule.objects.filter(rule=rule).exclude(status=RuleStatus.DISCARDED).with_people().first()
    shown = readable(rule, _with_own(own, added_by(policy.own_rules)))
    if shown is None:
        raise Http404("no such rule")
    context = {
        "rule": shown,
        "own": own,
        "policy": policy,
        "shipped": readable(rule) if own and own.sort == Sort.RAISED else None,
        "times": figures.times_of(rule, now=timezone.now()),
        "days": looking.DAYS,
        "may_change": may(request.user, Permission.SEE_SAFETY_RULES),
    }
    return render(request, "safety/rule.html", context)


def _with_own(own: OwnRule | None, added: tuple[Added, ...]) -> tuple[Added, ...]:
    """A rule that is a draft, or taken back, is read all the same: an old finding names it."""
    if own is None or any(one.id == own.rule for one in added):
        return added
    if own.sort == Sort.RAISED and own.status != RuleStatus.DRAFT:
        return added
    try:
        return (*added, compiled(own))
    except Refused:
        return added


# --- Clinic admins -------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_SAFETY_RULES)
def workbench(request: HttpRequest) -> HttpResponse:
    """How the rules do here and on the corpus, what they found, and what the clinic adds to them."""
    policy, now = policy_in_force(), timezone.now()
    own = list(OwnRule.objects.exclude(status=RuleStatus.DISCARDED).with_people())
    audit.record_read(by=request.user, what="calls.turn findings", about=None, request=request)
    context = {
        "policy": policy,
        "version": rules_version(),
        "here": measured(listing.weeks(now=now, zone=zone_of_clinic())),
        "reviewed": figures.reviewed(now=now),
        "findings": figures.findings(now=now),
        "days": looking.DAYS,
        "drafts": [one for one in own if one.status == RuleStatus.DRAFT],
        "in_force": [one for one in own if one.status == RuleStatus.PUBLISHED],
        "retired": [one for one in own if one.status == RuleStatus.RETIRED],
        "unusable": len(policy.own_rules) - len(added_by(policy.own_rules)),
        "waiting": RuleChange.objects.filter(decision="").select_related("rule", "asked_by"),
    }
    return render(request, "safety/workbench.html", context)


@require_safe
@require(Permission.SEE_SAFETY_RULES)
def corpus(request: HttpRequest) -> HttpResponse:
    """The figures on the shipped sentences, piece by piece: the first look of a process takes seconds of work."""
    seconds = A_PIECE if request.htmx else THE_WHOLE
    context = {"corpus": figures.on_the_corpus(added_by(policy_in_force().own_rules), seconds=seconds)}
    return render(request, "safety/corpus.html#figures" if request.htmx else "safety/corpus.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.SEE_SAFETY_RULES, to_change=Permission.DRAFT_SAFETY_RULES)
def new_draft(request: HttpRequest) -> HttpResponse:
    """The form of a new rule, and its first save; `sort` says which of the two forms."""
    sort = _sort(request.POST or request.GET)
    if request.method != "POST":
        return draft_page(request, FORMS[sort](initial={"rule": request.GET.get("rule", ""), "language": "en"}))
    form = FORMS[sort](request.POST)
    if not form.is_valid():
        return draft_page(request, form, status=422)
    written = actions.draft_rule(by=request.user, draft=form.draft())
    return redirect("safety:draft", written.id)


@require_safe
@require(Permission.SEE_SAFETY_RULES)
def draft(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """A draft with what it would change, and the deeds on it."""
    row = own_or_404(own_id)
    if row.status != RuleStatus.DRAFT:
        return redirect("safety:own_rule", row.id)
    form = FORMS[row.sort](initial=initial(row))
    return draft_page(request, form, row=row, look=_looked(request, row))


@require_POST
@require(Permission.SEE_SAFETY_RULES)
def preview_draft(request: HttpRequest) -> HttpResponse:
    """What the rule in the form would change. Nothing is written but that these words were looked at."""
    form = FORMS[_sort(request.POST)](request.POST, trying=True)
    look = _looked(request, form.draft()) if form.is_valid() else {"problems": _problems(form)}
    if request.htmx:
        return render(request, "safety/draft.html#preview", look)
    return draft_page(request, form, look=look)


@require_safe
@require(Permission.SEE_SAFETY_RULES)
def own_rule(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """A published rule of the clinic: what would no longer be caught without it, and the request to take it back."""
    row = own_or_404(own_id)
    if row.status == RuleStatus.DRAFT:
        return redirect("safety:draft", row.id)
    return own_page(request, row)


def own_page(request: HttpRequest, row: OwnRule, *, problem: str = "", status: int = 200) -> HttpResponse:
    added = added_by(policy_in_force().own_rules)
    without = tuple(one for one in added if one.id != row.rule)
    in_force = row.status == RuleStatus.PUBLISHED
    context = {
        "own": row,
        "waiting": row.changes.filter(decision="").select_related("asked_by").first(),
        "changes": row.changes.exclude(decision="").select_related("asked_by", "decided_by"),
        "lower": levels(lower_than(row)),
        "problem": problem,
        "preview": _recorded(request, looking.preview(before=added, after=without, now=timezone.now()))
        if in_force
        else None,
        "days": looking.DAYS,
    }
    return render(request, "safety/own.html", context, status=status)


# --- Shared --------------------------------------------------------------------------------------------------------
def draft_page(
    request: HttpRequest,
    form: DraftForm,
    *,
    row: OwnRule | None = None,
    look: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form of a draft beside what it would change."""
    context = {"form": form, "sort": form.sort, "own": row, **(look or {})}
    return render(request, "safety/draft.html", context, status=status)


def own_or_404(own_id: UUID) -> OwnRule:
    row = OwnRule.objects.with_people().filter(pk=own_id).first()
    if row is None:
        raise Http404("no such rule")
    return row


def _sort(given: QueryDict) -> str:
    return given.get("sort", "") if given.get("sort") in FORMS else Sort.ADDED.value


def _looked(request: HttpRequest, draft: OwnRule | Draft) -> dict[str, Any]:
    """What a draft would change, or why it cannot be."""
    policy: Policy = policy_in_force()
    before = added_by(policy.own_rules)
    try:
        one = compiled(draft)
    except Refused as refused:
        return {"problems": [str(refused)]}
    after = (*(other for other in before if other.id != one.id), one)
    shown: Readable | None = readable(one.id, after)
    return {
        "preview": _recorded(request, looking.preview(before=before, after=after, now=timezone.now())),
        "failing": failing(draft, one),
        "shown": shown,
        "days": looking.DAYS,
    }


def _recorded(request: HttpRequest, found: looking.Preview) -> looking.Preview:
    """Write down whose words are about to be shown, before they are."""
    for call_id in found.call_ids:
        audit.record_read(by=request.user, what="calls.call rule preview", about=call_id, request=request)
    return found


def _problems(form: DraftForm) -> list[str]:
    return [
        f"{form.fields[name].label or name.capitalize()}: {text}" if name in form.fields else text
        for name, several in form.errors.items()
        for text in several
    ]
