"""What Twilio calls. Payloads are tamed here: the road never sees a request."""

from __future__ import annotations

import logging
import math
import time
import traceback
from collections.abc import Callable, Mapping
from functools import cache, wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from calls import conversation, rescue
from calls.conversation import NoSuchCall, Spoken
from calls.dialogue.reply import Then
from calls.dialogue.types import Heard
from calls.handover.models import room_of
from calls.recordings import voicemails
from calls.recordings.actions import note_recording
from calls.relay.document import relay_document
from calls.speech.playing import clips_of
from calls.twiml import NO_CLIPS, Links, render
from clinics import phones
from clinics.practice.policies import policy_in_force
from clinics.telephone import from_twilio, public_url
from clinics.tenancy import current_clinic
from clinics.webhook_fields import Kind
from notifications.watching import counting

logger = logging.getLogger(__name__)

LONGEST_WORDS = 4000
"""Characters of one utterance that are kept; Twilio listens for 60 seconds, which is about 1,500."""

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml; charset=utf-8")


def never_dead_air(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a turn that failed with one sentence and the clinic's line; log the place of the fault, never words."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        began = time.perf_counter()
        try:
            response = view(request, *args, **kwargs)
        except (Http404, NoSuchCall):
            raise Http404 from None
        except Exception as fault:
            counting.turn(request.clinic.pk, answered=False, seconds=time.perf_counter() - began)
            logger.error("turn failed: %s at %s", type(fault).__name__, _place(fault))
            return xml(rescue.after_failure(kwargs.get("call_id"), heard_in(request.twilio), path=request.path))
        counting.turn(request.clinic.pk, answered=True, seconds=time.perf_counter() - began)
        return response

    return guarded


def _place(fault: BaseException) -> str:
    """File and line of the last frames. The message stays out: a database error quotes the row."""
    frames = traceback.extract_tb(fault.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))


@from_twilio
@never_dead_air
def incoming(request: HttpRequest) -> HttpResponse:
    """A call rings: the greeting."""
    posted = request.twilio
    spoken = conversation.answer(
        sid=posted["CallSid"],
        caller=_caller(posted),
        dialled=posted["To"],
        test=posted.get("TestCall") == "1",
        drill=posted.get("DrillCall") == "1",
        level=posted.get("TestLevel", ""),
    )
    streams = spoken.reply.then is Then.LISTEN and "TestCall" not in posted and policy_in_force().streaming
    return xml(relay_document(spoken) if streams else document_of(spoken))


