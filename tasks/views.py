"""The queue, one task, and the deeds on it: htmx is answered with the row and card they changed, others by redirect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clinics import audit
from clinics.people.access import require
from clinics.people.models import User
from clinics.people.roles import Permission, Role
from clinics.practice import promises
from clinics.practice.sensitive import seen_or_404
from tasks import actions, listing
from tasks.forms import CancelForm, DecisionForm, DeedForm, NoteForm, PutToForm
from tasks.models import Kind, Promise, Task
from tasks.policy import NotYours, Refused
from tasks.rows import promised_of, row_of, zone_of_clinic

LEDGER_DAYS = timedelta(days=30)
LEDGER_ROWS = 200


# --- Pages ---------------------------------------------------------------------------------------------------------
@require_safe
@require(Permission.SEE_TASKS)
def queue(request: HttpRequest) -> HttpResponse:
    """The task queue; htmx gets the list alone, or only the rows behind the last when it asks for more."""
    wanted = listing.Wanted.of(request.GET.dict())
    found = listing.page(wanted, request.user)
    now, zone = timezone.now(), zone_of_clinic()
    context = {
        "wanted": wanted,
        "rows": [row_of(task, person=request.user, now=now, zone=zone) for task in found.tasks],
        "more_url": wanted.url(after=found.next) if found.next else "",
        "now": now.astimezone(zone),
    }
    if wanted.searched or wanted.after or not _is_fragment(request):  # a list's own refreshing is no further look
        ids = [task.id for task in found.tasks] if wanted.searched else None
        what = "tasks.task search" if wanted.searched else "tasks.task list"
        audit.record_read(by=request.user, what=what, about=None, request=request, rows=ids, searched=wanted.term)
    if _is_fragment(request) and wanted.after:
        return render(request, "tasks/queue.html#more", context)
    counts = listing.counts(wanted, request.user)
    context |= {
        "tabs": [(tab, label, counts[tab], wanted.url(status=tab)) for tab, label in listing.TABS.items()],
        "counts": counts,
        "refresh_url": wanted.url(),
        "clear_url": wanted.url(q="", kind="", owner=""),
        "broken": Promise.objects.visible_to(request.user).counted().in_state(promises.BROKEN, now).count(),
    }
    if _is_fragment(request):
        return render(request, "tasks/queue.html#list", context)
    context |= {"kinds": Kind.choices, "people": User.objects.active().only("id", "name", "email")}
    return render(request, "tasks/queue.html", context)


@require_safe
@require(Permission.SEE_TASKS)
def detail(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task with its notes and decision; htmx gets the panel beside the list."""
    task = _task(request, task_id)
    audit.record_read(by=request.user, what="tasks.task", about=task.id, request=request)
    name = "tasks/detail.html#panel" if _is_fragment(request) else "tasks/detail.html"
    return render(request, name, _about(request, task))


@require_safe
@require(Permission.SEE_TASKS)
def ledger(request: HttpRequest) -> HttpResponse:
    """What callers were promised: how much of it was kept, and the newest rows of one state."""
    now, zone = timezone.now(), zone_of_clinic()
    state = request.GET.get("state", promises.OPEN)
    state = state if state in promises.STATES else promises.OPEN
    mine = Promise.objects.visible_to(request.user)
    recent = mine.counted().filter(due_at__gte=now - LEDGER_DAYS)
    found = mine.in_state(state, now).select_related("task")
    rows = found.order_by("due_at" if state in (promises.OPEN, promises.BROKEN) else "-due_at", "id")[:LEDGER_ROWS]
    audit.record_read(by=request.user, what="tasks.promise list", about=None, request=request)
    context = {
        "state": state,
        "states": [(name, label, recent.in_state(name, now).count()) for name, label in promises.STATES.items()],
        "days": LEDGER_DAYS.days,
        "most": LEDGER_ROWS,
        "rows": [(row_of(one.task, person=request.user, now=now, zone=zone), promised_of(one, now=now, zone=zone))
                 for one in rows],
    }  # fmt: skip
    return render(request, "tasks/promises.html", context)


# --- Deeds ---------------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.WORK_TASKS)
def claim_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.claim, said="Claimed.")


@require_POST
@require(Permission.WORK_TASKS)
def release_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.release, said="Put back in the queue.")


@require_POST
@require(Permission.WORK_TASKS)
def complete_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.complete, said="Completed.")


@require_POST
@require(Permission.WORK_TASKS)
def reopen_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DeedForm, actions.reopen, said="Reopened.")


