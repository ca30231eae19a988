"""Having fixed sentences spoken before anybody calls: asked for when a policy is published, done by a worker."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db.models import F, Q
from django.utils import timezone

from calls.house import house_of
from calls.speech import choosing, shelf
from calls.speech.accounts import note_warmed
from calls.speech.fixed import Text, fixed_sentences
from calls.speech.speakers import speak
from calls.speech.voicing import Asked, clip_of, provider_of, voice_in
from clinics.models import Warming
from clinics.practice.policies import NoPolicy, Policy, policy_in_force
from clinics.providers.asking import ask_all
from clinics.providers.gate import Carries, Outside, passage
from clinics.tenancy import current_clinic, inside

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""Sentences that are asked for side by side: a provider counts who asks too often."""

PATIENCE_SECONDS = 15.0
"""Nobody waits on the line: a provider may take longer than it may in a call."""

TRY_AGAIN = timedelta(minutes=1)


def warm_where_wanted() -> int:
    """Warm the clinics whose sentences have changed; returns how many clinics have all of theirs now."""
    now = timezone.now()
    due = Warming.objects.filter(Q(warmed_at=None) | Q(warmed_at__lt=F("wanted_at")))
    due = due.filter(Q(tried_at=None) | Q(tried_at__lt=now - TRY_AGAIN))
    return sum(_take(row, now) and _warm(row) for row in due.select_related("clinic")[:20])


def _take(row: Warming, now: object) -> bool:
    """Of two workers one warms a clinic."""
    return Warming.objects.filter(pk=row.pk, tried_at=row.tried_at).update(tried_at=now) == 1


def _warm(row: Warming) -> bool:
    with inside(row.clinic):
        try:
            policy = policy_in_force()
        except NoPolicy:
            missing = 0
        else:
            missing = sum(warm(policy, voice) for voice in choosing.voices_in_use(policy))
    done = {"warmed_at": row.wanted_at} if not missing else {}
    Warming.objects.filter(pk=row.pk).update(missing=missing, **done)
    return not missing


def warm(policy: Policy, voice: str) -> int:
    """Have this clinic's fixed sentences spoken by one provider; returns how many are still missing."""
    provider = provider_of(voice)
    if provider is None:
        return 0
    house = house_of(policy, policy.local(timezone.now()))
    texts = sorted(text for text in fixed_sentences(house) if _is_missing(provider, policy, text))
    for some in _pieces(texts):
        if not _warm_some(provider, policy, some):
            break  # it fails: what is left is asked for at the next try
    return sum(_is_missing(provider, policy, text) for text in texts)


def _warm_some(provider: Outside, policy: Policy, texts: Sequence[Text]) -> bool:
    way = passage(current_clinic(), replace(provider, answer_seconds=PATIENCE_SECONDS), Carries.FIXED)
    works = [
        partial(speak, way.provider, words, lang=lang, voice=voice_in(provider, policy, lang)) for lang, words in texts
    ]
    answers = ask_all(way, works)
    for text, answer in zip(texts, answers, strict=True):
        if answer.value is not None:
            shelf.store(clip_of(provider, policy, text), answer.value)
    note_warmed(
        Asked(provider, Carries.FIXED, len(words), answer.trouble, answer.took_ms)
        for (_, words), answer in zip(texts, answers, strict=True)
    )
    return any(answer.good for answer in answers)


def _is_missing(provider: Outside, policy: Policy, text: Text) -> bool:
    clip = clip_of(provider, policy, text)
    return bool(clip) and not shelf.is_stored(clip)


def _pieces(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    for at in range(0, len(texts), AT_ONCE):
        yield texts[at : at + AT_ONCE]
