"""The review list as the portal shows it: words instead of codes, one page of rows, and how far the week is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from calls.models import Call, Outcome, Review, Stratum
from calls.reviews import listing, selecting
from calls.reviews.listing import Entry, Week
from clinics.phones import readable
from escalations.models import Escalation

OPEN, DONE = "open", "done"
TABS = {OPEN: gettext_lazy("To review"), DONE: gettext_lazy("Reviewed")}
TONES = {Stratum.ALARM: "bad", Stratum.FAILED: "warn", Stratum.ESCALATED: "info"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for: a week ("" is this one with what was carried over), a tab, and behind which call."""

    week: str
    show: str
    after: str

    @classmethod
    def of(cls, query: Mapping[str, str], weeks: Sequence[str]) -> Wanted:
        week, show = query.get("week", ""), query.get("show", "")
        return cls(week if week in weeks else "", show if show in TABS else OPEN, query.get("after", ""))

    def url(self, **changes: str) -> str:
        given = {"week": self.week, "show": self.show} | changes
        return "?" + urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the list."""

    call: Call
    entry: Entry
    caller: str
    why: str
    tone: str
    note: str
    carried: bool
    week: str
    review: Review | None


def page(weeks: Sequence[Week], wanted: Wanted, *, size: int) -> dict[str, object]:
    """Everything the list shows, `size` rows at most."""
    this = weeks[-1]
    shown = [week for week in weeks if week.week == wanted.week] if wanted.week else list(weeks)
    behind = [week for week in weeks[:-1] if week.open]
    queue = listing.queued(shown)
    done = [entry for week in (shown if wanted.week else [this]) for entry in week.done]
    entries = queue if wanted.show == OPEN else done
    start = _behind(entries, wanted.after)
    rows = _rows(entries[start : start + size], this=this.week)
    return {
        "wanted": wanted,
        "rows": rows,
        "more_url": wanted.url(after=str(rows[-1].call.id)) if entries[start + size :] else "",
        "tabs": [(tab, TABS[tab], len(queue if tab == OPEN else done), wanted.url(show=tab)) for tab in TABS],
        "start": queue[0].call_id if queue else None,
        "progress": progress(weeks, wanted.week),
        "behind": [(said(week.week), len(week.open), wanted.url(week=week.week, show=OPEN)) for week in behind],
        "carried": sum(len(week.open) for week in behind),
        "weeks": [
            (
                week.week,
                gettext("%(week)s (%(done)s of %(all)s)")
                % {"week": said(week.week), "done": len(week.done), "all": len(week.entries)},
            )
            for week in weeks[::-1]
        ],
    }


def progress(weeks: Sequence[Week], wanted: str = "") -> str:
    """ "12 of 34 reviewed this week"."""
    week = next((one for one in weeks if one.week == wanted), weeks[-1])
    when = gettext("this week") if week is weeks[-1] else gettext("in %(week)s") % {"week": said(week.week)}
    if not week.entries:
        return gettext("No call has come up %(when)s") % {"when": when}
    return gettext("%(done)s of %(all)s reviewed %(when)s") % {
        "done": len(week.done),
        "all": len(week.entries),
        "when": when,
    }


def said(week: str) -> str:
    """A week in words: "week 47 (16 Nov)"."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    return gettext("week %(week)s (%(monday)s)") % {"week": int(week[6:]), "monday": date_format(monday, "j M")}


def caller_of(call: Call) -> str:
    return readable(call.from_number) if call.from_number else gettext("Number withheld")


def reasons_of(call_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Why each call was escalated, in the words of the alert centre."""
    found: dict[UUID, list[str]] = {}
    for one in Escalation.objects.filter(call_id__in=call_ids).order_by("raised_at"):
        found.setdefault(one.call_id, []).append(one.get_reason_display())
    return found


def _rows(entries: Sequence[Entry], *, this: str) -> list[Row]:
    ids = [entry.call_id for entry in entries]
    calls = Call.objects.in_bulk(ids)
    reasons = reasons_of(ids)
    reviews = {one.call_id: one for one in Review.objects.standing().with_people().filter(call_id__in=ids)}
    return [
        Row(
            call=calls[entry.call_id],
            entry=entry,
            caller=caller_of(calls[entry.call_id]),
            why=Stratum(entry.group).label,
            tone=TONES.get(Stratum(entry.group), ""),
            note=_note(calls[entry.call_id], reasons.get(entry.call_id, [])),
            carried=entry.week != this,
            week=said(entry.week),
            review=reviews.get(entry.call_id),
        )
        for entry in entries
        if entry.call_id in calls
    ]


def _note(call: Call, reasons: Sequence[str]) -> str:
    """What happened, such as "Not understood. Caller left"."""
    ended = str(Outcome(call.outcome).label) if call.outcome else ""
    return ". ".join(
        dict.fromkeys(filter(None, [*reasons, ended if call.outcome in selecting.FAILED_OUTCOMES else ""]))
    )


def _behind(entries: Sequence[Entry], after: str) -> int:
    place = {str(entry.call_id): number for number, entry in enumerate(entries, start=1)}
    return place.get(after, 0)
