"""What a URL of the queue asks for. The query string is the view: it can be kept, sent and opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy

from clinics.people.models import User
from tasks import searches
from tasks.models import Kind, Status, Task, TaskQuerySet

DECISION, SNOOZED = "decision", "snoozed"
TABS: dict[str, str] = {
    Status.PENDING: gettext_lazy("Pending"),
    Status.IN_PROGRESS: gettext_lazy("In progress"),
    SNOOZED: gettext_lazy("Snoozed"),
    DECISION: gettext_lazy("For a doctor"),
    Status.COMPLETED: gettext_lazy("Completed"),
}
URGENT_FIRST = ("calm", "due_at", "created_at", "id")
ORDER: dict[str, tuple[str, ...]] = {
    Status.PENDING: URGENT_FIRST,
    Status.IN_PROGRESS: URGENT_FIRST,
    SNOOZED: ("snoozed_until", "id"),
    DECISION: URGENT_FIRST,
    Status.COMPLETED: ("-completed_at", "-id"),
    Status.CANCELLED: ("-created_at", "-id"),
}
MINE, UNCLAIMED = "me", "none"
GROUPS: dict[str, str] = {
    "kind": gettext_lazy("Type"),
    "owner": gettext_lazy("Owner"),
    "caller": gettext_lazy("Caller"),
}
TOP_GROUPS, MOST_GROUPS = 20, 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """One view. A value that makes no sense is read as not given: an old bookmark still opens.

    `s` is the handle of a search and `words` what it stands for; `lost` says that nobody knows it any more. `shut` are
    the keys of collapsed groups, joined by commas.
    """

    status: str = Status.PENDING
    kind: str = ""
    owner: str = ""
    late: str = ""
    group: str = ""
    shut: str = ""
    top: str = ""
    s: str = ""
    after: str = ""
    words: str = ""
    lost: bool = False

    @classmethod
    def of(cls, params: Mapping[str, str], person: User) -> Wanted:
        status, kind, owner = params.get("status", ""), params.get("kind", ""), params.get("owner", "")
        top, group, handle = params.get("top", ""), params.get("group", ""), params.get("s", "")
        words = searches.words_of(handle, person=person.pk) if handle else ""
        return cls(
            status=status if status in ORDER else Status.PENDING,
            kind=kind if kind in Kind.values else "",
            owner=owner if owner in (MINE, UNCLAIMED) or _is_uuid(owner) else "",
            late="1" if params.get("late") == "1" else "",
            group=group if group in GROUPS else "",
            shut=params.get("shut", "")[:1000],
            top=top if top.isdecimal() and TOP_GROUPS < int(top[:6]) <= MOST_GROUPS else "",
            s=handle if words else "",
            after=params.get("after", "")[:500],
            words=words or "",
            lost=bool(handle) and words is None,
        )

    @property
    def filtered(self) -> bool:
        return bool(self.kind or self.owner or self.late or self.searched)

    @property
    def searched(self) -> bool:
        """Whether enough was typed to search by."""
        return searches.enough(self.words)

    @property
    def term(self) -> str:
        """What is searched by; "" when too little was typed."""
        return self.words if self.searched else ""

    def searching(self, words: str, handle: str) -> Wanted:
        """The same view with a search that was just typed."""
        return replace(self, words=words, s=handle, lost=False)

    @property
    def groups(self) -> int:
        """How many groups are shown at most."""
        return int(self.top or TOP_GROUPS)

    @property
    def collapsed(self) -> frozenset[str]:
        return frozenset(filter(None, self.shut.split(",")))

    @property
    def closed(self) -> bool:
        """Whether the tab holds what is done with."""
        return self.status in (Status.COMPLETED, Status.CANCELLED)

    def toggled(self, key: str) -> str:
        """The view with one group opened or collapsed."""
        return self.url(shut=",".join(sorted(self.collapsed ^ {key})))

    def params(self, **changes: str) -> dict[str, str]:
        """The query parameters of this view with some changed; from the first page unless `after` is given."""
        wanted = replace(self, **{"after": "", **changes})
        names = ("status", "kind", "owner", "late", "group", "shut", "top", "s", "after")
        given = {name: getattr(wanted, name) for name in names}
        if not wanted.group:
            given |= {"shut": "", "top": ""}
        return {name: str(value) for name, value in given.items() if value}

    def url(self, **changes: str) -> str:
        return "?" + urlencode(self.params(**changes), safe=",")

    def tasks(self, person: User, now: datetime) -> TaskQuerySet:
        """The tasks of all tabs that pass the filters."""
        tasks = Task.objects.visible_to(person).found_by(self.words)
        if self.kind:
            tasks = tasks.filter(kind=self.kind)
        if self.late:
            tasks = tasks.late(now)
        if self.owner == UNCLAIMED:
            return tasks.filter(assignee=None)
        if self.owner:
            tasks = tasks.filter(assignee=person.id if self.owner == MINE else self.owner)
        return tasks

    def in_tab(self, person: User, now: datetime) -> TaskQuerySet:
        """The tasks of the view's tab that pass the filters."""
        return in_tab(self.tasks(person, now), self.status, now)


def kept_query(query: str, person: User) -> str:
    """A view's query string as it may be saved: without its search, its page and what means nothing."""
    wanted = Wanted.of({name: value for name, value in parse_qsl(query.lstrip("?")) if name != "s"}, person)
    return wanted.url()


def in_tab(tasks: TaskQuerySet, tab: str, now: datetime) -> TaskQuerySet:
    """Those of the tasks that stand in a tab."""
    if tab == DECISION:
        return tasks.waiting_for_decision()
    if tab == SNOOZED:
        return tasks.snoozed(now)
    found = tasks.with_status(tab)
    return found.awake(now) if tab in (Status.PENDING, Status.IN_PROGRESS) else found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
