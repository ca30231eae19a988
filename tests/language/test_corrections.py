"""A correction changes one known thing, and nothing when it is unclear."""

import pytest

from calls.dialogue import language
from calls.dialogue.types import Field, Value

KNOWN = {
    Field.MEDICATION: Value("metformin"),
    Field.PHARMACY: Value("CVS"),
    Field.PREFERRED_TIME: Value("Mon 23 Nov 2026, morning"),
    Field.PATIENT_NAME: Value("Maria Alvares"),
    Field.DATE_OF_BIRTH: Value("1982-05-04"),
    Field.CALLBACK_NUMBER: Value("+12025550134"),
}
"""In the order in which the phone asks: what was filled last is what a caller corrects."""


@pytest.mark.parametrize(
    ("lang", "last", "said", "field", "text"),
    [
        ("en", Field.DATE_OF_BIRTH, "no, March not May", Field.DATE_OF_BIRTH, "1982-03-04"),
        ("en", None, "no, March not May", Field.DATE_OF_BIRTH, "1982-03-04"),
        ("en", Field.DATE_OF_BIRTH, "not May, March", Field.DATE_OF_BIRTH, "1982-03-04"),
        ("en", Field.DATE_OF_BIRTH, "no it's the fifth", Field.DATE_OF_BIRTH, "1982-05-05"),
        ("en", Field.DATE_OF_BIRTH, "nineteen eighty three", Field.DATE_OF_BIRTH, "1983-05-04"),
        ("en", Field.DATE_OF_BIRTH, "the year is eighty three", Field.DATE_OF_BIRTH, "1983-05-04"),
        ("en", Field.DATE_OF_BIRTH, "no, June third nineteen eighty", Field.DATE_OF_BIRTH, "1980-06-03"),
        ("es", Field.DATE_OF_BIRTH, "no, marzo no mayo", Field.DATE_OF_BIRTH, "1982-03-04"),
        ("es", Field.DATE_OF_BIRTH, "no es mayo sino marzo", Field.DATE_OF_BIRTH, "1982-03-04"),
        ("en", Field.PATIENT_NAME, "it's Alvarez with a z", Field.PATIENT_NAME, "Maria Alvarez"),
        ("es", Field.PATIENT_NAME, "es Álvarez con zeta", Field.PATIENT_NAME, "Maria Alvarez"),
        ("en", Field.PATIENT_NAME, "no, a l v a r e z", Field.PATIENT_NAME, "Maria Alvarez"),
        ("en", Field.PATIENT_NAME, "no, my name is Mary Smith", Field.PATIENT_NAME, "Mary Smith"),
        ("en", Field.PATIENT_NAME, "no, Marina", Field.PATIENT_NAME, "Marina Alvares"),
        ("en", Field.CALLBACK_NUMBER, "the number ends in 43 not 34", Field.CALLBACK_NUMBER, "+12025550143"),
        ("en", None, "the number ends in forty three not thirty four", Field.CALLBACK_NUMBER, "+12025550143"),
        ("en", Field.CALLBACK_NUMBER, "the area code is 301", Field.CALLBACK_NUMBER, "+13015550134"),
        ("en", Field.CALLBACK_NUMBER, "no, 301 555 0199", Field.CALLBACK_NUMBER, "+13015550199"),
        ("es", Field.CALLBACK_NUMBER, "termina en cuarenta y tres", Field.CALLBACK_NUMBER, "+12025550143"),
        ("en", Field.PREFERRED_TIME, "no, Tuesday", Field.PREFERRED_TIME, "Tue 24 Nov 2026"),
        ("en", None, "actually make that Wednesday afternoon", Field.PREFERRED_TIME, "Wed 25 Nov 2026, afternoon"),
        ("en", Field.MEDICATION, "no, metoprolol", Field.MEDICATION, "metoprolol"),
        ("en", None, "no it's Walgreens not CVS", Field.PHARMACY, "Walgreens"),
    ],
)
def test_corrections(lang, last, said, field, text, now):
    changed = language.correct(said, lang=lang, now=now, known=KNOWN, last=last)

    assert {key: value.text for key, value in changed.items()} == {field: text}


@pytest.mark.parametrize(
    "said", ["no", "no that's wrong", "hmm", "yes", "what was that", "no, that's not right", "I don't know", ""]
)
def test_an_unclear_correction_changes_nothing(said, now):
    for last in (None, *KNOWN):
        assert language.correct(said, lang="en", now=now, known=KNOWN, last=last) == {}
