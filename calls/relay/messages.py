"""The words of Twilio's ConversationRelay: what it tells us, tamed, and what we may say to it. Pure.

After Twilio's page on WebSocket messages. Anything that is not on it is answered with error 64107, so nothing else
is made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calls.dialogue.reply import Reply, Sentence
from calls.twiml import VOICES

LONGEST = 32 * 1024
"""Bytes of one message; a caller speaks for a minute at most."""

_UNINTERRUPTED = ("danger.", "greet.emergency", "greet.recording", "ask.recording", "urgent.told")
"""Beginnings of the keys of sentences that are heard to their end."""


class Malformed(ValueError):
    """Names the fault, never a word that was said."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The session begins: the account and the call it is about."""

    account: str
    call_sid: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the caller said, or has said so far (`last` false)."""

    words: str
    last: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The caller began to speak over us."""


@dataclass(frozen=True, slots=True)
class Other:
    """Something to be noted and not acted on: news of playing, or a complaint about a message of ours."""

    kind: str


Message = Setup | Prompt | Key | Interrupt | Other


def read(text: str | bytes | None) -> Message:
    """One message. Raise `Malformed` for what is none; unknown kinds of a plain shape pass, as Twilio adds some."""
    if text is None or len(text) > LONGEST:
        raise Malformed("no text, or too long")
    try:
        told = json.loads(text)
    except ValueError as unreadable:
        raise Malformed("not JSON") from unreadable
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        raise Malformed("no type")
    match told["type"]:
        case "setup":
            return Setup(_text(told, "accountSid"), _text(told, "callSid"))
        case "prompt":
            return Prompt(_text(told, "voicePrompt"), told.get("last") is True)
        case "dtmf":
            digit = _text(told, "digit")
            if len(digit) != 1 or digit not in "0123456789*#":
                raise Malformed("no key")
            return Key(digit)
        case "interrupt":
            return Interrupt()
        case kind:
            return Other(kind[:20] if kind.isascii() and kind.isalpha() else "unknown")


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"{name} is no text")
    return value


def speak(reply: Reply) -> Iterator[dict[str, object]]:
    """The sentences of a reply, one message each; only the last one lets the voice begin."""
    for number, sentence in enumerate(reply.say, start=1):
        yield _token(sentence, last=number == len(reply.say))


def _token(sentence: Sentence, *, last: bool) -> dict[str, object]:
    said = {"type": "text", "token": f"{sentence.text} ", "last": last, "lang": VOICES[sentence.lang][1]}
    return {**said, "interruptible": False} if sentence.key.startswith(_UNINTERRUPTED) else said


def language(lang: str) -> dict[str, object]:
    """Speak and listen in this language from now on."""
    tag = VOICES[lang][1]
    return {"type": "language", "ttsLanguage": tag, "transcriptionLanguage": tag}


def end(**handed: object) -> dict[str, object]:
    """The session is over; what is handed comes back with the request that asks how the call goes on."""
    return {"type": "end", "handoffData": json.dumps(handed)}
