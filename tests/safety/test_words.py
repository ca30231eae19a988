"""How heard words become the words that rules are matched on: numbers in words, and where a denial ends."""

from __future__ import annotations

import pytest

from calls.dialogue import safety
from calls.dialogue.safety.find import shipped
from calls.dialogue.safety.tokens import tokenise
from calls.dialogue.types import FindingKind

SPELLING = shipped().languages["en"].spelling


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("a hundred and four", ["104"]),
        ("one hundred two", ["102"]),
        ("one oh two", ["102"]),
        ("thirty eight", ["38"]),
        ("treinta y nueve", ["39"]),
        ("nineteen ninety eight", ["1998"]),
        ("five hundred", ["500"]),
        ("ten twenty", ["ten", "twenty"]),
        ("two three", ["two", "three"]),
        ("twenty and five", ["twenty", "and", "five"]),
        ("forty. Two", ["forty", "two"]),
        ("couple dozen", ["couple", "dozen"]),
    ],
)
def test_number_words_that_belong_together_are_one_number(said, words):
    assert list(tokenise(said, SPELLING).texts) == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("he is un conscious", ["he", "is", "unconscious"]),
        ("a seiz ure", ["seizure"]),
        ("brea thing", ["breathing"]),
        ("chestpain", ["chest", "pain"]),
        ("shecollapsed", ["she", "collapsed"]),
        ("no puedo respi rar", ["no", "puedo", "respirar"]),
        ("every day", ["every", "day"]),
        ("un. Conscious", ["conscious"]),
        ("antacid", ["antacid"]),
        ("lo operaron", ["operaron"]),
        ("Kowalczyk", ["kowalczyk"]),
    ],
)
def test_spaces_are_put_where_they_were_said(said, words):
    assert list(tokenise(said, SPELLING).texts) == words


@pytest.mark.parametrize("joined", ["chestpain", "shecollapsed" * 200, "x" * 5000])
def test_a_word_of_any_length_is_parted_in_bounded_steps(joined):
    assert len(tokenise(joined, SPELLING).texts) in (1, 2)


@pytest.mark.parametrize(
    ("said", "lang", "kind"),
    [
        ("fever of one hundred and four and he is confused", "en", FindingKind.EMERGENCY),
        ("my three week old has a temperature of one oh one", "en", FindingKind.EMERGENCY),
        ("his oxygen is eighty two", "en", FindingKind.EMERGENCY),
        ("his oxygen is ninety six", "en", None),
        ("tiene el azúcar en treinta y ocho", "es", FindingKind.EMERGENCY),
    ],
)
def test_a_danger_named_by_a_number_in_words_is_found(said, lang, kind):
    worst = safety.find(said, lang=lang).worst

    assert (worst.kind if worst else None) is kind


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("no tengo fiebre me duele el pecho", True),
        ("no me siento mal del pecho", False),
        ("no se me hincha la garganta", False),
        ("no traigo fiebre tengo dolor de pecho", True),
        ("no creo que tenga un infarto", False),
        ("no tengo dolor de pecho", False),
    ],
)
def test_a_spanish_denial_ends_where_the_next_verb_begins(said, found):
    assert safety.find(said, lang="es").has(FindingKind.EMERGENCY) is found
