"""Google's and ElevenLabs' voices on loopback, speaking their REST protocols, with good days and bad ones."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.far_ends.days import Asked, FarEnd

KEY = "a-key-of-a-stub"


def sound_of(text: str, voice: str) -> bytes:
    """An MP3 as far as its first bits say, of which each sentence and voice has its own."""
    return b"\xff\xf3\x48\xc4" + hashlib.sha256(f"{voice}|{text}".encode()).digest() * 40


@dataclass
class Google(FarEnd):
    """texttospeech.googleapis.com, as much of it as is asked: v1 text:synthesize with an API key."""

    def spoken(self) -> list[str]:
        """The sentences that it was asked to say."""
        return [json.loads(one.body)["input"]["text"] for one in self.asked]

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        if asked.method != "POST" or urlsplit(asked.path).path != "/v1/text:synthesize":
            return 404, *self.refusal(404)
        if asked.headers.get("x-goog-api-key") != KEY:
            return 403, *self.refusal(403)
        told = json.loads(asked.body)
        text, voice = told["input"].get("text", ""), told["voice"]
        wrong = told["audioConfig"]["audioEncoding"] not in ("MP3", 2) or not text or len(text.encode()) > 5000
        if wrong or not voice["name"].startswith(voice["languageCode"]):
            return 400, *self.refusal(400)
        audio = base64.b64encode(sound_of(text, voice["name"])).decode()
        return 200, "application/json; charset=UTF-8", json.dumps({"audioContent": audio}).encode()

    def refusal(self, status: int) -> tuple[str, bytes]:
        names = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
        error = {"code": status, "message": "as the service words it", "status": names.get(status, "INTERNAL")}
        return "application/json; charset=UTF-8", json.dumps({"error": error}).encode()


@dataclass
class ElevenLabs(FarEnd):
    """api.elevenlabs.io, as much of it as is asked: v1 text-to-speech."""

    def spoken(self) -> list[str]:
        return [json.loads(one.body)["text"] for one in self.asked]

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        path = urlsplit(asked.path).path
        if asked.headers.get("xi-api-key") != KEY:
            return 401, *self.refusal(401)
        if asked.method != "POST" or not path.startswith("/v1/text-to-speech/"):
            return 404, *self.refusal(404)
        told = json.loads(asked.body)
        if not told.get("text") or not told.get("model_id"):
            return 422, *self.refusal(422)
        return 200, "audio/mpeg", sound_of(told["text"], path.rsplit("/", 1)[1])

    def refusal(self, status: int) -> tuple[str, bytes]:
        detail = {"status": {401: "invalid_api_key", 429: "too_many_concurrent_requests"}.get(status, "error")}
        return "application/json", json.dumps({"detail": detail | {"message": "as the service words it"}}).encode()
