"""Danger in every grammatical dress: each plain danger in each frame that denies it, and in each that does not.

A rule is written with a few sentences in mind. Here the sentences are made: a pattern that takes the frame's own "not"
for a part of itself, or hears a denial as harmless, shows at once.
"""

from __future__ import annotations

from itertools import product

import pytest

from calls.dialogue import safety
from calls.dialogue.types import FindingKind

ALARMS = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS})

HAPPENED = {
    "en": (
        "passed out",
        "had a seizure",
        "had any chest pain",
        "collapsed",
        "stopped breathing",
        "lost consciousness",
        "had a stroke",
        "had a heart attack",
        "overdosed",
        "swallowed any poison",
        "vomited blood",
        "coughed up blood",
        "been shot",
        "been stabbed",
        "been assaulted",
        "tried to kill myself",
        "had trouble breathing",
        "fainted",
        "fallen off the roof",
        "hit my head",
        "been hit by a car",
        "taken too many pills",
    ),
    "es": (
        "desmayado",
        "tenido convulsiones",
        "tenido dolor de pecho",
        "dejado de respirar",
        "perdido el conocimiento",
        "tenido un derrame",
        "tenido un infarto",
        "tomado veneno",
        "vomitado sangre",
        "intentado suicidarme",
        "tenido dificultad para respirar",
        "caído del techo",
        "tomado demasiadas pastillas",
    ),
}
NEVER_HAPPENED = {
    "en": ("I haven't {}", "I have not {}", "I have never {}", "I've never {} or anything", "he hasn't {} today"),
    "es": ("no he {}", "nunca he {}", "no ha {}", "hoy no he {}"),
}
HAPPENS = {
    "en": (
        "having a heart attack",
        "having chest pain",
        "having trouble breathing",
        "having a seizure",
        "suicidal",
        "bleeding",
        "choking",
        "unconscious",
        "in danger",
        "dying",
        "going to kill myself",
        "going to hurt anyone",
        "in labor",
        "on fire",
    ),
    "es": (
        "sangrando",
        "inconsciente",
        "convulsionando",
        "en peligro",
        "teniendo un infarto",
        "sangrando mucho",
        "pensando en matarme",
        "de parto",
        "ahogándose",
    ),
}
DOES_NOT_HAPPEN = {
    "en": ("I'm not {}", "I am not {}", "he isn't {}", "she is not {} or anything", "no, nobody is {}"),
    "es": ("no estoy {}", "no está {}", "él no está {}", "no, nadie está {}"),
}


NAMED = {
    "en": (
        "a stroke",
        "a heart attack",
        "chest pain",
        "a seizure",
        "trouble breathing",
        "shortness of breath",
        "a severe allergic reaction",
        "suicidal thoughts",
        "anaphylaxis",
        "meningitis",
        "a blood clot in the lung",
        "sepsis",
        "heat stroke",
        "hypothermia",
        "carbon monoxide poisoning",
        "slurred speech",
        "sudden vision loss",
        "labor pains",
        "diabetic ketoacidosis",
        "testicular torsion",
        "third degree burns",
        "a gunshot wound",
    ),
    "es": (
        "un derrame",
        "un infarto",
        "dolor de pecho",
        "convulsiones",
        "dificultad para respirar",
        "falta de aire",
        "una sobredosis",
        "pensamientos suicidas",
        "anafilaxia",
        "meningitis",
        "un coágulo en el pulmón",
        "sepsis",
        "un golpe de calor",
        "hipotermia",
        "intoxicación por monóxido",
        "pérdida repentina de la vista",
        "cetoacidosis",
        "torsión testicular",
        "quemaduras de tercer grado",
        "una herida de bala",
    ),
}
NOT_NOW = {
    "en": (
        "I don't have {}",
        "no {}",
        "he denies {}",
        "I have never had {}",
        "the doctor ruled out {}",
        "the hospital said it was not {}",
        "what are the signs of {}",
        "can you tell me about {}",
        "do you treat {}",
        "is {} hereditary",
        "how can I prevent {}",
        "I read an article about {}",
        "there's a brochure about {}",
        "we had a training about {}",
        "I have a family history of {}",
        "my father had {} in nineteen ninety eight",
        "he had {} ten years ago",
        "I had {} when I was a child",
        "my mother died of {}",
        "I'm worried about having {} someday",
        "my insurance needs the records from when I had {} last year",
        "I want to schedule a follow up for {} from two years ago",
    ),
    "es": (
        "no tengo {}",
        "nunca he tenido {}",
        "niega {}",
        "el doctor descartó {}",
        "en el hospital dijeron que no era {}",
        "cuáles son los síntomas de {}",
        "me puede dar información sobre {}",
        "ustedes atienden {}",
        "es hereditario {}",
        "cómo puedo prevenir {}",
        "leí un artículo sobre {}",
        "tengo antecedentes familiares de {}",
        "mi papá tuvo {} en mil novecientos noventa y ocho",
        "tuvo {} hace diez años",
        "tuve {} cuando era niño",
        "mi mamá murió de {}",
        "me preocupa tener {} algún día",
        "quiero una cita de seguimiento por {} de hace dos años",
    ),
}
NOW = {
    "en": (
        "I think I'm having {}",
        "my husband has {}",
        "help she has {}",
        "it looks like {}",
        "I've got {} and I'm scared",
    ),
    "es": (
        "creo que tengo {}",
        "mi esposo tiene {}",
        "ayuda tiene {}",
        "de repente tiene {}",
        "mi mamá está teniendo {}",
    ),
}


def alarms(words: str, lang: str) -> bool:
    return any(found.kind in ALARMS for found in safety.find(words, lang=lang).findings)


def framed(frames: tuple[str, ...], dangers: tuple[str, ...]) -> list[str]:
    return [frame.format(danger) for frame, danger in product(frames, dangers)]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("frames", "dangers"),
    [
        pytest.param(NEVER_HAPPENED, HAPPENED, id="never happened"),
        pytest.param(DOES_NOT_HAPPEN, HAPPENS, id="does not happen"),
        pytest.param(NOT_NOW, NAMED, id="not now, not here, or only asked about"),
    ],
)
def test_what_is_no_danger_alarms_nobody(
    frames: dict[str, tuple[str, ...]], dangers: dict[str, tuple[str, ...]], lang: str
) -> None:
    assert [words for words in framed(frames[lang], dangers[lang]) if alarms(words, lang)] == []


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_same_dangers_alarm_when_they_are_told_as_happening(lang: str) -> None:
    assert [words for words in framed(NOW[lang], NAMED[lang]) if not alarms(words, lang)] == []
