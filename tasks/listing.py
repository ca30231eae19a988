"""The queue as its URL asks for it: tab, filters, search, counts, and pages of 50 by keyset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q

from clinics.people.api import Cursor
from clinics.people.models import User
from tasks import policy, search
from tasks.models import NOT_EMERGENCY, Kind, Status, Task, TaskQuerySet

PAGE = 50
CAP = 999
DECISION = "decision"
TABS: dict[str, str] = {
    Status.PENDING: "Pending",
    Status.IN_PROGRESS: "In progress",
    DECISION: "For a doctor",
    Status.COMPLETED: "Completed",
}
CLOSED_TABS = frozenset({Status.COMPLETED, Status.CANCELLED})
ORDER: dict[str, tuple[str, ...]] = {
    Status.PENDING: ("calm", "due_at", "created_at", "id"),
    Status.IN_PROGRESS: ("calm", "due_at", "created_at", "id"),
    DECISION: ("calm", "due_at", "created_at", "id"),
    Status.COMPLETED: ("-completed_at", "-id"),
    Status.CANCELLED: ("-created_at", "-id"),
}
MINE, UNCLAIMED = "me", "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a queue URL asks for. A value that makes no sense is read as not given: an old bookmark still opens."""

    status: str = Status.PENDING
    q: str = ""
    kind: str = ""
    owner: str = ""
    after: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Wanted:
        status, kind, owner = params.get("status", ""), params.get("kind", ""), params.get("owner", "")
        return cls(
            status=status if status in ORDER else Status.PENDING,
            q=params.get("q", "").replace("\0", "").strip()[:100],
            kind=kind if kind in Kind.values else "",
            owner=owner if owner in (MINE, UNCLAIMED) or _is_uuid(owner) else "",
            after=params.get("after", "")[:500],
        )

    @property
    def filtered(self) -> bool:
        return bool(self.kind or self.owner or self.searched)

    @property
    def searched(self) -> bool:
        """Whether enough was typed to search by."""
        return bool(search.typed_words(self.q))

    @property
    def term(self) -> str:
        """What is searched by; "" when too little was typed."""
        return self.q if self.searched else ""

    def url(self, **changes: str) -> str:
        """The query string of this view with some parts changed; always from the first page unless `after` is given."""
        wanted = replace(self, **{"after": "", **changes})
        given = {
            "status": wanted.status,
            "q": wanted.q,
            "kind": wanted.kind,
            "owner": wanted.owner,
            "after": wanted.after,
        }
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def tasks(self, person: User) -> TaskQuerySet:
        """The tasks of all tabs that pass the filters."""
        tasks = Task.objects.visible_to(person).found_by(self.q)
        if self.kind:
            tasks = tasks.filter(kind=self.kind)
        if self.owner == UNCLAIMED:
            return tasks.filter(assignee=None)
        if self.owner:
            tasks = tasks.filter(assignee=person.id if self.owner == MINE else self.owner)
        return tasks


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows and the cursor behind its last, "" when there is none behind."""

    tasks: list[Task]
    next: str


def page(wanted: Wanted, person: User) -> Page:
    """The page that is asked for, with all that its rows show in one query."""
    order = ORDER[wanted.status]
    rows = _in_tab(wanted.tasks(person), wanted.status).with_people().annotate(calm=NOT_EMERGENCY).order_by(*order)
    found = list(_behind(rows, order, wanted.after)[: PAGE + 1])
    shown = found[:PAGE]
    more = len(found) > PAGE
    return Page(shown, Cursor(tuple(_plain(shown[-1], name) for name in order)).packed() if more else "")


def counts(wanted: Wanted, person: User) -> dict[str, str]:
    """How many each tab holds under these filters, counted no further than a tab shows."""
    tasks = wanted.tasks(person)
    return {tab: policy.capped(_in_tab(tasks, tab)[: CAP + 1].count(), cap=CAP) for tab in TABS}


def _in_tab(tasks: TaskQuerySet, tab: str) -> TaskQuerySet:
    return tasks.waiting_for_decision() if tab == DECISION else tasks.with_status(tab)


def _behind(rows: TaskQuerySet, order: tuple[str, ...], after: str) -> TaskQuerySet:
    """Rows beyond the cursor; all of them when it is not one of ours."""
    if not after:
        return rows
    try:
        values = Cursor.unpacked(after, width=len(order)).values
        steps = []
        for depth, name in enumerate(order):
            equal = dict(zip((field.lstrip("-") for field in order[:depth]), values, strict=False))
            beyond = "lt" if name.startswith("-") else "gt"
            steps.append(Q(**equal, **{f"{name.lstrip('-')}__{beyond}": values[depth]}))
        return rows.filter(reduce(or_, steps))
    except (ValueError, TypeError, ValidationError):
        return rows


def _plain(task: Task, name: str) -> str | int:
    value = getattr(task, name.lstrip("-"))
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