@from_twilio
@never_dead_air
def hear(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """The caller spoke, pressed keys or stayed silent, or an attempt to connect a person has ended."""
    return xml(document_of(conversation.take_turn(call_id=call_id, n=n, heard=heard_in(request.twilio))))


@from_twilio(kind=Kind.PARTIAL)
def overhear(request: HttpRequest, call_id: UUID, n: int) -> HttpResponse:
    """What the caller has said so far, while they still speak: only danger matters. The answer is not listened to."""
    posted = request.twilio
    said = f"{posted.get('StableSpeechResult', '')} {posted.get('UnstableSpeechResult', '')}"
    try:
        conversation.overhear(call_id=call_id, n=n, words=clean(said))
    except NoSuchCall:
        raise Http404 from None
    return HttpResponse(status=204)


@from_twilio(kind=Kind.CALL_STATUS)
def status(request: HttpRequest) -> HttpResponse:
    """News of the call's course, repeated and in any order; only its end matters here."""
    posted = request.twilio
    if posted["CallStatus"] in OVER:
        duration = posted.get("CallDuration", "")
        conversation.end_call(
            sid=posted["CallSid"],
            duration_sec=int(duration) if duration else None,
            end_reason=f"caller_{posted['CallStatus'].replace('-', '_')}",
        )
    return HttpResponse(status=204)


@from_twilio
def fallback(request: HttpRequest) -> HttpResponse:
    """Twilio could not get an answer from us: apologise and connect the clinic's line."""
    logger.error("fallback asked for, Twilio error %s", request.twilio.get("ErrorCode") or "unknown")
    call_id = rescue.call_of(request.twilio["CallSid"])
    return xml(rescue.after_failure(call_id, Heard(), path=""))


@from_twilio(kind=Kind.RECORDING)
def recording(request: HttpRequest) -> HttpResponse:
    """A recording is ready, or there is none."""
    posted = request.twilio
    if posted["RecordingStatus"] == "completed":
        note_recording(
            sid=posted["CallSid"],
            recording_sid=posted["RecordingSid"],
            seconds=_seconds(posted.get("RecordingDuration", "")),
        )
    return HttpResponse(status=204)


@from_twilio(kind=Kind.TRANSCRIPT)
def transcript(request: HttpRequest) -> HttpResponse:
    """The words of a voicemail, as the network wrote them down; only danger in them matters here."""
    posted = request.twilio
    if posted["TranscriptionStatus"] != "in-progress":
        voicemails.note_transcript(
            sid=posted["CallSid"],
            recording_sid=posted["RecordingSid"],
            transcript_sid=posted["TranscriptionSid"],
            words=clean(posted.get("TranscriptionText", "")),
        )
    return HttpResponse(status=204)


def heard_in(posted: Mapping[str, str]) -> Heard:
    """What the caller did, from Twilio's parameters; odd or missing ones count as not said."""
    digits = posted.get("Digits", "")
    return Heard(
        words=clean(posted.get("SpeechResult", "")),
        confidence=_confidence(posted.get("Confidence", "")),
        digits="".join(key for key in digits if key in "0123456789*")[:32]
        if digits not in ("hangup", "timeout")
        else "",
        dial=posted.get("DialCallStatus", ""),
        recorded_seconds=_seconds(posted.get("RecordingDuration", "")),
    )


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def clean(words: str) -> str:
    """Words without control characters and lone surrogates, which PostgreSQL and XML refuse."""
    kept = words[: 4 * LONGEST_WORDS]
    if not kept.isprintable():
        kept = "".join(char if char.isprintable() else " " for char in kept)
    kept = " ".join(kept.encode("utf-8", "ignore").decode("utf-8").split())
    if len(kept) <= LONGEST_WORDS:
        return kept
    # Both ends stay: people say what matters first or last.
    return f"{kept[: LONGEST_WORDS // 2]} {kept[-LONGEST_WORDS // 2 :]}"


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else None


def _caller(posted: Mapping[str, str]) -> str:
    """The caller's number in E.164, or "" when it is withheld or not a telephone number."""
    number = posted["From"]
    return number if phones.is_e164(number) else ""


def document_of(spoken: Spoken) -> str:
    """What the caller hears, and where Twilio goes on."""
    turn = f"{_voice()}{spoken.call_id}/turn/{spoken.next_turn}/"
    return render(spoken.reply, _links(spoken, turn), clips_of(spoken) if spoken.voice else NO_CLIPS)


def _links(spoken: Spoken, turn: str) -> Links:
    """With the addresses, of those that Twilio asks besides the next turn's, that this reply names: a caller waits for
    each. They are absolute: a relative one has been seen to fail for callbacks (11200), and then a recording would
    never come home."""
    reply, more, clinic = spoken.reply, {}, current_clinic()
    if reply.listen is not None and reply.listen.live:
        more["partial"] = public_url(clinic, f"{turn}partial/")
    if reply.record or reply.then is Then.RECORD:
        more["recording"] = public_url(clinic, f"{_voice()}recording/")
    if reply.then is Then.RECORD and voicemails.are_written(clinic, reply.lang):
        more["transcript"] = public_url(clinic, f"{_voice()}transcript/")
    if reply.then is Then.HAND_OVER:
        said_in = spoken.next_turn - 1
        more["handover"] = public_url(clinic, f"{_voice()}{spoken.call_id}/handover/{said_in}/")
        more["room"] = room_of(spoken.call_id, said_in)
    return Links(turn, **more)


@cache
def _voice() -> str:
    """The path of all webhooks of calls; `reverse` in each turn costs more than the decision does."""
    return reverse("calls:incoming")
