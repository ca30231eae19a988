"""What was said before is corrected while something else is asked: a pure dialogue, many wordings, two languages."""

from __future__ import annotations

import pytest

from calls.dialogue.types import Field
from tests.calls.talk import Talk

MONDAY, TUESDAY = "Mon 30 Nov 2026", "Tue 24 Nov 2026"
BOOKED = {"en": "I'd like an appointment on Monday", "es": "quiero una cita el lunes"}
FOR_A_KNEE = {"en": f"{BOOKED['en']} for my knee pain", "es": f"{BOOKED['es']} por dolor de rodilla"}
REFILL = {"en": "I need a refill of metformin", "es": "necesito un resurtido de metformina"}

TUESDAYS = [
    *[("en", said) for said in (
        "no, tuesday not monday", "no I meant tuesday", "tuesday instead of monday", "sorry I meant to say tuesday",
        "I said tuesday", "actually tuesday", "no no tuesday", "not monday, tuesday", "can we make it tuesday instead",
        "I can't do monday after all, tuesday", "tuesday would be better than monday", "wait, make it tuesday",
        "on tuesday I mean", "it should be tuesday", "next friday, no wait, tuesday",
    )],
    *[("es", said) for said in (
        "no, martes no lunes", "quise decir el martes", "el martes en vez del lunes", "perdón, el martes",
        "mejor el martes", "no, el lunes no, el martes", "no es el lunes sino el martes", "espere, el martes",
        "me equivoqué, es el martes",
    )],
]  # fmt: skip
NEW_DRUGS = [
    *[("en", said) for said in (
        "no, metoprolol not metformin", "I meant metoprolol", "sorry I said metformin but it's metoprolol",
        "metoprolol instead of metformin", "actually it's metoprolol",
    )],
    *[("es", said) for said in (
        "no, metoprolol no metformina", "quise decir metoprolol", "metoprolol en vez de metformina",
    )],
]  # fmt: skip


def _talk(lang: str, *said: str) -> Talk:
    talk = Talk()
    if lang == "es":
        talk.say("#2")
    return talk.say(*said)


def _slots(talk: Talk) -> dict[Field, str]:
    assert talk.state.request is not None
    return {name: value.text for name, value in talk.state.request.slots.items()}


@pytest.mark.parametrize(("lang", "said"), TUESDAYS)
def test_a_day_is_corrected_while_the_reason_is_asked(lang: str, said: str) -> None:
    talk = _talk(lang, BOOKED[lang])
    assert (talk.state.asking, _slots(talk)) == (Field.REASON, {Field.PREFERRED_TIME: MONDAY})

    talk.say(said)

    assert _slots(talk) == {Field.PREFERRED_TIME: TUESDAY}
    assert "confirm.corrected" in talk.keys
    assert talk.state.asking is Field.REASON


@pytest.mark.parametrize(("lang", "said"), TUESDAYS)
def test_a_day_is_corrected_while_the_name_is_asked(lang: str, said: str) -> None:
    talk = _talk(lang, FOR_A_KNEE[lang])
    assert talk.state.asking is Field.PATIENT_NAME

    talk.say(said)

    assert _slots(talk)[Field.PREFERRED_TIME] == TUESDAY
    assert Field.PATIENT_NAME not in _slots(talk)
    assert talk.state.asking is Field.PATIENT_NAME


@pytest.mark.parametrize(("lang", "said"), NEW_DRUGS)
@pytest.mark.parametrize("before", [(), ("Walgreens",)], ids=["pharmacy asked", "name asked"])
def test_a_medicine_is_corrected_and_is_neither_a_pharmacy_nor_a_name(
    lang: str, said: str, before: tuple[str, ...]
) -> None:
    talk = _talk(lang, REFILL[lang], *before)
    asked, known = talk.state.asking, _slots(talk)

    talk.say(said)

    assert _slots(talk) == known | {Field.MEDICATION: "metoprolol"}
    assert talk.state.asking is asked


@pytest.mark.parametrize(
    "said", ["no CVS", "not Walgreens, CVS", "CVS instead of Walgreens", "sorry, the pharmacy is CVS, not Walgreens"]
)
def test_a_pharmacy_is_corrected_while_the_name_is_asked(said: str) -> None:
    assert _slots(_talk("en", REFILL["en"], "Walgreens on Main", said))[Field.PHARMACY] == "CVS"


