"""The clinic as the dialogue sees it at one moment, made from its policy."""

from __future__ import annotations

from datetime import datetime

from calls.dialogue.house import House
from clinics.practice import hours
from clinics.practice.models import RecordingMode
from clinics.practice.policies import Policy


def house_of(policy: Policy, now: datetime) -> House:
    """The `House` of a policy: whether people are there, when they are next, and every approved fact."""
    is_open = hours.is_open(policy.week, policy.holidays, now)
    opens = (
        {} if is_open else {lang: hours.opens_next(policy.week, policy.holidays, now, lang) for lang in ("en", "es")}
    )
    return House(
        name=policy.clinic_name,
        clinic_line=policy.clinic_line,
        emergency_number=policy.emergency_number,
        crisis_number=policy.crisis_number,
        is_open=is_open,
        opens_next=opens,
        facts=policy.facts,
        greetings={lang: text for lang, text in (("en", policy.greeting_en), ("es", policy.greeting_es)) if text},
        spanish=policy.spanish,
        recording=policy.recording == RecordingMode.ANNOUNCE,
        region=policy.region,
        limits=policy.limits,
    )
