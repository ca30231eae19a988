"""Whatever arrives is bounded and never raises."""

import time
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.dialogue import language
from calls.dialogue.types import Field, Value

from .test_corpus import CORPUS, rows

NOW = __import__("datetime").datetime(2026, 11, 22, 10, 0, tzinfo=__import__("datetime").timezone.utc)
WORDS = st.lists(
    st.sampled_from(
        [
            "no",
            "yes",
            "my",
            "name",
            "is",
            "maria",
            "march",
            "4th",
            "nineteen",
            "eighty",
            "two",
            "not",
            "may",
            "the",
            "refill",
            "appointment",
            "cancel",
            "on",
            "main",
            "street",
            "dr",
            "patel",
            "double",
            "five",
            "oh",
            "zero",
            "one",
            "hundred",
            "thousand",
            "million",
            "m",
            "a",
            "r",
            "z",
            "as",
            "in",
            "next",
            "tuesday",
            "after",
            "three",
            "de",
            "la",
            "cruz",
            "with",
            ",",
            ".",
            "?",
            "'",
            "-",
            "/",
            "7/4/52",
            "99/99/99",
            "00000000",
            "walgreens",
            "mil",
            "novecientos",
            "y",
            "media",
            "cita",
            "mañana",
        ]
    ),
    max_size=40,
).map(" ".join)
KNOWN = {
    Field.PATIENT_NAME: Value("Maria Alvares"),
    Field.DATE_OF_BIRTH: Value("1982-05-04"),
    Field.CALLBACK_NUMBER: Value("+12025550134"),
    Field.PREFERRED_TIME: Value("Mon 23 Nov 2026"),
}


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), WORDS), st.sampled_from(["en", "es"]), st.sampled_from([None, *Field]))
def test_understanding_never_raises(words, lang, expecting):
    meaning = language.understand(words, lang=lang, now=NOW, expecting=expecting)

    assert 0 <= meaning.confidence <= 1
    assert all(value.text and 0 <= value.confidence <= 1 for value in meaning.slots.values())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), WORDS), st.sampled_from(["en", "es"]), st.sampled_from([None, *KNOWN]))
def test_correcting_never_raises_and_touches_only_what_is_known(words, lang, last):
    changed = language.correct(words, lang=lang, now=NOW, known=KNOWN, last=last)

    assert set(changed) <= set(KNOWN)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(list(Field)))
def test_keys_never_raise(digits, field):
    language.read_digits(field, digits, now=NOW)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_speaking_never_raises(text):
    language.spell(text)
    language.speak_date(text, "en")
    language.speak_number(text, "es")


@pytest.mark.parametrize(
    "words",
    [
        "a" * 100_000,
        "refill " * 20_000,
        "no not " * 20_000,
        "one " * 30_000,
        "9" * 100_000,
        "\x00\x1b[31m\u202e" * 30_000,
        "\ud800\udfff" * 30_000,
        "é̂̃" * 30_000,
        "m as in mary " * 8_000,
        "the pharmacy on the corner of " * 4_000,
        "?!.,;" * 20_000,
    ],
)
@pytest.mark.parametrize(
    "expecting", [None, Field.PATIENT_NAME, Field.DATE_OF_BIRTH, Field.MEDICATION, Field.PREFERRED_TIME]
)
def test_a_hundred_kilobytes_are_read_in_bounded_time(words, expecting):
    started = time.perf_counter()
    meaning = language.understand(words, lang="en", now=NOW, expecting=expecting)

    assert time.perf_counter() - started < 2
    assert all(len(value.text) <= 4000 for value in meaning.slots.values())
    for value in meaning.slots.values():
        value.text.encode("utf-8")


def test_a_sentence_takes_a_millisecond_or_two():
    texts = [(row["text"], lang) for lang in ("en", "es") for row in rows(CORPUS / f"intents_{lang}.jsonl")]
    for text, lang in texts[:20]:
        language.understand(text, lang=lang, now=NOW)
    took = []
    for text, lang in texts:
        started = time.process_time()
        language.understand(text + " ", lang=lang, now=NOW)
        took.append((time.process_time() - started) * 1000)

    assert median(took) < 1.5
    assert sorted(took)[int(len(took) * 0.99)] < 8
