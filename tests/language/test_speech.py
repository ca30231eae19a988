"""Dates and numbers said in every usual way are read back as they were meant."""

from datetime import date

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from calls.dialogue import language
from calls.dialogue.language.dates import MAX_AGE

from . import speech

TODAY = date(2026, 11, 22)
OLDEST = date(TODAY.year - MAX_AGE, 12, 31)
BORN = st.dates(OLDEST, date(2025, 12, 31))
BORN_THIS_CENTURY_OR_PLAIN = st.dates(date(1927, 1, 1), date(2025, 12, 31))
NUMBER = st.from_regex(r"[2-9][0-8][0-9][2-9][0-9]{6}", fullmatch=True)

DATES = [
    *(("en", say, BORN, name) for name, say in speech.EN_DATES.items()),
    *(("en", say, BORN_THIS_CENTURY_OR_PLAIN, name) for name, say in speech.EN_SHORT_DATES.items()),
    *(("es", say, BORN, name) for name, say in speech.ES_DATES.items()),
    *(("es", say, BORN_THIS_CENTURY_OR_PLAIN, name) for name, say in speech.ES_SHORT_DATES.items()),
]
NUMBERS = [
    *(("en", say, name) for name, say in speech.EN_NUMBERS.items()),
    *(("es", say, name) for name, say in speech.ES_NUMBERS.items()),
]


@pytest.mark.parametrize(("lang", "say", "born", "name"), DATES, ids=[f"{one[0]} {one[3]}" for one in DATES])
def test_a_birth_date_is_read_however_it_is_said(lang, say, born, name):
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(born)
    def check(day):
        value = language.read_birth_date(say(day), lang=lang, today=TODAY)

        assert value is not None, say(day)
        assert value.text == day.isoformat(), say(day)

    check()


@pytest.mark.parametrize(("lang", "say", "name"), NUMBERS, ids=[f"{one[0]} {one[2]}" for one in NUMBERS])
def test_a_telephone_number_is_read_however_it_is_said(lang, say, name):
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(NUMBER)
    def check(digits):
        assume(phonenumbers.is_valid_number(phonenumbers.parse(digits, "US")))

        value = language.read_phone(say(digits), lang=lang)

        assert value is not None, say(digits)
        assert value.text == f"+1{digits}", say(digits)

    check()


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)), st.sampled_from(["en", "es"]))
@example(date(1900, 1, 1), "en")
def test_a_date_that_the_phone_says_is_read_back_as_itself(day, lang):
    """Seen from a day on which each date is a possible birth date."""
    today = min(TODAY, day.replace(year=day.year + 60, day=1))

    value = language.read_birth_date(language.speak_date(day.isoformat(), lang), lang=lang, today=today)

    assert value is not None
    assert value.text == day.isoformat()


@settings(max_examples=300, deadline=None)
@given(NUMBER, st.sampled_from(["en", "es"]))
def test_a_number_that_the_phone_says_is_read_back_as_itself(digits, lang):
    assume(phonenumbers.is_valid_number(phonenumbers.parse(digits, "US")))

    value = language.read_phone(language.speak_number(f"+1{digits}", lang), lang=lang)

    assert value is not None
    assert value.text == f"+1{digits}"
