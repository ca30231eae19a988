"""What clinic admins do with their rules. A refusal comes back as the page with its sentence, never as a success."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from calls.workbench import actions
from calls.workbench.composing import Refused
from calls.workbench.forms import FORMS, ChangeForm
from calls.workbench.views import draft_page, own_or_404, own_page
from clinics.people.access import require
from clinics.people.recent import recently_signed_in
from clinics.people.roles import Permission
from clinics.practice.models import OwnRule, RuleChange

Deed = Callable[..., HttpResponse]


def deed(permission: Permission) -> Callable[[Deed], Deed]:
    """A POST about something that exists, by who holds the right to it."""

    def decorate(view: Deed) -> Deed:
        @wraps(view)
        def checked(request: HttpRequest, **ids: UUID) -> HttpResponse:
            try:
                return view(request, **ids)
            except (OwnRule.DoesNotExist, RuleChange.DoesNotExist) as missing:
                raise Http404("no such rule") from missing

        return require_POST(require(permission)(checked))

    return decorate


@deed(Permission.DRAFT_SAFETY_RULES)
def save_draft(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """Write a draft anew."""
    row = own_or_404(own_id)
    form = FORMS[row.sort](request.POST)
    if not form.is_valid():
        return draft_page(request, form, row=row, status=422)
    try:
        actions.change_draft(by=request.user, draft_id=own_id, draft=form.draft())
    except Refused as refused:
        return _refused(request, "safety:own_rule", refused, own_id=own_id)
    messages.success(request, gettext("Draft saved. Nothing of it reaches a call before it is published."))
    return redirect("safety:draft", own_id)


@deed(Permission.PUBLISH_SAFETY_RULES)
@recently_signed_in
def publish_draft(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """Put a draft in force with the next policy version."""
    try:
        row = actions.publish_draft(by=request.user, draft_id=own_id)
    except Refused as refused:
        return _refused(request, "safety:draft", refused, own_id=own_id)
    told = gettext(
        "“%(title)s” is in force since version %(published_in)s. Calls that run now keep the version before."
    ) % {"title": row.title, "published_in": row.published_in}
    messages.success(request, told)
    return redirect("safety:workbench")


@deed(Permission.DISCARD_SAFETY_DRAFTS)
def discard_draft(request: HttpRequest, own_id: UUID) -> HttpResponse:
    try:
        row = actions.discard_draft(by=request.user, draft_id=own_id)
    except Refused as refused:
        return _refused(request, "safety:own_rule", refused, own_id=own_id)
    messages.success(request, gettext("Draft “%(title)s” discarded.") % {"title": row.title})
    return redirect("safety:workbench")


@deed(Permission.ASK_RULE_CHANGES)
def ask_for_change(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """Ask a second person to take a rule back or lower it."""
    form = ChangeForm(request.POST)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {"change": "", "kind": "", "reason": ""}
    try:
        actions.ask_for_change(by=request.user, own_id=own_id, **given)
    except Refused as refused:
        return own_page(request, own_or_404(own_id), problem=str(refused), status=422)
    messages.success(request, gettext("Asked. The rule stays in force until another clinic admin approves."))
    return redirect("safety:own_rule", own_id)


@deed(Permission.APPROVE_RULE_CHANGES)
def approve_change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """The second person's yes."""
    try:
        asked = actions.approve_change(by=request.user, change_id=change_id)
    except Refused as refused:
        own_id = RuleChange.objects.get(pk=change_id).rule_id
        return own_page(request, own_or_404(own_id), problem=str(refused), status=409)
    messages.success(request, gettext("Approved. The next calls go by the new version."))
    return redirect("safety:own_rule", asked.rule_id)


@deed(Permission.REFUSE_RULE_CHANGES)
def refuse_change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    try:
        asked = actions.refuse_change(by=request.user, change_id=change_id)
    except Refused as refused:
        own_id = RuleChange.objects.get(pk=change_id).rule_id
        return own_page(request, own_or_404(own_id), problem=str(refused), status=409)
    messages.success(request, gettext("The rule stays as it is."))
    return redirect("safety:own_rule", asked.rule_id)


def _refused(request: HttpRequest, page: str, refused: Refused, *, own_id: UUID) -> HttpResponse:
    """Back to the page, with what was wrong above it."""
    messages.error(request, str(refused))
    return redirect(page, own_id)
