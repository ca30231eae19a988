"""The page of the calls behind a bar: fifty rows by key, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.utils.formats import date_format

from analytics import rows
from analytics.behind import OPENLY, Asked, calls
from analytics.fate import FATES
from analytics.figures import length
from calls.listing import LANGUAGES
from calls.models import Call, CallQuerySet, Outcome, wanted_words
from clinics.people.models import User
from clinics.words import gettext

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One call in words; `closed` when it is a sensitive one that is not open to who looks."""

    id: UUID
    when: str
    closed: bool
    wanted: str = ""
    ended: str = ""
    length: str = ""
    spoken: str = ""
    reprompts: int | None = None
    became: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """The calls behind a bar: how many were counted, how many of them are not listed, and one page of the others."""

    whole: int
    closed: int
    lines: list[Line]
    older_url: str


def page(asked: Asked, person: User, before: str) -> Behind:
    """Raise KeyError or ValueError for a bar that does not exist."""
    every = calls(asked)
    seen = every if asked.of in OPENLY else every.visible_to(person)
    found = rows.rows(_older(seen, before)[: PAGE + 1], person=person, now=asked.now, zone=asked.span.zone)
    whole = every.count()
    older_url = ""
    if len(found) > PAGE:
        query = {"days": asked.span.days, "of": asked.of, "is": asked.key, "before": found[PAGE - 1].id}
        older_url = f"?{urlencode(query)}"
    return Behind(whole, whole - seen.count(), [_line(one) for one in found[:PAGE]], older_url)


def _older(found: CallQuerySet, before: str) -> CallQuerySet:
    try:
        last = Call.objects.filter(pk=UUID(before)).first() if before else None
    except ValueError:
        last = None
    return found.older_than(last) if last else found


def _line(row: rows.Row) -> Line:
    when = date_format(datetime.fromisoformat(row.started_at), "D j M, H:i")
    if row.closed:
        return Line(row.id, when, closed=True)
    return Line(
        row.id,
        when,
        closed=False,
        wanted=wanted_words(row.intent),
        ended=str(dict(Outcome.choices).get(row.outcome, "")),
        length=length(row.duration_sec) if row.duration_sec is not None else "",
        spoken=str(LANGUAGES.get(row.language, row.language)),
        reprompts=row.reprompts,
        became=gettext(FATES[row.fate]) if row.fate else "",
    )
