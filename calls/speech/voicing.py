"""A reply in a provider's voice: which of its sentences can be played, and at which address.

Whatever cannot be played in time is missing from the answer, and the telephone network's own voice says it
(`calls.twiml`): no caller waits for a voice. A call that has no provider's voice never comes here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import connection

from calls.dialogue.house import House
from calls.dialogue.reply import Reply
from calls.speech import addresses, shelf
from calls.speech.fixed import Text, fixed_sentences
from calls.speech.sound import LONGEST
from calls.speech.speakers import speak
from clinics.afterwards import afterwards
from clinics.models import Clinic
from clinics.practice.policies import SECONDS, Policy
from clinics.providers.asking import Answer, ask_all
from clinics.providers.gate import Carries, Outside, Passage, passages, providers
from clinics.providers.models import Capability
from clinics.remembered import Remembered
from clinics.telephone import public_url

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 1.0
"""All that a caller waits for voices in one turn, whatever fails on the way."""

LEAST_SECONDS = 0.1
"""With less than this left nobody is asked any more."""

_fixed: Remembered[tuple[str, int], frozenset[Text]] = Remembered(seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class Voiced:
    """The addresses of the sentences that are played, by language and words, and what was asked of providers."""

    clips: Mapping[Text, str]
    asked: Sequence[Asked] = ()
    took_ms: int = 0
    played_first: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One sentence that a provider was asked to speak: how many characters, and how it ended."""

    provider: Outside
    carries: Carries
    characters: int
    trouble: str
    took_ms: int


def voiced(clinic: Clinic, *, policy: Policy, house: House, voice: str, reply: Reply) -> Voiced:
    """Play what can be played of a reply. `voice` is the key of the call's provider, which is tried first."""
    began = time.monotonic()
    told = _fixed.get((connection.schema_name, policy.version), lambda: fixed_sentences(house))
    clips: dict[Text, str] = {}
    missing: dict[Carries, list[Text]] = {Carries.FIXED: [], Carries.PATIENT: []}
    texts = list(dict.fromkeys((one.lang, one.text) for one in reply.say if 0 < len(one.text) <= LONGEST))
    ready = _at_hand(provider_of(voice), policy, [text for text in texts if text in told])
    for text in texts:
        if text in ready:
            clips[text] = _address(clinic, ready[text])
        else:
            missing[Carries.FIXED if text in told else Carries.PATIENT].append(text)
    asked: list[Asked] = []
    until = began + BUDGET_SECONDS
    for carries, texts in missing.items():
        clips |= _spoken_now(clinic, policy, voice, carries, texts, until, asked)
    first_heard = next(((one.lang, one.text) for one in reply.say), None)
    return Voiced(clips, asked, round((time.monotonic() - began) * 1000), first_heard in clips)


def provider_of(voice: str) -> Outside | None:
    """The active speech provider of this key."""
    return next((one for one in providers(Capability.SPEECH) if one.key == voice), None)


def voice_in(provider: Outside, policy: Policy, lang: str) -> str:
    """The voice for a language: the clinic's choice where it is one of the first provider's, else the provider's."""
    own = {"en": policy.voice_en, "es": policy.voice_es}.get(lang, "")
    first = next(iter(providers(Capability.SPEECH)), None)
    return own if own and first and first.key == provider.key else provider.voice(lang)


def clip_of(provider: Outside, policy: Policy, text: Text) -> str:
    """The name of a fixed sentence in a provider's voice; "" when it does not speak the language."""
    lang, words = text
    voice = voice_in(provider, policy, lang)
    return shelf.fixed_clip(provider.key, provider.model, voice, lang, words) if voice else ""


def _at_hand(provider: Outside | None, policy: Policy, texts: Sequence[Text]) -> dict[Text, str]:
    """The clips of those fixed sentences that are spoken already."""
    named = {text: clip for text in texts if provider and (clip := clip_of(provider, policy, text))}
    ready = shelf.at_hand(list(named.values()))
    return {text: clip for text, clip in named.items() if clip in ready}


def _spoken_now(
    clinic: Clinic,
    policy: Policy,
    voice: str,
    carries: Carries,
    texts: Sequence[Text],
    until: float,
    asked: list[Asked],
) -> dict[Text, str]:
    """Have sentences spoken while the caller waits: by the call's own provider, else by the next who may."""
    found: dict[Text, str] = {}
    ways = passages(clinic, Capability.SPEECH, carries) if texts else []
    for way in sorted(ways, key=lambda way: way.provider.key != voice):
        left = [text for text in texts if text not in found and voice_in(way.provider, policy, text[0])]
        seconds = until - time.monotonic()
        if not left or seconds < LEAST_SECONDS:
            break
        works = [partial(_speak, way, voice_in(way.provider, policy, text[0]), text) for text in left]
        for text, answer in zip(left, ask_all(way, works, seconds=seconds), strict=True):
            asked.append(Asked(way.provider, carries, len(text[1]), answer.trouble, answer.took_ms))
            if answer.value is not None:
                found[text] = _address(clinic, _shelved(way, policy, text, answer))
    return found


def _speak(way: Passage, voice: str, text: Text) -> bytes:
    lang, words = text
    return speak(way.provider, words, lang=lang, voice=voice)


def _shelved(way: Passage, policy: Policy, text: Text, answer: Answer[bytes]) -> str:
    """Put what was just spoken where every process finds it; what is fixed is stored when the caller has his answer."""
    assert answer.value is not None
    if way.carries is Carries.PATIENT:
        clip = shelf.passing_clip()
    else:
        clip = clip_of(way.provider, policy, text)
        afterwards(partial(shelf.store, clip, answer.value))
    shelf.lend(clip, answer.value)
    return clip


def _address(clinic: Clinic, clip: str) -> str:
    return public_url(clinic, addresses.path_of(clip, schema=clinic.schema_name, now=time.time()))
