"""Correcting what the recogniser wrote. The turn keeps its words: danger was judged on them."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from calls.models import Correction, Turn
from clinics import audit
from clinics.people.models import User

LENGTH = 2000


class NotCorrected(Exception):
    """A correction that is refused; the text is the sentence that the person reads."""


class Moved(NotCorrected):
    """Somebody else corrected the same words first."""


def correct_turn(*, by: User, call_id: UUID, n: int, seen: int, words: str) -> Correction:
    """Write what a caller really said in turn `n`, as correction number `seen` + 1; raise `NotCorrected`."""
    words = " ".join(words.split())
    if not words:
        raise NotCorrected(gettext("Write what the caller said."))
    if len(words) > LENGTH:
        raise NotCorrected(gettext("Write at most %(length)s characters.") % {"length": LENGTH})
    turn = Turn.objects.seen_by(by, call_id=call_id, n=n)
    if not turn.words:
        raise NotCorrected(gettext("No words were heard in this turn, so there are none to correct."))
    if words == _current_words(turn):
        raise NotCorrected(gettext("These are the words that stand there."))
    try:
        with transaction.atomic():
            correction = Correction.objects.create(turn=turn, number=seen + 1, words=words, by=by)
            audit.record_change(by=by, of=turn, changes={"corrections": (seen, seen + 1)})
    except IntegrityError as taken:
        raise Moved(gettext("Somebody else corrected these words first. This is how they stand now.")) from taken
    return correction


def _current_words(turn: Turn) -> str:
    """The words of a turn with its last correction."""
    last = turn.corrections.order_by("-number").first()
    return last.words if last else turn.words
