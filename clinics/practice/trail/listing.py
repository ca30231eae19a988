"""The audit trail as its page asks for it: filters in the address, pages of fifty by key, each row in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode
from uuid import UUID

from auditlog.models import LogEntry
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from clinics.people.models import User

PAGE = 50
ACCESS = LogEntry.Action.ACCESS
KINDS: dict[str, tuple[str, Q]] = {
    "read": (gettext_lazy("Reads"), Q(action=ACCESS, additional_data__has_key="read")),
    "search": (gettext_lazy("Searches"), Q(action=ACCESS, additional_data__has_key="searched")),
    "export": (gettext_lazy("Downloads"), Q(action=ACCESS, additional_data__read__endswith="export")),
    "change": (gettext_lazy("Changes"), ~Q(action=ACCESS)),
    "glass": (
        gettext_lazy("Sensitive calls"),
        Q(content_type__model__in=["sensitivecall", "brokenglass", "sensitivenumber"]),
    ),
}
_PERSON = re.compile(r"\b(?:person )?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
"""An id in the words of an entry, as deeds write it: "person UUID", or alone as the value of a field."""
DENIED = Q(action=ACCESS, additional_data__has_key="denied")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. A value that makes no sense is read as not given: an old bookmark still opens."""

    person: str = ""
    kind: str = ""
    about: str = ""
    since: str = ""
    until: str = ""
    denied: str = ""
    before: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        kind, before = query.get("kind", ""), query.get("before", "")
        return cls(
            person=_uuid(query.get("person", "")),
            kind=kind if kind in KINDS else "",
            about=_uuid(query.get("about", "")),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            denied="1" if query.get("denied") == "1" else "",
            before=before if before.isascii() and before.isdigit() and len(before) < 19 else "",
        )

    @property
    def filtered(self) -> bool:
        return self != Wanted(before=self.before)

    def url(self, **changes: str) -> str:
        """The query string of this view with some parts changed; from the first page unless `before` is given."""
        wanted = replace(self, **{"before": "", **changes})
        given = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def entries(self, zone: tzinfo) -> QuerySet[LogEntry]:
        """The rows that fit, the newest first."""
        found = LogEntry.objects.select_related("actor", "content_type").order_by("-id")
        if self.person:
            found = found.filter(actor=self.person)
        if self.kind:
            found = found.filter(KINDS[self.kind][1])
        if self.about:
            found = found.filter(_about([self.about]))
        if self.since:
            found = found.filter(timestamp__gte=_midnight(self.since, zone))
        if self.until:
            found = found.filter(timestamp__lt=_midnight(self.until, zone, days=1))
        if self.denied:
            found = found.filter(DENIED)
        return found.filter(id__lt=int(self.before)) if self.before else found


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in words: who, what, about what, when, why and from where."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    about_id: str
    about_person: bool
    why: str
    where: str
    denied: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Fifty rows and the key of the next page, "" at the end."""

    rows: list[Row]
    older: str


def page(wanted: Wanted, zone: tzinfo) -> Page:
    found = list(wanted.entries(zone)[: PAGE + 1])
    return Page(in_words(found[:PAGE]), str(found[PAGE - 1].id) if len(found) > PAGE else "")


def in_words(entries: Iterable[LogEntry]) -> list[Row]:
    """Entries in words; the people of the clinic that they are about, or name, by their names of today."""
    people = names()
    return [row_of(one, people) for one in entries]


def names() -> dict[str, str]:
    """What the people of the clinic are called, by their ids as text."""
    return {str(pk): name or email for pk, name, email in User.objects.values_list("pk", "name", "email")}


def looks_at(ids: Iterable[UUID]) -> QuerySet[LogEntry]:
    """Who has read, or was refused, these things: on their own pages, in an API's list, by a search or a download."""
    found = LogEntry.objects.filter(_about([str(one) for one in ids]), action=ACCESS)
    return found.select_related("actor", "content_type").order_by("-id")


def row_of(entry: LogEntry, people: Mapping[str, str]) -> Row:
    """One entry; `people` are the names of the clinic's people by their ids. A patient has no row among them."""
    told = entry.additional_data or {}
    return Row(
        number=entry.id,
        at=entry.timestamp,
        who=_who(entry, told),
        what=_PERSON.sub(lambda found: people.get(found[1], found[0]), _what(entry, told)),
        about=people.get(entry.object_pk) or (_about_words(entry) if entry.object_pk else ""),
        about_id=entry.object_pk,
        about_person=entry.object_pk in people,
        why=str(told.get("why", "")).replace("_", " "),
        where=", ".join(filter(None, [str(ROADS.get(str(told.get("road", "")), "")), entry.remote_addr or ""])),
        denied="denied" in told,
    )


