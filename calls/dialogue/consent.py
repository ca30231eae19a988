"""Asking whether a call may be recorded, and what the answer means. Only a clear yes is one."""

from __future__ import annotations

import hashlib

from calls.dialogue import wording
from calls.dialogue.scene import Scene
from calls.dialogue.state import Step
from calls.dialogue.types import Control, Intent

ANNOUNCED, ASKED, GIVEN, REFUSED, NO_ANSWER, VOICEMAIL = (
    "announced", "asked", "given", "refused", "no_answer", "voicemail",
)  # fmt: skip
SAID: dict[str, str] = {ANNOUNCED: "greet.recording", ASKED: "ask.recording", VOICEMAIL: "voicemail.ask"}
"""The sentence of the wording table that tells a caller of the recording."""


def version_of(consent: str, lang: str) -> str:
    """The sentence that was said, by its key, its language and a digest of its words, so that another text shows."""
    key = SAID[consent]
    words = wording.TABLE[key][wording.LANGS.index(lang)]
    return f"{key}.{lang}.{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def answer(scene: Scene) -> bool:
    """Read the answer to the question about recording. Who says what they want instead has not said yes."""
    if scene.state.step is not Step.CONSENT or scene.heard.silent or _changes_language(scene):
        return False
    meaning, digits = scene.meaning, scene.heard.digits
    plain = meaning.intent is Intent.UNCLEAR
    scene.move(step=Step.ROUTE)
    if digits == "1" or (plain and meaning.says(Control.YES) and not meaning.says(Control.NO)):
        scene.consent, scene.record = GIVEN, True
        scene.say("recording.on")
        return True
    if plain and meaning.says(Control.NO):
        scene.consent = REFUSED
        scene.say("recording.off")
        return True
    scene.consent = NO_ANSWER
    return False


def _changes_language(scene: Scene) -> bool:
    return scene.heard.digits == "2" or scene.meaning.says(Control.WANT_SPANISH, Control.WANT_ENGLISH)
