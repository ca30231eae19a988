"""The deeds on one task: htmx is answered with the row and card they changed, others by redirect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clinics.people.access import check_may, require
from clinics.people.models import User
from clinics.people.roles import Permission, Role
from clinics.practice.policies import policy_in_force
from clinics.practice.sensitive import seen_or_404
from tasks import actions, snoozing
from tasks.decisions import actions as decisions
from tasks.forms import AssignForm, CancelForm, DecisionForm, DeedForm, NoteForm, PutToForm, SnoozeForm, seen_of
from tasks.models import Status, Task, Verdict
from tasks.policy import RIGHTS, UNDO_SECONDS, NotYours, Refused
from tasks.rows import row_of, zone_of_clinic

UNDOABLE_SAID = (
    gettext_lazy("Completed."),
    gettext_lazy("Closed as not needed."),
    gettext_lazy("Handed over."),
    gettext_lazy("Snoozed."),
)


@require_POST
@require(Permission.CLAIM_TASKS)
def claim_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.claim, said=gettext("Claimed."))


@require_POST
@require(Permission.RELEASE_TASKS)
def release_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.release, said=gettext("Put back in the queue."))


@require_POST
@require(Permission.COMPLETE_TASKS)
def complete_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Complete, and with `then=next` open the next task of the queue where there are no scripts to do so."""
    return _do(request, task_id, DeedForm, actions.complete, said=gettext("Completed."))


@require_POST
@require(Permission.REOPEN_TASKS)
def reopen_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.reopen, said=gettext("Reopened."))


@require_POST
@require(Permission.ASSIGN_TASKS)
def assign_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, AssignForm, actions.assign, said=gettext("Handed over."))


@require_POST
@require(Permission.SNOOZE_TASKS)
def snooze_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, SnoozeForm, snooze_until, said=gettext("Snoozed."))


@require_POST
@require(Permission.WAKE_TASKS)
def wake_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.wake, said=gettext("Back in the queue."))


@require_POST
@require(Permission.CANCEL_TASKS)
def cancel_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, CancelForm, actions.cancel, said=gettext("Closed as not needed."))


@require_POST
@require(Permission.DECIDE_TASKS)
def decide_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DecisionForm, actions.decide, said=gettext("Decision saved."))


@require_POST
@require(Permission.PUT_TO_DOCTORS)
def put_to(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, PutToForm, decisions.put_to, said=gettext("Put to them."))


