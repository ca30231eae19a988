"""The open alarms that every page shows, kept sealed in Redis and believed only while nothing has happened since.

PostgreSQL is the truth. The cached list carries the generation that was current before it was read; every change
sets a new one after its commit. So a list that was read before a commit carries an old generation and is never
believed, however late it is written. Should that mark itself be lost, the list's short life bounds the harm.
"""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext

from clinics import recorded, sealed
from clinics.people.language import ENGLISH, current
from clinics.phones import readable
from escalations.models import Escalation
from escalations.rungs import Ladder, ladders_of, zone_of_clinic

LIST, GENERATION = "alarms", "alarms-generation"
LIST_TTL = 5
GENERATION_TTL = 24 * 3600
MOST = 50


def open_alarms() -> list[dict]:
    """The emergencies that nobody has acknowledged, newest first, at most 50."""
    return board()["alarms"]


def board() -> dict:
    """`alarms`: the emergencies that nobody has acknowledged, newest first, at most 50; `open`: how many escalations
    of any level are open."""
    generation = _generation()
    name = _list_of_this_language()
    held = sealed.get(name) if generation else None
    if isinstance(held, dict) and held.get("generation") == generation:
        return {"alarms": held["alarms"], "open": held["open"]}
    known = read_open_alarms()
    if generation:
        sealed.put(name, {"generation": generation, **known}, ttl=LIST_TTL)
    return known


def read_open_alarms() -> dict:
    """The same from PostgreSQL."""
    told = Escalation.objects.told_to(None)  # the same list for all: sensitive ones ring without their words
    alarming = list(told.alarming().newest_first()[:MOST])
    ladders = ladders_of(alarming, now=timezone.now(), zone=zone_of_clinic()) if alarming else {}
    return {
        "alarms": [_shown(one, ladders[one.id]) for one in alarming],
        "open": told.open()[: MOST + 1].count(),
    }


def _list_of_this_language() -> str:
    """The list is in words, so each language of the portal has its own."""
    return LIST if current() == ENGLISH else f"{LIST}-{current()}"


def _caller(escalation: Escalation) -> str:
    if escalation.veiled:
        return gettext("sensitive call")
    return readable(escalation.from_number) if escalation.from_number else gettext("number withheld")


def half_words(escalation: Escalation) -> str:
    """What to know first of an alarm that a half sentence raised; "" of any other."""
    return f"{escalation.get_half_display()}: " if escalation.half else ""


def changed() -> None:
    """Say, after a commit, that what was read before is no longer the truth."""
    sealed.put(GENERATION, {"id": uuid4().hex}, ttl=GENERATION_TTL)


def _generation() -> str:
    """The current generation, begun anew when Redis has lost it; "" when Redis cannot be asked."""
    held = sealed.get(GENERATION)
    if held is None:
        changed()
        held = sealed.get(GENERATION)
    return str(held.get("id", "")) if isinstance(held, dict) else ""


def _tag(escalation: Escalation) -> str:
    if not escalation.test:
        return ""
    return gettext("DRILL") if escalation.drill else gettext("TEST")


def _shown(escalation: Escalation, ladder: Ladder) -> dict:
    return {
        "id": str(escalation.id),
        "level": escalation.level,
        "tag": _tag(escalation),
        "reason": escalation.get_reason_display(),
        "caller": _caller(escalation),
        "summary": half_words(escalation) + recorded.said(str(escalation.summary)),
        "since": escalation.raised_at.isoformat(),
        "test": escalation.test,
        "drill": escalation.drill,
        "unanswered": escalation.unanswered_at is not None,
        "told": gettext("Told: %(told)s. %(next_at)s") % {"told": ladder.told, "next_at": ladder.next_at}
        if ladder.told
        else "",
        "url": escalation.path,
        "acknowledge_url": f"{escalation.path}acknowledge/",
    }