ABOUT = {
    "call": gettext_lazy("Call"),
    "task": gettext_lazy("Task"),
    "escalation": gettext_lazy("Escalation"),
    "review": gettext_lazy("Review"),
    "utterance": gettext_lazy("Utterance"),
    "decision": gettext_lazy("Decision"),
    "user": gettext_lazy("Person"),
    "session": gettext_lazy("Session"),
    "onetimelink": gettext_lazy("One-time link"),
    "callpolicy": gettext_lazy("Policy"),
    "fact": gettext_lazy("Fact"),
    "holiday": gettext_lazy("Holiday"),
    "openinghours": gettext_lazy("Opening hours"),
    "ownrule": gettext_lazy("Own rule"),
    "rulechange": gettext_lazy("Rule change"),
    "shift": gettext_lazy("Shift"),
    "cover": gettext_lazy("Cover"),
    "sensitivecall": gettext_lazy("Sensitive call"),
    "brokenglass": gettext_lazy("Broken glass"),
    "sensitivenumber": gettext_lazy("Sensitive number"),
    "drill": gettext_lazy("Drill"),
    "delivery": gettext_lazy("Delivery"),
    "clinic": gettext_lazy("Clinic"),
    "logentry": gettext_lazy("Audit trail"),
}
"""What an entry is about, by its model; another one is said by its own name."""
ROADS = {
    "page": gettext_lazy("portal"),
    "api": "API",
    "job": gettext_lazy("background job"),
    "command": gettext_lazy("command line"),
}
VERBS = {
    LogEntry.Action.CREATE: gettext_lazy("Created"),
    LogEntry.Action.UPDATE: gettext_lazy("Changed"),
    LogEntry.Action.DELETE: gettext_lazy("Deleted"),
}
READS = {
    "transcript": gettext_lazy("the words of a call"),
    "calls.call": gettext_lazy("a call"),
    "calls.call list": gettext_lazy("the list of calls"),
    "calls.call rule preview": gettext_lazy("a call, to try a safety rule on it"),
    "calls.recording": gettext_lazy("a recording"),
    "calls.review list": gettext_lazy("the list of reviews"),
    "calls.turn findings": gettext_lazy("what the safety rules found"),
    "calls.utterance export": gettext_lazy("reviewed utterances (download)"),
    "tasks.task": gettext_lazy("a task"),
    "tasks.task list": gettext_lazy("the task queue"),
    "tasks.task search": gettext_lazy("the task queue, by words"),
    "tasks.task number": gettext_lazy("the number to call back"),
    "tasks.decision list": gettext_lazy("requests that wait for a decision"),
    "tasks.promise list": gettext_lazy("what callers were promised"),
    "escalations.escalation": gettext_lazy("an escalation"),
    "escalations.escalation list": gettext_lazy("the list of escalations"),
    "analytics.call rows": gettext_lazy("the calls behind the numbers"),
    "deliveries": gettext_lazy("messages that did not arrive"),
    "auditlog.logentry list": gettext_lazy("the audit trail"),
    "auditlog.logentry export": gettext_lazy("the audit trail (download)"),
}
"""What was looked at, in words; `tests/trail/test_reads.py` knows that every code of the sources stands here."""


def _about_words(entry: LogEntry) -> str:
    return str(ABOUT.get(entry.content_type.model) or entry.content_type.name.capitalize())


def _who(entry: LogEntry, told: Mapping[str, object]) -> str:
    if entry.actor is not None:
        return str(entry.actor)
    if entry.actor_email:
        return entry.actor_email
    return (
        gettext("The system (%(job)s)") % {"job": str(told["job"]).replace("_", " ")}
        if "job" in told
        else gettext("The system")
    )


def _what(entry: LogEntry, told: Mapping[str, object]) -> str:
    if "denied" in told:
        return gettext("Refused (%(code)s): %(asked)s") % {"code": told["denied"], "asked": told.get("asked", "")}
    if entry.action == ACCESS:
        code = str(told.get("read", ""))
        found = gettext(", %(count)s found") % {"count": told["found"]} if "found" in told else ""
        searched = gettext(", search %(handle)s") % {"handle": told["searched"]} if "searched" in told else ""
        return gettext("Read %(what)s%(found)s%(searched)s") % {
            "what": READS.get(code, code.replace(".", " ")),
            "found": found,
            "searched": searched,
        }
    moved = [f"{name}: {_moved(change)}" for name, change in (entry.changes or {}).items()]
    return f"{VERBS[entry.action]}" + (f" {'; '.join(moved)}" if moved else "")


def _moved(change: object) -> str:
    if isinstance(change, list) and len(change) == 2:
        before, after = (str(one) for one in change)
        return f"{before} → {after}" if before and before != "None" else after
    return str(change)


def _about(ids: list[str]) -> Q:
    found = Q(object_pk__in=ids)
    for one in ids:
        found |= Q(additional_data__has_key="rows", additional_data__rows__contains=[one])
    return found


def _midnight(day: str, zone: tzinfo, *, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), tzinfo=zone)


def _day(text: str) -> str:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return ""
    return found.isoformat() if found and 1 < found.year < 9999 else ""


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
