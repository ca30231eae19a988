"""What the phone can say: one table, two languages, and no sentence that advises, reassures or promises."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from calls.dialogue import forms, questions, wording
from calls.dialogue.state import Request, State, Step
from calls.dialogue.types import Field, Intent, Lang, Value
from tests.calls.talk import NORTHSIDE

FORBIDDEN = re.compile(
    r"\b(you should take|take (one|two|your (pills|medicine))|stop taking|is normal|nothing serious|don't worry|"
    r"you will be fine|your results? (is|are|shows?)|no se preocupe|es normal|tome (una|dos|su)|"
    r"sus resultados (son|muestran))\b",
    re.IGNORECASE,
)
PROMISES = re.compile(r"\b(today|tomorrow|within|by noon|hoy mismo|mañana|dentro de)\b", re.IGNORECASE)
MAY_PROMISE = {"urgent.told", "done.urgent", "ask.how"}
"""A nurse calls back today: said only beside a task that is due today. "How can I help you today" promises nothing."""


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", wording.TABLE)
def test_both_languages_say_it_with_the_same_values(key: str) -> None:
    english, spanish = wording.TABLE[key]

    assert english.strip() and spanish.strip()  # noqa: PT018
    assert holes(english) == holes(spanish)


@pytest.mark.parametrize("key", wording.TABLE)
def test_no_sentence_advises_reassures_or_gives_a_result(key: str) -> None:
    assert not any(FORBIDDEN.search(text) for text in wording.TABLE[key])


@pytest.mark.parametrize("key", sorted(set(wording.TABLE) - MAY_PROMISE))
def test_no_other_sentence_promises_a_time(key: str) -> None:
    assert not any(PROMISES.search(text) for text in wording.TABLE[key])


@pytest.mark.parametrize("intent", list(forms.FORMS))
@pytest.mark.parametrize("lang", Lang)
def test_every_request_has_its_boundary_its_questions_and_its_thanks(intent: Intent, lang: Lang) -> None:
    wording.speak(f"bound.{intent}", lang)
    wording.speak(f"done.{intent}", lang)
    for name in (*forms.FORMS[intent], *forms.MOVED_APPOINTMENT):
        state = State(lang=lang, step=Step.ASK, asking=name, request=Request(intent))
        assert questions.question(state, NORTHSIDE)


@pytest.mark.parametrize("name", sorted({*forms.READ_BACK, Field.MEDICATION}))
def test_what_is_read_back_has_its_question(name: Field) -> None:
    values = {Field.DATE_OF_BIRTH: "1982-03-04", Field.CALLBACK_NUMBER: "+12025550178"}
    request = Request(Intent.REFILL, slots={name: Value(values.get(name, "Maria Alvarez"))})
    state = State(step=Step.CONFIRM, asking=name, request=request)

    assert questions.question(state, NORTHSIDE)[0].text.endswith("?")


@pytest.mark.parametrize("name", forms.KEYPAD)
@pytest.mark.parametrize("lang", Lang)
def test_a_field_that_keys_can_give_is_asked_by_keys_after_two_tries(name: Field, lang: Lang) -> None:
    state = State(lang=lang, step=Step.ASK, asking=name, tries=forms.TRIES, request=Request(Intent.REFILL))

    assert questions.question(state, NORTHSIDE)[0].key == f"keys.{name}"
