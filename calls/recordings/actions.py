"""Every deed that writes a recording or what was said before it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from calls.models import Call, Consent
from calls.recordings import vault
from calls.recordings.models import FIRST_RETRY, LONGEST_RETRY, Disclosure, Recording, State
from clinics import audit
from clinics.people.models import User
from clinics.practice.retention import OF_AUDIO, Artefact, LegalHold, kept_since

logger = logging.getLogger(__name__)

TO_BE_HEARD = frozenset({Consent.ANNOUNCED, Consent.GIVEN, Consent.VOICEMAIL})
"""What a caller must have been told or have answered, for a recording of theirs to be kept."""
NO_ANSWER_YET = frozenset({Consent.ASKED})


def disclose(*, call_id: UUID, turn: int, version: str, consent: str) -> None:
    """Write down what was said about a recording, in the transaction of the turn that says it; asked again in another
    language, the last words count."""
    answer, now = "" if consent in NO_ANSWER_YET else consent, timezone.now()
    told = {"turn": turn, "version": version, "told_at": now, "answer": answer}
    told["answered_at"] = now if answer else None
    Disclosure.objects.update_or_create(call_id=call_id, defaults=told)


def note_answer(*, call_id: UUID, consent: str) -> None:
    """Write down what the caller answered, in the transaction of the turn that says so."""
    Disclosure.objects.filter(call=call_id, answer="").update(answer=consent, answered_at=timezone.now())


def note_recording(*, sid: str, recording_sid: str, seconds: int) -> None:
    """The network has a recording of a call. Once; one that nobody was told of is deleted there and never fetched."""
    call = Call.objects.filter(sid=sid).first()
    if call is None:
        return
    wanted = call.consent in TO_BE_HEARD
    if not wanted:
        logger.error("call %s: a recording was made without consent; it is deleted unheard", call.id)
    sort = Artefact.VOICEMAIL if call.consent == Consent.VOICEMAIL else Artefact.RECORDING
    row = Recording(call=call, sid=recording_sid, sort=sort, seconds=seconds)
    row.state = State.TOLD if wanted else State.UNWANTED
    with transaction.atomic():
        Recording.objects.bulk_create([row], ignore_conflicts=True)
        Recording.objects.filter(sid=recording_sid, seconds=0).exclude(seconds=seconds).update(seconds=seconds)
        if wanted:
            url = reverse("recordings:of_call", args=[call.id])
            Call.objects.filter(pk=call.pk).update(recording_url=url, recording_duration_sec=seconds)


# --- Fetching, as `fetching.py` goes about it ------------------------------------------------------------------------
def claim_due() -> Recording | None:
    """The next recording about which something is due at the network, put off for whoever else looks; None: none."""
    for row in Recording.objects.due().order_by("available_at")[:5]:
        wait = min(FIRST_RETRY * 2 ** min(row.attempts, 10), LONGEST_RETRY)
        mine = Recording.objects.due().filter(pk=row.pk, attempts=row.attempts)
        if mine.update(attempts=F("attempts") + 1, available_at=timezone.now() + wait) == 1:
            return row
    return None


def note_stored(*, recording: Recording, file: str, key: str, size: int) -> bool:
    """Our copy is safe: the network's is to go. False when the recording was deleted meanwhile."""
    with transaction.atomic():
        row = Recording.objects.select_for_update().filter(pk=recording.pk, state=State.TOLD).first()
        if row is None:
            return False
        row.file, row.file_key, row.size = file, key, size
        row.state, row.stored_at, row.attempts, row.available_at = State.STORED, timezone.now(), 0, timezone.now()
        row.save()
    return True


def note_gone_at_network(*, recording: Recording) -> None:
    """The network's copy is deleted."""
    Recording.objects.filter(pk=recording.pk, state=State.STORED).update(state=State.KEPT)
    Recording.objects.filter(pk=recording.pk, state=State.UNWANTED).update(
        state=State.DELETED, deleted_at=timezone.now()
    )


# --- The end ---------------------------------------------------------------------------------------------------------
def delete_old(*, now: datetime) -> int:
    """Delete what is older than its artefact is kept, but nothing of a call on hold; returns how many."""
    deleted = 0
    for artefact in OF_AUDIO:
        old = (
            Recording.objects.audible().without_hold().filter(sort=artefact, made_at__lt=kept_since(artefact, now=now))
        )
        deleted += len(delete_files(rows=old[:500]))
    return deleted


def delete_files(*, rows: Iterable[Recording]) -> list[UUID]:
    """Delete the audio of recordings: the row first, so that nothing points to a file that is gone. The network's copy
    of one that was not fetched yet is deleted next."""
    done = []
    for row in rows:
        file, at_network = row.file, row.state in (State.TOLD, State.STORED)
        with transaction.atomic():
            now = timezone.now()
            state = State.UNWANTED if at_network else State.DELETED
            changes = {"state": state, "file": "", "deleted_at": now, "available_at": now, "attempts": 0}
            if Recording.objects.filter(pk=row.pk, state=row.state).update(**changes) != 1:
                continue
            Call.objects.filter(pk=row.call_id).update(recording_url="")
            audit.record_change(by=None, of=row, changes={"audio": (row.state, state)}, why="deleted")
        if file:
            vault.delete(file)
        done.append(row.pk)
    return done


def place_hold(*, by: User, call_id: UUID) -> LegalHold:
    """Keep everything of a call until the hold is lifted; the same hold twice is one."""
    with transaction.atomic():
        LegalHold.objects.bulk_create([LegalHold(call_id=call_id, placed_by=by)], ignore_conflicts=True)
        hold = LegalHold.objects.standing().get(call_id=call_id)
        audit.record_change(by=by, of=hold, changes={"standing": ("no", "yes")})
    return hold


def lift_hold(*, by: User, call_id: UUID) -> bool:
    """Let a call's artefacts go the way of all others again; False when nothing held them."""
    with transaction.atomic():
        hold = LegalHold.objects.standing().filter(call_id=call_id).first()
        if hold is None:
            return False
        hold.lifted_by, hold.lifted_at = by, timezone.now()
        hold.save(update_fields=["lifted_by", "lifted_at"])
        audit.record_change(by=by, of=hold, changes={"standing": ("yes", "no")})
    return True
