"""Google Cloud Text-to-Speech through Google's own client, over HTTP and through our door.

Reference: docs.cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize.
"""

from __future__ import annotations

from functools import lru_cache

from google.auth.api_key import Credentials
from google.cloud import texttospeech
from google.cloud.texttospeech_v1.services.text_to_speech.transports.rest import TextToSpeechRestTransport

from calls.speech.sound import checked
from clinics.providers import door
from clinics.providers.addresses import origin
from clinics.providers.gate import Outside

TAGS = {"en": "en-US", "es": "es-US"}

_AUDIO = texttospeech.AudioConfig(
    audio_encoding=texttospeech.AudioEncoding.MP3, effects_profile_id=["telephony-class-application"]
)


def speak(provider: Outside, text: str, *, lang: str, voice: str) -> bytes:
    """The sentence as MP3. Raises what the client raises, and `NotSpoken`. Inside `door.through` only."""
    answer = _client(provider).synthesize_speech(
        input=texttospeech.SynthesisInput(text=text),
        voice=texttospeech.VoiceSelectionParams(language_code=_tag(voice, lang), name=voice),
        audio_config=_AUDIO,
        timeout=provider.answer_seconds,
        retry=None,  # a caller waits: what fails is said by the telephone network's voice
    )
    return checked(answer.audio_content)


def _tag(voice: str, lang: str) -> str:
    """A voice's name begins with its language ("es-US-Neural2-A"), which the request must repeat."""
    named = "-".join(voice.split("-")[:2])
    return named if voice.count("-") >= 2 else TAGS[lang]


@lru_cache(maxsize=4)
def _client(provider: Outside) -> texttospeech.TextToSpeechClient:
    """One client for each row of the table: it keeps its connections. The door goes into the session that it made."""
    scheme, host, port = origin(provider.base_url)
    transport = TextToSpeechRestTransport(
        host=f"{host}:{port}", credentials=Credentials(provider.credential), url_scheme=scheme
    )
    door.fit(transport._session, provider)  # the transport takes no session of ours
    return texttospeech.TextToSpeechClient(transport=transport)
