"""The list of calls as its address asks for it: what runs now, filters, and pages of 50 by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy

from calls.dialogue.types import Intent
from calls.models import WANTED as WORDS
from calls.models import Call, CallQuerySet, Outcome
from clinics.people.models import User

PAGE = 50
LANGUAGES = {"en": gettext_lazy("English"), "es": gettext_lazy("Spanish")}
TYPES = {"live": gettext_lazy("Live"), "test": gettext_lazy("Test and drill")}
WANTED = {intent.value: WORDS[intent.value] for intent in Intent}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. A value that makes no sense is read as not given: an old bookmark still opens.

    No name, number or word of a caller is among it: an address is kept by browsers and proxies.
    """

    outcome: str = ""
    language: str = ""
    intent: str = ""
    type: str = ""
    day: str = ""
    before: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        return cls(
            outcome=_one_of(query.get("outcome", ""), Outcome.values),
            language=_one_of(query.get("language", ""), LANGUAGES),
            intent=_one_of(query.get("intent", ""), WANTED),
            type=_one_of(query.get("type", ""), TYPES),
            day=_day(query.get("day", "")),
            before=_uuid(query.get("before", "")),
        )

    @property
    def filtered(self) -> bool:
        return bool(self.outcome or self.language or self.intent or self.type or self.day)

    def url(self, **changes: str) -> str:
        """The address of this list with something changed; a change of filter begins at the first page."""
        wanted = replace(self, before="", **changes) if "before" not in changes else replace(self, **changes)
        given = {name: getattr(wanted, name) for name in self.__dataclass_fields__ if getattr(wanted, name)}
        return f"/calls/?{urlencode(given)}" if given else "/calls/"

    def calls(self, zone: tzinfo, person: User) -> CallQuerySet:
        """The calls that fit, newest first. A filter finds no sensitive call: being found would tell what it was."""
        told = self.outcome or self.language or self.intent
        found = (Call.objects.visible_to(person) if told else Call.objects.listed_for(person)).newest_first()
        fields = {"outcome": self.outcome, "language": self.language, "intent": self.intent}
        found = found.filter(**{name: value for name, value in fields.items() if value})
        if self.type:
            found = found.filter(test=self.type == "test")
        if self.day:
            began = datetime.combine(date.fromisoformat(self.day), time(), tzinfo=zone)
            found = found.filter(started_at__gte=began, started_at__lt=_next_midnight(began))
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, and the key of the next; "" at the end."""

    calls: list[Call]
    older: str


def page(wanted: Wanted, zone: tzinfo, person: User) -> Page:
    """Fifty calls from where the address says."""
    calls = wanted.calls(zone, person)
    if wanted.before and (last := Call.objects.filter(pk=wanted.before).first()):
        calls = calls.older_than(last)
    rows = list(calls[: PAGE + 1].with_slowest_turn())
    shown = rows[:PAGE]
    return Page(shown, str(shown[-1].id) if len(rows) > PAGE else "")


def _next_midnight(began: datetime) -> datetime:
    """The end of a local day, which has 23 to 25 hours."""
    return datetime.combine(began.date() + timedelta(days=1), time(), tzinfo=began.tzinfo)


def _one_of(value: str, known: object) -> str:
    return value if value in known else ""  # type: ignore[operator]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else ""
    except ValueError:
        return ""


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
