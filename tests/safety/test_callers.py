"""Callers' own words: sentences that were written without a look at any rule, so that not every danger is found."""

from __future__ import annotations

from collections import Counter

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.learning import callers
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.types import ESCALATES_NOW

LEAST_CAUGHT = 0.93
MOST_ALARMS = 0.11


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_less_is_found_of_what_callers_say_than_was(lang):
    told = list(callers(lang))
    found = [(one.danger, find(one.text, lang=lang).has(*ESCALATES_NOW)) for one in told]
    dangers = [alarm for danger, alarm in found if danger]
    others = [alarm for danger, alarm in found if not danger]

    assert sum(dangers) >= LEAST_CAUGHT * len(dangers)
    assert sum(others) <= MOST_ALARMS * len(others)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_stands_there_twice_or_in_the_corpus(lang):
    texts = [one.text for one in callers(lang)]
    corpus = {row.text for row in shipped_corpus() if row.lang == lang}

    assert [text for text, times in Counter(texts).items() if times > 1] == []
    assert [text for text in texts if text in corpus] == []
