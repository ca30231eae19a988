"""Each field's parser on its own, as tables of what is said and what is understood."""

from datetime import date

import pytest

from calls.dialogue import language
from calls.dialogue.language.doctors import read_doctor
from calls.dialogue.types import Field

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("lang", "said", "born"),
    [
        ("en", "oh four oh seven nineteen fifty two", "1952-04-07"),
        ("en", "zero four zero seven one nine five two", "1952-04-07"),
        ("en", "four seven fifty two", "1952-04-07"),
        ("en", "the fourth of July 1952", "1952-07-04"),
        ("en", "July fourth nineteen fifty-two", "1952-07-04"),
        ("en", "7/4/52", "1952-07-04"),
        ("en", "12-25-1980", "1980-12-25"),
        ("en", "25/12/1980", "1980-12-25"),
        ("en", "1980-12-25", "1980-12-25"),
        ("en", "march twenty first nineteen oh nine", "1909-03-21"),
        ("en", "may the fifth two thousand and one", "2001-05-05"),
        ("en", "nineteen eighty two march fourth", "1982-03-04"),
        ("en", "november twenty second twenty twenty six", "2026-11-22"),
        ("en", "november twenty third twenty six", "1926-11-23"),
        ("es", "cuatro de julio del cincuenta y dos", "1952-07-04"),
        ("es", "el primero de enero de mil novecientos ochenta", "1980-01-01"),
        ("es", "dieciseis de agosto de mil novecientos setenta y tres", "1973-08-16"),
        ("es", "veintidós de marzo del noventa y nueve", "1999-03-22"),
        ("es", "dos de febrero de dos mil dos", "2002-02-02"),
    ],
)
def test_birth_dates(lang, said, born):
    value = language.read_birth_date(said, lang=lang, today=TODAY)

    assert value is not None
    assert value.text == born
    assert value.confidence >= 0.5


@pytest.mark.parametrize(
    "said",
    [
        "february thirtieth 1980",
        "october tenth 2030",
        "march fourth 1899",
        "may I ask who this is",
        "hello",
        "13/32/1990",
    ],
)
def test_impossible_and_absent_birth_dates_are_refused(said):
    assert language.read_birth_date(said, lang="en", today=TODAY) is None


@pytest.mark.parametrize(
    ("said", "partial"), [("march fourth", "????-03-04"), ("may 1982", "1982-05-??"), ("in october", "????-10-??")]
)
def test_a_partial_birth_date_says_what_is_known_and_asks_again(said, partial):
    value = language.read_birth_date(said, lang="en", today=TODAY)

    assert value is not None
    assert value.text == partial
    assert value.confidence < 0.5


def test_spanish_figures_that_allow_two_orders_are_read_back_with_care():
    value = language.read_birth_date("cuatro siete cincuenta y dos", lang="es", today=TODAY)

    assert value is not None
    assert value.text == "1952-07-04"
    assert value.confidence < 0.7


@pytest.mark.parametrize(
    ("lang", "said", "number"),
    [
        ("en", "two oh two five five five oh one four two", "+12025550142"),
        ("en", "it's area code 202 uh five five five zero one four two", "+12025550142"),
        ("en", "(202) 555-0142", "+12025550142"),
        ("en", "one two zero two double five five oh one forty two", "+12025550142"),
        ("en", "202 triple five 0142", "+12025550142"),
        ("en", "202 555 0142 extension 31", "+12025550142"),
        (
            "en",
            "two oh two five five five oh one four three no sorry two oh two five five five oh one four two",
            "+12025550142",
        ),
        ("es", "dos cero dos, tres veces cinco, cero uno cuarenta y dos", "+12025550142"),
        ("en", "two oh two, three times five, oh one four two", "+12025550142"),
        ("es", "ochocientos trece, quinientos cincuenta y cinco, cero uno cuarenta y dos", "+18135550142"),
        ("es", "dos cero dos cinco cincuenta y cinco cero uno cuarenta y dos", "+12025550142"),
        ("es", "doscientos dos, quinientos cincuenta y cinco, cero uno cuarenta y dos", "+12025550142"),
    ],
)
def test_phone_numbers(lang, said, number):
    value = language.read_phone(said, lang=lang)

    assert value is not None
    assert value.text == number