def test_a_second_medicine_is_added_and_replaces_nothing() -> None:
    assert _slots(_talk("en", REFILL["en"], "and lisinopril"))[Field.MEDICATION] == "metformin, lisinopril"


@pytest.mark.parametrize(
    "said",
    ["my knee hurts since tuesday", "I've not been well since tuesday", "actually I have been ill since tuesday"],
)
def test_a_reason_that_names_a_day_corrects_nothing(said: str) -> None:
    assert _slots(_talk("en", BOOKED["en"], said)) == {Field.PREFERRED_TIME: MONDAY, Field.REASON: said}


@pytest.mark.parametrize("said", ["it's for my knee, and tuesday not monday", "tuesday, not monday, it's for my knee"])
def test_a_reason_and_a_correction_in_one_breath(said: str) -> None:
    assert _slots(_talk("en", BOOKED["en"], said)) == {Field.PREFERRED_TIME: TUESDAY, Field.REASON: said}


def test_a_name_and_a_correction_in_one_breath() -> None:
    talk = _talk("en", FOR_A_KNEE["en"], "Maria Lopez, and it's tuesday, not monday")

    assert _slots(talk)[Field.PREFERRED_TIME] == TUESDAY
    assert _slots(talk)[Field.PATIENT_NAME] == "Maria Lopez"


@pytest.mark.parametrize("said", ["sorry, i meant to tuesday, not monday", "make it tuesday instead"])
def test_of_two_times_the_one_that_was_meant_is_corrected(said: str) -> None:
    talk = _talk("en", "i need to change my thursday appointment to monday")
    before = _slots(talk)

    talk.say(said)

    assert _slots(talk) == before | {Field.PREFERRED_TIME: TUESDAY}


def test_the_reason_is_corrected_by_name() -> None:
    talk = _talk("en", FOR_A_KNEE["en"], "it's not for my knee, it's for my hip")

    assert _slots(talk)[Field.REASON] == "for my hip"


@pytest.mark.parametrize(
    ("said", "day", "asking"),
    [
        ("yes, and it's tuesday, not monday", TUESDAY, Field.DATE_OF_BIRTH),
        ("no, tuesday not monday", TUESDAY, Field.PATIENT_NAME),
        ("tuesday would be better", TUESDAY, Field.PATIENT_NAME),
        ("no", MONDAY, Field.PATIENT_NAME),
    ],
)
def test_a_day_is_corrected_while_the_name_is_read_back(said: str, day: str, asking: Field) -> None:
    talk = _talk("en", FOR_A_KNEE["en"], "Maria Lopez", said)

    assert _slots(talk)[Field.PREFERRED_TIME] == day
    assert talk.state.asking is asking


def test_a_yes_with_a_correction_is_no_yes() -> None:
    talk = _talk("en", REFILL["en"], "CVS", "Linda Park", "yes", "may fifth nineteen seventy", "yes but march, not may")

    assert _slots(talk)[Field.DATE_OF_BIRTH] == "1970-03-05"
    assert talk.keys == ["confirm.date_of_birth"]


@pytest.mark.parametrize(("lang", "said"), [("en", "my last statement is wrong"), ("es", "mi respuesta está mal")])
def test_words_that_only_take_back_are_no_answer(lang: str, said: str) -> None:
    for opening in (BOOKED[lang], FOR_A_KNEE[lang]):
        talk = _talk(lang, opening)
        asked, known = talk.state.asking, _slots(talk)

        talk.say(said)

        assert (talk.state.asking, _slots(talk)) == (asked, known)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "June ninth nineteen seventy"),
        ("en", "march 4 1982"),
        ("es", "el nueve de junio de mil novecientos setenta"),
    ],
)
@pytest.mark.parametrize("name", [(), ("Ana López",)], ids=["name asked", "name read back"])
def test_a_date_of_birth_is_no_wished_day(lang: str, said: str, name: tuple[str, ...]) -> None:
    talk = _talk(lang, FOR_A_KNEE[lang], *name, said)

    assert _slots(talk)[Field.PREFERRED_TIME] == MONDAY
    assert "confirm.corrected" not in talk.keys
