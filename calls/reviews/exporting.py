"""Confirmed utterances as labelled JSON Lines, which `manage.py triage_report` reads: no names, no ids of calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from calls.models import Utterance
from calls.reviews.redacting import Known, tells
from calls.reviews.transcripts import known_of

SOURCE = "clinic-reviewed"


def calls_given() -> list[UUID]:
    """The calls whose sentences a download holds, for the audit trail."""
    return list(_standing().order_by("review__call").values_list("review__call", flat=True).distinct())


def lines() -> Iterator[str]:
    """One line an utterance of the standing reviews, in the order of their ids, which tells nothing of their calls.

    A sentence that holds a word known of its call by now, such as a name that staff have put right since, is left out
    until somebody confirms it again.
    """
    known: dict[UUID, Known] = {}
    for utterance in _standing().select_related("review__call").order_by("id"):
        call = utterance.review.call
        if call.id not in known:
            known[call.id] = known_of(call)
        if not tells(utterance.text, known[call.id]):
            yield json.dumps(_row(utterance), ensure_ascii=False)


def waiting() -> int:
    """How many utterances are confirmed and stand."""
    return _standing().count()


def _standing() -> QuerySet[Utterance]:
    return Utterance.objects.may_leave()


def _row(utterance: Utterance) -> dict[str, str]:
    return {
        "id": str(utterance.id),
        "text": utterance.text,
        "lang": utterance.lang,
        "label": utterance.label,
        "source": SOURCE,
        "rules_version": utterance.rules_version,
    }
