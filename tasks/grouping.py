"""The queue in groups: by type, owner or caller, the most pressing group first, the rows of open groups only."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, F, Max, Min, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext

from clinics.people.models import User
from clinics.phones import readable
from tasks.choices import NOT_EMERGENCY
from tasks.listing import in_order
from tasks.models import Kind, Priority, Task
from tasks.wanted import MOST_GROUPS, ORDER, UNCLAIMED, Wanted

COLUMN: dict[str, str] = {"kind": "kind", "owner": "assignee_id", "caller": "number_index"}
ROWS_OF_A_GROUP = 10
ROWS_OF_A_CALLER = 50


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its rows when it is open, and where the rest of them is."""

    key: str
    label: str
    count: int
    open: bool
    toggle_url: str
    tasks: tuple[Task, ...] = ()
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that are shown, and the view that shows more of them, "" when these are all."""

    shown: tuple[Group, ...]
    more_url: str


def groups(wanted: Wanted, person: User, now: datetime) -> Groups:
    """The groups of a view in three queries."""
    column = COLUMN[wanted.group]
    found = _sizes(wanted, person, now, column)
    values = {_key(wanted.group, value): (value, size) for value, size in found[: wanted.groups]}
    open_values = [value for key, (value, _) in values.items() if key not in wanted.collapsed]
    rows = _rows(wanted, person, now, column, open_values)
    labels = _labels(wanted.group, [value for value, _ in values.values()], person)
    more = min(wanted.groups * 2, MOST_GROUPS)
    shown = tuple(
        Group(
            key=key, label=labels[value], count=size, open=key not in wanted.collapsed, toggle_url=wanted.toggled(key),
            tasks=tuple(rows[value]), all_url=_alone(wanted, value) if size > len(rows[value]) else "",
        )
        for key, (value, size) in values.items()
    )  # fmt: skip
    return Groups(shown, wanted.url(top=str(more)) if len(found) > wanted.groups and more > wanted.groups else "")


def _sizes(wanted: Wanted, person: User, now: datetime, column: str) -> list[tuple[Any, int]]:
    """Each group's value and size, the most pressing or the last completed first."""
    grouped = wanted.in_tab(person, now).order_by().values(column).annotate(size=Count("pk"))
    if wanted.closed:
        grouped = grouped.annotate(last=Max("completed_at")).order_by(F("last").desc(nulls_last=True), column)
    else:
        calm = Case(When(worst=Priority.EMERGENCY, then=Value(0)), default=Value(1))
        grouped = grouped.annotate(worst=Min("priority"), first=Min("due_at")).order_by(calm, "first", column)
    return [(_plain(row[column]), row["size"]) for row in grouped[: wanted.groups + 1]]


def _rows(wanted: Wanted, person: User, now: datetime, column: str, values: list[Any]) -> defaultdict[Any, list[Task]]:
    most = ROWS_OF_A_CALLER if wanted.group == "caller" else ROWS_OF_A_GROUP
    order = ORDER[wanted.status]
    asked = Q(**{f"{column}__in": [value for value in values if value is not None]})
    if None in values:
        asked |= Q(**{column: None})
    found: defaultdict[Any, list[Task]] = defaultdict(list)
    if not values:
        return found
    some = wanted.in_tab(person, now).filter(asked).annotate(calm=NOT_EMERGENCY).order_by()
    ranked = some.annotate(place=Window(RowNumber(), partition_by=[F(column)], order_by=_as_expressions(order)))
    first = ranked.filter(place__lte=most).values("pk")  # ranked by key alone: a row with its sealed words is wide
    for task in in_order(Task.objects.filter(pk__in=first), order):
        found[_plain(getattr(task, column))].append(task)
    return found


def _as_expressions(order: tuple[str, ...]) -> list[Any]:
    return [F(name[1:]).desc() if name.startswith("-") else F(name).asc() for name in order]


def _labels(group: str, values: list[Any], person: User) -> dict[Any, str]:
    if group == "kind":
        return {value: Kind(value).label for value in values}
    if group == "caller":
        one_each = Task.objects.filter(number_index__in=values).order_by("number_index").distinct("number_index")
        numbers = {_plain(task.number_index): task.callback_number for task in one_each}
        return {value: readable(numbers.get(value, "")) if value else gettext("Number withheld") for value in values}
    names = {
        user.pk: gettext("You") if user.pk == person.pk else str(user) for user in User.objects.filter(pk__in=values)
    }
    return {value: names.get(value, gettext("Unclaimed")) for value in values}


def _alone(wanted: Wanted, value: Any) -> str:
    """The view that shows all of one group; a caller's number has no place in a URL."""
    if wanted.group == "kind":
        return wanted.url(group="", kind=str(value))
    return wanted.url(group="", owner=str(value or UNCLAIMED)) if wanted.group == "owner" else ""


def _plain(value: Any) -> Any:
    """A group's value as a dict can hold it: the blind index of a number comes as a view of bytes."""
    return bytes(value) if isinstance(value, memoryview) else value


def _key(group: str, value: str | bytes | UUID | None) -> str:
    """How a URL names a group; a caller is a keyed digest of the blind index, which nobody can turn back."""
    if group != "caller":
        return str(value or UNCLAIMED)
    return hmac.new(settings.SECRET_KEY.encode(), b"caller:" + bytes(value or b""), hashlib.sha256).hexdigest()[:12]
