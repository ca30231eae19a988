"""What a web process does before its first caller: read everything that is read once."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from django.conf import settings
from django.urls import get_resolver

from calls.dialogue.decide import decide, opening
from calls.dialogue.house import House
from calls.dialogue.types import Heard, Lang
from calls.reasoning.asking import libraries
from calls.twiml import Links, render
from calls.understanding import judge
from clinics.practice.guard import why_not_published

CYCLES_AFTER = 20_000
"""New objects that are still there when cycles are next looked for; Python's own 700 is less than a turn makes."""

REHEARSAL = {
    Lang.EN: (
        "i need a refill of my lisinopril",
        "march fourth nineteen eighty two",
        "tomorrow at three",
        "maria alvarez",
    ),
    Lang.ES: (
        "necesito una cita",
        "cuatro de marzo de mil novecientos ochenta y dos",
        "mañana a las tres",
        "ana lópez",
    ),
}


def warm_up() -> None:
    """Rehearse a call in each language, so that no caller waits while rules, phrases and date tables are read.

    What lives from here on lives as long as the process: frozen, it is not searched again by each full garbage
    collection, which otherwise stops every thread for tens of milliseconds. What a request makes is nearly all gone
    with the request by itself: cycles are looked for once in many requests, not several times in each.
    """
    get_resolver().url_patterns  # noqa: B018  (reading the property imports every page, webhook and API view)
    why_not_published("We are open.", lang=Lang.EN)  # what may be said is read once for all languages
    if settings.LLM_PROVIDERS:
        libraries()
    for lang, sentences in REHEARSAL.items():
        _rehearse(lang, sentences)
    gc.collect()
    gc.freeze()
    gc.set_threshold(CYCLES_AFTER, 10, 10)


def _rehearse(lang: Lang, sentences: tuple[str, ...]) -> None:
    now = datetime.now(UTC)
    house = House(name="Rehearsal", clinic_line="+12025550100")
    decision = opening(house, caller="", now=now, lang=lang)
    for words in sentences:
        heard = Heard(words=words)
        verdict, meaning = judge(decision.state, heard, now)
        decision = decide(state=decision.state, heard=heard, meaning=meaning, verdict=verdict, house=house, now=now)
        render(decision.reply, Links(turn="/"))