@pytest.mark.parametrize(
    "said", ["five five five oh one four two", "000 000 0000", "one one one one one one one one one one", "no"]
)
def test_numbers_that_cannot_be_rung_are_refused(said):
    assert language.read_phone(said, lang="en") is None


@pytest.mark.parametrize(
    ("lang", "said", "name"),
    [
        ("en", "my name is maria alvarez and I need a refill", "Maria Alvarez"),
        ("en", "this is Kevin O'Brien calling about my results", "Kevin O'Brien"),
        ("en", "patrick mcdonald", "Patrick McDonald"),
        ("en", "it's for my daughter Ana López", "Ana López"),
        ("en", "my name is Rosa Diaz, the patient is my son Luis Diaz", "Luis Diaz"),
        ("en", "steven meyer m e y e r", "Steven Meyer"),
        ("en", "M as in Mary, A R Y", "Mary"),
        ("en", "mike alpha romeo yankee", "Mary"),
        ("en", "last name Alvarez first name Maria", "Maria Alvarez"),
        ("en", "Jean-Luc Dubois", "Jean-Luc Dubois"),
        ("es", "soy María de los Ángeles Pérez García y necesito una cita", "María de los Ángeles Pérez García"),
        ("es", "es para mi hija Ana López", "Ana López"),
        ("es", "me llamo José García López, nací en mayo", "José García López"),
    ],
)
def test_names(lang, said, name):
    value = language.read_name(said, lang=lang, expecting=True)

    assert value is not None
    assert value.text == name
    assert value.confidence < 0.9, "names are always read back"


@pytest.mark.parametrize(
    "said",
    [
        "this is about my bill",
        "I'm calling for a refill",
        "I am tired",
        "I'm not sure",
        "this is ridiculous",
        "I'm bleeding",
        "it's for tomorrow",
    ],
)
def test_what_only_looks_like_a_name_is_none(said):
    assert language.read_name(said, lang="en") is None


@pytest.mark.parametrize(
    ("lang", "said", "text"),
    [
        ("en", "tomorrow afternoon", "Mon 23 Nov 2026, afternoon"),
        ("en", "Tuesday", "Tue 24 Nov 2026"),
        ("en", "next Tuesday after three", "Tue 24 Nov 2026, after 3:00 pm"),
        ("en", "Sunday", "Sun 29 Nov 2026"),
        ("en", "any morning next week", "week of Mon 23 Nov 2026, morning"),
        ("en", "Wednesday at half past two", "Wed 25 Nov 2026, at 2:30 pm"),
        ("en", "early morning on the third of december", "Thu 3 Dec 2026, early morning"),
        ("en", "January fifth", "Tue 5 Jan 2027"),
        ("en", "as soon as you can", "As soon as possible"),
        ("en", "in three days", "Wed 25 Nov 2026"),
        ("en", "thursdays before work", "any Thursday, before work"),
        ("es", "el martes por la tarde", "Tue 24 Nov 2026, afternoon"),
        ("es", "mañana por la mañana", "Mon 23 Nov 2026, morning"),
        ("es", "pasado mañana a las dos y media", "Tue 24 Nov 2026, at 2:30 pm"),
        ("es", "tempranito, como a las siete y media", "around 7:30 am"),
        ("es", "a eso de las tres", "around 3:00 pm"),
        ("en", "early, around seven thirty", "early, around 7:30 am"),
        ("es", "lo antes posible", "As soon as possible"),
        ("es", "dentro de dos semanas", "week of Mon 30 Nov 2026"),
    ],
)
def test_preferred_times(lang, said, text, now):
    value = language.read_time(said, lang=lang, now=now, expecting=True)

    assert value is not None
    assert value.text == text


