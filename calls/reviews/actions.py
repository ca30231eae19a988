"""Every deed that writes a review. Nothing is edited: a change is a new row, so what was said before stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from calls.dialogue.safety import rules_version
from calls.dialogue.types import Intent
from calls.models import Call, Label, Review, ReviewVerdict, Status, Turn, Utterance
from calls.reviews import labels, listing, selecting
from calls.reviews.transcripts import Line, lines_of
from clinics import audit
from clinics.people.models import User
from tasks.rows import zone_of_clinic

NOTE_LENGTH = 2000


class Refused(Exception):
    """The review cannot be written like this; the sentence is for the reviewer, `field` is where it is put right."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Taken(Exception):
    """Somebody has written a review since the person saw the call; `review` is the one that counts now."""

    def __init__(self, review: Review) -> None:
        super().__init__(gettext("The call has been reviewed in the meantime."))
        self.review = review


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reviewer says. `judged` is a turn's number ("3"), or one of its findings ("3:0") for a false alarm."""

    verdict: str
    judged: str = ""
    true_label: str = ""
    true_intent: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The utterances that a person says hold no identity: by turn, the text that they saw and its true label."""

    texts: Mapping[int, str] = field(default_factory=dict)
    """The digest of the text that was shown, so that nobody confirms another one."""
    labels: Mapping[int, str] = field(default_factory=dict)
    hide: Sequence[str] = ()
    """Further words to hide in all of them."""


def save_review(*, by: User, call_id: UUID, seen: int, judgement: Judgement, share: Share) -> Review:
    """Write what a reviewer says of a call. `seen` is the number of the last review they saw, 0 for none.

    Of two reviewers the second gets `Taken`. The same again from the same person is the same review.
    """
    with transaction.atomic():
        call, before = _locked(by, call_id)
        if before and before.number == seen + 1 and before.by_id == by.id and _says_the_same(before, judgement, share):
            return before
        _check_seen(before, seen)
        lines = lines_of(call)
        review = _judged(call, lines, judgement)
        utterances = _utterances(call, lines, review, share)
        return _write(review, utterances, before=before, by=by)


def withdraw_review(*, by: User, call_id: UUID, seen: int) -> Review:
    """Take a review back: the call comes up again, its utterances are not exported, and what was said stays."""
    with transaction.atomic():
        call, before = _locked(by, call_id)
        if before is not None and before.verdict == ReviewVerdict.WITHDRAWN and before.by_id == by.id:
            return before
        _check_seen(before, seen)
        if before is None:
            raise Refused(gettext("There is no review to take back."))
        gone = Review(call=call, verdict=ReviewVerdict.WITHDRAWN, stratum=before.stratum, week=before.week)
        return _write(gone, (), before=before, by=by)


def _locked(by: User, call_id: UUID) -> tuple[Call, Review | None]:
    """The call, which nobody else reviews meanwhile, and its last review. Raises `Call.DoesNotExist`."""
    call = Call.objects.real().select_for_update().seen_by(by, pk=call_id)
    return call, call.reviews.select_related("by").order_by("-number").first()


def _says_the_same(before: Review, judgement: Judgement, share: Share) -> bool:
    """A second click of the same person finds the work done, which is no conflict; anything else they sent is one."""
    turn = str(before.turn.n) if before.turn else ""
    kept = set(before.utterances.values_list("turn__n", flat=True))
    return (
        (before.verdict, before.note) == (judgement.verdict, judgement.note.strip()[:NOTE_LENGTH])
        and judgement.judged.partition(":")[0] in ("", turn)
        and judgement.true_label in ("", before.true_label)
        and judgement.true_intent in ("", before.true_intent)
        and kept == set(share.texts)
    )


def _check_seen(before: Review | None, seen: int) -> None:
    if before is not None and before.number != seen:
        raise Taken(before)


# --- What is said ----------------------------------------------------------------------------------------------------
def _judged(call: Call, lines: Sequence[Line], said: Judgement) -> Review:
    """The review as a row, checked. Raises `Refused` with what is missing."""
    if call.status != Status.COMPLETED:
        raise Refused(gettext("The call is still running. It can be reviewed when it is over."))
    zone = zone_of_clinic()
    review = Review(
        call=call,
        verdict=said.verdict,
        note=said.note.strip()[:NOTE_LENGTH],
        week=selecting.week_of(call.started_at, zone),
        stratum=listing.group_of(call, now=timezone.now(), zone=zone),
        rules_version=call.rules_version or rules_version(),
    )
    match said.verdict:
        case ReviewVerdict.CORRECT:
            _note_correct(review, lines)
        case ReviewVerdict.MISSED:
            _note_missed(review, lines, said)
        case ReviewVerdict.FALSE_ALARM:
            _note_false_alarm(review, lines, said)
        case ReviewVerdict.WRONG_INTENT:
            _note_wrong_intent(review, lines, said)
        case _:
            raise Refused(gettext("Choose what you found."), "verdict")
    return review


def _note_correct(review: Review, lines: Sequence[Line]) -> None:
    """The utterance that decided the call: the worst finding, else where what is wanted was first understood."""
    kinds = {line.turn.n: labels.worst_of([one.kind for one in line.found]) for line in lines}
    worst = labels.worst_of(list(kinds.values()))
    deciding = [line for line in lines if (kinds[line.turn.n] == worst if worst else _says_what_is_wanted(line))]
    if deciding:
        review.turn, review.true_label = deciding[0].turn, deciding[0].label
        review.finding = worst
        review.rule = next((one.rule for one in deciding[0].found if one.kind == worst), "")


def _says_what_is_wanted(line: Line) -> bool:
    return bool(line.words) and labels.OF_INTENT.get(line.turn.intent, labels.OTHER) != labels.OTHER


def _note_missed(review: Review, lines: Sequence[Line], said: Judgement) -> None:
    review.turn = _turn(lines, said.judged, gettext("Choose the sentence in which it was missed.")).turn
    review.true_label = _label(said.true_label)
    found = {labels.OF_FINDING[one.kind] for line in lines if line.turn == review.turn for one in line.found}
    if review.true_label in found:
        raise Refused(gettext("That was found in this sentence. Choose what was missed."), "true_label")


def _note_false_alarm(review: Review, lines: Sequence[Line], said: Judgement) -> None:
    for line in lines:
        for one in line.found:
            if one.key == said.judged:
                review.turn, review.finding, review.rule = line.turn, one.kind, one.rule
    if not review.finding:
        raise Refused(gettext("Choose the finding that was wrong."), "judged")
    review.true_label = _label(said.true_label)
    others = [one.kind for line in lines if line.turn == review.turn for one in line.found if one.rule != review.rule]
    if review.true_label == labels.OF_FINDING[review.finding] and review.finding not in others:
        raise Refused(gettext("That is what was found. Choose what the sentence really is."), "true_label")


def _note_wrong_intent(review: Review, lines: Sequence[Line], said: Judgement) -> None:
    if said.true_intent not in set(Intent):
        raise Refused(gettext("Choose what the caller wanted."), "true_intent")
    if said.true_intent == review.call.intent:
        raise Refused(gettext("That is what was understood. Choose what the caller wanted."), "true_intent")
    review.turn = _turn(lines, said.judged, gettext("Choose the sentence that says what the caller wanted.")).turn
    review.true_intent = said.true_intent
    review.true_label = labels.OF_INTENT[said.true_intent]


def _turn(lines: Sequence[Line], judged: str, sentence: str) -> Line:
    for line in lines:
        if line.words and str(line.turn.n) == judged:
            return line
    raise Refused(sentence, "judged")


def _label(text: str) -> str:
    if text not in Label.values:
        raise Refused(gettext("Choose what it truly is."), "true_label")
    return text


# --- What may leave --------------------------------------------------------------------------------------------------
def _utterances(call: Call, lines: Sequence[Line], review: Review, share: Share) -> list[Utterance]:
    """The confirmed sentences, as they were shown and with the further words hidden."""
    shown = {line.turn.n: line for line in lines if line.words}
    for n, digest in share.texts.items():
        if n not in shown or digest != shown[n].digest:
            raise Refused(
                gettext("The text without identities has changed. Look at it and confirm it again."),
                f"keep-{n}",
            )
    if not share.texts:
        return []
    hidden = _hidden(call, lines, share)
    return [
        Utterance(
            turn=shown[n].turn,
            text=hidden[n],
            lang=shown[n].turn.language,
            label=_label_of(shown[n].turn, review, share.labels.get(n, "")),
            rules_version=review.rules_version,
        )
        for n in share.texts
    ]


def _hidden(call: Call, lines: Sequence[Line], share: Share) -> dict[int, str]:
    """The texts by turn with the further words hidden. A word that hides nothing is a slip, and would leave the clinic.

    The sentence of the refusal does not repeat the word: it travels in a header.
    """
    texts = {line.turn.n: line.redacted for line in lines}
    for phrase in share.hide:
        without = {line.turn.n: line.redacted for line in lines_of(call, hide=[phrase])}
        if all(without[n] == texts[n] for n in share.texts):
            raise Refused(
                gettext("A word to hide is not in the sentences you keep. Write it as it stands there."), "hide"
            )
    return {line.turn.n: line.redacted for line in lines_of(call, hide=share.hide)} if share.hide else texts


def _label_of(turn: Turn, review: Review, chosen: str) -> str:
    """The judged sentence has the label of the judgement, each other one what the reviewer chose for it."""
    if review.turn is not None and review.turn.pk == turn.pk and review.verdict != ReviewVerdict.CORRECT:
        return review.true_label
    return _label(chosen)


def _write(review: Review, utterances: Collection[Utterance], *, before: Review | None, by: User) -> Review:
    review.by, review.number = by, before.number + 1 if before else 1
    if before:
        Review.objects.filter(pk=before.pk).update(current=False)
    review.save(force_insert=True)
    for utterance in utterances:
        utterance.review = review
    Utterance.objects.bulk_create(utterances)
    changes = {"verdict": (before.verdict if before else "", review.verdict), "shared": ("", len(utterances))}
    audit.record_change(by=by, of=review, changes=changes)
    return review
