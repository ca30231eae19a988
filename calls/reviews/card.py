"""One call as its review page shows it: the transcript, the form with what it holds, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy

from calls.dialogue.types import Intent
from calls.models import Call, Label, Review, ReviewVerdict, Status, Stratum, wanted_words
from calls.reviews import listing, rows
from calls.reviews.forms import JUDGED_BY, KEEP, LABEL, LABELLED_BY
from calls.reviews.transcripts import Line, lines_of
from tasks.rows import zone_of_clinic

VERDICTS = (
    ("correct", gettext_lazy("Correct"), "1", gettext_lazy("Danger and wish were understood as they were said.")),
    ("missed", gettext_lazy("Missed"), "2", gettext_lazy("Something was said that was not found.")),
    ("false_alarm", gettext_lazy("False alarm"), "3", gettext_lazy("Something was found that was not said.")),
    ("wrong_intent", gettext_lazy("Wrong intent"), "4", gettext_lazy("The caller wanted something else.")),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One utterance that may be shared, with what its tick and its label hold now."""

    line: Line
    kept: bool
    label: str


def card(call: Call, *, kept: Mapping[str, str] | None = None) -> dict[str, object]:
    """The context of the page; `kept` is a form that was not accepted and keeps what was typed."""
    zone = zone_of_clinic()
    weeks = listing.weeks(now=timezone.now(), zone=zone)
    history = list(call.reviews.with_people().select_related("turn").order_by("-number"))
    standing = history[0] if history and history[0].verdict != ReviewVerdict.WITHDRAWN else None
    lines = lines_of(call)
    group = next((week.groups[call.id] for week in weeks if week.groups.get(call.id)), Stratum.PICKED)
    call.caller = rows.caller_of(call)
    following = listing.next_open(weeks, after=call.id)
    return {
        "call": call,
        "running": call.status != Status.COMPLETED,
        "lines": lines,
        "review": standing,
        "history": history,
        "seen": history[0].number if history else 0,
        "why": Stratum(group).label,
        "tone": rows.TONES.get(Stratum(group), ""),
        "reasons": rows.reasons_of([call.id]).get(call.id, []),
        "sentences": _sentences(lines, standing, kept),
        "spoken": [line for line in lines if line.words],
        "findings": [(one, line) for line in lines for one in line.found],
        "verdicts": VERDICTS,
        "labels": Label.choices,
        "intents": [(one.value, wanted_words(one.value)) for one in Intent],
        "given": dict(kept.items()) if kept is not None else _given(standing),
        "next": following,
        "progress": rows.progress(weeks),
        "zone": zone,
    }


def _given(review: Review | None) -> dict[str, object]:
    """What the form holds for a review that is changed."""
    if review is None:
        return {}
    judged = str(review.turn.n) if review.turn else ""
    if review.verdict == ReviewVerdict.FALSE_ALARM and review.turn:
        place = next((n for n, one in enumerate(review.turn.findings) if one["rule"] == review.rule), 0)
        judged = f"{judged}:{place}"
    return {
        "verdict": review.verdict,
        "note": review.note,
        "true_intent": review.true_intent,
        JUDGED_BY.get(review.verdict, ""): judged,
        LABELLED_BY.get(review.verdict, ""): review.true_label,
    }


def _sentences(lines: list[Line], review: Review | None, kept: Mapping[str, str] | None) -> list[Sentence]:
    shared = {one.turn_id: one.label for one in review.utterances.all()} if review else {}
    found = []
    for line in lines:
        if not line.shareable:
            continue
        n, pk = line.turn.n, line.turn.pk
        ticked = f"{KEEP}{n}" in kept if kept is not None else pk in shared
        label = (kept or {}).get(f"{LABEL}{n}") or shared.get(pk) or line.label
        found.append(Sentence(line, ticked, label))
    return found
