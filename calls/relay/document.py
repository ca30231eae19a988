"""The document that connects a call to our socket; made once a call, so Twilio's own library writes it."""

from __future__ import annotations

from django.urls import reverse
from twilio.twiml.voice_response import Connect, ConversationRelay, Start, VoiceResponse

from calls.conversation import Spoken
from calls.dialogue.questions import HINTS
from calls.twiml import VOICES
from clinics.telephone import public_url
from clinics.tenancy import current_clinic

SPEECH = "Deepgram"


def relay_document(spoken: Spoken) -> str:
    """Connect a call to our socket, which then says the reply; a recording that the reply asks for begins now."""
    clinic = current_clinic()
    return connect(
        socket=socket_address(public_url(clinic, f"/calls/relay/{spoken.call_id}/")),
        after=public_url(clinic, reverse("relay:after", args=[spoken.call_id])),
        lang=spoken.reply.lang,
        recording=public_url(clinic, reverse("calls:recording")) if spoken.reply.record else "",
    )


def socket_address(http_address: str) -> str:
    """The same place for a WebSocket: https:// becomes wss://."""
    return "ws" + http_address.removeprefix("http")


def connect(*, socket: str, after: str, lang: str, recording: str = "") -> str:
    """`socket` is the wss address, `after` where the network asks how to go on once the session is over; `recording`
    the callback of a recording that begins now, "" for none."""
    response = VoiceResponse()
    if recording:
        start = Start()
        start.recording(recording_status_callback=recording, recording_status_callback_method="POST")
        response.append(start)
    relay = ConversationRelay(
        url=socket,
        language=VOICES[lang][1],
        tts_provider="Amazon",
        voice=_voice(lang),
        transcription_provider=SPEECH,
        dtmf_detection=True,
        interruptible="any",
        profanity_filter=False,
        partial_prompts=True,
        hints=", ".join(HINTS[lang]),
    )
    for one in VOICES:
        relay.language(code=VOICES[one][1], tts_provider="Amazon", voice=_voice(one), transcription_provider=SPEECH)
    verb = Connect(action=after, method="POST")
    verb.append(relay)
    response.append(verb)
    return str(response)


def _voice(lang: str) -> str:
    return VOICES[lang][0].removeprefix("Polly.")
