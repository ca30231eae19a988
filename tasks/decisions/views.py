"""The doctor's page: one request at a time between two patients, and what was decided today."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clinics import audit
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404
from tasks import actions, policy
from tasks.decisions import actions as deeds
from tasks.decisions import board
from tasks.decisions.forms import VerdictForm, WordsForm
from tasks.forms import DeedForm
from tasks.models import Task, Verdict
from tasks.policy import NotYours, Refused

TEMPLATE = "decisions/board.html"


@require_safe
@require(Permission.SEE_DECISIONS)
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this doctor, with one request open; htmx gets the board alone."""
    context = board.board(request.user, asked_for=_uuid(request.GET.get("task")))
    card = context["card"]
    if card:
        audit.record_read(by=request.user, what="tasks.task", about=card.row.task.id, request=request)
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, f"{TEMPLATE}#board" if fragment else TEMPLATE, context)


@require_safe
@require(Permission.SEE_DECISIONS)
def decided(request: HttpRequest) -> HttpResponse:
    """What this doctor has decided today."""
    audit.record_read(by=request.user, what="tasks.decision list", about=None, request=request)
    context = {"rows": board.decided_today(request.user), "count": board.waiting(request.user).count()}
    return render(request, "decisions/decided.html", context)


@require_POST
@require(Permission.DECIDE_TASKS)
def decide(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Approve or reject, once; the answer shows the next request and a way back for ten seconds."""
    form, task = VerdictForm(request.POST), _task(request, task_id)
    if not form.is_valid():
        return _refuse(request, task, gettext("Choose approve or reject."))
    verdict = form.cleaned_data["verdict"]

    def act() -> str:
        actions.decide(
            by=request.user, task_id=task_id, version=form.cleaned_data["version"], verdict=verdict,
            reason=form.reason_for(task.kind),
        )  # fmt: skip
        return gettext("%(verdict)s: %(asked)s for %(patient)s.") % {
            "verdict": Verdict(verdict).label,
            "asked": board.asked(task),
            "patient": task.patient_name or gettext("the caller"),
        }

    return _do(request, task, act, kept=form.cleaned_data, undo=True)


@require_POST
@require(Permission.UNDO_DECISIONS)
def undo(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Take one's own decision back within seconds."""
    form, task = DeedForm(request.POST), _task(request, task_id)
    version = form.cleaned_data["version"] if form.is_valid() else 0

    def act() -> str:
        deeds.undo_decision(by=request.user, task_id=task_id, version=version)
        return gettext("Taken back. It waits for a decision again.")

    return _do(request, task, act, stay=True)


@require_POST
@require(Permission.CONFIRM_PATIENTS)
def confirm_identity(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say that the patient is who the caller said."""
    form, task = DeedForm(request.POST), _task(request, task_id)
    version = form.cleaned_data["version"] if form.is_valid() else 0

    def act() -> str:
        deeds.confirm_identity(by=request.user, task_id=task_id, version=version)
        return gettext("Identity confirmed.")

    return _do(request, task, act, stay=True)


@require_POST
@require(Permission.ASK_STAFF)
def ask_staff(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Have staff call the patient and ask."""
    form, task = WordsForm(request.POST), _task(request, task_id)
    given = form.cleaned_data if form.is_valid() else {"version": 0, "words": ""}

    def act() -> str:
        deeds.ask_staff(by=request.user, task_id=task_id, version=given["version"], words=given["words"])
        return gettext("Given to staff. It comes back to you with the patient's answer.")

    return _do(request, task, act, kept=given)


@require_POST
@require(Permission.ANSWER_DOCTORS)
def answer_doctor(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Bring a request back to the doctor with what the patient said; from the task's own page."""
    form, task = WordsForm(request.POST), _task(request, task_id)
    given = form.cleaned_data if form.is_valid() else {"version": 0, "words": ""}
    try:
        deeds.answer_doctor(by=request.user, task_id=task_id, version=given["version"], words=given["words"])
        messages.success(request, gettext("Back with the doctor."))
    except actions.Taken:
        messages.error(request, gettext("It has changed since you opened it. Look at it and try again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(task.path)


def _do(
    request: HttpRequest,
    task: Task,
    act: Callable[[], str],
    *,
    kept: dict[str, object] | None = None,
    stay: bool = False,
    undo: bool = False,
) -> HttpResponse:
    """Do one deed and answer with the board as it is afterwards, whether or not it worked."""
    try:
        said = act()
    except actions.Taken as taken:
        return _refuse(request, task, _what_happened(taken.task), status=409)
    except NotYours as refused:
        raise PermissionDenied(str(refused)) from refused
    except Refused as refused:
        return _refuse(request, task, str(refused), kept=kept)
    done = Task.objects.get(pk=task.pk) if undo else None
    next_up = task.id if stay else _uuid(request.POST.get("next"))
    if not request.htmx:
        messages.success(request, said)
        query = f"?{urlencode({'task': str(next_up)})}" if next_up else ""
        return redirect(reverse("decisions:waiting") + query)
    context = board.board(request.user, asked_for=next_up)
    context |= {"said": said, "done": done, "undo_seconds": policy.UNDO_SECONDS, "focus": True}
    return trigger_client_event(render(request, f"{TEMPLATE}#board", context), "say", {"value": said})


def _refuse(
    request: HttpRequest, task: Task, sentence: str, *, status: int = 422, kept: dict[str, object] | None = None
) -> HttpResponse:
    """The board with the same request in front, why it was refused, and what was typed."""
    context = board.board(request.user, asked_for=task.id) | {"problem": sentence, "kept": kept or {}}
    name = f"{TEMPLATE}#board" if request.htmx else TEMPLATE
    return trigger_client_event(render(request, name, context, status=status), "say", {"value": sentence})


def _what_happened(task: Task) -> str:
    """The sentence for who came second."""
    if task.verdict:
        whose = task.patient_name or gettext("the caller")
        told = (
            gettext("%(name)s has approved %(asked)s for %(whose)s.")
            if task.verdict == Verdict.APPROVED
            else gettext("%(name)s has rejected %(asked)s for %(whose)s.")
        )
        return told % {"name": task.decision.decided_by, "asked": board.asked(task), "whose": whose}
    return gettext("It has changed since you opened it. This is how it is now.")


def _task(request: HttpRequest, task_id: UUID) -> Task:
    return seen_or_404(Task.objects.with_people(), request.user, pk=task_id)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
