"""What the queue's page and its fragments show."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from clinics.people.models import User
from clinics.practice import promises
from tasks import bulk, listing, snoozing
from tasks.grouping import groups
from tasks.models import Kind, Promise, Status, Task
from tasks.rows import Row, row_of, zone_of_clinic
from tasks.wanted import GROUPS, TABS, Wanted
from tasks.wording import capped

REFRESH = "X-Refresh"
"""Sent by a page that asks again by itself: nobody touched anything."""


def list_context(
    request: HttpRequest, wanted: Wanted, outcome: bulk.Outcome | None = None, said: str = ""
) -> dict[str, object]:
    """The list of a view: tabs, filters and rows; after a deed on many also what became of it."""
    now = timezone.now()
    counts = listing.counts(wanted, request.user, now)
    failed = {one.task_id: one.why for one in outcome.failed} if outcome else {}
    nothing = wanted.status == Status.PENDING and counts[Status.PENDING] == "0"
    return {
        "wanted": wanted,
        "tabs": [(tab, label, counts[tab], wanted.url(status=tab)) for tab, label in TABS.items()],
        "counts": counts,
        "count": counts.get(wanted.status, ""),
        "views": listing.views(wanted, request.user, now),
        "chips": _chips(wanted, request.user),
        "refresh_url": wanted.url(),
        "clear_url": wanted.url(s="", kind="", owner="", late=""),
        "save_query": wanted.url(s=""),
        "groupings": GROUPS.items(),
        "broken": Promise.objects.visible_to(request.user).counted().in_state(promises.BROKEN, now).count(),
        "danger": listing.danger(request.user),
        "outcome": outcome,
        "said": said,
        "failed_elsewhere": _elsewhere(outcome, wanted, request.user, now) if outcome else [],
        "all_count": min(int(counts[wanted.status].rstrip("+")), bulk.MOST) if wanted.status in counts else bulk.MOST,
        "done_today": _done_today(request.user, now) if nothing else "",
        "find_state": wanted.params().items(),
        "kinds": Kind.choices,
        "people": User.objects.active().only("id", "name", "email"),
        "snoozes": snoozing.choices(),
        "most": bulk.MOST,
    } | _rows(request, wanted, now, failed)


def _done_today(person: User, now: datetime) -> str:
    midnight = now.astimezone(zone_of_clinic()).replace(hour=0, minute=0, second=0, microsecond=0)
    done = Task.objects.visible_to(person).with_status(Status.COMPLETED).filter(completed_at__gte=midnight)
    return capped(done[: listing.CAP + 1].count(), cap=listing.CAP)


def _elsewhere(outcome: bulk.Outcome, wanted: Wanted, person: User, now: datetime) -> list[tuple[str, str]]:
    """What failed and is no longer in this list: whose it is, and why."""
    failed = {one.task_id: one for one in outcome.failed}
    here = set(wanted.in_tab(person, now).filter(pk__in=failed).values_list("pk", flat=True))
    gone = [one for pk, one in failed.items() if pk not in here]
    return [
        (one.task.patient_name or gettext("A task") if one.task else gettext("A task"), one.why) for one in gone[:10]
    ]


def more_context(request: HttpRequest, wanted: Wanted) -> dict[str, object]:
    """The rows behind the last."""
    return {"wanted": wanted} | _rows(request, wanted, timezone.now(), {})


def _rows(request: HttpRequest, wanted: Wanted, now: datetime, failed: dict) -> dict[str, object]:
    zone = zone_of_clinic()

    def row(task: Task) -> tuple[Row, str]:
        return row_of(task, person=request.user, now=now, zone=zone), failed.get(task.pk, "")

    if wanted.group:
        found = groups(wanted, request.user, now)
        shown = [(group, [row(task) for task in group.tasks]) for group in found.shown]
        return {"groups": shown, "rows": [], "more_url": "", "more_groups": found.more_url, "now": now.astimezone(zone)}
    page = listing.page(wanted, request.user, now)
    return {
        "groups": [],
        "rows": [row(task) for task in page.tasks],
        "more_url": wanted.url(after=page.next) if page.next else "",
        "more_groups": "",
        "now": now.astimezone(zone),
    }


def _chips(wanted: Wanted, person: User) -> list[tuple[str, str, str]]:
    """Each filter that is on: its name, its words, and the view without it."""
    found = []
    if wanted.searched:
        found.append(("s", f"“{wanted.words}”", wanted.url(s="")))
    if wanted.kind:
        found.append(("kind", Kind(wanted.kind).label, wanted.url(kind="")))
    if wanted.late:
        found.append(("late", gettext("Late"), wanted.url(late="")))
    if wanted.owner:
        found.append(("owner", _owner(wanted, person), wanted.url(owner="")))
    return found


def _owner(wanted: Wanted, person: User) -> str:
    if wanted.owner in ("me", str(person.pk)):
        return gettext("Mine")
    if wanted.owner == "none":
        return gettext("Unclaimed")
    return str(User.objects.filter(pk=wanted.owner).first() or gettext("Nobody of this clinic"))


def is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def is_refresh(request: HttpRequest) -> bool:
    return REFRESH in request.headers
