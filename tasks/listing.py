"""The rows that a view of the queue shows: pages of 50 by keyset, counts that stop at the cap, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from urllib.parse import parse_qsl

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Q, QuerySet

from clinics.people.api import Cursor
from clinics.people.models import User
from tasks import wording
from tasks.choices import NOT_EMERGENCY
from tasks.models import SavedView, Task, TaskQuerySet
from tasks.policy import EMERGENCY, HIGH
from tasks.wanted import ORDER, TABS, Wanted, in_tab

PAGE = 50
CAP = 999
MOST_VIEWS = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows and the cursor behind its last, "" when there is none behind."""

    tasks: list[Task]
    next: str


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as a link with its count."""

    id: str
    name: str
    url: str
    count: str
    current: bool
    clinics: bool
    mine: bool


def page(wanted: Wanted, person: User, now: datetime) -> Page:
    """The page that is asked for, with all that its rows show in one query."""
    order = ORDER[wanted.status]
    rows = in_order(wanted.in_tab(person, now), order)
    found = list(_behind(rows, order, wanted.after)[: PAGE + 1])
    shown = found[:PAGE]
    more = len(found) > PAGE
    return Page(shown, Cursor(tuple(_plain(shown[-1], name) for name in order)).packed() if more else "")


def in_order(tasks: TaskQuerySet, order: tuple[str, ...]) -> TaskQuerySet:
    """Tasks with what a row shows, as their tab sorts them."""
    return tasks.for_rows().annotate(calm=NOT_EMERGENCY).order_by(*order)


def counts(wanted: Wanted, person: User, now: datetime) -> dict[str, str]:
    """How many each tab holds under these filters, counted no further than a tab shows."""
    tasks = wanted.tasks(person, now)
    found = _counted([in_tab(tasks, tab, now) for tab in TABS])
    return dict(zip(TABS, map(_shown, found), strict=True))


@dataclass(frozen=True, slots=True)
class Danger:
    """How much of the clinic's open work is pressing by what was said, whatever filter is on."""

    open: int
    emergency: int
    high: int

    @property
    def percent(self) -> int | None:
        """Of a hundred open tasks; None of nothing, or of more than are counted."""
        return round(100 * (self.emergency + self.high) / self.open) if 0 < self.open <= CAP else None


def danger(person: User) -> Danger:
    """The emergencies and the high ones among the open tasks that a person sees."""
    waiting = Task.objects.visible_to(person).open()
    return Danger(*_counted([waiting, *(waiting.filter(priority=one) for one in (EMERGENCY, HIGH))]))


def total(wanted: Wanted, person: User, now: datetime, *, most: int) -> int:
    """How many tasks the view holds, counted to `most` and no further."""
    return wanted.in_tab(person, now)[:most].count()


def views(wanted: Wanted, person: User, now: datetime) -> list[View]:
    """The person's saved views and the clinic's, each with its count."""
    saved = list(SavedView.objects.of(person)[:MOST_VIEWS])
    asked = [Wanted.of(dict(parse_qsl(view.query.lstrip("?"))), person) for view in saved]
    found = _counted([one.in_tab(person, now) for one in asked])
    here = wanted.url()
    return [
        View(
            id=str(view.pk), name=view.name, url=view.query, count=_shown(count), current=view.query == here,
            clinics=view.owner_id is None, mine=view.made_by_id == person.pk,
        )
        for view, count in zip(saved, found, strict=True)
    ]  # fmt: skip


def _counted(some: Sequence[QuerySet]) -> list[int]:
    """The sizes of several lists in one statement, each counted to just beyond the cap."""
    parts, given, places = [], [], []
    for number, rows in enumerate(some):
        try:
            statement, params = rows.order_by().values("pk")[: CAP + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({statement}) AS counted)")  # noqa: S608 - Django's own statement
        given += params
        places.append(number)
    sizes = [0] * len(some)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), given)
            for number, size in zip(places, cursor.fetchone(), strict=True):
                sizes[number] = size
    return sizes


def _shown(count: int) -> str:
    return wording.capped(count, cap=CAP)


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
        if order[0] == "calm" and values[0] is True:  # says where the index is entered; the steps alone do not
            rows = rows.filter(calm=True, due_at__gte=values[1])
        return rows.filter(reduce(or_, steps))
    except (ValueError, TypeError, ValidationError):
        return rows


def _plain(task: Task, name: str) -> str | int:
    value = getattr(task, name.lstrip("-"))
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