@require_POST
@require(Permission.WORK_TASKS)
def cancel_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, CancelForm, actions.cancel, said="Closed as not needed.")


@require_POST
@require(Permission.DECIDE_TASKS)
def decide_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, DecisionForm, actions.decide, said="Decision saved.")


@require_POST
@require(Permission.PUT_TO_DOCTORS)
def put_to(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _do(request, task_id, PutToForm, actions.put_to, said="Put to them.")


@require_POST
@require(Permission.WORK_TASKS)
def add_note(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def add(*, by: User, task_id: UUID, words: str, version: int) -> Task:
        actions.add_note(by=by, task_id=task_id, words=words)
        return _task(request, task_id)

    return _do(request, task_id, NoteForm, add, said="Note added.")


@require_POST
@require(Permission.WORK_TASKS)
def note_missed(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def note(*, by: User, task_id: UUID, version: int) -> Task:
        return actions.note_missed(by=by, task_id=task_id)

    return _do(request, task_id, DeedForm, note, said="Noted that nobody answered.")


def _do(
    request: HttpRequest, task_id: UUID, form_type: type[DeedForm], act: Callable[..., Task], *, said: str
) -> HttpResponse:
    """Do one deed and answer with how the task is afterwards, whether or not it worked."""
    form = form_type(request.POST)
    if not form.is_valid():
        return _answer(
            request, _task(request, task_id), "That was not understood. Look at the task and try again.", status=422
        )
    given = {name: value for name, value in form.cleaned_data.items() if name != "origin"}
    try:
        act(by=request.user, task_id=task_id, **given)
    except Task.DoesNotExist as missing:
        raise Http404 from missing
    except actions.Taken:
        task = _task(request, task_id)
        return _answer(request, task, _what_happened(task, request.user), status=409)
    except NotYours as refused:
        raise PermissionDenied(str(refused)) from refused
    except Refused as refused:
        return _answer(request, _task(request, task_id), str(refused), status=422, kept=given)
    return _answer(request, _task(request, task_id), said)


def _answer(
    request: HttpRequest, task: Task, sentence: str, *, status: int = 200, kept: dict[str, object] | None = None
) -> HttpResponse:
    done = status == 200
    if done and not request.htmx:
        messages.success(request, sentence)
        return redirect(_page_before(request) or task.path)
    context = _about(request, task) | {"problem": "" if done else sentence, "kept": kept or {}}
    if not request.htmx:
        return render(request, "tasks/detail.html", context, status=status)
    return trigger_client_event(_changed_parts(request, context, status), "say", {"value": sentence})


def _changed_parts(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    """The card and the row, as far as the page says that it shows them: htmx complains of a part without a place."""
    shown = {request.POST.get("origin"), *request.POST.getlist("also")}
    context |= {"oob": True, "focus": request.POST.get("origin") == "card"}
    parts = []
    if "card" in shown:
        parts.append(render_to_string("tasks/detail.html#card", context, request))
    if "row" in shown:
        # Wrapped, because the parser drops a row that stands loose beside other elements.
        parts.append(f"<template>{render_to_string('tasks/queue.html#row', context, request)}</template>")
    return HttpResponse("".join(parts), status=status)


def _what_happened(task: Task, person: User) -> str:
    """The sentence for who came second."""
    if task.verdict:
        return f"{task.decision.decided_by} has {task.verdict} it."
    if task.completed_by:
        return f"Completed by {task.completed_by}."
    if task.assignee and task.assignee_id != person.id:
        return f"Taken by {task.assignee}."
    return "It has changed since you opened it. This is how it is now."


# --- Shared --------------------------------------------------------------------------------------------------------
def _task(request: HttpRequest, task_id: UUID) -> Task:
    return seen_or_404(Task.objects.with_people(), request.user, pk=task_id)


def _about(request: HttpRequest, task: Task) -> dict[str, object]:
    now, zone = timezone.now(), zone_of_clinic()
    return {
        "row": row_of(task, person=request.user, now=now, zone=zone),
        "notes": task.notes.select_related("written_by"),
        "doctors": User.objects.active().with_role(Role.DOCTOR).order_by("name") if task.needs_decision else (),
        "zone": zone,
    }


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _page_before(request: HttpRequest) -> str:
    """The page of this host that the form was on, "" when the browser does not tell."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(before)
    return parts.path + (f"?{parts.query}" if parts.query else "")
