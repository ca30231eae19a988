"""Rows kept back: sentences written without sight of a rule, which nothing was ever taught or mended by.

Each was heard once when the rules of this release were done. "collections" are sentences of the kinds that the shared
rows come from (example sentences, phrasebooks, questions to assistants and to medical libraries), "calls" what everyday
people say on the telephone, written to be hard. Who mends a rule by one of them moves it to
`tests/corpus/callers_*.jsonl` and puts a new one in its place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from calls.dialogue.safety import find
from calls.dialogue.safety.corpus import shipped_corpus
from calls.dialogue.safety.learning import callers, ordinary
from calls.dialogue.safety.rule_file import LANGUAGES
from calls.dialogue.types import ESCALATES_NOW
from tests.language.test_corpus import CORPUS

LEAST_CAUGHT = 0.97
MOST_HARD_ALARMS = 0.08
MOST_HARD_CALLS_ALARM = {"en": 0.08, "es": 0.12}
"""Calls are written to be as hard as can be, the latest Spanish ones hardest: only English keeps the goal there."""
MOST_ORDINARY_ALARMS = 0.01
EACH_AT_LEAST = {
    ("calls", "emergency"): 270,
    ("calls", "hard"): 320,
    ("calls", "ordinary"): 240,
    ("collections", "emergency"): 130,
    ("collections", "hard"): 180,
    ("collections", "ordinary"): 50,
}


@cache
def kept_back(lang: str) -> list[dict[str, str]]:
    """The rows: `text`, `kind` ("emergency", "hard", "ordinary") and `source`."""
    lines = (CORPUS / f"unheard_{lang}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def taught(lang: str) -> Iterator[str]:
    yield from (row.text for row in shipped_corpus() if row.lang == lang)
    yield from (one.text for one in (*callers(lang), *ordinary(lang)))


def alarms(lang: str, kind: str, sources: set[str]) -> float:
    texts = [row["text"] for row in kept_back(lang) if row["kind"] == kind and row["source"] in sources]
    return sum(find(text, lang=lang).has(*ESCALATES_NOW) for text in texts) / len(texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_was_learnt_from_them(lang: str) -> None:
    there = Counter((row["source"], row["kind"]) for row in kept_back(lang))

    assert {each: there[each] for each, least in EACH_AT_LEAST.items() if there[each] < least} == {}
    assert sorted({row["text"] for row in kept_back(lang)} & set(taught(lang))) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_goals_hold_on_what_nobody_has_heard(lang: str) -> None:
    assert alarms(lang, "emergency", {"collections"}) >= LEAST_CAUGHT
    assert alarms(lang, "hard", {"collections"}) <= MOST_HARD_ALARMS
    assert alarms(lang, "ordinary", {"collections"}) <= MOST_ORDINARY_ALARMS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hardly_less_holds_when_the_calls_are_hard(lang: str) -> None:
    assert alarms(lang, "emergency", {"calls"}) >= LEAST_CAUGHT
    assert alarms(lang, "hard", {"calls"}) <= MOST_HARD_CALLS_ALARM[lang]
    assert alarms(lang, "ordinary", {"calls"}) <= MOST_ORDINARY_ALARMS