@require_POST
@require(Permission.WRITE_NOTES)
def add_note(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def add(*, by: User, task_id: UUID, words: str, version: int) -> Task:
        actions.add_note(by=by, task_id=task_id, words=words)
        return task_or_404(request, task_id)

    return _do(request, task_id, NoteForm, add, said=gettext("Note added."))


@require_POST
@require(Permission.NOTE_MISSED)
def note_missed(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def note(*, by: User, task_id: UUID, version: int) -> Task:
        return actions.note_missed(by=by, task_id=task_id)

    return _do(request, task_id, DeedForm, note, said=gettext("Noted that nobody answered."))


@require_POST
@require(Permission.SEE_TASKS)
def row_deed(request: HttpRequest) -> HttpResponse:
    """The buttons of a row: one form holds the whole list, the button's name is the deed, its value the row.

    A key does another deed than the button beside it; `deed` says which then. The deed's own right is asked for here.
    """
    asked = request.POST.get("deed", "")
    verb = asked if asked in ROW_DEEDS else next((verb for verb in ROW_DEEDS if verb in request.POST), "")
    seen = seen_of([request.POST.get(verb, "")])
    if not seen:
        return HttpResponse(
            gettext("That was not understood. Load the queue again."), status=422, content_type="text/plain"
        )
    task_id, version = seen[0]
    act, said = ROW_DEEDS[verb]
    check_may(request.user, RIGHTS[verb])
    return _act(request, task_id, act, {"version": version}, said=said)


ROW_DEEDS: dict[str, tuple[Callable[..., Task], str]] = {
    "claim": (actions.claim, gettext_lazy("Claimed.")),
    "release": (actions.release, gettext_lazy("Put back in the queue.")),
    "complete": (actions.complete, gettext_lazy("Completed.")),
    "reopen": (actions.reopen, gettext_lazy("Reopened.")),
    "wake": (actions.wake, gettext_lazy("Back in the queue.")),
}


def snooze_until(*, by: User, task_id: UUID, version: int, until: str) -> Task:
    """Snooze to one of the moments that are offered, by the clinic's clock and hours."""
    return actions.snooze(by=by, task_id=task_id, version=version, until=moment_of(until))


def moment_of(choice: str) -> datetime | None:
    """What a choice of the snooze menu means now in this clinic."""
    policy = policy_in_force()
    now = policy.local(timezone.now())
    lunch = snoozing.lunch_ends(policy.week.on(now.weekday()))
    return snoozing.returns_at(choice, now=now, lunch=lunch)


# --- Answering -----------------------------------------------------------------------------------------------------
def _do(
    request: HttpRequest, task_id: UUID, form_type: type[DeedForm], act: Callable[..., Task], *, said: str
) -> HttpResponse:
    form = form_type(request.POST)
    if not form.is_valid():
        task = task_or_404(request, task_id)
        return _answer(request, task, gettext("That was not understood. Look at the task and try again."), status=422)
    given = {name: value for name, value in form.cleaned_data.items() if name != "origin"}
    return _act(request, task_id, act, given, said=said)


def _act(
    request: HttpRequest, task_id: UUID, act: Callable[..., Task], given: dict[str, object], *, said: str
) -> HttpResponse:
    """Do one deed and answer with how the task is afterwards, whether or not it worked."""
    try:
        act(by=request.user, task_id=task_id, **given)
    except Task.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Taken:
        task = task_or_404(request, task_id)
        return _answer(request, task, what_happened(task, request.user), status=409)
    except NotYours as refused:
        raise PermissionDenied(str(refused)) from refused
    except Refused as refused:
        return _answer(request, task_or_404(request, task_id), str(refused), status=422, kept=given)
    return _answer(request, task_or_404(request, task_id), said)


def _answer(
    request: HttpRequest, task: Task, sentence: str, *, status: int = 200, kept: dict[str, object] | None = None
) -> HttpResponse:
    done = status == 200
    if done and not request.htmx:
        messages.success(request, sentence)
        return redirect(_next_page(request) or page_before(request) or task.path)
    context = about(request, task) | {"problem": "" if done else sentence, "kept": kept or {}}
    if not request.htmx:
        return render(request, "tasks/detail.html", context, status=status)
    answer = _changed_parts(request, context, status)
    if done and sentence in UNDOABLE_SAID:
        return offer_undo(answer, sentence, [(task.pk, task.version)])
    return trigger_client_event(answer, "say", {"value": sentence})


def offer_undo(response: HttpResponse, sentence: str, done: list[tuple[UUID, int]]) -> HttpResponse:
    """A message with an Undo button for as long as undoing is offered."""
    keys = ",".join(f"{task_id}.{version}" for task_id, version in done)
    undo = {"url": "/tasks/undo/", "keys": keys, "seconds": UNDO_SECONDS}
    return trigger_client_event(response, "toast", {"words": sentence, "tone": "good", "undo": undo})


def _changed_parts(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    """The card and the row, as far as the page says that it shows them: htmx complains of a part without a place."""
    origin = request.POST.get("origin") or "row"
    card, row = f"card-{context['row'].task.id}", f"task-{context['row'].short}"
    shown = {card if origin == "card" else row, *request.POST.get("shown", "").split(",")}
    context |= {"oob": True, "focus": origin == "card"}
    parts = []
    if card in shown:
        parts.append(render_to_string("tasks/detail.html#card", context, request))
    if row in shown:
        # Wrapped, because the parser drops a row that stands loose beside other elements.
        parts.append(f"<template>{render_to_string('tasks/queue.html#row', context, request)}</template>")
    return HttpResponse("".join(parts), status=status)


def what_happened(task: Task, person: User) -> str:
    """The sentence for who came second."""
    if task.verdict:
        approved = task.verdict == Verdict.APPROVED
        told = gettext("%(name)s has approved it.") if approved else gettext("%(name)s has rejected it.")
        return told % {"name": task.decision.decided_by}
    if task.completed_by:
        at = task.completed_at.astimezone(zone_of_clinic())
        return gettext("Completed by %(name)s at %(at)s.") % {
            "name": task.completed_by,
            "at": f"{at:%H:%M}",
        }
    if task.assignee and task.assignee_id != person.id:
        at = task.updated_at.astimezone(zone_of_clinic())
        return gettext("Taken by %(name)s at %(at)s.") % {"name": task.assignee, "at": f"{at:%H:%M}"}
    return gettext("It has changed since you opened it. This is how it is now.")


def _next_page(request: HttpRequest) -> str:
    """The next task of the queue, when that was asked for and there is one."""
    if request.POST.get("then") != "next":
        return ""
    waiting = (
        Task.objects.visible_to(request.user).with_status(Status.PENDING).awake(timezone.now()).by_urgency().first()
    )
    return waiting.path if waiting else "/tasks/"


def task_or_404(request: HttpRequest, task_id: UUID) -> Task:
    return seen_or_404(Task.objects.with_people(), request.user, pk=task_id)


def about(request: HttpRequest, task: Task) -> dict[str, object]:
    """What the card of one task shows."""
    now, zone = timezone.now(), zone_of_clinic()
    return {
        "row": row_of(task, person=request.user, now=now, zone=zone),
        "notes": task.notes.select_related("written_by"),
        "doctors": User.objects.active().with_role(Role.DOCTOR).order_by("name") if task.needs_decision else (),
        "deeds": task.deeds.select_related("by"),
        "zone": zone,
        "snoozes": snoozing.choices(),
        "colleagues": [user for user in User.objects.active() if user.pk != task.assignee_id],
    }


def page_before(request: HttpRequest) -> str:
    """The page of this host that the form was on, "" when the browser does not tell."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(before)
    return parts.path + (f"?{parts.query}" if parts.query else "")
