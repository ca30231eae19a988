"""Messages after the tone: their words are judged for danger where a recogniser may write them down, and somebody
listens to each.

The network's own transcription is the recogniser, in English, where the clinic has an agreement with it. What it wrote
only ever alarms: it is not kept, and a message counts as heard when a person has listened to it, never before.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from calls import actions, context
from calls.dialogue.first import UNHEARD
from calls.dialogue.types import ESCALATES_NOW, FindingKind, Heard, Lang
from calls.models import Call
from calls.own_rules import added_by
from calls.recordings.models import Recording, State
from calls.understanding import find_danger
from clinics.models import Clinic
from clinics.practice import policies
from clinics.practice.retention import Artefact
from clinics.providers.gate import Carries, passages
from clinics.providers.models import Capability, Protocol
from tasks.actions import amend_task
from tasks.models import Priority, Task

logger = logging.getLogger(__name__)

WRITTEN = frozenset({Lang.EN})
"""Languages that the network writes down."""
ALARMING = ESCALATES_NOW | {FindingKind.URGENT}


def are_written(clinic: Clinic, lang: str) -> bool:
    """Whether the network may write down what patients say to this clinic, and can in this language."""
    ways = passages(clinic, Capability.RECOGNITION, Carries.PATIENT) if lang in WRITTEN else []
    return any(way.provider.protocol == Protocol.TWILIO for way in ways)


def note_transcript(*, sid: str, recording_sid: str, transcript_sid: str, words: str) -> None:
    """Judge the words of a message, and have the network's copy of them deleted with its recording."""
    call = Call.objects.filter(sid=sid).first()
    if call is None:
        return
    _judge(call, words)
    known = Recording.objects.filter(call=call, sid=recording_sid)
    changes = {"transcript_sid": transcript_sid, "available_at": timezone.now(), "attempts": 0}
    with transaction.atomic():
        if not known.update(**changes):
            row = Recording(call=call, sid=recording_sid, sort=Artefact.VOICEMAIL, **changes)
            Recording.objects.bulk_create([row], ignore_conflicts=True)  # its own news is still on the way
        known.filter(state=State.KEPT).update(state=State.STORED)
        known.filter(state=State.DELETED).update(state=State.UNWANTED)


def _judge(call: Call, words: str) -> None:
    live = context.load(call.id)
    if live is None or not words:
        return
    heard = Heard(words)
    verdict = find_danger(live.state, heard, added_by(policies.policy(call.policy_version).own_rules))
    worst = verdict.worst
    if worst is not None and worst.kind in ALARMING:
        actions.sound_the_alarm(live=live, heard=heard, verdict=verdict)


def note_listened(*, recording: Recording) -> bool:
    """Somebody of the clinic listens: the message's task says so from now on. False when it is no message, or old."""
    if recording.sort != Artefact.VOICEMAIL:
        return False
    with transaction.atomic():
        first = Recording.objects.filter(pk=recording.pk, listened_at=None).update(listened_at=timezone.now())
        for task in Task.objects.open().filter(call_id=recording.call_id) if first else []:
            told = task.details.get("reason", "")
            if UNHEARD in told:
                amend_task(
                    call_id=recording.call_id,
                    request_number=task.request_number,
                    summary=task.summary.replace(UNHEARD, ""),
                    details={"reason": told.replace(UNHEARD, "")},
                    priority=Priority.NORMAL,
                )
    return bool(first)
