"""What else a caller says takes no danger away: where it happens, who calls, what was lately, what they also want, and
whom it happens to.

Every example of every rule is said once more with something beside it. Some words beside a danger do belong to it, so a
few may fall silent, and no more.
"""

from __future__ import annotations

import re
from itertools import cycle

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.find import shipped
from calls.dialogue.types import ESCALATES_NOW

MOST_SILENT = 0.05
NOTHING = {"en": "{}. my number is two oh two", "es": "{}. mi número es el dos cero dos"}
BESIDE = {
    "en": (
        "{} in class", "{} in the garden", "{} at work", "{} at the gym", "{} in front of me", "{} on the bus",
        "{}, he had surgery last week", "{}, she was fine yesterday", "{}, she gave birth two days ago",
        "{}, we moved here last month", "{}, the doctor is not here", "{}, it never happened before",
        "{}. I'm the neighbor", "{}. my insurance is Aetna", "{}. I have an appointment tomorrow", "{}. is that normal",
        "{} and my phone is dying", "{} and I need a refill too", "{} and I have an appointment at three",
        "I work at a hotel, {}", "I am the school nurse, {}", "I'm a teacher, {}", "I was watching a movie and {}",
        "we were at a game and {}", "my doctor told me to call, {}", "I wanted to make an appointment but {}",
        "hi this is Susan, {}", "if you can hear me, {}", "{}, doctor", "{}, should I give him anything",
        "I don't know if this is the right number but {}", "we were reading a book and {}",
    ),
    "es": (
        "{} en clase", "{} en el jardín", "{} en el trabajo", "{} delante de mí", "{} en el autobús",
        "{}, lo operaron la semana pasada", "{}, ayer estaba bien", "{}, dio a luz hace dos días",
        "{}, el doctor no está", "{}, nunca le había pasado", "{}. soy la vecina", "{}. mi seguro es Aetna",
        "{}. tengo una cita mañana", "{}. es normal eso", "{} y se me acaba la batería",
        "{} y también necesito una receta", "trabajo en un hotel, {}", "soy la enfermera de la escuela, {}",
        "soy maestra, {}", "estaba viendo una película y {}", "estábamos en un partido y {}",
        "mi doctor me dijo que llamara, {}", "quería pedir una cita pero {}", "señorita, {}",
        "{}, doctor", "si me oye, {}", "hola soy Susana, {}",
    ),
}  # fmt: skip


def dangers(lang: str) -> list[str]:
    """The examples of all rules of a language that raise an alarm, though not only when nothing else is said."""
    rules = shipped().languages[lang].rules
    texts = (one.text.rstrip(".!?") for rule in rules for one in rule.examples if one.fires)
    return [text for text in texts if find(NOTHING[lang].format(text), lang=lang).has(*ESCALATES_NOW)]


@pytest.mark.parametrize(("lang", "beside"), [(lang, one) for lang, several in BESIDE.items() for one in several])
def test_a_danger_stays_one_beside_what_else_is_said(lang: str, beside: str) -> None:
    said = dangers(lang)
    silent = [text for text in said if not find(beside.format(text), lang=lang).has(*ESCALATES_NOW)]
    assert len(silent) <= MOST_SILENT * len(said), silent


ONE_OF_THE_FAMILY = {
    "en": re.compile(r"\bmy (husband|wife|mom|dad|mother|father|son|daughter|brother|sister|friend|neighbor)\b"),
    "es": re.compile(r"\bmi (esposo|esposa|mamá|papá|madre|padre|hijo|hija|hermano|hermana|amigo|vecina)\b"),
}
ANYBODY = {
    "en": ("a customer", "this guy", "one of the students", "my boss", "Kevin", "Priya", "Maria"),
    "es": ("un cliente", "este señor", "un alumno", "mi jefe", "Lucía", "Sami"),
}
EVERY = 7


@pytest.mark.parametrize(("lang", "who"), [(lang, one) for lang, several in ANYBODY.items() for one in several])
def test_a_danger_stays_one_whoever_it_happens_to(lang: str, who: str) -> None:
    family = ONE_OF_THE_FAMILY[lang]
    texts = [row.text for row in shipped_corpus() if row.lang == lang and row.must_escalate]
    said = [family.sub(who, text, count=1) for text in texts if family.search(text)][::EVERY]
    silent = [text for text in said if not find(text, lang=lang).has(*ESCALATES_NOW)]
    assert said
    assert len(silent) <= MOST_SILENT * len(said), silent


TRADES = {
    "en": (
        *("the gardener", "a fisherman", "the shopkeeper", "our lodger", "a climber", "the postman", "a homeless man"),
        *("the bride", "a welder", "the butcher", "my flatmate", "a skier", "the reporter", "a prisoner"),
        "the cleaner",
    ),
    "es": (
        *("el jardinero", "un pescador", "la tendera", "el inquilino", "un escalador", "el cartero", "un indigente"),
        *("la novia", "el soldador", "el carnicero", "un esquiador", "el periodista", "un preso", "la mesera"),
    ),
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_danger_stays_one_whatever_somebody_does_for_a_living(lang: str) -> None:
    family, trades = ONE_OF_THE_FAMILY[lang], cycle(TRADES[lang])
    texts = [row.text for row in shipped_corpus() if row.lang == lang and row.must_escalate]
    said = [family.sub(next(trades), text, count=1) for text in texts if family.search(text)][::2]
    silent = [text for text in said if not find(text, lang=lang).has(*ESCALATES_NOW)]
    assert len(said) > 200
    assert len(silent) <= MOST_SILENT * len(said), silent
