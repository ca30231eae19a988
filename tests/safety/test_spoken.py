"""Sentences written without sight of a rule, by most of which rules were mended since, and everyday ones beside them.

`tests/corpus/spoken_*` says of each whether it is a danger. What is judged wrongly is marked: one that is judged right
by now has to lose its mark, and none that is may be judged wrongly again.
"""

from __future__ import annotations

import json

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.types import ESCALATES_NOW
from tests.language.test_corpus import CORPUS

EVERYDAY = {
    "en": [
        "I can't get any wind in my sails today, when is the clinic open",
        "it feels like somebody parked a truck in my driveway, anyway I need a refill",
        "the cat is sitting on me and I can't reach my calendar",
        "there's some tightness in my schedule, same doctor again",
        "my round trip is gone and my kid was vomiting last month",
        "one of my eyes looks bigger than the other in photos, since birth, I want a cosmetic consult",
        "the hornets game got me sick of basketball",
        "this cold feels just like last time, I had a stent last year and want to know if I can take sudafed",
        "he's lying on the couch and all he does is moan about the weather",
        "my dad is trying to get in the waiting room but the door is locked",
        "the devil is in the details, she must send him the form",
        "I was sick last week and my blood test is due",
        "my water went down the wrong way and I'm still hoarse, can I get a throat spray",
        "I'm gonna end it with my boyfriend so I need a birth control refill",
        "my right hand brace stopped working as well, can I get a new one",
        "he is four days into the antibiotic and feels hot at night",
        "she's been on it six weeks and feels hot flashes",
        "he drinks a lot of water and pees a lot, he's sleepy after work, can I book a test",
        "the dentist put something under my tongue, no pain",
        "I was in second grade when I had a seizure",
    ],
    "es": [
        "le abro los ojos a mi hija para ponerle gotas y se le cierran, necesito otro frasco",
        "el piso está mojado y el conserje no hace caso",
        "se me salió la aguja de la máquina de coser, llego tarde a diálisis",
        "el gato no se levanta hasta que prendemos el calentón",
        "escribí dos cartas para la aseguradora, ya no voy a necesitar la cita",
        "el hoyo está muy hondo y me hice daño en el tobillo",
        "agarró el machete y se fue al trabajo en el campo, viene mañana a su cita",
        "estoy tiesa de frío en su sala de espera, ¿pueden subir la calefacción?",
        "es el mismo dolor de siempre en la rodilla, vengo sudando de correr",
        "no he vuelto, sí quiero una cita",
        "mañana descanso todo el día, ¿mandan los papeles del seguro?",
        "soy diabético y estoy mojado por la lluvia, llego tarde",
        "una araña me picó y tengo la piel roja, ya se me quitó",
        "un enjambre de abejas en el patio, por eso muevo mi cita",
        "oiga señorita mi teléfono se está muriendo, ¿me regresa la llamada?",
        "ya no voy a necesitar el collarín, se lo dejé en la recepción con los papeles",
        "cancele todas mis citas de este mes porque salgo de viaje",
        "mi niño está brincando en la cama y tiene los ojos rojos de alergia",
        "faltan pastillas en el frasco de mi hija, la farmacia contó mal",
        "tengo una llaga debajo de la lengua y el dolor no se quita",
        "me toca cita con mi doctora mañana",
    ],
}
STILL_HEARD = {
    "en": [
        "years ago now he had a stroke but right now his face is drooping",
        "he jokes he'll be fine but he's clutching his chest and grey",
        "this pill can cause a rash and now I can't breathe",
        "it runs in the family my brother is having a heart attack",
        "we watched a movie last night where a guy died and now my husband has crushing chest pain",
        "there's a man on his last legs outside our shop, hurry",
        "the toast burnt and now the kitchen is on fire",
        "I took a CPR course and I'm doing CPR on my dad right now",
        "my son in third grade is having a seizure at school",
        "my daughter is in eighth grade and she's unconscious",
        "a boy in seventh grade collapsed in the gym",
        "he has a seizure disorder and he's having one right now and it won't stop",
        "our carbon monoxide alarm, I don't know which brand, is going off and we have headaches",
        "she swallowed something that says fatal if swallowed on the bottle",
        "he's got his collapsed lung again and can't breathe",
        "so suppose I told you I took the whole bottle of pills tonight",
        "my husband who was in Vietnam is having chest pain",
        "I found out I'm pregnant two weeks ago and I'm bleeding a lot",
        "he says he would kill them all tonight, he has the gun",
        "she's so short of breath, how do I help her",
        "would it kill them if I put it in their drinks, because I'm going to poison my family",
    ],
    "es": [
        "oiga señorita mi hijo se está muriendo",
        "creo que me está dando un infarto, tengo la receta de nitroglicerina",
        "no puedo respirar, mi hija está en el hospital con mi nieto",
        "la pastilla puede causar mareo y ya no despierta",
        "creíamos que se había dormido y no respira",
        "la computadora se quedó trabada y mi mamá no responde",
        "me quería matar y olvidé las pastillas pero ahora me las tomé todas",
        "el seguro rechazó la ambulancia pero necesito una ambulancia ya",
        "tiene dolor de cabeza horrible de repente, no es nada grave dice él pero no puede hablar",
        "preguntan si ha tenido convulsiones y ahorita está convulsionando",
        "llamé al 911 y dijeron falsa alarma pero mi esposo sigue sin respirar",
        "se me puede hinchar más la garganta, ya no me pasa el aire",
        "estaba pelando papas y se cortó la mano, no para de sangrar",
        "no voy a necesitar nada más, ya regalé mi perro y dejé las cartas",
        "con el cpap puesto le falta el aire a mi papá",
        "le dio un paro con la presión alta",
        "el detector se quedó sin pila y huele mucho a gas, nos duele la cabeza",
        "estaba picando cebolla y mi esposo me atacó con el cuchillo",
        "no puede uno ni respirar, me ahogo",
    ],
}


def rows(lang: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (CORPUS / f"spoken_{lang}.jsonl").read_text(encoding="utf-8").splitlines()]


def alarms(text: object, lang: str) -> bool:
    return find(str(text), lang=lang).has(*ESCALATES_NOW)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_is_judged_as_it_is(lang: str) -> None:
    assert [
        row["text"] for row in rows(lang) if "wrong" not in row and alarms(row["text"], lang) != row["danger"]
    ] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_still_judged_wrongly_is_known(lang: str) -> None:
    wrong = (row for row in rows(lang) if "wrong" in row)

    assert [row["text"] for row in wrong if alarms(row["text"], lang) == row["danger"]] == []


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in EVERYDAY.items() for text in texts])
def test_an_everyday_sentence_alarms_nobody(lang: str, text: str) -> None:
    assert not alarms(text, lang)


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in STILL_HEARD.items() for text in texts])
def test_what_excuses_one_thing_excuses_no_other(lang: str, text: str) -> None:
    assert alarms(text, lang)
