"""ElevenLabs over its HTTP API. Reference: elevenlabs.io/docs/api-reference/text-to-speech/convert."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

import requests

from calls.speech.sound import checked
from clinics.providers import door
from clinics.providers.gate import Outside

FORMAT = "mp3_22050_32"  # a telephone carries 8 kHz; more would only cost


def speak(provider: Outside, text: str, *, lang: str, voice: str) -> bytes:
    """The sentence as MP3. Raises what requests raises, and `NotSpoken`. Inside `door.through` only.

    `voice` is a voice's id there; the language is taken from the words.
    """
    answer = _session(provider).post(
        f"{provider.base_url}/v1/text-to-speech/{quote(voice, safe='')}",
        params={"output_format": FORMAT},
        headers={"xi-api-key": provider.credential, "Accept": "audio/mpeg"},
        json={"text": text, "model_id": provider.model},
        allow_redirects=False,
    )
    answer.raise_for_status()
    return checked(answer.content)


@lru_cache(maxsize=4)
def _session(provider: Outside) -> requests.Session:
    return door.session(provider)
