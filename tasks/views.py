"""The queue with its searches and saved views, one task, the promise ledger, and who looks at what."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.people.access import require
from clinics.people.roles import Permission
from clinics.practice import promises
from tasks import presence, searches
from tasks.deeds import about, task_or_404
from tasks.forms import SavedViewForm
from tasks.models import Promise, SavedView
from tasks.queue import is_fragment, is_refresh, list_context, more_context
from tasks.rows import Row, promised_of, row_of, zone_of_clinic
from tasks.search import MIN_LETTERS
from tasks.wanted import Wanted, kept_query

LEDGER_DAYS = timedelta(days=30)
LEDGER_ROWS = 200
LONGEST_SEARCH = 100


@require_safe
@require(Permission.SEE_TASKS)
def queue(request: HttpRequest) -> HttpResponse:
    """The task queue; htmx gets the list alone, or only the rows behind the last when it asks for more."""
    wanted = Wanted.of(request.GET.dict(), request.user)
    later = is_fragment(request) and bool(wanted.after)
    context = more_context(request, wanted) if later else list_context(request, wanted)
    if not is_refresh(request):  # a list's own refreshing is no further look
        _record_look(request, wanted, context)
    if later:
        return render(request, "tasks/queue.html#more", context)
    if is_fragment(request):
        return render(request, "tasks/queue.html#list", context)
    return render(request, "tasks/queue.html", context)


@require_POST
@require(Permission.SEE_TASKS)
def find(request: HttpRequest) -> HttpResponse:
    """Search: the words are kept for who typed them, and the address they lead to holds a handle only."""
    words = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    before = Wanted.of({name: value for name, value in request.POST.items() if name != "q"}, request.user)
    found = searches.enough(words)
    handle = searches.keep(words, person=request.user.pk) if found else ""
    address = f"/tasks/{before.url(s=handle)}"
    if not request.htmx:
        if words and not found:
            messages.info(
                request,
                gettext("Type at least %(count)s letters or digits to search.") % {"count": MIN_LETTERS},
            )
        return redirect(address)
    # The words are at hand: the answer does not depend on their being kept.
    wanted = Wanted.of(before.params(s=""), request.user).searching(words if found else "", handle)
    context = list_context(request, wanted)
    _record_look(request, wanted, context)
    response = render(request, "tasks/queue.html#list", context)
    # Each stop while typing replaces the last in the browser's history: Back leads out of the search.
    response["HX-Replace-Url" if before.s or before.lost else "HX-Push-Url"] = address
    return response


def _record_look(request: HttpRequest, wanted: Wanted, context: dict[str, object]) -> None:
    """Write down who looked at the list; of a search also what it found, and its words as the trail keeps them."""
    ids = [row.task.id for row, _ in _rows_of(context)] if wanted.searched else None
    what = "tasks.task search" if wanted.searched else "tasks.task list"
    audit.record_read(by=request.user, what=what, about=None, request=request, rows=ids, searched=wanted.term)


def _rows_of(context: dict[str, object]) -> list[tuple[Row, str]]:
    grouped = [pair for _, rows in context["groups"] for pair in rows]  # type: ignore[attr-defined]
    return [*context["rows"], *grouped]  # type: ignore[misc]


@require_safe
@require(Permission.SEE_TASKS)
def detail(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task with its notes and decision; htmx gets the panel beside the list."""
    task = task_or_404(request, task_id)
    audit.record_read(by=request.user, what="tasks.task", about=task.id, request=request)
    name = "tasks/detail.html#panel" if is_fragment(request) else "tasks/detail.html"
    return render(request, name, about(request, task))


@require_safe
@require(Permission.SEE_TASKS)
def ledger(request: HttpRequest) -> HttpResponse:
    """What callers were promised: how much of it was kept, and the newest rows of one state."""
    now, zone = timezone.now(), zone_of_clinic()
    state = request.GET.get("state", promises.OPEN)
    state = state if state in promises.STATES else promises.OPEN
    recent = Promise.objects.visible_to(request.user).counted().filter(due_at__gte=now - LEDGER_DAYS)
    found = Promise.objects.visible_to(request.user).in_state(state, now).select_related("task")
    rows = found.order_by("due_at" if state in (promises.OPEN, promises.BROKEN) else "-due_at", "id")[:LEDGER_ROWS]
    audit.record_read(by=request.user, what="tasks.promise list", about=None, request=request)
    context = {
        "state": state,
        "states": [
            (name, gettext(label), recent.in_state(name, now).count()) for name, label in promises.STATES.items()
        ],
        "days": LEDGER_DAYS.days,
        "most": LEDGER_ROWS,
        "rows": [(row_of(one.task, person=request.user, now=now, zone=zone), promised_of(one, now=now, zone=zone))
                 for one in rows],
    }  # fmt: skip
    return render(request, "tasks/promises.html", context)


# --- Saved views -----------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.SAVE_VIEWS)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the view, without its search, under a name for oneself or the clinic; the same name again replaces it."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Give the view a name of up to 40 letters."))
        return redirect("tasks:queue")
    query = kept_query(form.cleaned_data["query"], request.user)
    owner = None if form.cleaned_data["shared"] else request.user
    # A colleague's view of the clinic is replaced by its maker only: others choose another name.
    name = form.cleaned_data["name"].strip()
    held = SavedView.objects.filter(owner=owner, name=name).first()
    if held is not None and held.made_by_id != request.user.pk:
        messages.error(
            request,
            gettext("%(made_by)s has a view of that name for the clinic. Choose another.") % {"made_by": held.made_by},
        )
        return redirect(f"/tasks/{query}")
    SavedView.objects.update_or_create(owner=owner, name=name, defaults={"query": query, "made_by": request.user})
    messages.success(request, gettext("View saved."))
    return redirect(f"/tasks/{query}")


@require_POST
@require(Permission.FORGET_VIEWS)
def forget_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Take one's own view away, the one that was made for the clinic too."""
    found = SavedView.objects.filter(pk=view_id, made_by=request.user).first()
    if found is None:
        raise Http404
    found.delete()
    messages.success(request, gettext("View removed."))
    return redirect("tasks:queue")


# --- Presence ----------------------------------------------------------------------------------------------------
@require_POST
@require(Permission.SEE_TASKS)
def look(request: HttpRequest) -> HttpResponse:
    """A page says what its person has open and hears who else looks at what: names of colleagues, nothing else."""
    try:
        task_id = UUID(request.POST.get("task", ""))
    except ValueError:
        task_id = None
    presence.look(request.user, task_id)
    return JsonResponse({"looking": presence.looking(but=request.user)})
