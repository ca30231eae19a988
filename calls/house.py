"""The clinic as the dialogue sees it at one moment, made from its policy."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from django.conf import settings

from calls.dialogue.house import House
from calls.dialogue.phrasing import MAY_REWORD
from clinics.practice.guard import why_not_published
from clinics.practice.models import HandoverMode, RecordingMode
from clinics.practice.policies import Policy
from clinics.practice.promises import TABLE

logger = logging.getLogger(__name__)


def house_of(policy: Policy, now: datetime) -> House:
    """The `House` of a policy: whether people are there, when they are next, and every approved fact."""
    house = _while_open(policy)
    if policy.is_open(now):
        return house
    opens = {lang: policy.opens_next(now, lang) for lang in ("en", "es")}
    return replace(house, is_open=False, opens_next=opens)


@lru_cache(maxsize=1024)
def _while_open(policy: Policy) -> House:
    """The house while people are there; made once for each policy that was read, as every turn asks for it.

    A fact or a greeting that was stored before it could be refused is not said: the phone passes the question on.
    """
    return House(
        name=policy.clinic_name,
        clinic_line=policy.clinic_line,
        emergency_number=policy.emergency_number,
        crisis_number=policy.crisis_number,
        facts={key: text for key, text in policy.facts.items() if _sayable(text, key[1])},
        greetings={
            lang: text
            for lang, text in (("en", policy.greeting_en), ("es", policy.greeting_es))
            if text and _sayable(text, lang)
        },
        wording=_own_words(policy),
        spanish=policy.spanish,
        recording=policy.recording == RecordingMode.ANNOUNCE,
        asks_to_record=policy.recording == RecordingMode.ASK,
        region=policy.region,
        limits=policy.limits,
        due=partial(_due, policy),
        answers=policy.answers,
        live_words=policy.live_words,
        team=policy.handover == HandoverMode.TEAM and settings.SMS_MODE == "on",
    )


def _own_words(policy: Policy) -> dict[tuple[str, str], str]:
    """The clinic's own words for sentences of the table; one that may no longer be said gives way to the standard."""
    return {
        (key, lang): text
        for lang, told in policy.wording.items()
        for key, text in told.items()
        if key in MAY_REWORD and _sayable(text, lang)
    }


def _due(policy: Policy, name: str, now: datetime) -> datetime:
    """By when a promise is kept, in the clinic's opening hours and its own times."""
    rule = TABLE[name]
    minutes = policy.promise_minutes.get(name, rule.open_minutes)
    due = policy.promised_by(now, minutes)
    if not rule.same_day:
        return due
    return min(due, now.replace(hour=23, minute=59, second=0, microsecond=0))


@lru_cache(maxsize=4096)
def _sayable(text: str, lang: str) -> bool:
    refusal = why_not_published(text, lang=lang)
    if refusal is not None:
        logger.warning("a published sentence is not said: %s", refusal.rule)
    return refusal is None