def test_a_time_that_is_none_is_kept_as_words(now):
    value = language.read_time("when my sister can drive me", lang="en", now=now, expecting=True)

    assert value is not None
    assert value.text == "when my sister can drive me"
    assert 0.5 <= value.confidence < 0.9


@pytest.mark.parametrize(
    ("lang", "said", "name"),
    [
        ("en", "lisinopril ten milligrams", "lisinopril"),
        ("en", "metropolol", "metoprolol"),
        ("en", "listen april", "lisinopril"),
        ("en", "met forming", "metformin"),
        ("en", "oh zempic", "Ozempic"),
        ("en", "sertraleen", "sertraline"),
        ("en", "sinthroid", "Synthroid"),
        ("en", "my blood pressure pills", "blood pressure pills"),
        ("en", "the pills for my heart", "pills for my heart"),
        ("en", "flurbizole", "flurbizole"),
        ("es", "levotiroxina", "levothyroxine"),
        ("es", "las pastillas de la presión", "pastillas de la presión"),
    ],
)
def test_medications(lang, said, name):
    value = language.read_medication(said, lang=lang, expecting=True)

    assert value is not None
    assert value.text == name
    assert value.heard == said


def test_the_shipped_list_of_medicines_is_long():
    from calls.dialogue.language.medications import names

    assert len(names()) >= 350


@pytest.mark.parametrize(
    ("field", "digits", "text"),
    [
        (Field.DATE_OF_BIRTH, "07041952", "1952-07-04"),
        (Field.DATE_OF_BIRTH, "070452", "1952-07-04"),
        (Field.DATE_OF_BIRTH, "02301980", None),
        (Field.DATE_OF_BIRTH, "01012030", None),
        (Field.DATE_OF_BIRTH, "123", None),
        (Field.CALLBACK_NUMBER, "2025550142", "+12025550142"),
        (Field.CALLBACK_NUMBER, "12025550142", "+12025550142"),
        (Field.CALLBACK_NUMBER, "5550142", None),
        (Field.REASON, "1", None),
    ],
)
def test_keys(field, digits, text, now):
    value = language.read_digits(field, digits, now=now)

    assert (value.text if value else None) == text


def test_reading_back():
    assert language.spell("Alvarez") == "A, L, V, A, R, E, Z"
    assert language.spell("Ana O'Neil") == "A, N, A. O, N, E, I, L"
    assert language.speak_date("1982-03-04", "en") == "March 4th, 1982"
    assert language.speak_date("1982-03-04", "es") == "4 de marzo de 1982"
    assert language.speak_date("1999-12-21", "en") == "December 21st, 1999"
    assert language.speak_date("????-03-04", "en") == "????-03-04"
    assert language.speak_number("+12025550142", "en") == "2 0 2, 5 5 5, 0 1 4 2"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "have the doctor call me back about my labs"),
        ("en", "could the doctor give me a call"),
        ("en", "can the doctor prescribe something for my cough"),
        ("en", "is the doctor running late"),
        ("es", "que la doctora llame a mi mamá"),
        ("es", "el doctor mandó unos análisis"),
        ("es", "la doctora revisó mis estudios"),
    ],
)
def test_what_a_doctor_does_is_not_their_name(lang, words):
    assert read_doctor(words, lang=lang) is None


@pytest.mark.parametrize(
    ("lang", "words", "name"),
    [
        ("en", "have doctor Lee call me back", "Dr. Lee"),
        ("en", "can doctor Patel's nurse call me", "Dr. Patel"),
        ("en", "the doctor Brown said so", "Dr. Brown"),
        ("es", "dígale al doctor Ortiz que llame", "Dr. Ortiz"),
    ],
)
def test_a_doctors_name_ends_where_what_they_do_begins(lang, words, name):
    assert read_doctor(words, lang=lang).text == name
