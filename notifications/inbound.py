"""Texts that come in: STOP, START and HELP are obeyed, everything else is answered with how to reach the clinic.

The words themselves are read here and kept nowhere.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models.functions import Now

from clinics.models import Clinic
from notifications import optouts
from notifications.numbers import digest
from notifications.reach import InboundText

ANSWERS_A_DAY = 2  # to one number: two machines that answer each other come to an end


class Meaning(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


_ALONE = {
    Meaning.STOP: frozenset(
        [
            *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"),
            *("ALTO", "PARAR", "BAJA", "CANCELAR", "NO MAS", "NO MÁS"),
        ]
    ),
    Meaning.START: frozenset(["START", "UNSTOP", "YES", "EMPEZAR", "INICIAR", "SI", "SÍ"]),
    Meaning.HELP: frozenset(["HELP", "INFO", "AYUDA"]),
}
_AMONG_FEW = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT", "ALTO"])
FEW_WORDS = 4


def meaning_of(body: str) -> Meaning:
    """What a text asks for. Pure. A stop word alone or among few words is meant; in a sentence it may be anything."""
    words = re.sub(r"[^\w\s]+", " ", body[:400]).upper().split()
    whole = " ".join(words)
    for meaning, alone in _ALONE.items():
        if whole in alone:
            return meaning
    if len(words) <= FEW_WORDS and _AMONG_FEW & set(words):
        return Meaning.STOP
    return Meaning.OTHER


def take_in(clinic: Clinic, *, sid: str, number: str, body: str, opt_out_type: str = "") -> tuple[Meaning, bool]:
    """Do what a text asks for; returns it, and whether an answer is due. A repeat of a message does nothing."""
    meaning = _told(opt_out_type) or meaning_of(body)
    with transaction.atomic():
        text, new = InboundText.objects.get_or_create(
            sid=sid, defaults={"clinic": clinic, "digest": digest(clinic, number), "meaning": meaning}
        )
        if not new:
            return meaning, text.answered
        if meaning is Meaning.STOP:
            optouts.opt_out(clinic, number, source="keyword")
        elif meaning is Meaning.START:
            optouts.opt_in(clinic, number)
        text.answered = _may_answer(clinic, text)
        text.save(update_fields=["answered"])
    return meaning, text.answered


def _told(opt_out_type: str) -> Meaning | None:
    """What the network itself took the text for, where it says so."""
    return {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}.get(opt_out_type)


def _may_answer(clinic: Clinic, text: InboundText) -> bool:
    today = InboundText.objects.filter(clinic=clinic, digest=text.digest, answered=True)
    return today.filter(at__gt=Now() - timedelta(days=1)).count() < ANSWERS_A_DAY
